"""T7: no exported cell is ever a formula, and the apostrophe that sees to it is taken away again, exactly."""

from __future__ import annotations

import csv
import io

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.quote import quote, unquote
from ingest.readers import read
from ingest.sheet import safe
from ingest.writers.csv import write_csv
from ingest.writers.page import Header, Page
from ingest.writers.xlsx import write_workbook

RISKY = "=+-@\t\r\n\0＝＋－＠"
TEXTS = st.one_of(
    st.text(max_size=20),
    st.text(alphabet="'" + RISKY + " \u3000\ufeff\u200b1a话", max_size=6),
    st.builds("{}{}".format, st.text(alphabet="'", max_size=3), st.sampled_from(["=1+1", "-10元", "@a", "＝1", "话"])),
    st.sampled_from(
        ["=cmd|'/C calc'!A0", '=HYPERLINK("http://x","y")', "0012", "_x000D_", "https://a.b", "1E5", "TRUE"]
    ),
)


@settings(max_examples=1_000)
@given(TEXTS)
def test_a_quoted_text_is_no_formula_and_comes_back_exactly(text: str) -> None:
    cell = quote(text)
    assert cell[:1] not in (*RISKY,)
    assert (text if (exact := unquote(cell)) is None else exact) == text


@settings(max_examples=1_000)
@given(TEXTS, TEXTS)
def test_two_texts_are_never_one_cell(one: str, other: str) -> None:
    assert (quote(one) == quote(other)) == (one == other)


def back(data: bytes, name: str) -> list[str]:
    """The texts of the second column, as the importer reads them."""
    return [row.cell(1) for sheet in read(data, name) for row in sheet.rows[1:]]


@pytest.mark.slow
def test_five_thousand_texts_survive_both_formats_and_no_cell_is_a_formula() -> None:
    found: list[str] = []

    @settings(max_examples=5_000, database=None)
    @given(TEXTS)
    def collect(text: str) -> None:
        found.append(text)

    collect()
    texts = found[:5_000]
    page = Page("表", (Header("号"), Header("文")), [(f"n{i}", text) for i, text in enumerate(texts)])
    workbook, plain = write_workbook([page]), write_csv(page)
    assert back(workbook, "表.xlsx") == back(plain, "表.csv") == [safe(text) for text in texts]
    cells = [cell for row in openpyxl.load_workbook(io.BytesIO(workbook)).active.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells if cell.value is not None} == {"s"}
    assert not any(cell.hyperlink for cell in cells)
    records = csv.reader(io.StringIO(plain.decode("utf-8-sig"), newline=""))
    assert not [text for record in records for text in record if text[:1] in (*RISKY,)]


def test_a_merchants_own_apostrophe_stays() -> None:
    data = "问题,答案\n'90年代的款,'好的'\n".encode()
    assert [row.cells for row in read(data, "表.csv")[0].rows[1:]] == [("'90年代的款", "'好的'")]
