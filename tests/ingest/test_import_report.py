"""The report in the shape that the trainer's page and the command line read."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from ingest.columns.correction import read_options
from ingest.importer import commit, preview
from ingest.report import MAX_PROBLEMS
from kb.store.merchant import MerchantStore

Make = Callable[..., bytes]


def test_the_json_is_the_contract(shop: MerchantStore, make_csv: Make) -> None:
    data = make_csv([["编号", "问题", "答案"], ["Q1", "怎么退货", "可以\n退的"], ["Q2", "怎么换货", ""]])
    found = preview(shop, data, "常见问题.csv").to_json()
    json.dumps(found)
    elapsed = found.pop("elapsed_ms")
    assert isinstance(elapsed, int)
    fields = found["sheets"][0].pop("fields")
    assert fields[2] == {"field": "phrasing", "label": "相似问", "required": False, "repeats": True}
    assert found == {
        "file": "常见问题.csv",
        "mode": "preview",
        "committed": False,
        "generation": 0,
        "sheets": [
            {
                "sheet": "Sheet1",
                "kind": "faq",
                "kind_label": "问答表",
                "seems": "faq",
                "header_row": 1,
                "columns": [
                    {"column": "A", "header": "编号", "field": "key", "field_label": "编号", "sure": True},
                    {"column": "B", "header": "问题", "field": "question", "field_label": "标准问题", "sure": True},
                    {"column": "C", "header": "答案", "field": "answer", "field_label": "答复", "sure": True},
                ],
                "rows": 2,
                "added": 1,
                "changed": 0,
                "unchanged": 0,
                "removed": 0,
                "retired": 0,
                "most_removed": False,
                "written": False,
                "removed_rows": [],
                "conflicts": 0,
                "near_duplicates": 0,
                "skipped": 1,
                "problems": [
                    {
                        "severity": "error",
                        "row": 3,
                        "column": "C",
                        "quote": "",
                        "code": "answer_missing",
                        "text": "第3行 C列：缺少答复，请补上",
                        "value": "",
                        "sides": None,
                    }
                ],
                "problems_total": 1,
                "sample": [{"key": "Q1", "title": "怎么退货", "detail": "可以 退的", "change": "added"}],
                "talks": 0,
                "groups": 0,
                "leads": 0,
            }
        ],
        "problems_total": 1,
        "errors_total": 1,
        "removed": 0,
        "retired": 0,
        "most_removed": False,
        "conflicts": 0,
        "near_duplicates": 0,
        "embedded": 0,
        "message": "新增 1 条，更新 0 条，未变 0 条；有 1 处错误",
    }


def test_problems_are_capped_and_counted(shop: MerchantStore, make_xlsx: Make) -> None:
    rows = [["问题", "答案"], *([f"问题{i}", ""] for i in range(400))]
    report = preview(shop, make_xlsx({"甲": rows, "乙": rows}), "常见问题.xlsx")
    found = report.to_json()
    shown = [len(sheet["problems"]) for sheet in found["sheets"]]  # type: ignore[attr-defined]
    assert (sum(shown), shown[0], found["problems_total"]) == (MAX_PROBLEMS, 400, 800)
    assert "另有 380 条" in report.text()


def test_samples_show_changes_first(shop: MerchantStore, make_csv: Make) -> None:
    rows = [[f"K{i}", f"商品{i}", "S", 9] for i in range(12)]
    head = ["款号", "商品名称", "规格", "售价"]
    commit(shop, None, make_csv([head, *rows]), "商品表.csv")
    rows[10][3] = 8
    (sheet,) = preview(shop, make_csv([head, *rows, ["K99", "新品", "", 5]]), "商品表.csv").sheets
    assert [str(sample.change) for sample in sheet.sample] == ["added", "changed", *["unchanged"] * 6]
    assert (sheet.sample[0].detail, sheet.sample[1].detail) == ("价格 5元", "1 个规格；规格 S，价格 8元")


def test_the_text_is_for_a_terminal(shop: MerchantStore, make_csv: Make) -> None:
    data = make_csv([["快捷短语编码", "快捷短语"], ["hi", "您好" * 60], ["", ""], ["x", ""]])
    report = commit(shop, None, data, "快捷短语.csv")
    assert report.text().splitlines() == [
        "快捷短语.csv：新增 1 条，更新 0 条，未变 0 条",
        "工作表“Sheet1”：快捷短语，2 行，新增 1，更新 0，未变 0，跳过 1",
        "  [提醒] 第4行：这一行只有一格有内容，当作说明跳过",
    ]
    assert report.sheets[0].sample[0].title == "hi"
    assert report.sheets[0].sample[0].detail.endswith("…")


def test_several_refused_sheets_speak_for_themselves(shop: MerchantStore, make_xlsx: Make) -> None:
    report = commit(shop, None, make_xlsx({"甲": [["a", "b"]], "乙": [["项目", "内容"]]}), "杂.xlsx")
    assert report.message == "没有可以导入的表，什么都没有写入。"
    assert [p.sheet for p in report.problems] == ["甲", "乙"]


@pytest.mark.parametrize(
    ("rows", "hint"),
    [
        ([["问题", "怎么说"], ["怎么退", "可以退"]], "--map B=答复"),
        ([["甲", "乙"], ["你好", "再见"]], "--map kind=faq --map A=标准问题 --map B=答复"),
    ],
)
def test_a_sheet_that_is_not_understood_says_so_once_and_how_to_name_its_columns(
    shop: MerchantStore, make_csv: Make, rows: list[list[str]], hint: str
) -> None:
    report = preview(shop, make_csv(rows), "表.csv")
    told = report.text()
    assert told.count(report.message) == 1
    assert hint in told
    # What is advised works.
    options = [each.split()[0] for each in hint.split("--map ")[1:]]
    assert preview(shop, make_csv(rows), "表.csv", mapping=read_options(options)).added > 0


def test_among_several_sheets_the_hint_names_the_sheet(shop: MerchantStore, make_xlsx: Make) -> None:
    sheets = {
        "封面": [["某某旗舰店"], ["制表：小王", "2026年11月"]],
        "问答": [["问题", "答案"], ["怎么退", "可以"]],
        "话术": [["编号", "问题", "怎么说"], ["Q9", "几天发", "两天"]],
    }
    told = preview(shop, make_xlsx(sheets), "表.xlsx").text()
    assert "是封面、目录或说明就不用管" in told
    assert told.count("huashu import") == 1
    assert "工作表“话术”：没有导入" in told
    assert "--map '话术!C=答复'" in told
