"""Size tables: sizes down and measures across, or the other way round, for one product or several in one sheet.

A table is known by its sizes: a header of 尺码 beside measures over rows that begin with a size, or a header of two
sizes and more. Which product it is about stands above it, in a column of its own, or in the sheet's name; that is
told to `ingest/settle/combine.py`, which knows the products. Nothing is computed: what fits whom is for a person to say.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from ingest.columns.fields import Field, SheetKind
from ingest.columns.naming import LONGEST_HEADER, exact, is_secret, is_skipped, plain, split_unit
from ingest.columns.table import Column, Use
from ingest.draft import Chart, Measure
from ingest.kinds.values import is_measured, parse_quantity
from ingest.sheet import Row, Sheet, column_letter
from kb.language.sizes import is_size
from kb.language.units import unit_of
from kb.model import Fact, Source

_CORNERS = frozenset("尺码 尺寸 码数 鞋码 号型 size 部位 测量部位 项目 名称 规格 尺码表 尺寸表 数据 参数 单位".split())
_MOST_ABOVE = 12  # texts above a table that may name its product
_FEWEST_SIZES = 2  # of a header that is made of sizes
_LENGTHS = ("围", "长", "宽", "高", "肩", "摆", "裆", "肥", "脚口", "裤口", "袖口")
_NO_VALUE = {"/", "-", "—", "--", "——", "／", "－", "\\", "无"}
_UNIT_SAID = re.compile(r"单位\s*[:：]?\s*[(（]?\s*([a-zA-Z]{1,4}|[\u4e00-\u9fff]{1,2})")
_NAMED = ("key", "name", "model")  # columns that say which product a row is about, the surest first


@dataclass(frozen=True, slots=True)
class SizeSheet:
    """All size tables of a sheet; `columns` are those of the first, `rows` counts what lies below their headers."""

    charts: tuple[Chart, ...]
    header_row: int
    columns: tuple[Column, ...]
    rows: int
    across: bool  # whether the first has its sizes in the header


@dataclass(slots=True)
class _Frame:
    """A header: which columns hold sizes or measures, and which name a product."""

    row: Row
    across: bool  # sizes stand in the header
    label: int  # the column of the sizes, or of the measures' names when sizes are across
    values: dict[int, tuple[str, str]]  # column → (size, "") or (measure, unit)
    products: list[int]
    above: list[str]
    unit: str
    found: dict[tuple[str, ...], list[Measure]] = field(default_factory=dict)
    rows: int = 0


def size_tables(file: str, sheet: Sheet) -> SizeSheet | None:
    """The size tables of a sheet; None when it holds none."""
    frames = [frame for frame in _frames(file, sheet) if frame.found]
    if not any(_is_length(m.fact.name) for frame in frames for found in frame.found.values() for m in found):
        return None  # numbers beside numbers are no table of sizes
    charts = tuple(
        Chart((*names, *frame.above, sheet.name), tuple(found), Source(file, sheet.name, frame.row.number, "A"))
        for frame in frames
        for names, found in frame.found.items()
    )
    first = frames[0]
    return SizeSheet(charts, first.row.number, _columns(first), sum(frame.rows for frame in frames), first.across)


def _frames(file: str, sheet: Sheet) -> Iterator[_Frame]:
    frame: _Frame | None = None
    above: list[str] = []
    unit = ""
    for index, row in enumerate(sheet.rows):
        below = sheet.rows[index + 1] if index + 1 < len(sheet.rows) else None
        if frame and _read_row(file, sheet.name, frame, row):
            continue
        opened = _frame(row, below, above, unit)
        if opened:
            if frame:
                yield frame
            frame, above, unit = opened, [], ""
        else:
            texts = [text for text in row.cells if text]
            unit = _stated_unit(texts) or unit
            # What stands between two tables announces the next one, or is a remark on the last.
            above = [*texts[::-1], *above][:_MOST_ABOVE] if len(texts) <= 2 else above
    if frame:
        yield frame


def _frame(row: Row, below: Row | None, above: Sequence[str], unit: str) -> _Frame | None:
    cells = {index: text for index, text in enumerate(row.cells) if text and len(text) <= LONGEST_HEADER}
    sizes = [index for index, text in cells.items() if is_size(text)]
    if len(sizes) >= _FEWEST_SIZES:
        return _across(row, cells, sizes, above, unit)
    return _down(row, below, cells, above, unit)


def _across(row: Row, cells: dict[int, str], sizes: list[int], above: Sequence[str], unit: str) -> _Frame | None:
    before = {index: text for index, text in cells.items() if index not in sizes}
    products = [index for index, text in before.items() if _field_name(text) in _NAMED and index < sizes[0]]
    corners = [index for index in before if index not in products]
    if any(index > sizes[0] or not _is_corner(cells[index]) for index in corners):
        return None  # a row of a sheet that happens to hold two sizes
    label = corners[0] if corners else sizes[0] - 1
    if label < 0 or label in products:
        return None
    said = _stated_unit(list(before.values())) or split_unit(cells.get(label, ""))[1] or unit
    return _Frame(row, True, label, {index: (cells[index], "") for index in sizes}, products, list(above), said)


def _down(row: Row, below: Row | None, cells: dict[int, str], above: Sequence[str], unit: str) -> _Frame | None:
    names = {index: _field_name(text) for index, text in cells.items()}
    sized = [index for index, name in names.items() if name == "size" or plain(cells[index]) == "尺寸"]
    if not sized or below is None or not is_size(below.cell(sized[0])):
        return None
    products = [index for index, name in names.items() if name in _NAMED]
    values = {
        index: split_unit(" ".join(text.split()))
        for index, text in cells.items()
        if index not in products and index != sized[0] and _is_measure(text)
    }
    said = _stated_unit(list(cells.values())) or unit
    return _Frame(row, False, sized[0], values, products, list(above), said) if values else None


def _read_row(file: str, sheet: str, frame: _Frame, row: Row) -> bool:
    """Take a row's values into the table above it; whether it belonged there."""
    label = row.cell(frame.label)
    if not label or is_size(label) == frame.across or is_secret(label):
        return False
    if frame.across and (_is_corner(label) or _field_name(label) in _NAMED):
        return False  # the header of the next table, or the product it is about
    name, unit = split_unit(" ".join(label.split())) if frame.across else ("", "")
    if frame.across and len(name) > LONGEST_HEADER:
        return False
    found: list[Measure] = []
    for index, (header, header_unit) in frame.values.items():
        text = row.cell(index)
        if not text or text in _NO_VALUE:
            continue
        said = parse_quantity(text)
        known = unit or header_unit or (frame.unit if _is_length(name or header) else "")
        value, written = said or (text, known if is_measured(text) else "")
        source = Source(file, sheet, row.number, column_letter(index))
        size, measure = (header, name) if frame.across else (label, header)
        found.append(Measure(size, Fact(measure, value, written, source)))
    if not found:
        return False
    names = tuple(filter(None, (row.cell(index) for index in frame.products)))
    if not names and frame.products and frame.found:
        names = next(reversed(frame.found))  # a product's name merged over its rows is written once
    frame.found.setdefault(names, []).extend(found)
    frame.rows += 1
    return True


def _columns(frame: _Frame) -> tuple[Column, ...]:
    columns = []
    for index, text in enumerate(frame.row.cells):
        header = " ".join(text.split())
        each = _field(header)
        if index == frame.label and not frame.across:
            columns.append(Column(index, header, Use.FIELD, "size", "尺码"))
        elif index in frame.products and each:
            columns.append(Column(index, header, Use.FIELD, each.name, each.label))
        elif index in frame.values:
            columns.append(Column(index, header, Use.FACT))
        elif text:
            columns.append(Column(index, header, Use.SECRET if is_secret(header) else Use.UNUSED))
    return tuple(columns)


def _stated_unit(texts: Sequence[str]) -> str:
    """ "单位：cm" in a title or a corner."""
    found = (match[1] for text in texts for match in _UNIT_SAID.finditer(text))
    return next((unit for each in found if (unit := unit_of(each))), "")


def _is_length(measure: str) -> bool:
    """Whether this is measured with a tape: a unit said for the whole table is its own, but not that of a weight."""
    return plain(split_unit(measure)[0]).endswith(_LENGTHS)


def _is_corner(text: str) -> bool:
    parts = re.split(r"[/\\／|、 \n]+", split_unit(text)[0])
    return all(plain(part) in _CORNERS or bool(unit_of(part)) for part in parts if part)


def _is_measure(text: str) -> bool:
    each = _field(text)
    return not is_secret(text) and not is_skipped(plain(text)) and (each is None or each.name == "spec")


def _field(header: str) -> Field | None:
    return exact(SheetKind.PRODUCT, plain(header)) if header else None


def _field_name(header: str) -> str:
    each = _field(header)
    return each.name if each else ""
