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
    """The number alone, with a true minus sign; whole numbers without a unit keep no decimals. What is no number is "—"."""
    if value is None or math.isnan(value):
        return NONE
    if unit == "" and float(value).is_integer() and abs(value) >= 2:
        return whole(value)
    return _minus(f"{scaled(value, unit):,.{_DIGITS[unit]}f}")


def shown(value: float | None, unit: Unit = "", lang: str = "zh") -> str:
    """The number with its unit: "12.3%", "−0.40 个百分点", "—" for none. A difference of shares shows its sign."""
    if value is None or math.isnan(value):
        return NONE
    return f"{(plus if unit == 'pp' else bare)(value, unit)}{say(unit, lang)}"


def signed(value: float | None, unit: Unit = "", lang: str = "zh") -> str:
    """A difference with its sign: nobody should have to guess which way it goes. What reads as nothing has none."""
    if value is None or math.isnan(value):
        return NONE
    return f"{plus(value, unit)}{say(unit, lang)}"


def plus(value: float, unit: Unit = "") -> str:
    """As `bare`, with the sign of a difference, as one end of its interval has it."""
    number = bare(value, unit)
    return f"+{number}" if value > 0 and number.strip("0.,") else number


def whole(value: float) -> str:
    """A sum without decimals, for money that nobody knows better: "1,234", "−12"."""
    return _minus(f"{value:,.0f}")


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
    if isinstance(value, int):
        return f"{value:,}".replace("-", "−")
    if math.isnan(value):
        return NONE
    return _minus(f"{value:,.4f}".rstrip("0").rstrip(".")) or "0"


def _minus(text: str) -> str:
    """With a true minus sign; −0.00 is neither more nor less than nothing."""
    return text.replace("-", "−") if text.strip("-0.,") else text.lstrip("-")
