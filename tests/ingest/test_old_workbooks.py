"""xls, et and ods: read through calamine, and only in the sandbox."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ingest.gate import Format
from ingest.readers import read
from ingest.readers.parse import parse
from ingest.sandbox import parse_apart
from kb.errors import BadFile, TooLarge
from office import altered, compound, ods_bytes, xls_bytes

GRID = [["问题", "答案", "价格"], ["怎么退货", "七天内可以", 129.0], ["", "", 29.9], ["几天发货", "两天\n三天", 0.25]]
EXPECTED = [
    (1, ("问题", "答案", "价格")),
    (2, ("怎么退货", "七天内可以", "129")),
    (3, ("", "", "29.9")),
    (4, ("几天发货", "两天\n三天", "0.25")),
]
Make = Callable[..., bytes]


@pytest.mark.parametrize("name", ["表.xls", "表.et", "改名.xlsx"])
def test_old_workbooks(name: str) -> None:
    data = xls_bytes({"问答": GRID, "第二张": [["", "b"]]})
    first, second = read(data, name)
    assert parse(Format.XLS, data, name) == [first, second]
    assert (first.name, [(row.number, row.cells) for row in first.rows]) == ("问答", EXPECTED)
    assert [(row.number, row.cells) for row in second.rows] == [(1, ("", "b"))]


def test_open_document_workbooks() -> None:
    grid = [
        [str(cell).replace("\n", "</text:p><text:p>") if isinstance(cell, str) else cell for cell in row]
        for row in GRID
    ]
    (sheet,) = read(ods_bytes({"问答": grid}), "表.ods")
    assert [(row.number, row.cells) for row in sheet.rows] == EXPECTED


def test_a_repeated_cell_to_the_edge_costs_nothing() -> None:
    """What every real ods ends with; and what 300 bytes can ask for."""
    start = b"<table:table-row><table:table-cell office:value-type"
    cell = b'<table:table-cell table:number-columns-repeated="16384"/>'
    far = b'<table:table-row table:number-rows-repeated="1048575">' + cell + b"</table:table-row>"
    (sheet,) = read(
        altered(ods_bytes({"表": [["a"], ["b"]]}), "content.xml", {b"</table:table>": far + b"</table:table>"}), "a.ods"
    )
    assert [row.cells for row in sheet.rows] == [("a",), ("b",)]
    bomb = start.replace(b"row>", b'row table:number-rows-repeated="1048576">').replace(
        b"office", b'table:number-columns-repeated="16384" office'
    )
    with pytest.raises((BadFile, TooLarge)):
        read(altered(ods_bytes({"表": [["a"]]}), "content.xml", {start: bomb}), "a.ods")


def test_a_locked_old_workbook_is_called_locked() -> None:
    with pytest.raises(BadFile, match="密码"):
        parse(Format.XLS, xls_bytes({"表": GRID}, locked=True), "锁.xls")


def test_a_broken_old_workbook_is_a_bad_file() -> None:
    whole = xls_bytes({"表": GRID})
    for data in (whole[:600], whole[:512] + b"\xff" * 4096, compound({"Other": b"x"})):
        with pytest.raises(BadFile, match="打不开"):
            parse(Format.XLS, data, "坏.xls")


def test_bounds() -> None:
    with pytest.raises(TooLarge, match="201 列"):
        parse(Format.XLS, xls_bytes({"表": [[""] * 200 + ["x"]]}), "宽.xls")
    with pytest.raises(TooLarge, match="51 张"):
        parse(Format.ODS, ods_bytes({f"表{i}": [["a"]] for i in range(51)}), "多.ods")


def test_a_cell_in_the_last_corner_costs_the_child_only(make_xlsx: Make) -> None:
    # The 1.4 KB with which calamine asks for 550 GB and aborts its process (calamine #693). The service sends such a file
    # to openpyxl; here calamine gets it all the same.
    corner = altered(
        make_xlsx({"表": [["a"]]}),
        "xl/worksheets/sheet1.xml",
        {b"</sheetData>": b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'},
    )
    with pytest.raises(BadFile, match="打不开"):
        parse_apart(Format.XLS, corner, "角落.xls")
