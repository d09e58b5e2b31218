"""What a file may cost: a few kilobytes once bought minutes of work, sheet by sheet and line by line."""

from __future__ import annotations

import io
import time
import zipfile

import openpyxl
import pytest

from ingest.importer import read_file
from kb.errors import HuashuError, TooLarge


def far_workbook(sheets: int) -> bytes:
    """Each sheet holds A1 and A1048576: a million empty rows between them."""
    book = openpyxl.Workbook()
    for _ in range(sheets - 1):
        book.create_sheet()
    buffer = io.BytesIO()
    book.save(buffer)
    rows = '<row r="1"><c r="A1"/></row><row r="1048576"><c r="A1048576"/></row>'
    out = io.BytesIO()
    with zipfile.ZipFile(buffer) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for item in old.infolist():
            data = old.read(item)
            if item.filename.startswith("xl/worksheets/sheet"):
                data = data.replace(b"<sheetData/>", f"<sheetData>{rows}</sheetData>".encode())
            new.writestr(item.filename, data)
    return out.getvalue()


def test_thirty_far_sheets_cost_no_more_than_a_few() -> None:
    started = time.thread_time()
    with pytest.raises(HuashuError):
        read_file(far_workbook(30), "远格.xlsx")
    assert time.thread_time() - started < 6


def test_a_workbook_of_too_many_sheets_is_refused() -> None:
    with pytest.raises(TooLarge, match="工作表"):
        read_file(far_workbook(60), "很多表.xlsx")


@pytest.mark.parametrize(
    "data", [b"\n" * 5_000_000, b"," * 5_000_000, b'"",' * 1_000_000, (b"ab," * 199 + b"\n") * 20_000]
)
def test_empty_lines_and_cells_cost_little(data: bytes) -> None:
    started = time.thread_time()
    with pytest.raises(HuashuError):
        read_file(data, "空.csv")
    assert time.thread_time() - started < 6
