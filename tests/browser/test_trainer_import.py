"""A merchant's file by hand: look, confirm, find it in the list. A faulty one needs a deliberate tick."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from browser.conftest import Keys
from browser.driving import DEMO, People, csv_file

HEADER = ("编号", "标准问题", "相似问", "答复")


def test_preview_commit_listed_and_recorded(people: People, keys: Keys) -> None:
    trainer = people.login(keys.trainer, "/trainer", "leer")
    trainer["#tab-import"].click()
    rows = [HEADER, ("K1", "猫砂会不会起灰", "粉尘大不大|灰多吗", "亲，除尘三次"), ("K2", "猫砂能冲马桶吗", "", "可以")]
    trainer["#import-file"].set_input_files(csv_file("猫砂.csv", rows))
    expect(trainer["#report-verdict"]).to_contain_text("没有错误")
    expect(trainer["#report .counts"]).to_contain_text("新增 2")
    expect(trainer["#import-partial"]).to_be_hidden()
    trainer["#import-commit"].click()
    expect(trainer["#import-say"]).to_contain_text("已导入")
    expect(trainer["#report"]).to_be_hidden()
    trainer["#import-say"].get_by_role("button", name="知识条目").click()
    expect(trainer["#entry-rows .row"].filter(has_text="猫砂会不会起灰")).to_contain_text("已发布")

    agent = people.login(keys.agent, shop="leer")
    agent.ask("猫砂会不会起灰")
    expect(agent["#hits .hit[data-rank='1'] .hit-text"]).to_have_text("亲，除尘三次")
    agent.until_delivered()
    trainer["#tab-history"].click()
    expect(trainer["#history-rows tr"].first).to_contain_text("猫砂.csv")
    # The same file once more changes nothing, and the page says so before anybody presses the button.
    trainer["#tab-import"].click()
    trainer["#import-file"].set_input_files(csv_file("猫砂.csv", rows))
    expect(trainer["#report-verdict"]).to_contain_text("完全一样")


def test_errors_hold_the_file_until_the_box_is_ticked(people: People, keys: Keys) -> None:
    trainer = people.login(keys.trainer, "/trainer", "leer")
    trainer["#tab-import"].click()
    rows = [
        HEADER,
        ("E1", "狗粮多大颗粒", "", "八毫米"),
        ("E2", "没有答复的问题", "", ""),
        ("E1", "重复的编号", "", "乙"),
    ]
    trainer["#import-file"].set_input_files(csv_file("狗粮.csv", rows))
    expect(trainer["#report-verdict"]).to_contain_text("处错误")
    faults = trainer["#report [data-severity='error']"]
    expect(faults.first).to_contain_text("第 3 行 D 列")
    expect(trainer["#import-commit"]).to_be_disabled()
    trainer["#import-partial"].check()
    trainer["#import-draft"].check()
    trainer["#import-commit"].click()
    expect(trainer["#import-say"]).to_contain_text("已导入")
    trainer["#tab-entries"].click()
    trainer["#entry-status"].select_option("draft")
    expect(trainer["#entry-rows .row"].filter(has_text="狗粮多大颗粒")).to_contain_text("草稿")
    trainer["#entry-status"].select_option("")
    expect(trainer["#entry-rows .row"].filter(has_text="没有答复的问题")).to_have_count(0)


def test_files_that_cannot_come_in_say_why(people: People, keys: Keys) -> None:
    trainer = people.login(keys.trainer, "/trainer", "leer")
    trainer.expect_complaint("415")
    trainer["#tab-import"].click()
    trainer["#import-file"].set_input_files({"name": "a.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 x"})
    expect(trainer["#import-error"]).to_have_text(re.compile("打不开，可能已损坏，请"))
    expect(trainer["#report"]).to_be_hidden()
    trainer["#import-file"].set_input_files(csv_file("不是表.csv", [("a", "b"), ("c", "d")]))
    expect(trainer["#report-verdict"]).to_contain_text("没有可以导入的内容")
    expect(trainer["#import-confirm"]).to_be_hidden()
    expect(trainer["#import-error"]).to_be_hidden()


def test_a_handover_form_becomes_the_shops_facts(people: People, keys: Keys) -> None:
    trainer = people.login(keys.trainer, "/trainer", "leer")
    trainer["#tab-import"].click()
    trainer["#import-file"].set_input_files(DEMO / "qingluo" / "店铺交接表.xlsx")
    expect(trainer["#report"]).to_contain_text("像是账号密码，没有读取")
    trainer["#import-commit"].click()
    expect(trainer["#import-say"]).to_contain_text("已导入")
    trainer["#import-say"].get_by_role("button", name="去看店铺信息").click()
    fact = trainer["#profile-rows div"].filter(has=trainer.page.locator("dt", has_text=re.compile("^发货地$")))
    expect(fact.locator(".fact-from")).to_contain_text("店铺交接表.xlsx")
    assert "密码" not in trainer["#profile-rows"].inner_text()


def test_products_with_their_variants(people: People, keys: Keys) -> None:
    trainer = people.login(keys.trainer, "/trainer", "qingluo")
    trainer["#tab-products"].click()
    trainer["#product-q"].fill("云纹雪纺")
    rows = trainer["#product-rows .row"]
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("269元")
    rows.locator(".row-open").click()
    expect(trainer["#product-rows .sku-table tbody tr"]).to_have_count(8)
    expect(trainer["#product-rows [data-sku='QL26D301-01M']"]).to_contain_text("98-112斤")
