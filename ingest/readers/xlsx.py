"""Workbooks through openpyxl: streamed, values only, bounded in rows, columns and cells.

openpyxl does not guard against XML bombs; `ingest.gate.package.refuse_declarations` has been here before it.
"""

from __future__ import annotations

import datetime as dt
import io
import re
import warnings
from collections.abc import Iterator
from typing import Any

import openpyxl

from ingest.readers.limits import MAX_COLUMNS, MAX_ROWS, MAX_SHEETS
from ingest.readers.strings import read_plainly
from ingest.sheet import Row, Sheet, cell_text, make_row, tidy
from kb.errors import BadFile, HuashuError, TooLarge

_MAX_CELLS = 5_000_000  # of a workbook; a bound on work: one styled cell in column XFD makes a row 16,384 wide
_LAST_ROW = 1_048_576  # of any spreadsheet; a file may claim row 2,000,000,000

_SAVE_AS = "请用 Excel 或 WPS 打开后另存为 xlsx，再导入。"
_QUOTED = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]')
_CLOCK = re.compile(r"[hs]", re.IGNORECASE)


def read_workbook(data: bytes, name: str) -> list[Sheet]:
    """The visible sheets that hold anything. Raises BadFile when the workbook is broken, TooLarge over a bound."""
    try:
        with warnings.catch_warnings():
            # Unknown extensions and missing default styles are no news to a merchant.
            warnings.filterwarnings("ignore", module="openpyxl")
            return _read(data, name)
    except HuashuError:
        raise
    except Exception as error:  # openpyxl has no error of its own: broken XML ends in any of a dozen types
        raise BadFile(f"文件“{name}”打不开，可能已损坏。", remedy=_SAVE_AS) from error


def _read(data: bytes, name: str) -> list[Sheet]:
    read_plainly()
    book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
    try:
        sheets = []
        if len(book.worksheets) > MAX_SHEETS:
            raise TooLarge(f"文件“{name}”有 {len(book.worksheets)} 张工作表，上限是 {MAX_SHEETS} 张。")
        budget = _Budget()
        for worksheet in book.worksheets:
            if worksheet.sheet_state == "visible" and (rows := tuple(_rows(worksheet, name, budget))):
                sheets.append(Sheet(tidy(str(worksheet.title)), rows))
        return sheets
    finally:
        book.close()


class _Budget:
    """Cells that a whole workbook may cost: per sheet, thirty small sheets would cost thirty times the limit."""

    def __init__(self) -> None:
        self._left = _MAX_CELLS

    def spend(self, cells: int) -> bool:
        self._left -= max(cells, 1)  # a gap of a million empty rows is work too
        return self._left >= 0


def _rows(worksheet: Any, name: str, budget: _Budget) -> Iterator[Row]:
    # The stated dimensions are often wrong (A1 for a whole export), and openpyxl would believe them.
    worksheet.reset_dimensions()
    where = f"文件“{name}”的工作表“{worksheet.title}”"
    for number, cells in enumerate(worksheet.iter_rows(), start=1):
        if not budget.spend(len(cells)) or number > _LAST_ROW:
            raise TooLarge(f"{where}的单元格太多，请删除多余的空行空列。")
        row = make_row(number, [_text(cell) if cell.value is not None else "" for cell in cells])
        if row is None:
            continue
        if len(row.cells) > MAX_COLUMNS:
            raise TooLarge(f"{where}有 {len(row.cells)} 列，上限是 {MAX_COLUMNS} 列。")
        if number > MAX_ROWS:
            raise TooLarge(f"{where}超过 {MAX_ROWS:,} 行。")
        yield row


def _text(cell: Any) -> str:
    """A cell as the spreadsheet shows it, where its format changes the meaning: days, percentages, errors."""
    value = cell.value
    if cell.data_type == "e":
        return ""  # #N/A and its kin are nobody's fact
    if isinstance(value, dt.datetime) and not _CLOCK.search(_QUOTED.sub("", cell.number_format or "")):
        value = value.date()
    elif isinstance(value, int | float) and not isinstance(value, bool) and "%" in (cell.number_format or ""):
        return cell_text(float(value) * 100) + "%"
    return cell_text(value)
