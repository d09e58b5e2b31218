"""Numbers as people read them: a unit, thousands apart, as many digits as mean something."""

from __future__ import annotations

import math

from eval.paper.paper import Cell, FigureRow, Unit
from eval.paper.words import say

NONE = "—"
_DIGITS: dict[Unit, int] = {"%": 1, "pp": 2, "元": 2, "秒": 1, "毫秒": 1, "": 3}
_HUNDREDTHS: tuple[Unit, ...] = ("%", "pp")


def scaled(value: float, unit: Unit) -> float:
    """The number that stands before the unit: a share of .123 is 12.3 of a hundred."""
    return value * 100 if unit in _HUNDREDTHS else value


def bare(value: float | None, unit: Unit = "") -> str:
    """The number alone, with a true minus sign; whole numbers without a unit keep no decimals; "—" for none and for nan."""
    if value is None or math.isnan(value):
        return NONE
    if unit == "" and float(value).is_integer() and abs(value) >= 2:
        return f"{value:,.0f}".replace("-", "−")
    text = f"{scaled(value, unit):,.{_DIGITS[unit]}f}"
    # −0.00 is neither more nor less than nothing.
    return text.lstrip("-") if not text.strip("-0.,") else text.replace("-", "−")


def shown(value: float | None, unit: Unit = "", lang: str = "zh") -> str:
    """The number with its unit: "12.3%", "−0.40 个百分点", "—" for none and for nan. A difference of shares shows its sign."""
    if value is None or math.isnan(value):
        return NONE
    number = bare(value, unit)
    sign = "+" if unit == "pp" and value > 0 and number.strip("0.,") else ""
    return f"{sign}{number}{say(unit, lang)}"


def span(row: FigureRow) -> str:
    """The interval without its unit: "[10.1, 14.8]"; "—" without one."""
    if row.low is None and row.high is None:
        return NONE
    low = "−∞" if row.low is None else bare(row.low, row.unit)
    high = "∞" if row.high is None else bare(row.high, row.unit)
    return f"[{low}, {high}]"


def cell(value: Cell) -> str:
    """A table's cell as text; floats with at most four decimals."""
    if value is None:
        return NONE
    if isinstance(value, str):
        return value
    if isinstance(value, float) and math.isnan(value):
        return NONE
    if isinstance(value, int):
        return f"{value:,}".replace("-", "−")
    text = f"{value:,.4f}".rstrip("0").rstrip(".")
    return (text.lstrip("-") if not text.strip("-0.,") else text.replace("-", "−")) or "0"
