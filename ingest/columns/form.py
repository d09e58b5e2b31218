"""Store handover forms: labels beside, above or before what they name, in whatever way the merchant has laid them out.

A form is known by its labels, not by its file's name: a header such as 项目|内容, or at least three known labels of which
one stands in no other sheet. Of the layouts that could be meant, the one is read that gives most known labels a value.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from ingest.columns.labels import ENOUGH, HEADERS, REMARKS, SECRETS, is_sure, names_secret, standard_name
from ingest.columns.naming import plain
from ingest.columns.table import Cell
from ingest.sheet import Row, Sheet, column_letter

_HEADER_ROWS = 30
_FORM_ROWS = 60
_LONGEST_LABEL = 30
_HAN = re.compile(r"[\u3400-\u9fff]")
_LONGEST_SECRET = 15  # a longer text that speaks of passwords is a sentence
_BEYOND = 1 << 20  # right of every column
_NO_CELL = Cell(0, "", "")
_IN_ONE_CELL = re.compile(r"\s*([^:：\n]{2,20})\s*[:：]\s*(\S.*)", re.DOTALL)
_SECRET_LABEL = re.compile(rf".{{0,10}}(?:{'|'.join(SECRETS)})(?:[/、和及与](?:{'|'.join(SECRETS)}))*")


@dataclass(frozen=True, slots=True)
class Item:
    """One label with its value, and a remark where the form has one. Rows that continue a value are part of it."""

    label: Cell
    value: Cell
    remark: Cell = _NO_CELL
    refused: bool = False  # it may be a credential: then neither value nor remark has a text

    @property
    def known(self) -> bool:
        return is_label(self.label.text)


@dataclass(frozen=True, slots=True)
class _Pair:
    """Zero-based columns of labels, of the cells up to the next labels, and of remarks (None: the cell after a value)."""

    label: int
    end: int
    remark: int | None = None


def is_label(text: str) -> bool:
    """Whether a text is a label that forms have."""
    if not 0 < len(text) <= _LONGEST_LABEL:
        return False
    return bool(standard_name(text)) or is_sure(text) or (len(text) <= _LONGEST_SECRET and names_secret(text))


def is_form(sheet: Sheet, *, beside_table: bool = False) -> bool:
    """Whether a sheet is a handover form. `beside_table`: it can be read as a table too, so labels in a row are its header."""
    rows = sheet.rows[:_FORM_ROWS]
    if _header(sheet) is not None:
        return any(is_label(cell) for row in rows for cell in row.cells)
    first = [text for row in rows if len(text := next(filter(None, row.cells))) <= _LONGEST_LABEL]
    if _enough(first):
        return True
    return not beside_table and (
        any(_enough(row.cells) for row in rows[:_HEADER_ROWS] if _is_label_row(row))
        or _enough(_before_values(rows))
        or _enough(_before_colons(rows))
    )


def items(sheet: Sheet) -> list[Item]:
    """The items of a form in reading order; empty when it has none. A credential, and whatever stands right of or below the
    label of one, comes without its text, and without its label where that may be one."""
    layouts: Sequence[Callable[[Sheet], list[Item]]] = (_by_header, _by_columns, _by_rows, _one_below, _in_one_cell)
    best: list[Item] = []
    for layout in layouts:
        found = layout(sheet)
        if _told(found) > _told(best) or (found and not best):
            best = found
    closed = beside_secrets(sheet)
    return [_without(item, closed) for item in best]


def _told(found: Sequence[Item]) -> int:
    return sum(item.known and bool(item.value.text) for item in found)


def header_row(sheet: Sheet) -> int:
    """The number of the row 项目|内容; 0 when there is none."""
    found = _header(sheet)
    return found[0].number if found else 0


# -- layouts


def _by_header(sheet: Sheet) -> list[Item]:
    found = _header(sheet)
    if found is None:
        return []
    head, pairs = found
    rows = [row for row in sheet.rows if row.number > head.number and row.cells != head.cells]
    return list(_beside(rows, pairs))


def _by_columns(sheet: Sheet) -> list[Item]:
    """Labels stand in columns of their own, each value to the right of its label."""
    labels: dict[int, int] = {}
    for row in sheet.rows:
        for index, text in enumerate(row.cells):
            if is_label(text) and not is_label(row.cell(index + 1)):
                labels[index] = labels.get(index, 0) + 1
    chosen = sorted(index for index, count in labels.items() if count > 1)
    pairs = [_Pair(index, end) for index, end in pairwise([*chosen, _BEYOND])]
    return list(_beside(sheet.rows, pairs))


def _by_rows(sheet: Sheet) -> list[Item]:
    """A row of labels above a row of values."""
    found = []
    for head, below in zip(sheet.rows, sheet.rows[1:], strict=False):
        if _is_label_row(head) and not _is_label_row(below):
            cells = [(index, text) for index, text in enumerate(head.cells) if text]
            found += [Item(_cell(head, i), _cell(below, i)) for i, text in cells if len(text) <= _LONGEST_LABEL]
    return found


def _one_below(sheet: Sheet) -> list[Item]:
    """One column: a label, and on the rows below what it names."""
    found: list[Item] = []
    for row in sheet.rows:
        index = next(i for i, text in enumerate(row.cells) if text)
        if is_label(row.cells[index]):
            found.append(Item(_cell(row, index), replace(_cell(row, index), text="")))
        elif found:
            found[-1] = _continued(found[-1], _cell(row, index))
    return found


def _in_one_cell(sheet: Sheet) -> list[Item]:
    """ "发货地：杭州" """
    found = []
    for row in sheet.rows:
        for index, text in enumerate(row.cells):
            match = _IN_ONE_CELL.fullmatch(text)
            if match and is_label(match[1]):
                cell = _cell(row, index)
                found.append(Item(replace(cell, text=match[1].strip()), replace(cell, text=match[2].strip())))
    return found


def _beside(rows: Sequence[Row], pairs: Sequence[_Pair]) -> Iterator[Item]:
    open_items: dict[int, Item] = {}
    for row in rows:
        for pair in pairs:
            value = next((i for i in range(pair.label + 1, min(pair.end, len(row.cells))) if row.cells[i]), None)
            if value == pair.remark:
                value = None
            label = row.cell(pair.label)
            if not label and value is not None and pair.label in open_items:
                open_items[pair.label] = _continued(open_items[pair.label], _cell(row, value))
            elif label and len(label) <= _LONGEST_LABEL:
                if pair.label in open_items:
                    yield open_items.pop(pair.label)
                blank = pair.label + 1 if value is None else value
                open_items[pair.label] = Item(_cell(row, pair.label), _cell(row, blank), _remark(row, pair, blank))
    yield from open_items.values()


def _remark(row: Row, pair: _Pair, value: int) -> Cell:
    if pair.remark is not None:
        return _cell(row, pair.remark)
    after = range(value + 1, min(pair.end, len(row.cells)))
    return next((_cell(row, i) for i in after if row.cells[i]), _NO_CELL)


def _continued(item: Item, more: Cell) -> Item:
    """A merged label names several rows; their texts are one value."""
    value = item.value if item.value.text else more
    text = "\n".join(filter(None, (item.value.text, more.text)))
    return replace(item, value=replace(value, text=text))


# -- recognising


def _header(sheet: Sheet) -> tuple[Row, list[_Pair]] | None:
    for row in sheet.rows[:_HEADER_ROWS]:
        names = [plain(cell) for cell in row.cells]
        starts = [i for i in range(len(names) - 1) if (names[i], names[i + 1]) in HEADERS]
        if starts:
            return row, [_pair(names, start, end) for start, end in zip(starts, [*starts[1:], len(names)], strict=True)]
    return None


def _pair(names: Sequence[str], start: int, end: int) -> _Pair:
    remark = next((i for i in range(start + 2, end) if names[i] in REMARKS), None)
    return _Pair(start, start + 2, remark)


def _enough(texts: Sequence[str]) -> bool:
    labels = {plain(text) for text in texts if is_label(text)}
    return len(labels) >= ENOUGH and any(map(is_sure, labels))


def _before_values(rows: Sequence[Row]) -> list[str]:
    return [text for row in rows for text, right in pairwise(row.cells) if right and not is_label(right)]


def _before_colons(rows: Sequence[Row]) -> list[str]:
    matches = (_IN_ONE_CELL.fullmatch(cell) for row in rows for cell in row.cells)
    return [match[1] for match in matches if match]


def _is_label_row(row: Row) -> bool:
    filled = [text for text in row.cells if text]
    known = sum(map(is_label, filled))
    return known > 1 and known * 2 > len(filled)


def _names_way_in(text: str) -> bool:
    return bool(_SECRET_LABEL.fullmatch(plain(text)))


def beside_secrets(sheet: Sheet) -> set[tuple[int, str]]:
    """The cells, as (row, letter), that may hold a credential whatever the layout is: right of its label, and below it."""
    return set(_beside_secrets(sheet))


def _beside_secrets(sheet: Sheet) -> Iterator[tuple[int, str]]:
    for row, below in pairwise((*sheet.rows, Row(0, ()))):
        for index, text in enumerate(row.cells):
            if not _names_way_in(text):
                continue
            right = next((i for i in range(index + 1, len(row.cells)) if row.cells[i]), None)
            if right is not None and not _is_certain(row.cells[right]):
                yield row.number, column_letter(right)
            if below.cell(index) and not _is_certain(below.cell(index)):
                yield below.number, column_letter(index)


def _is_certain(text: str) -> bool:
    """Whether a text is a label and cannot be a credential: a password may have the word "secret" in it."""
    return is_label(text) and (bool(standard_name(text)) or bool(_HAN.search(text)))


def _without(item: Item, closed: set[tuple[int, str]]) -> Item:
    label, value, remark = item.label, item.value, item.remark
    doubtful = (label.row, label.column) in closed
    unnamed = doubtful and not _HAN.search(label.text)
    if unnamed or names_secret(label.text) or (value.row, value.column) in closed:
        label = replace(label, text="") if doubtful or not _HAN.search(label.text) else label
        return Item(label, replace(value, text=""), replace(remark, text=""), refused=True)
    return replace(item, remark=replace(remark, text="")) if (remark.row, remark.column) in closed else item


def _cell(row: Row, index: int) -> Cell:
    return Cell(row.number, column_letter(index), row.cell(index))
