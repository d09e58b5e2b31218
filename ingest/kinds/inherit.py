"""Product rows with their blanks filled: 同上, merged cells, and which rows belong to one product."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise

from ingest.columns.table import Column, Table, Use
from ingest.kinds.values import parse_moment
from ingest.problem import Problems
from ingest.sheet import Row
from kb.language.text import fold

VARIANT_FIELDS = ("colour", "size", "spec")
SKU_FIELDS = ("sku", *VARIANT_FIELDS)
NOT_APPLICABLE = {"/", "-", "—", "——", "--", "／", "－", "\\"}
_CODES = {"key", "sku"}  # "/" here means that there is none
_DITTO = {"同上", "同上行", "〃", "″", '"', "''"}


@dataclass(frozen=True, slots=True)
class Spot:
    """A text and the row it was really written in; a merged cell's text stands in its first row."""

    text: str
    row: int


@dataclass(slots=True)
class Line:
    """One row's texts by zero-based column; blanks are absent."""

    number: int
    spots: dict[int, Spot]

    def text(self, columns: Sequence[Column]) -> str:
        return next((self.spots[c.index].text for c in columns if c.index in self.spots), "")


@dataclass(slots=True)
class Group:
    """The rows of one product, in the order of the sheet."""

    key: str
    lines: list[Line] = field(default_factory=list)


def group_lines(table: Table, rows: Sequence[Row], problems: Problems) -> list[Group]:
    """Rows by product; a row that names none and is no variant of the one above is an error."""
    names, keys = table.by_field["name"], table.by_field.get("key", ())
    variants = _columns(table, SKU_FIELDS)
    groups: dict[str, Group] = {}
    current: Group | None = None
    current_name = ""
    for line in _resolve(table, rows):
        name, key = line.text(names), line.text(keys)
        if not _folded(name):
            name = ""  # dots and dashes name nothing
        if not name and not key and not (current and line.text(variants)):
            problems.error("name_missing", "缺少商品名称，请补上", row=line.number, column=table.letter("name"))
            continue
        if key or (name and name != current_name) or current is None:
            identity = key or _folded(name)
            if current is None or current.key != identity:
                current_name = ""
            current = groups.setdefault(identity, Group(identity))
        current_name = name or current_name
        current.lines.append(line)
    for group in groups.values():
        _fill_variants(group.lines, _columns(table, VARIANT_FIELDS), variants)
    return list(groups.values())


def keep_latest(group: Group, table: Table) -> bool:
    """Keep one row per SKU, the latest by date or else the last; whether any was dropped."""
    newest: dict[str, tuple[int, Line]] = {}
    for line in group.lines:
        sku, at = sku_key(table, line), _moment(line.text(table.by_field.get("date", ())))
        if sku not in newest or at >= newest[sku][0]:
            newest[sku] = (at, line)
    dropped = len(newest) < len(group.lines)
    group.lines = [line for _, line in newest.values()]
    return dropped


def sku_key(table: Table, line: Line) -> str:
    """The SKU code, else its colour, size and specification; "" when the row tells no variant."""
    return line.text(table.by_field.get("sku", ())) or sku_name(table, line)


def sku_name(table: Table, line: Line) -> str:
    """The variant as a person says it: 白色 M."""
    columns = _columns(table, VARIANT_FIELDS)
    return " ".join(line.spots[c.index].text for c in columns if c.index in line.spots)


def _resolve(table: Table, rows: Sequence[Row]) -> list[Line]:
    """Rows as lines; 同上 takes the value of the row above, whatever product that belongs to."""
    columns = [column.index for column in table.columns if column.use in (Use.FIELD, Use.FACT)]
    codes = {column.index for column in table.columns if column.field in _CODES}
    lines: list[Line] = []
    above: dict[int, Spot] = {}
    for row in rows:
        spots: dict[int, Spot] = {}
        for index in columns:
            text = row.cell(index)
            if text in _DITTO:
                if index in above:
                    spots[index] = above[index]
            elif text and not (index in codes and text in NOT_APPLICABLE):
                spots[index] = Spot(text, row.number)
        lines.append(Line(row.number, spots))
        above = spots
    return lines


def _fill_variants(lines: Sequence[Line], variants: Sequence[Column], identity: Sequence[Column]) -> None:
    """A colour merged over its sizes is written once: later rows of the product take it from the row above."""
    for above, line in pairwise(lines):
        if not line.text(identity):
            continue
        for column in variants:
            if column.index not in line.spots and column.index in above.spots:
                line.spots[column.index] = above.spots[column.index]


def _columns(table: Table, fields: Sequence[str]) -> list[Column]:
    # In the order of the fields, not of the sheet: 白色 M is the same variant where 尺码 stands before 颜色.
    return [column for name in fields for column in table.by_field.get(name, ())]


def _moment(text: str) -> int:
    try:
        return parse_moment(text) or 0
    except ValueError:
        return 0


@lru_cache(maxsize=65536)
def _folded(name: str) -> str:
    return fold(name)
