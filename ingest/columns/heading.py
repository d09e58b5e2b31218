"""Headers that take two or three rows, joined into one: 价格 over 日常价 and 活动价, 重量 over g.

A csv keeps nothing of merged cells but their text in the first one, so the shape must show it: under what stands
alone the next row is blank, and a group has a blank beside it with more below. A title fills one cell of its row, and
a row of data fills cells under headers that stand alone; neither is taken for a part of the header.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from ingest.columns.naming import is_secret, is_skipped, known_attributes, plain, split_unit
from ingest.sheet import Row
from kb.language import names
from kb.language.units import unit_of

_DEEPEST = 3
_LONGEST_BELOW = 15  # characters of a header under a group
_LONGEST_ABOVE = 12  # characters of a group heading, its unit included
_SAYS_MORE = re.compile(r"[:：。，,；;！!？?]|\d{2}")
# Above these nothing is added to what stands below: 基本信息 over 安全类别 is 安全类别.
_EMPTY_GROUPS = frozenset(
    f"{names.PARAMETERS} 基本信息 基础信息 商品信息 产品信息 信息 其他信息 其它信息 规格 其他 其它 详情 商品详情 尺寸 产品尺寸 商品尺寸"
    " 规格尺寸 尺寸信息 规格信息".split()
)

Known = Callable[[str], bool]  # whether a plain header names a field


@dataclass(frozen=True, slots=True)
class Heading:
    """A header as one row, numbered as its last; `above` are the group headings by column, "" where there is none."""

    row: Row
    above: tuple[str, ...] = ()
    depth: int = 1

    def group(self, index: int) -> str:
        return self.above[index] if index < len(self.above) else ""


def headings(rows: Sequence[Row], known: Known) -> Iterator[Heading]:
    """Every way to read the rows as a header. A row that is the upper part of one is not also one by itself."""
    upper: set[int] = set()
    for start in range(len(rows)):
        joined = _deepest(rows[start : start + _DEEPEST], known)
        if joined:
            upper.update(range(start, start + joined.depth - 1))
            yield joined
    yield from (Heading(row) for index, row in enumerate(rows) if index not in upper)


def _deepest(rows: Sequence[Row], known: Known) -> Heading | None:
    for depth in range(len(rows), 1, -1):
        part = rows[:depth]
        if all(below.number == above.number + 1 for above, below in pairwise(part)):
            joined = _joined(part, known)
            if joined:
                return joined
    return None


def _joined(rows: Sequence[Row], known: Known) -> Heading | None:
    """From the bottom up, so that a group of groups is one too."""
    heading = Heading(rows[-1])
    for above in reversed(rows[:-1]):
        lower = _join(above.cells, heading, known)
        if lower is None:
            return None
        heading = lower
    return heading


def _join(above: Sequence[str], heading: Heading, known: Known) -> Heading | None:
    """The header with one more row above it; None where the two do not belong together."""
    width = max(len(above), len(heading.row.cells))
    upper, lower = _once_each(above, width), _padded(heading.row.cells, width)
    lower = ["" if low == up else low for up, low in zip(upper, lower, strict=True)]
    units = _are_units(lower)
    groups = _groups(upper, lower, units, known)
    if groups is None or sum(map(bool, upper)) < 2 or not all(map(_may_head, upper)):
        return None
    alone = [low or up for up, low in zip(upper, lower, strict=True)]
    texts = tuple(
        _text(upper[i], groups[i], lower[i], alone.count(alone[i]) == 1 and known(plain(alone[i])), units)
        for i in range(width)
    )
    above_all = tuple(group or heading.group(i) for i, group in enumerate(groups))
    return replace(heading, row=Row(heading.row.number, texts), above=above_all, depth=heading.depth + 1)


def _groups(upper: Sequence[str], lower: Sequence[str], units: bool, known: Known) -> list[str] | None:
    """The group heading over each column; None unless the rows have the shape of a header."""
    groups: list[str] = []
    group, spans = "", units
    for i, (up, low) in enumerate(zip(upper, lower, strict=True)):
        wide = i + 1 < len(upper) and not upper[i + 1] and bool(lower[i + 1])
        if units:
            group = ""
        elif up:
            if low and not (_like_header(low) and (wide or _is_name(plain(low), known))):
                return None
            group = up if low else ""
        elif low:
            if not group or not _like_header(low):
                return None  # with nothing above it, nobody can tell how far the group beside it reaches
            spans = True
        else:
            group = ""
        groups.append(group if low else "")
    return groups if spans else None


def _text(up: str, group: str, low: str, understood: bool, units: bool) -> str:
    if units and low:
        return f"{up}({unit_of(low.strip('()（）'))})"
    if not low or not group:
        return low or up
    if low.startswith("("):  # the units of a row further below
        return up + low
    if is_secret(group) or is_secret(low):
        return f"{group if is_secret(group) else ''} {low}".strip()
    alone = understood or (plain(group) in _EMPTY_GROUPS and len(low) > 1)
    return low if alone else f"{group} {low}"


def _once_each(cells: Sequence[str], width: int) -> list[str]:
    """Cells that repeat the one before them are one merged cell, as some exports write it."""
    padded = _padded(cells, width)
    return ["" if i and text == padded[i - 1] else text for i, text in enumerate(padded)]


def _padded(cells: Sequence[str], width: int) -> list[str]:
    texts = [" ".join(text.split()) for text in cells]
    return texts + [""] * (width - len(texts))


def _are_units(texts: Sequence[str]) -> bool:
    filled = [text for text in texts if text]
    return bool(filled) and all(unit_of(text.strip("()（）")) for text in filled)


def _may_head(text: str) -> bool:
    """Whether a text may stand over others: not who made the sheet, when, or what to mind."""
    return len(text) <= _LONGEST_ABOVE and not _SAYS_MORE.search(text.rstrip(":："))


def _like_header(text: str) -> bool:
    number = text.strip("()（）¥￥").replace(".", "").isdigit()
    return len(text) <= _LONGEST_BELOW and not number and text[-1] not in "。？?！!"


def _is_name(header: str, known: Known) -> bool:
    bare = split_unit(header)[0]
    is_unit = header.startswith("(") and bool(unit_of(header.strip("()")))  # of a row further below
    return known(header) or is_unit or bare in known_attributes() or is_skipped(bare)
