"""Values as the text of one cell, and back: moments, sets of names, lines, yes or no, choices of a list.

What is read is what people may have edited since: dates, lists and yes or no are understood as everywhere else.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from typing import TypeVar

from ingest.kinds.values import CHINA, parse_moment
from kb.model import EntryKind, Status

T = TypeVar("T")

YES = "是"
STATUSES = {Status.PUBLISHED: "已发布", Status.DRAFT: "草稿", Status.RETIRED: "已下架"}
KINDS = {EntryKind.FAQ: "问答", EntryKind.PROCESS: "流程", EntryKind.CASE: "案例"}

# -- moments

_LAST = 253_402_271_999  # 9999-12-31 23:59:59 in China: no spreadsheet knows a later one
_EXACT = re.compile(r"(\d{4})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)")


def moment_cell(moment: int | None) -> str:
    """Unix seconds as China time to the second; "" for an open end."""
    if moment is None:
        return ""
    return dt.datetime.fromtimestamp(min(moment, _LAST), CHINA).isoformat(" ")[:19]


def read_moment(cell: str, *, end: bool) -> int | None:
    """The reverse. Raises ValueError for what is no moment."""
    match = _EXACT.fullmatch(cell)
    if match:
        return int(dt.datetime(*map(int, match.groups()), tzinfo=CHINA).timestamp())  # type: ignore[misc,arg-type]
    return parse_moment(cell, end=end)


# -- texts, one a line

_FULL = 4_000  # characters of one cell that a person still looks through


def is_line(text: str) -> bool:
    """Whether a text can be told from its neighbours above and below in one cell."""
    return bool(text) and text == text.strip() and "\n" not in text


def line_cells(texts: Iterable[str]) -> list[str]:
    """The texts one a line, in as few cells as are readable."""
    cells: list[list[str]] = []
    size = _FULL
    for text in texts:
        size += len(text) + 1
        if size > _FULL:
            cells.append([])
            size = len(text)
        cells[-1].append(text)
    return ["\n".join(cell) for cell in cells]


def read_lines(cell: str) -> list[str]:
    return [line.strip() for line in cell.split("\n") if line.strip()]


# -- choices


def read_choice(cell: str, choices: Mapping[T, str]) -> T | None:
    """Which of the choices a cell names; None for another text."""
    return next((value for value, label in choices.items() if label == cell), None)
