"""The KPI sheet: every measure of every part of a book, as a table for people and one object for machines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from rich.box import SIMPLE
from rich.table import Column, Table
from rich.text import Text

from eval.kpi.book import Book
from eval.kpi.count import Counted
from eval.kpi.formulas import BY_KEY, MEASURES, Measure, compute
from eval.kpi.grade import Grade, grade
from eval.kpi.rules import day_of

DIGITS = 6
_IN_BRIEF = ("inquiries", "inquiry_conversion", "first_reply_mean", "first_reply_30s", "order_value")
_BESIDE = 6  # parts that fit beside one another on a terminal


class Slice(StrEnum):
    """What a sheet may be cut by."""

    SHOP = "shop"
    AGENT = "agent"
    SHIFT = "shift"
    DAY = "day"


@dataclass(frozen=True, slots=True)
class KpiSheet:
    """The figures of one part of a book."""

    name: str
    found: Mapping[str, Counted]
    grade: Grade
    days: tuple[str, str] = ("", "")  # of its first and its last session; "": it has none


def sheets(book: Book, by: Slice | None = None) -> list[KpiSheet]:
    """The whole, and each part of it in the order of its name."""
    return [_sheet("", book), *(_sheet(name, _part(book, by, name)) for name in _names(book, by))]


def to_json(made: Sequence[KpiSheet]) -> dict[str, object]:
    """`{"figures": {key: {value, n, ci95, numerator, denominator}}, "grade": …, "parts": {name: the same}}`."""
    whole, *parts = map(_json, made)
    return {**whole, "parts": {sheet.name: part for sheet, part in zip(made[1:], parts, strict=True)}}


def to_table(made: Sequence[KpiSheet]) -> Table:
    """A line for each measure that has a value somewhere; a column for each part. More than six parts, days say, stand
    below one another instead, with a few of them only: forty columns nobody can read."""
    if len(made) > _BESIDE:
        return _long(made)
    table = Table("指标", *(sheet.name or "全部" for sheet in made), title="客服 KPI")
    for one in MEASURES:
        if any(sheet.found[one.key].value is not None for sheet in made):
            table.add_row(one.zh, *(shown(one, sheet.found[one.key], wide=len(made) == 1) for sheet in made))
    table.add_row("评分与档位", *(_graded(sheet.grade) for sheet in made), style="bold")
    return table


def _long(made: Sequence[KpiSheet]) -> Table:
    kept = [BY_KEY[key] for key in _IN_BRIEF]
    table = Table(Column("", no_wrap=True), *(one.zh for one in kept), title="客服 KPI", box=SIMPLE)
    table.caption = "这里只列几项；其余各项和 95% 区间用 --html、--xlsx 或 --json 写出来。"
    for sheet in made:
        table.add_row(sheet.name or "全部", *(shown(one, sheet.found[one.key], wide=False) for one in kept))
    return table


def shown(one: Measure, found: Counted, *, wide: bool = True) -> Text:
    """42.0 % [38.1, 46.0] n=612; "—" where nothing was to be counted."""
    if found.value is None:
        return Text("—", style="dim")
    text = Text(in_unit(found.value, one.unit))
    if wide:
        if found.low is not None and found.high is not None:
            text.append(
                f" [{in_unit(found.low, one.unit, bare=True)}, {in_unit(found.high, one.unit, bare=True)}]", style="dim"
            )
        if found.denominator != 1 or found.low is not None:
            text.append(f" n={found.n:,}", style="dim")
    return text


def in_unit(value: float, unit: str, *, bare: bool = False) -> str:
    """A value as the table of a terminal shows it: in the units of `measures.toml` (分, 件 and 次 are none of a paper's), two
    decimals of all but shares and counts."""
    number = f"{value:.1%}".replace("%", " %") if unit == "%" else f"{value:,.0f}" if unit == "次" else f"{value:,.2f}"
    if bare:
        return number.removesuffix(" %")
    return number if unit in ("%", "") else f"{number} {unit}"


def _sheet(name: str, book: Book) -> KpiSheet:
    found = compute(book)
    days = [day_of(one.begun_ms) for one in book.sessions]
    return KpiSheet(name, found, grade(found, book.rules), (min(days, default=""), max(days, default="")))


def _names(book: Book, by: Slice | None) -> list[str]:
    match by:
        case None:
            return []
        case Slice.SHOP:
            return sorted({one.shop for one in book.sessions} | {one.shop for one in book.sales})
        case Slice.AGENT:
            return sorted({one.agent for one in book.sessions} - {""})
        case Slice.SHIFT:
            return sorted({book.rules.shift_of(one.begun_ms) for one in book.sessions} - {""})
        case Slice.DAY:
            return sorted({day_of(one.begun_ms) for one in book.sessions})


def _part(book: Book, by: Slice | None, name: str) -> Book:
    if by is Slice.DAY:
        return book.part(days=(name, name))
    return book.part(
        shop=name if by is Slice.SHOP else None,
        agent=name if by is Slice.AGENT else None,
        shift=name if by is Slice.SHIFT else None,
    )


def _graded(one: Grade) -> Text:
    if one.score is None:
        return Text("—", style="dim")
    return Text(f"{one.score:.1f} → {one.band}" + (f"（有数据的指标占权重 {one.known:.0%}）" if one.known < 1 else ""))


def _json(sheet: KpiSheet) -> dict[str, object]:
    figures = {key: _figure(BY_KEY[key], found) for key, found in sheet.found.items()}
    score = None if sheet.grade.score is None else round(sheet.grade.score, DIGITS)
    return {
        "figures": figures,
        "grade": {"score": score, "band": sheet.grade.band, "known": round(sheet.grade.known, DIGITS)},
    }


def _figure(one: Measure, found: Counted) -> dict[str, object]:
    def rounded(value: float | None) -> float | None:
        return None if value is None else round(value, DIGITS)

    return {
        "value": rounded(found.value),
        "n": found.n,
        "ci95": [rounded(found.low), rounded(found.high)],
        "numerator": rounded(found.numerator),
        "denominator": rounded(found.denominator),
        "unit": one.unit,
        "name": one.zh,
    }
