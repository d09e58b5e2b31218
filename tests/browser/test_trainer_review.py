"""What a person has to decide is shown first, can be handed back to the merchant, and can be taken back altogether."""

from __future__ import annotations

import io
from pathlib import Path

import httpx
import openpyxl
from playwright.sync_api import Download, expect

from browser.conftest import Keys
from browser.driving import People, Visit, create_entry, csv_file
from ingest.columns.fields import KIND_LABELS

HEADER = ("编号", "标准问题", "答复")


def _open(people: People, keys: Keys, tab: str = "import", shop: str = "leer") -> Visit:
    trainer = people.login(keys.trainer, "/trainer", shop)
    trainer[f"#tab-{tab}"].click()
    return trainer


def _import(trainer: Visit, file: object) -> None:
    trainer["#import-file"].set_input_files(file)
    trainer["#import-commit"].click()
    expect(trainer["#import-say"]).to_contain_text("已导入")


def _questions(api: httpx.Client) -> dict[str, str]:
    found = api.get("/v1/entries", params={"shop": "leer", "limit": 200}).json()["entries"]
    return {entry["question"]: entry["status"] for entry in found}


def _sheets(download: Download) -> list[str]:
    return openpyxl.load_workbook(io.BytesIO(Path(download.path()).read_bytes())).sheetnames


def test_contradictions_come_first_with_both_texts(people: People, keys: Keys) -> None:
    trainer = _open(people, keys)
    rows = [HEADER, ("C1", "多久发货", "付款后48小时内发货"), ("C2", "什么时候发货呀", "付款后72小时内发货")]
    trainer["#import-file"].set_input_files(csv_file("矛盾.csv", rows))
    card = trainer["#decisions .decision"]
    expect(card).to_have_count(1)
    expect(card.locator(".side").nth(0)).to_contain_text("72小时")
    expect(card.locator(".side").nth(1)).to_contain_text("48小时")
    expect(card.locator(".side").nth(1)).to_contain_text("第2行")
    first, sheet = trainer["#decisions"].bounding_box(), trainer["#report .sheet"].bounding_box()
    assert first["y"] < sheet["y"]
    with trainer.page.expect_download() as marked:
        trainer["#report-verdict"].get_by_role("button", name="下载标注好的表").click()
    assert marked.value.suggested_filename == "矛盾-核对.xlsx"
    assert _sheets(marked.value)


def test_rows_that_are_gone_stay_unless_the_box_is_ticked(people: People, keys: Keys, api: httpx.Client) -> None:
    trainer = _open(people, keys)
    rows = [HEADER, ("G1", "鱼粮保质期多久", "一年"), ("G2", "过滤棉多久洗", "每周")]
    _import(trainer, csv_file("鱼.csv", rows))
    trainer["#import-file"].set_input_files(csv_file("鱼.csv", rows[:2]))
    expect(trainer["#decisions .gone"]).to_contain_text("过滤棉多久洗")
    retire = trainer["#import-retire"]
    expect(retire).not_to_be_checked()
    retire.press("Space")
    trainer["#import-commit"].click()
    expect(trainer["#import-say"]).to_contain_text("下架 1 条")
    assert _questions(api)["过滤棉多久洗"] == "retired"


def test_another_file_of_the_same_name_retires_nothing_before_it_is_confirmed_as_the_same(
    people: People, keys: Keys, api: httpx.Client
) -> None:
    trainer = _open(people, keys)
    _import(trainer, csv_file("同名.csv", [HEADER, ("S1", "水泵响不响", "不响"), ("S2", "灯多少瓦", "五瓦")]))
    trainer["#import-file"].set_input_files(csv_file("同名.csv", [HEADER, ("S3", "鱼缸多重", "十斤")]))
    expect(trainer["#decisions"]).to_contain_text("可能是另一个文件用了同一个名字")
    expect(trainer["#decisions .gone label"]).to_contain_text("我核对过，是同一个文件：把没有了的 2 条都下架")
    trainer["#import-retire"].press("Space")
    trainer["#import-commit"].click()
    expect(trainer["#import-say"]).to_contain_text("下架 2 条")
    found = _questions(api)
    assert (found["水泵响不响"], found["鱼缸多重"]) == ("retired", "published")


def test_an_import_is_undone_after_a_look_at_what_comes_back(people: People, keys: Keys, api: httpx.Client) -> None:
    trainer = _open(people, keys)
    _import(trainer, csv_file("撤.csv", [HEADER, ("U1", "能撤销吗", "能")]))
    trainer["#tab-history"].click()
    row = trainer["#history-rows tr"].first
    expect(row).to_contain_text("撤.csv")
    row.get_by_role("button").press("Enter")
    expect(trainer["#undo"]).to_contain_text("新增的 1 条会删除")
    trainer.press("Escape")
    assert "能撤销吗" in _questions(api)
    row.get_by_role("button").click()
    trainer["#undo-do"].click()
    expect(row).to_contain_text("已撤销")
    expect(row).to_contain_text("训练师")
    assert "能撤销吗" not in _questions(api)


def test_what_was_edited_since_is_not_undone(people: People, keys: Keys, api: httpx.Client) -> None:
    trainer = _open(people, keys)
    trainer.expect_complaint("409")
    _import(trainer, csv_file("改.csv", [HEADER, ("U2", "改过还能撤吗", "不能")]))
    [entry] = api.get("/v1/entries", params={"shop": "leer", "q": "改过还能撤吗"}).json()["entries"]
    reply = api.post(
        f"/v1/entries/{entry['id']}/status",
        params={"shop": "leer"},
        json={"status": "retired", "version": entry["version"]},
    )
    assert reply.status_code == 200, reply.text
    trainer["#tab-history"].click()
    trainer["#history-rows tr"].first.get_by_role("button").click()
    trainer["#undo-do"].click()
    expect(trainer["#toast"]).to_contain_text("改")
    assert "改过还能撤吗" in _questions(api)


def test_templates_and_the_shop_itself_can_be_downloaded(people: People, keys: Keys, api: httpx.Client) -> None:
    create_entry(api, "leer", question="导出来看看", answer="好")
    trainer = _open(people, keys)
    trainer["#drop summary"].press("Enter")
    assert trainer["#templates"].get_by_role("button").all_text_contents() == list(KIND_LABELS.values())
    with trainer.page.expect_download() as log:
        trainer["#templates"].get_by_role("button", name="聊天记录").click()
    assert log.value.suggested_filename == "聊天记录模板.xlsx"
    with trainer.page.expect_download() as template:
        trainer["#templates"].get_by_role("button", name="问答表").click()
    assert template.value.suggested_filename == "问答表模板.xlsx"
    assert _sheets(template.value)
    trainer["#tab-history"].click()
    with trainer.page.expect_download() as export:
        trainer["#exports"].get_by_role("button", name="问答").click()
    book = openpyxl.load_workbook(io.BytesIO(Path(export.value.path()).read_bytes()))
    assert "导出来看看" in {cell.value for sheet in book for row in sheet for cell in row}
