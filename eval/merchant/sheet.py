"""The merchant's report as a workbook and as JSON: the page's figures, and the chats they are made of, under pseudonyms."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import cast

from eval.kpi.count import Counted
from eval.merchant.earned import Earned
from eval.merchant.report import Compared, MerchantReport, pseudonyms
from eval.merchant.words import say
from eval.paper.paper import FigureRow, Figures, Grid, Paper, Section, Sheet, Unit, Warning, about
from eval.uplift.effect import Effect

_UNITS = ("", "%", "pp", "元", "秒", "毫秒")
_COLUMNS = (
    ("conversation", "会话"), ("day", "日期"), ("shift", "班次"), ("agent", "客服"), ("arm", "组"), ("scene", "场景"), ("buyer", "新老客"),
    ("converted", "成交"), ("paid", "实付（元）"), ("refunded", "退款（元）"), ("items", "件数"), ("first_reply_s", "首次响应（秒）"),
    ("complaint", "投诉"), ("exposed", "该推荐"),
)  # fmt: skip
_TEXTS = ("day", "shift", "arm", "scene", "buyer")


def to_paper(report: MerchantReport, lang: str = "zh") -> Paper:
    """The report for the workbook and the machines."""
    made = report.earned
    lead = [f"{say('earned', lang)}: {say(made.verdict, lang)}", *_unchecked(made, lang)]
    warning = [Warning(say("refused_note", lang, why=say(made.why, lang)))] if made.why else []
    sections: tuple[Section, ...] = (
        Section(say("earned", lang), warning or [Figures(_earned(made, lang))]),
        Section(say("five", lang), [Figures([_measure(one, lang) for one in report.five]), _before(report, lang)]),
        Section(say("along", lang), [Grid([say("product", lang), say("orders", lang)], report.along)]),
        Section(say("open", lang), [Grid([say("question", lang), say("times", lang)], report.open)]),
    )
    if not made.why:
        found = [_guard(one.metric.key, one.effect, one.metric.unit, lang) for one in made.guards]
        sections = (*sections, Section(say("guards", lang), [Figures(found)]))
    rests = about(
        lang,
        data_range=f"{made.first} … {made.last}",
        n=say("chats", lang, n=f"{made.chats:,}"),
        knowledge=report.knowledge,
        model=report.model,
        seed=str(report.seed),
        method=say("method_refused" if made.why else "method", lang),
        **{say("of_shop", lang): report.shop},
    )
    return Paper(f"{report.name} · {say('title', lang)}", lead, rests, sections, (_chats(report, lang),))


def _unchecked(made: Earned, lang: str) -> list[str]:
    return [say(made.unchecked, lang, units=f"{made.balance.units:,}")] if made.unchecked else []


def _earned(made: Earned, lang: str) -> list[FigureRow]:
    always = made.always
    decides = FigureRow(say("decides", lang), always.value, always.low, always.high, made.chats, "元")
    money = [
        FigureRow(say(key, lang), one.value, one.low, one.high, made.chats, "元")
        for key, one in (("so_far", made.so_far), ("per_100", made.per_100), ("monthly", made.monthly))
    ]
    return [
        *money,
        *([decides] if made.look else []),
        _guard("conversion", made.conversion, "%", lang),
        _guard("order_value", made.order_value, "元", lang),
    ]


def _guard(key: str, effect: Effect, unit: str, lang: str) -> FigureRow:
    told = cast("Unit", "pp" if unit == "%" else unit)
    name = f"{say(key, lang)} · {say('difference', lang)}"
    return FigureRow(name, effect.value, effect.low, effect.high, int(effect.treated.n + effect.control.n), told)


def _measure(one: Compared, lang: str) -> FigureRow:
    name = one.measure.zh if lang == "zh" else one.measure.en
    unit = cast("Unit", one.measure.unit if one.measure.unit in _UNITS else "")
    return FigureRow(
        name,
        one.now.value,
        one.now.low,
        one.now.high,
        one.now.n,
        unit,
        one.measure.definition,
    )


def _before(report: MerchantReport, lang: str) -> Grid:
    """The period before, value and n."""

    def told(found: Counted | None) -> tuple[float | None, int | None]:
        return (None, None) if found is None or found.value is None else (round(found.value, 6), found.n)

    names = ((one.measure.zh if lang == "zh" else one.measure.en, one) for one in report.five)
    return Grid([say("measure", lang), say("before", lang), "n"], [(name, *told(one.before)) for name, one in names])


def _chats(report: MerchantReport, lang: str) -> Sheet:
    """A line for each chat: its number instead of its id, agents by pseudonym, nothing of a buyer but new or old."""
    rows = report.rows
    agents = rows.text("agent")
    called = pseudonyms(agents.used(), lang)
    columns: list[Iterable[object]] = []
    for key, _ in _COLUMNS:
        if key == "conversation":
            columns.append(range(1, len(rows) + 1))
        elif key == "agent":
            columns.append([called.get(agents.names[code], "") for code in agents.codes])
        elif key in _TEXTS:
            column = rows.text(key)
            columns.append([column.names[code] for code in column.codes])
        else:
            columns.append([None if math.isnan(value) else round(float(value), 2) for value in rows.number(key)])
    header = [zh if lang == "zh" else key for key, zh in _COLUMNS]
    return Sheet(say("rows", lang), header, list(zip(*columns, strict=True)))
