"""One fact as a header and a cell, and back.

A value is written as merchants write it (100ml below 净含量) wherever that is read as the same value and unit again;
where it would not be, its unit stands in the header (重量【g】) and the cell is taken as it is.
"""

from __future__ import annotations

from collections.abc import Collection

from ingest.columns.fields import FIELDS, SheetKind
from ingest.kinds.values import parse_price, parse_quantity
from ingest.sheet import safe
from kb.model import Fact

_LABELS = {field.name: field.label for field in FIELDS[SheetKind.PRODUCT]}
_PRICE, _YUAN = _LABELS["price"], "元"
_TEXTS = {_LABELS[name] for name in ("brand", "category", "model", "colour", "date")}


def fact_cell(fact: Fact, taken: Collection[str]) -> tuple[str, str]:
    """Header and text of a fact; `taken` are headers that mean something else."""
    name, value = " ".join(safe(fact.name).split()), safe(fact.value)
    text = value if name == _PRICE and fact.unit == _YUAN else value + fact.unit
    if name.removesuffix("*") not in taken and read_fact(name, text) == (name, value, fact.unit):
        return name, text
    return f"{name}【{fact.unit}】", value


def read_fact(header: str, text: str) -> tuple[str, str, str]:
    """Name, value and unit of a fact."""
    if header.endswith("】") and "【" in header:
        name, _, unit = header[:-1].rpartition("【")
        return name, text, unit
    if header == _PRICE and (price := parse_price(text)) is not None:
        return header, price, _YUAN
    value, unit = (header not in _TEXTS and parse_quantity(text)) or (text, "")
    return header, value, unit
