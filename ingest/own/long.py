"""Texts that no cell of a spreadsheet holds go on in the column to the right, and come back as one.

A workbook's cell ends at 32,767 characters (of UTF-16: a 表情 counts twice). csv has no such end and is written as it is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from ingest.sheet import Row, Sheet, safe
from ingest.writers.page import Header, Page
from kb.errors import TooLarge

_PART = 32_000  # UTF-16 units of one cell, an apostrophe and what else a writer adds aside
_MOST_COLUMNS = 200  # what the importer reads
_GOES_ON = re.compile(r"(.*)（接左边一列，第(\d+)段）", re.DOTALL)


def spread(page: Page) -> Page:
    """The page with further columns where a text is too long for one. Raises TooLarge for one that no sheet holds."""
    columns = [
        max([1, *(len(_parts(row[i])) for row in page.rows if len(row[i]) > _PART // 2)])
        for i in range(len(page.headers))
    ]
    if sum(columns) == len(columns):
        return page
    if sum(columns) > _MOST_COLUMNS:
        raise TooLarge(
            f"“{page.name}”里有一格文字太长，拆开后超过 {_MOST_COLUMNS} 列。",
            remedy="请改为导出 csv（huashu export --format csv），或先把这一条拆短。",
        )
    headers = [each for header, count in zip(page.headers, columns, strict=True) for each in _headers(header, count)]
    rows = [
        [part for text, count in zip(row, columns, strict=True) for part in _padded(_parts(text), count)]
        for row in page.rows
    ]
    return replace(page, headers=tuple(headers), rows=rows)


def gather(sheet: Sheet, header: Row) -> tuple[Row, list[Row]]:
    """The header and the rows below it with what was spread in one cell again; columns keep their letters."""
    below = [row for row in sheet.rows if row.number > header.number]
    runs = _runs(header.cells)
    if not runs:
        return header, below
    gone = {index for run in runs for index in run[1:]}
    named = Row(header.number, tuple("" if i in gone else text for i, text in enumerate(header.cells)))
    return named, [_gathered(row, runs) for row in below]


def _runs(headers: Sequence[str]) -> list[list[int]]:
    """The columns of each text that goes on, first column first."""
    runs: list[list[int]] = []
    for index, header in enumerate(headers):
        match = _GOES_ON.fullmatch(header)
        if not match:
            runs.append([index])
        elif runs and headers[runs[-1][0]] == match[1] and len(runs[-1]) + 1 == int(match[2]):
            runs[-1].append(index)
    return [run for run in runs if len(run) > 1]


def _gathered(row: Row, runs: Sequence[Sequence[int]]) -> Row:
    cells = list(row.cells)
    for run in runs:
        whole = "".join(map(row.cell, run))
        for index in (index for index in run if index < len(cells)):
            cells[index] = whole if index == run[0] else ""
    return Row(row.number, tuple(cells))


def _headers(header: Header, count: int) -> list[Header]:
    further = (f"{safe(header.text)}（接左边一列，第{number}段）" for number in range(2, count + 1))
    return [header, *(replace(header, text=text, required=False, choices=()) for text in further)]


def _parts(text: str) -> list[str]:
    if len(text) <= _PART // 2:
        return [text]
    size = _PART // 2 if any(char > "\uffff" for char in text) else _PART
    text = safe(text)
    return [text[i : i + size] for i in range(0, len(text), size)]


def _padded(parts: list[str], count: int) -> list[str]:
    return parts + [""] * (count - len(parts))
