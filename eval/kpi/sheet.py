"""The KPI sheet as a report: the five first, then all others, each with its definition; parts side by side."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import cast, get_args

from eval.kpi.formulas import BY_KEY, FIVE, MEASURES, Measure
from eval.kpi.report import KpiSheet, shown
from eval.paper.number import shown as number
from eval.paper.paper import FigureRow, Figures, Grid, Paper, Part, Prose, Section, Unit, about
from eval.paper.words import Words, sayer

_TABLE: Words = {
    "title": ("客服 KPI", "Service KPI"),
    "five": ("商家考核的五项", "The five that merchants judge by"),
    "others": ("其余各项", "All others"),
    "grade": ("评分与档位", "Grade"),
    "graded": (
        "{score:.1f} 分，{band} 档；有数据的指标占权重 {known:.0%}。",
        "{score:.1f}, band {band}; measures with data weigh {known:.0%}.",
    ),
    "ungraded": ("要考核的指标都没有数据。", "No measure with a target has data."),
    "parts": ("分列", "Parts"),
    "span": ("{first} 至 {last}，{n} 次咨询。", "{first} to {last}, {n} inquiries."),
    "nothing": ("这段时间没有会话，算不出来；请核对店铺代号和日期。", "No chats in this period; check the shop's code and the dates."),
    "comma": ("，", ", "),
    "stop": ("。", "."),
    "part": ("分列", "Part"),
    "sessions": ("{n} 次咨询", "{n} inquiries"),
    "method": (
        "口径见 docs/kpi.md；比例用 Wilson 区间，均值用 Student，中位数用次序统计量",
        "defined in docs/kpi.md; Wilson, Student and order-statistic intervals",
    ),
}  # fmt: skip
say = sayer(_TABLE)
_LEADING = ("inquiry_conversion", "first_reply_mean", "first_reply_30s", "order_value")


def to_paper(made: Sequence[KpiSheet], *, origin: str, knowledge: str = "", model: str = "", lang: str = "zh") -> Paper:
    """The sheets of `eval.kpi.report.sheets` as one report; `origin`: what the log was, the others of `eval.kpi.log.basis_of`."""
    whole, *parts = made
    others = [one for one in MEASURES if one.key not in FIVE]
    sections = [
        Section(say("five", lang), [_figures(whole, (BY_KEY[key] for key in FIVE), lang)]),
        Section(say("others", lang), [_figures(whole, others, lang)]),
    ]
    if parts:
        sections.append(Section(say("parts", lang), [_grid(parts, lang)]))
    sections.append(Section(say("grade", lang), [_grade(whole, lang)]))
    sessions = say("sessions", lang, n=f"{whole.found['inquiries'].n:,}")
    days = f"{origin}, {whole.days[0]} … {whole.days[1]}" if whole.days[0] else origin
    rests = about(lang, data_range=days, n=sessions, knowledge=knowledge, model=model, method=say("method", lang))
    return Paper(say("title", lang), _lead(whole, lang), rests, sections)


def _lead(sheet: KpiSheet, lang: str) -> list[str]:
    """Of when, of how many, and the measures of the five that have a value: enough for who reads no further."""
    first, last = sheet.days
    if not first:
        return [say("nothing", lang)]
    span = say("span", lang, first=first, last=last, n=f"{sheet.found['inquiries'].n:,}")
    kept = [BY_KEY[key] for key in _LEADING if sheet.found[key].value is not None]
    told = [f"{one.zh if lang == 'zh' else one.en} {_told(sheet, one, lang)}" for one in kept]
    return [span, *([say("comma", lang).join(told) + say("stop", lang)] if told else [])]


def _told(sheet: KpiSheet, one: Measure, lang: str) -> str:
    return number(sheet.found[one.key].value, cast("Unit", one.unit if one.unit in get_args(Unit) else ""), lang)


def _figures(sheet: KpiSheet, measures: Iterable[Measure], lang: str) -> Figures:
    rows = []
    for one in measures:
        found = sheet.found[one.key]
        unit = cast("Unit", one.unit if one.unit in get_args(Unit) else "")
        name = one.zh if lang == "zh" else one.en
        rows.append(FigureRow(name, found.value, found.low, found.high, found.n, unit, one.definition))
    return Figures(rows)


def _grid(parts: Sequence[KpiSheet], lang: str) -> Grid:
    """A line for each part, a column for each of the five that has a value somewhere."""
    kept = [BY_KEY[key] for key in FIVE if any(part.found[key].value is not None for part in parts)]
    names = [one.zh if lang == "zh" else one.en for one in kept]
    rows = [[part.name, *(shown(one, part.found[one.key], wide=False).plain for one in kept)] for part in parts]
    return Grid([say("part", lang), *names], rows)


def _grade(sheet: KpiSheet, lang: str) -> Part:
    one = sheet.grade
    if one.score is None:
        return Prose(say("ungraded", lang))
    return Prose(say("graded", lang, score=one.score, band=one.band, known=one.known))
