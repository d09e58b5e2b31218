"""One cell of a product sheet becomes its facts, each with its unit and its place: mostly one, of "材质:棉；产地:江苏" two."""

from __future__ import annotations

import re
from dataclasses import replace

from ingest.columns.naming import is_secret, split_unit
from ingest.columns.table import Column, Table, Use
from ingest.kinds.inherit import NOT_APPLICABLE, Spot
from ingest.kinds.pairs import read_pairs
from ingest.kinds.values import is_measured, is_price_range, parse_price, parse_quantity
from ingest.problem import Problems
from kb.language.mask import mask
from kb.model import Fact, Source

_IDENTITY = {"key", "name", "sku"}  # what a product is, not what is known about it
_TEXT_ONLY = {"brand", "category", "model", "colour", "date", "points"}
_HEADER_NAMED = {"colour", "size", "spec", "params"}  # 净含量 says more than our 规格
_LONGEST_NAME = 40
_Stated = tuple[tuple[str, str, str], ...]  # name, value and unit of each fact that a text states
# What is a person's; a bar code of fourteen digits is only taken for an order number.
_PERSONAL = re.compile(r"\[(?:手机号|电话|邮箱|地址|身份证号|账号)\]")
_PUBLIC = re.compile(
    "厂|产|公司|企业|商家|客服|售后|服务|热线|委托|经销|进口"
)  # a label must say who made it and where


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
        self._read: dict[tuple[int, int], tuple[Fact, ...]] = {}
        self._known: dict[tuple[int, str], _Stated] = {}

    def facts(self, column: Column, spot: Spot) -> tuple[Fact, ...]:
        """The facts of a cell; none when it does not apply or cannot be read."""
        place = (column.index, spot.row)
        if place not in self._read:
            self._read[place] = () if spot.text in NOT_APPLICABLE else self._parse(column, spot)
        return self._read[place]

    def name(self, column: Column) -> str:
        """What the facts of a column are called, unless its cells name them."""
        return self._names[column.index][0]

    def _parse(self, column: Column, spot: Spot) -> tuple[Fact, ...]:
        source = self._table.source(spot.row, column.letter)
        return tuple(self._without_person(Fact(*stated, source)) for stated in self._stated(column, spot))

    def _stated(self, column: Column, spot: Spot) -> _Stated:
        """What a cell says. Most texts of a column stand in it again and again; read once, unless nothing can be read, which
        is said of every cell."""
        known = self._known.get((column.index, spot.text)) or self._understood(column, spot)
        if known:
            self._known[column.index, spot.text] = known
        return known

    def _understood(self, column: Column, spot: Spot) -> _Stated:
        if pairs := self._pairs(column, spot):
            return tuple(_named(name, value) for name, value in pairs if not is_secret(name))
        name, unit = self._names[column.index]
        value = self._value(column, spot, unit)
        return ((name, *value),) if value else ()

    def _without_person(self, fact: Fact) -> Fact:
        """The fact with personal data masked: what a sheet says of a product is told to its buyers. The maker's address and
        the shop's own telephone stay."""
        masked = mask(fact.value) if not fact.unit else fact.value
        if masked == fact.value or _PUBLIC.search(fact.name) or not _PERSONAL.search(masked):
            return fact
        place = fact.source or Source("")
        text = f"“{fact.name}”里有个人的联系方式，已隐去后导入"
        self._problems.warn("personal_data", text, row=place.row, column=place.column, value=masked)
        return replace(fact, value=masked)

    def _pairs(self, column: Column, spot: Spot) -> list[tuple[str, str]]:
        announced = column.field == "params"
        return read_pairs(spot.text, announced=announced) if announced or column.use is Use.FACT else []

    def _value(self, column: Column, spot: Spot, header_unit: str) -> tuple[str, str] | None:
        if column.field == "price":
            return self._price(column, spot)
        if column.field in _TEXT_ONLY:
            return spot.text, ""
        return _valued(spot.text, header_unit)

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


def _named(name: str, value: str) -> tuple[str, str, str]:
    """("重量(g)", "200") → ("重量", "200", "g")"""
    bare, unit = split_unit(" ".join(name.split()))
    return bare[:_LONGEST_NAME], *_valued(value, unit)


def _valued(text: str, header_unit: str) -> tuple[str, str]:
    if header_unit and is_measured(text):
        return text, header_unit
    return parse_quantity(text) or (text, "")


def _name_and_unit(column: Column, table: Table) -> tuple[str, str]:
    """What a column's facts are called: our own word where there is one, else the merchant's header."""
    bare, unit = split_unit(column.header)
    named_by_us = column.use is Use.FIELD and column.field not in _HEADER_NAMED
    # Two columns must not answer to one name: with 售价 and 价格 in one sheet each keeps its own.
    if named_by_us and all(other.header != column.label for other in table.columns if other is not column):
        bare = column.label
    return bare[:_LONGEST_NAME], unit
