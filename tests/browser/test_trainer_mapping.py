"""A person corrects what was misread, at its place, and the correction reaches the stored data and the next file."""

from __future__ import annotations

import httpx
from playwright.sync_api import expect

from browser.conftest import Keys
from browser.driving import People, Visit, csv_file

STRANGE = ("序", "顾客会怎么开口", "我们怎么说", "谁写的")


def _look(people: People, keys: Keys, file: object) -> Visit:
    trainer = people.login(keys.trainer, "/trainer", "leer")
    trainer["#tab-import"].click()
    trainer["#import-file"].set_input_files(file)
    expect(trainer["#report-verdict"]).to_be_visible()
    return trainer


def _column(trainer: Visit, letter: str) -> str:
    return f"#report .column[data-letter='{letter}']"


def test_columns_said_by_hand_reach_the_store_and_are_remembered(people: People, keys: Keys, api: httpx.Client) -> None:
    trainer = _look(people, keys, csv_file("奇怪.csv", [STRANGE, ("1", "鱼缸漏水咋整", "亲，七天内免费换新", "小王")]))
    expect(trainer["#report-verdict"]).to_contain_text("没有可以导入的内容")
    trainer["#report .sheet-is select"].select_option("faq")
    expect(trainer["#report .mapping"]).to_contain_text("缺少标准问题、答复")
    question = trainer[f"{_column(trainer, 'B')} select"]
    question.select_option("question")
    expect(trainer["#report .mapping"]).to_contain_text("缺少答复")
    expect(question).to_be_focused()  # drawn anew, and the keyboard is still where it was
    trainer[f"{_column(trainer, 'C')} select"].select_option("answer")
    expect(trainer["#report .counts"]).to_contain_text("新增 1")
    expect(trainer["#report .mapping-foot"]).to_contain_text("记住")
    trainer["#import-commit"].click()
    expect(trainer["#import-say"]).to_contain_text("改过的列已记住")
    [entry] = api.get("/v1/entries", params={"shop": "leer", "q": "鱼缸漏水"}).json()["entries"]
    assert [answer["text"] for answer in entry["answers"]] == ["亲，七天内免费换新"]

    again = csv_file("奇怪二.csv", [STRANGE, ("2", "鱼缸有味道怎么办", "亲，晾一晚就好", "小李")])
    trainer["#import-file"].set_input_files(again)
    expect(trainer["#report-verdict"]).to_contain_text("没有错误")
    expect(trainer[f"{_column(trainer, 'C')} select"]).to_have_value("answer")


def test_a_likeness_stands_out_until_it_is_confirmed(people: People, keys: Keys) -> None:
    rows = [("编号", "标准问体", "相似问法", "答复"), ("S1", "水草怎么种", "", "插进底砂里")]
    trainer = _look(people, keys, csv_file("水草.csv", rows))
    column = trainer[_column(trainer, "B")]
    expect(trainer["#report-verdict"]).to_contain_text("只是“像是”")
    expect(column).to_contain_text("像是“标准问题”，请确认")
    column.get_by_role("button").click()
    expect(trainer["#report-verdict"]).to_contain_text("没有错误")
    expect(column).not_to_contain_text("像是")
    expect(column).to_contain_text("您改的")
    trainer["#import-cancel"].click()
    expect(trainer["#report"]).to_be_hidden()


def test_a_meaning_that_stands_once_moves(people: People, keys: Keys) -> None:
    rows = [("标准问题", "另一种问题", "答复"), ("要不要换水", "换水勤不勤", "每周一次")]
    trainer = _look(people, keys, csv_file("换水.csv", rows))
    trainer[f"{_column(trainer, 'B')} select"].select_option("question")
    expect(trainer["#report .sheet .table"]).to_contain_text("换水勤不勤")
    expect(trainer[f"{_column(trainer, 'A')} select"]).to_have_value("")
    expect(trainer["#import-error"]).to_be_hidden()


def test_the_header_row_can_be_said(people: People, keys: Keys) -> None:
    rows = [("标准问题", "答复"), ("旧问题", "旧答复"), ("", ""), ("答复", "标准问题"), ("八小时", "灯要开多久")]
    trainer = _look(people, keys, csv_file("灯.csv", rows))
    row = trainer["#report .sheet-is input"]
    expect(row).to_have_value("1")
    row.fill("4")
    trainer.press("Enter")
    expect(trainer["#report .counts"]).to_contain_text("新增 1")
    expect(trainer["#report .sheet .t-title"].first).to_have_text("灯要开多久")
    expect(row).to_have_value("4")
