"""A trainer's change is in the agents' hands at once, and two trainers never overwrite each other unseen."""

from __future__ import annotations

import time

import httpx
from playwright.sync_api import expect

from browser.conftest import Keys
from browser.driving import People, Visit, create_entry

SHOP = {"shop": "leer"}


def _open(trainer: Visit, entry: dict) -> None:
    trainer["#entry-q"].fill(entry["question"])
    row = trainer[f"#entry-rows [data-id='{entry['id']}']"]
    row.locator(".row-open").click()
    expect(trainer["#f-question"]).to_have_value(entry["question"])


def test_an_edit_is_live_in_the_sidebar_within_a_second(people: People, keys: Keys, api: httpx.Client) -> None:
    question = "礼盒可以写贺卡吗"
    entry = create_entry(api, "leer", question=question, answer="可以写的亲")
    agent = people.login(keys.agent, shop="leer")
    agent.ask(question)
    assert agent.answer(1) == "可以写的亲"
    trainer = people.login(keys.trainer, "/trainer", "leer")
    _open(trainer, entry)
    took = []
    for text in ("可以写，六十字以内", "可以写，限三行", "可以写，写好拍给您看"):
        trainer["#answers .a-text"].fill(text)
        expect(trainer["#editor-dirty"]).to_be_visible()
        began = time.monotonic()
        trainer.press("Control+s")
        trainer.soon("() => document.getElementById('editor-dirty').hidden")
        agent.paste(question)
        agent.soon("text => document.querySelector('#hits .hit-text')?.textContent === text", text)
        took.append(time.monotonic() - began)
        expect(trainer["#editor-said"]).to_have_text("已保存，立即生效")
    agent.until_delivered()
    assert min(took) < 1.0, took


def test_new_entry_publish_and_retire(people: People, keys: Keys) -> None:
    trainer = people.login(keys.trainer, "/trainer", "leer")
    agent = people.login(keys.agent, shop="leer")
    trainer["#entry-new"].click()
    trainer["#f-question"].fill("可以开专票吗")
    trainer["#f-plus"].fill("能开增值税专用发票不\n能开增值税专用发票不\n\n公司报销要专票")
    trainer["#answers .a-text"].fill("可以开专票，请提供{税号}")
    trainer["#do-save"].click()
    expect(trainer["#editor-status"]).to_contain_text("草稿")
    agent.ask("可以开专票吗")
    expect(agent["#hits .hit-text"].filter(has_text="可以开专票，请提供")).to_have_count(0)

    trainer["#do-publish"].click()
    expect(trainer["#editor-said"]).to_contain_text("客服现在就能搜到")
    agent.ask("公司报销要专票")
    expect(agent["#hits .hit[data-rank='1'] .hit-text"]).to_contain_text("可以开专票，请提供")
    row = trainer["#entry-rows .row"].filter(has_text="可以开专票吗")
    expect(row).to_contain_text("已发布")
    expect(row.locator("td").nth(1)).to_have_text("2")

    trainer["#do-retire"].click()
    expect(trainer["#editor-status"]).to_contain_text("已下架")
    agent.ask("能开增值税专用发票不")
    expect(agent["#hits .hit-text"].filter(has_text="可以开专票，请提供")).to_have_count(0)
    agent.until_delivered()


def test_conflict_is_shown_and_nothing_is_lost(people: People, keys: Keys, api: httpx.Client) -> None:
    entry = create_entry(api, "leer", question="冲突的一条", answer="第一版")
    trainer = people.login(keys.trainer, "/trainer", "leer")
    trainer.expect_complaint("409")
    _open(trainer, entry)
    trainer["#answers .a-text"].fill("我的修改")
    theirs = {"question": entry["question"], "status": "published", "version": 1, "answers": [{"text": "同事的修改"}]}
    assert api.put(f"/v1/entries/{entry['id']}", params=SHOP, json=theirs).status_code == 200
    trainer.press("Control+s")
    expect(trainer["#editor-alert"]).to_contain_text("HS-409")
    expect(trainer["#answers .a-text"]).to_have_value("我的修改")
    assert api.get(f"/v1/entries/{entry['id']}", params=SHOP).json()["answers"][0]["text"] == "同事的修改"
    trainer["#conflict-reload"].click()
    expect(trainer["#answers .a-text"]).to_have_value("同事的修改")
    expect(trainer["#editor-alert"]).to_be_hidden()


def test_refused_fields_are_named_in_chinese(people: People, keys: Keys) -> None:
    trainer = people.login(keys.trainer, "/trainer", "leer")
    trainer.expect_complaint("422")
    trainer["#entry-new"].click()
    trainer["#f-plus"].fill("短的一句\n" + "长" * 501)
    trainer["#answers .a-text"].fill("答复")
    trainer["#do-save"].click()
    expect(trainer["#editor-alert li"]).to_have_text("第 2 句问法的内容：太长")
    trainer["#f-plus"].fill("")
    trainer["#answers .a-text"].fill("")
    expect(trainer["#editor-dirty"]).to_be_hidden()


def test_unsaved_work_is_asked_about_before_it_is_left(people: People, keys: Keys, api: httpx.Client) -> None:
    one = create_entry(api, "leer", question="未保存之一", answer="甲")
    two = create_entry(api, "leer", question="未保存之二", answer="乙")
    trainer = people.login(keys.trainer, "/trainer", "leer")
    trainer["#entry-q"].fill("未保存之")
    trainer[f"[data-id='{one['id']}']"].click()
    expect(trainer["#f-question"]).to_have_value("未保存之一")
    trainer["#f-category"].fill("改过")
    trainer[f"[data-id='{two['id']}']"].click()
    expect(trainer["#unsaved"]).to_be_visible()
    trainer.press("Escape")
    expect(trainer["#f-category"]).to_have_value("改过")
    trainer[f"[data-id='{two['id']}']"].click()
    trainer["#unsaved button[value='save']"].click()
    expect(trainer["#f-question"]).to_have_value("未保存之二")
    assert api.get(f"/v1/entries/{one['id']}", params=SHOP).json()["category"] == "改过"
