"""A text longer than a spreadsheet's cell is exported and comes back as it was."""

from __future__ import annotations

from dataclasses import replace
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.columns.fields import SheetKind
from ingest.export import export_csv, export_xlsx, knowledge_of
from ingest.importer import commit
from ingest.own import long
from ingest.own.long import gather, spread
from ingest.readers import read
from ingest.sheet import Row, Sheet, safe
from ingest.writers.page import Header, Page
from kb.errors import TooLarge
from kb.model import Entry, EntryKind
from kb.store.change import Change
from making import empty_shop, faq

LONG = "\n".join(f"第{i}条：=退货请保留吊牌，运费我们出😀 " for i in range(1500))


@pytest.mark.parametrize("kind", [EntryKind.FAQ, EntryKind.NOTICE, EntryKind.SCRIPT])
def test_an_answer_no_cell_can_hold_goes_out_and_comes_back(kind: EntryKind) -> None:
    with empty_shop() as here, empty_shop() as there:
        here.apply(
            Change(entries=[_of(kind, "怎么退", LONG), _of(kind, "几天发", "两天"), _of(kind, "满减", "x" * 32_768)])
        )
        data = export_xlsx(knowledge_of(here))
        report = commit(there, None, data, "导出.xlsx")
        assert report.errors == 0
        assert {e.answers[0].text for e in there.entries()} == {LONG, "两天", "x" * 32_768}
        assert export_xlsx(knowledge_of(there)) == data
        assert commit(here, None, data, "导出.xlsx").changed == 0
    for sheet in read(data, "导出.xlsx"):
        for row in sheet.rows:
            assert all(len(cell.encode("utf-16-le")) <= 2 * 32_767 for cell in row.cells)


def _of(kind: EntryKind, question: str, answer: str) -> Entry:
    return replace(faq(question, question, answer), kind=kind)


def test_csv_holds_it_in_one_cell() -> None:
    with empty_shop() as here, empty_shop() as there:
        here.apply(Change(entries=[faq("Q1", "怎么退", LONG)]))
        (data,) = export_csv(knowledge_of(here), SheetKind.FAQ)
        assert commit(there, None, data, "导出.csv").errors == 0
        assert [e.answers[0].text for e in there.entries()] == [LONG]


def test_short_texts_leave_the_sheet_as_it_was() -> None:
    page = Page("问答表", (Header("答复", True),), [["x" * 16_000], ["=1"]])
    assert spread(page) is page


def test_a_text_that_no_sheet_holds_is_refused_in_words() -> None:
    page = Page("问答表", (Header("答复"),), [["x" * 32_000 * 201]])
    with pytest.raises(TooLarge, match="拆开后超过") as caught:
        spread(page)
    assert "csv" in caught.value.advice


TEXT = st.text(max_size=60).map(safe)


@given(st.lists(st.tuples(TEXT, TEXT), max_size=5), st.integers(2, 9))
def test_spread_and_gathered_is_what_it_was(rows: list[tuple[str, str]], size: int) -> None:
    page = Page("问答表", (Header("问题"), Header("答复", True)), rows)
    with patch.object(long, "_PART", size):
        wide = spread(page)
    cells = [Row(i, tuple(row)) for i, row in enumerate(wide.rows, start=2)]
    sheet = Sheet("问答表", (Row(1, tuple(header.text for header in wide.headers)), *cells))
    header, below = gather(sheet, sheet.rows[0])
    kept = [i for i, text in enumerate(header.cells) if text]
    assert [header.cell(i) for i in kept] == ["问题", "答复"]
    assert [tuple(row.cell(i) for i in kept) for row in below] == rows


def test_a_column_whose_first_part_is_gone_joins_nothing_else() -> None:
    sheet = Sheet("问答表", (Row(1, ("问题", "答复（接左边一列，第2段）")), Row(2, ("怎么退", "可以"))))
    assert gather(sheet, sheet.rows[0]) == (sheet.rows[0], [sheet.rows[1]])
