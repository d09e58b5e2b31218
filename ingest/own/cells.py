"""Values as the text of one cell, and back: moments, sets of names, lines, yes or no, choices of a list.

What is read is what people may have edited since: dates, lists and yes or no are understood as everywhere else.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Iterable, Mapping
from typing import TypeVar

from ingest.kinds.values import CHINA, parse_moment
from ingest.sheet import safe
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


# -- names

_SEPARATORS = "、，,；;|\n"
_NAME = re.compile(rf"「((?:[^」]|」」)*)」|([^「{_SEPARATORS}][^{_SEPARATORS}]*)")


def names_cell(names: Collection[str]) -> str:
    """A set of names in one cell: 天猫、京东; one that holds a separator stands in 「」."""
    return "" if not names else "、".join(map(_name_cell, sorted(set(map(safe, names)))))


def read_names(cell: str) -> frozenset[str]:
    found = set()
    for quoted, bare in _NAME.findall(cell):
        if name := bare.strip():
            found.add(name)
        elif not bare:
            found.add(quoted.replace("」」", "」"))
    return frozenset(found)


def _name_cell(name: str) -> str:
    plain = name and name == name.strip() and name[0] != "「" and not any(mark in name for mark in _SEPARATORS)
    return name if plain else "「" + name.replace("」", "」」") + "」"


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
