"""Comma, tab, semicolon or bar separated text in the encodings merchants really send."""

from __future__ import annotations

import codecs
import csv
import io
from collections import Counter
from collections.abc import Iterator

from charset_normalizer import from_bytes

from ingest.readers.xlsx import MAX_COLUMNS, MAX_ROWS
from ingest.sheet import Row, Sheet, cell_text, make_row
from kb.errors import BadFile, TooLarge

_DELIMITERS = ",\t;|"
_SNIFF_CHARACTERS = 64 * 1024
_SNIFF_RECORDS = 50
_MAX_BROKEN_SHARE = 0.1  # of the characters beyond ASCII; more means that the guess of the encoding is wrong
_DETECT_BYTES = 256 * 1024
_SHEET_NAME = "Sheet1"


def read_text(data: bytes, name: str) -> list[Sheet]:
    """One sheet, or none for a blank file. Raises BadFile for an unknown encoding, TooLarge over a bound."""
    text = decode(data, name)
    rows = tuple(_rows(text, sniff(text), name))
    return [Sheet(_SHEET_NAME, rows)] if rows else []


def decode(data: bytes, name: str) -> str:
    """Strict guesses in a fixed order: short files fool every detector. Broken bytes become U+FFFD."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", "replace")
    if data.startswith(codecs.BOM_UTF8):
        return data.decode("utf-8-sig", "replace")
    for encoding in ("utf-8", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            if (text := _mended(data, encoding)) is not None:
                return text
    best = from_bytes(data[:_DETECT_BYTES]).best()
    if best is None:
        raise BadFile(
            f"文件“{name}”的文字编码认不出来。",
            remedy="请用 Excel 或 WPS 打开，另存为“CSV UTF-8”或 xlsx 后再导入。",
        )
    return data.decode(best.encoding, "replace")


def _mended(data: bytes, encoding: str) -> str | None:
    """The text of a file that is in this encoding but for a few broken bytes; None when it is not."""
    text = data.decode(encoding, "replace")
    broken = text.count("\ufffd")
    beyond_ascii = sum(1 for char in text if char > "\x7f")
    return text if broken < _MAX_BROKEN_SHARE * beyond_ascii else None


def sniff(text: str) -> str:
    """The delimiter under which most records have the same number of columns; a comma when nothing separates."""
    sample = text[:_SNIFF_CHARACTERS]
    best = max(_DELIMITERS, key=lambda delimiter: _consistency(sample, delimiter))
    return best if _consistency(sample, best) > (0.0, 0) else ","


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


_MAX_CELLS = 2_000_000


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
        if cells > _MAX_CELLS:
            raise TooLarge(f"文件“{name}”的单元格太多，请拆成几份。")
        row = make_row(number, [cell_text(cell) for cell in record])
        if row is not None:
            yield row
