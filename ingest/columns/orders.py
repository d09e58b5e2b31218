"""Order lists: known by a column of order numbers, or by rows that are clearly baskets.

They are looked for before any other meaning of a sheet: an order's columns include a product's, and read as products
they would make facts of buyers' addresses.
"""

from __future__ import annotations

from collections import defaultdict

from ingest.columns.fields import BASKET_IDS, BASKET_ITEMS, BUYER_WORDS, FIELDS, ORDER_HEADERS, SheetKind
from ingest.columns.header import Guess, find_header
from ingest.columns.naming import plain
from ingest.sheet import Row, Sheet

_HEADER_ROWS = 30
_LONGEST_NAME = 30
_SAMPLE = 2000  # rows looked at to tell whether they are baskets
_FEWEST = 4  # rows that can show it


def is_order_list(sheet: Sheet, guess: Guess | None) -> bool:
    """Whether a sheet has a column of order numbers, or holds nothing but baskets."""
    # An order's columns include a product's, so a complete guess is looked at alone; otherwise any row may be it.
    rows = [guess.row] if guess and not guess.missing else sheet.rows[:_HEADER_ROWS]
    numbers = {plain(header) for header in ORDER_HEADERS}
    return any(_names(row) & numbers for row in rows) or _baskets(sheet) is not None


def find_orders(sheet: Sheet) -> Guess | None:
    """The header of an order list; one without a name for its two columns is read where a person says what it is."""
    guess = find_header(sheet, SheetKind.ORDER)
    if guess and not guess.missing:
        return guess
    if not sheet.rows:
        return guess
    return _baskets(sheet) or _weak(sheet.rows[0]) or _without_header(sheet) or guess


def is_buyers(header: str) -> bool:
    """Whether a column of an order list says who bought."""
    name = plain(header)
    return any(word in name for word in BUYER_WORDS)


def _baskets(sheet: Sheet) -> Guess | None:
    """A sheet of two columns, ids and items, with several items for one id and one item under several ids."""
    guess = _weak(sheet.rows[0]) if sheet.rows else None
    if guess is None or len(list(filter(None, sheet.rows[0].cells))) != 2:
        return None
    return guess if _many_to_many(sheet.rows[1:_SAMPLE], *guess.fields) else None


def _weak(row: Row) -> Guess | None:
    """A row whose headers name an id and an item, and nothing more certain."""
    names = {plain(text): index for index, text in enumerate(row.cells) if text}
    ids = [index for name, index in names.items() if name in BASKET_IDS]
    items = [index for name, index in names.items() if name in BASKET_ITEMS]
    return _guess(row, ids[0], items[0]) if ids and items else None


def _without_header(sheet: Sheet) -> Guess | None:
    if all(len(row.cells) == 2 for row in sheet.rows[:_SAMPLE]) and _many_to_many(sheet.rows[:_SAMPLE], 0, 1):
        return _guess(Row(0, ("订单编号", "商品名称")), 0, 1)
    return None


def _guess(row: Row, number: int, item: int) -> Guess:
    fields = {field.name: field for field in FIELDS[SheetKind.ORDER]}
    return Guess(SheetKind.ORDER, row, {number: fields["order"], item: fields["name"]})


def _many_to_many(rows: tuple[Row, ...], number: int, item: int) -> bool:
    items: defaultdict[str, set[str]] = defaultdict(set)
    numbers: defaultdict[str, set[str]] = defaultdict(set)
    for row in rows:
        if row.cell(number) and row.cell(item):
            items[row.cell(number)].add(row.cell(item))
            numbers[row.cell(item)].add(row.cell(number))
    several = any(len(found) > 1 for found in items.values()) and any(len(found) > 1 for found in numbers.values())
    return several and len(rows) >= _FEWEST


def _names(row: Row) -> set[str]:
    return {plain(cell) for cell in row.cells if cell and len(cell) <= _LONGEST_NAME}
