"""A person's word about a column wins, is remembered by the shop that it was said to, and never opens a secret."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ingest.columns.correction import Correction, Corrections, column_index, read_corrections, read_options
from ingest.columns.fields import SheetKind
from ingest.importer import commit, preview
from ingest.sheet import column_letter
from kb.errors import Invalid
from kb.store.merchant import MerchantStore

Make = Callable[..., bytes]
ODD = [["顾客咋讲", "咱咋讲", "说明"], ["怎么退货", "可以退", "内部"], ["怎么换货", "可以换", "内部"]]


@pytest.fixture
def shops(tmp_path: Path) -> Iterator[tuple[MerchantStore, MerchantStore]]:
    opened = MerchantStore(tmp_path / "a.db", "a"), MerchantStore(tmp_path / "b.db", "b")
    yield opened
    for shop in opened:
        shop.close()


def said(**sheet: object) -> Corrections:
    return read_corrections(json.dumps({"sheets": {"Sheet1": sheet}}))


ANSWERS = {"A": "question", "B": "answer"}


def test_a_correction_is_remembered_by_the_commit_and_only_by_this_shop(
    shops: tuple[MerchantStore, MerchantStore], make_csv: Make
) -> None:
    shop, other = shops
    data = make_csv(ODD)
    assert preview(shop, data, "问答.csv").errors == 1
    assert preview(shop, data, "问答.csv", mapping=said(columns=ANSWERS)).added == 2
    assert (shop.mappings(), preview(shop, data, "问答.csv").errors) == ({}, 1)
    assert commit(shop, None, data, "问答.csv", mapping=said(columns=ANSWERS)).added == 2
    assert shop.mappings() == {("faq", "顾客咋讲"): "question", ("faq", "咱咋讲"): "answer"}
    moved = make_csv([row[::-1] for row in ODD])
    again = commit(shop, None, moved, "问答.csv")
    assert (again.unchanged, again.sheets[0].kind, again.errors) == (2, "faq", 0)
    assert preview(other, data, "问答.csv").errors == 1


def test_a_correction_twice_changes_nothing(shops: tuple[MerchantStore, MerchantStore], make_csv: Make) -> None:
    shop = shops[0]
    first = commit(shop, None, make_csv(ODD), "问答.csv", mapping=said(columns=ANSWERS))
    again = commit(shop, None, make_csv(ODD), "问答.csv", mapping=said(columns=ANSWERS))
    assert (again.unchanged, again.generation) == (2, first.generation)


def test_today_wins_over_memory_and_memory_over_names(
    shops: tuple[MerchantStore, MerchantStore], make_csv: Make
) -> None:
    shop = shops[0]
    data = make_csv([["款号", "品名", "备注", "面料"], ["K1", "衬衫", "水洗棉", "棉"]])

    def columns(mapping: Corrections | None = None) -> list[object]:
        return [c["field"] for c in preview(shop, data, "商品.csv", mapping=mapping).sheets[0].to_json()["columns"]]  # type: ignore[attr-defined]

    assert columns() == ["key", "name", "skip", "fact"]
    assert columns(said(columns={"C": "fact", "D": ""})) == ["key", "name", "fact", "skip"]
    commit(shop, None, data, "商品.csv", mapping=said(columns={"C": "points", "D": ""}))
    assert columns() == ["key", "name", "points", "skip"]
    assert columns(said(columns={"C": "", "D": "fact"})) == ["key", "name", "skip", "fact"]
    assert [f.value for p in shop.products() for f in p.facts] == ["水洗棉"]


def test_a_sheet_without_a_header_is_read_by_letters(
    shops: tuple[MerchantStore, MerchantStore], make_csv: Make
) -> None:
    data = make_csv([["怎么退货", "x", "可以"], ["怎么换货", "y", "可以换"]])
    report = commit(
        shops[0],
        None,
        data,
        "问答.csv",
        mapping=said(kind="faq", header_row=0, columns={"A": "question", "C": "answer"}),
    )
    assert (report.added, report.sheets[0].header_row, shops[0].mappings()) == (2, 0, {})
    assert [(c.letter, c.header) for c in report.sheets[0].columns] == [("A", "标准问题"), ("C", "答复")]


def test_the_header_row_can_be_said(shops: tuple[MerchantStore, MerchantStore], make_csv: Make) -> None:
    data = make_csv([["问题", "答案"], ["旧", "旧"], ["编号", "顾客", "我们"], ["1", "怎么退", "可以"]])
    report = preview(
        shops[0], data, "问答.csv", mapping=said(kind="faq", header_row=3, columns={"B": "question", "C": "answer"})
    )
    assert (report.sheets[0].header_row, report.added) == (3, 1)


def test_what_is_not_understood_shows_its_columns_and_what_they_could_be(
    shops: tuple[MerchantStore, MerchantStore], make_csv: Make
) -> None:
    sheet: dict[str, Any] = preview(shops[0], make_csv(ODD), "问答.csv", kind="faq").sheets[0].to_json()
    assert (sheet["kind"], sheet["seems"], sheet["header_row"]) == ("", "faq", 1)
    assert [c["header"] for c in sheet["columns"]] == ["顾客咋讲", "咱咋讲", "说明"]
    assert {f["field"] for f in sheet["fields"] if f["required"]} == {"question", "answer"}


def test_a_likeness_is_said_to_be_one(shops: tuple[MerchantStore, MerchantStore], make_csv: Make) -> None:
    data = make_csv([["编号", "客户常见问题", "标准回复内容"], ["1", "怎么退", "可以"]])
    sheet = preview(shops[0], data, "问答.csv", mapping=said(columns={"B": "question"})).sheets[0]
    assert [c.sure for c in sheet.columns] == [True, True, sheet.columns[2].field == ""]
    slip = make_csv([["商品編号码", "商品名称称", "价格"], ["1", "衬衫", "9"]])
    assert {c.header: c.sure for c in preview(shops[0], slip, "商品.csv", kind="product").sheets[0].columns}["价格"]
    assert not {c.field: c.sure for c in preview(shops[0], slip, "商品.csv", kind="product").sheets[0].columns}["name"]


@pytest.mark.parametrize(
    ("rows", "sheet"),
    [
        ([["问题", "登录密码"], ["怎么退", "hunter2"]], {"columns": {"B": "answer"}}),
        ([["问题", "x", "密码"], ["顾客问", "我们答", "y"], ["怎么退", "b", "hunter2"]],
         {"kind": "faq", "header_row": 2, "columns": {"A": "question", "C": "answer"}}),
        ([["问题", "子账号"], ["怎么退", "hunter2"]],
         {"kind": "faq", "header_row": 0, "columns": {"A": "question", "B": "answer"}}),
    ],
)  # fmt: skip
def test_nobody_can_call_a_secret_anything_else(
    shops: tuple[MerchantStore, MerchantStore], make_csv: Make, rows: list[list[str]], sheet: dict[str, object]
) -> None:
    with pytest.raises(Invalid, match="账号或密码"):
        commit(shops[0], None, make_csv(rows), "问答.csv", mapping=said(**sheet))
    assert shops[0].mappings() == {}


@pytest.mark.parametrize(
    "text",
    [
        "{", "[]", "1", "null", '{"sheets": []}', '{"sheets": {"甲": 1}}', '{"sheets": {"甲": {"x": 1}}}',
        '{"sheets": {"甲": {"kind": "nonsense"}}}', '{"sheets": {"甲": {"kind": 3}}}',
        '{"sheets": {"甲": {"header_row": -1}}}', '{"sheets": {"甲": {"header_row": "3"}}}',
        '{"sheets": {"甲": {"header_row": true}}}', '{"sheets": {"甲": {"columns": {"1": "answer"}}}}',
        '{"sheets": {"甲": {"columns": {"ZZ": "answer"}}}}', '{"sheets": {"甲": {"columns": {"A": "nonsense"}}}}',
        '{"sheets": {"甲": {"columns": {"A": 5}}}}', '{"sheets": {"甲": {"columns": {"A": "question", "B": "price"}}}}',
        '{"sheets": {"甲": {"columns": {"A": "question", "B": "question"}}}}',
        '{"sheets": {"甲": {"kind": "faq", "columns": {"A": "price"}}}}', "[" * 100_000,
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_in_words(text: str) -> None:
    with pytest.raises(Invalid) as caught:
        read_corrections(text)
    assert caught.value.code == "HS-422"
    assert caught.value.message.endswith("。")


@pytest.mark.parametrize("sheet", [{"header_row": 9}, {"header_row": 2, "kind": "faq"}])
def test_a_blank_header_row_is_refused(
    shops: tuple[MerchantStore, MerchantStore], make_csv: Make, sheet: dict[str, object]
) -> None:
    with pytest.raises(Invalid, match="是空的"):
        preview(shops[0], make_csv([["问题", "答案"], [], ["怎么退", "可以"]]), "问答.csv", mapping=said(**sheet))


def test_an_unknown_sheet_is_refused(shops: tuple[MerchantStore, MerchantStore], make_csv: Make) -> None:
    with pytest.raises(Invalid, match="没有工作表“别的”"):
        preview(shops[0], make_csv(ODD), "问答.csv", mapping=read_options(["别的!A=question"]))


def test_a_blank_text_corrects_nothing() -> None:
    assert read_corrections(" ") == {}


def test_the_command_line_says_the_same() -> None:
    assert read_options(["Sheet1!C=answer", "Sheet1!b=", "Sheet1!header=3", "Sheet1!kind=faq"]) == said(
        kind="faq", header_row=3, columns={"C": "answer", "B": ""}
    )
    assert read_options(["C=answer"]) == {"": Correction(columns={"C": "answer"})}
    assert read_options(["价格!表!C=answer"])["价格!表"].kind is None
    for wrong in ("C", "=answer", "Sheet1!=x"):
        with pytest.raises(Invalid):
            read_options([wrong])


def test_letters_are_counted_as_spreadsheets_do() -> None:
    assert all(column_index(column_letter(i)) == i for i in range(800))
    assert said(kind="faq")["Sheet1"] == Correction(SheetKind.FAQ)
