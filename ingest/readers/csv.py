"""Comma, tab, semicolon or bar separated text."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator

from ingest.readers import chat
from ingest.readers.encoding import decode
from ingest.readers.limits import MAX_CELLS, MAX_COLUMNS, MAX_ROWS
from ingest.sheet import Row, Sheet, cell_text, make_row
from kb.errors import BadFile, TooLarge

_DELIMITERS = ",\t;|"
_SNIFF_CHARACTERS = 64 * 1024
_SNIFF_RECORDS = 50
_SHEET_NAME = "Sheet1"


def read_table(data: bytes, name: str) -> list[Sheet]:
    """One sheet, or none for a blank file. Raises BadFile for an unknown encoding, TooLarge over a bound."""
    return table_of(decode(data, name), name)


def table_of(text: str, name: str) -> list[Sheet]:
    """The text as one sheet; one message of a chat per row gets the header that such exports leave out."""
    rows = tuple(_rows(text, sniff(text), name))
    if not rows:
        return []
    return [chat.sheet_of_rows(rows) or Sheet(_SHEET_NAME, rows)]


def sniff(text: str) -> str:
    """The delimiter under which most records have the same number of columns; a comma when nothing separates."""
    sample = text[:_SNIFF_CHARACTERS]
    best = max(_DELIMITERS, key=lambda delimiter: _consistency(sample, delimiter))
    return best if _consistency(sample, best) > (0.0, 0) else ","


def tabular(text: str, delimiters: str = _DELIMITERS) -> float:
    """The share of records, 0 to 1, that have the most usual number of columns, if that is more than one."""
    return max(_consistency(text[:_SNIFF_CHARACTERS], delimiter)[0] for delimiter in delimiters)


def _consistency(sample: str, delimiter: str) -> tuple[float, int]:
    widths: Counter[int] = Counter()
    try:
        for record in csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter):
            if any(record):
                widths[len(record)] += 1
            if widths.total() >= _SNIFF_RECORDS:
                break
    except csv.Error:
        return 0.0, 0
    several = {width: count for width, count in widths.items() if width > 1}
    if not several:
        return 0.0, 0
    width, count = max(several.items(), key=lambda item: (item[1], item[0]))
    return count / widths.total(), width


def _rows(text: str, delimiter: str, name: str) -> Iterator[Row]:
    # newline="": the csv module itself must see line ends, or a quoted cell would lose its own.
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    number = cells = 0
    while True:
        number += 1
        try:
            record = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise BadFile(
                f"文件“{name}”第 {reader.line_num} 行附近读不下去，多半是引号没有配对。",
                remedy="请用 Excel 或 WPS 打开，检查那一行的引号，另存为 xlsx 后再导入。",
            ) from error
        # Before anything is kept: a file of line ends or commas alone costs as much as a full one.
        if number > MAX_ROWS:
            raise TooLarge(f"文件“{name}”超过 {MAX_ROWS:,} 行。")
        while record and not record[-1]:
            record.pop()
        if len(record) > MAX_COLUMNS:
            raise TooLarge(f"文件“{name}”第 {number} 行有 {len(record)} 列，上限是 {MAX_COLUMNS} 列。")
        cells += len(record)
        if cells > MAX_CELLS:
            raise TooLarge(f"文件“{name}”的单元格太多，请拆成几份。")
        row = make_row(number, [cell_text(cell) for cell in record])
        if row is not None:
            yield row
