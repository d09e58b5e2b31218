"""One cell of a product sheet becomes one fact with its unit and its place."""

from __future__ import annotations

from ingest.columns.table import Column, Table, Use
from ingest.kinds.inherit import NOT_APPLICABLE, Spot
from ingest.kinds.values import is_number, is_price_range, parse_price, parse_quantity
from ingest.problem import Problems
from kb.language.units import unit_of
from kb.model import Fact

_IDENTITY = {"key", "name", "sku"}  # what a product is, not what is known about it
_TEXT_ONLY = {"brand", "category", "model", "colour", "date"}
_HEADER_NAMED = {"colour", "size", "spec"}  # 净含量 says more than our 规格
_LONGEST_NAME = 40


class FactReader:
    """Reads the fact columns of one sheet; every cell once, however many rows inherit it."""

    def __init__(self, table: Table, problems: Problems) -> None:
        self.columns = [
            column
            for column in table.columns
            if column.use is Use.FACT or (column.use is Use.FIELD and column.field not in _IDENTITY)
        ]
        self._table = table
        self._problems = problems
        self._names = {column.index: _name_and_unit(column, table) for column in self.columns}
        self._read: dict[tuple[int, int], Fact | None] = {}

    def fact(self, column: Column, spot: Spot) -> Fact | None:
        """The fact of a cell; None when it does not apply or cannot be read."""
        place = (column.index, spot.row)
        if place not in self._read:
            self._read[place] = self._parse(column, spot)
        return self._read[place]

    def _parse(self, column: Column, spot: Spot) -> Fact | None:
        if spot.text in NOT_APPLICABLE:
            return None
        name, unit = self._names[column.index]
        value = self._value(column, spot, unit)
        if value is None:
            return None
        return Fact(name, *value, self._table.source(spot.row, column.letter))

    def _value(self, column: Column, spot: Spot, header_unit: str) -> tuple[str, str] | None:
        if column.field == "price":
            return self._price(column, spot)
        if column.field in _TEXT_ONLY:
            return spot.text, ""
        if header_unit and is_number(spot.text):
            return spot.text, header_unit
        return parse_quantity(spot.text) or (spot.text, "")

    def _price(self, column: Column, spot: Spot) -> tuple[str, str] | None:
        price = parse_price(spot.text)
        if price is not None:
            return price, "元"
        if is_price_range(spot.text):
            return spot.text, ""
        self._problems.warn(
            "price_unreadable",
            "看不懂这个价格，没有导入这一格，请写成 129 或 129.00",
            row=spot.row,
            column=column.letter,
            value=spot.text,
        )
        return None


def _name_and_unit(column: Column, table: Table) -> tuple[str, str]:
    """What a column's facts are called: our own word where there is one, else the merchant's header."""
    bare, unit = _split_unit(column.header)
    named_by_us = column.use is Use.FIELD and column.field not in _HEADER_NAMED
    # Two columns must not answer to one name: with 售价 and 价格 in one sheet each keeps its own.
    if named_by_us and all(other.header != column.label for other in table.columns if other is not column):
        bare = column.label
    return bare[:_LONGEST_NAME], unit


def _split_unit(header: str) -> tuple[str, str]:
    """ "重量(g)" → ("重量", "g"); brackets that hold no unit belong to the name."""
    if header.endswith((")", "）")):
        start = max(header.rfind("("), header.rfind("（"))
        unit = unit_of(header[start + 1 : -1])
        if start > 0 and unit:
            return header[:start].strip(), unit
    return header, ""
