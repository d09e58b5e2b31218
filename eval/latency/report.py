"""What the loads came to: percentiles with intervals, shares within the budgets, throughput, errors; as a report and a table."""

from __future__ import annotations

from collections.abc import Sequence

from rich.table import Table

from eval.interval import percentile, proportion
from eval.latency.load import Load
from eval.metrics import percentile as nearest
from eval.paper.paper import FigureRow, Figures, Paper, Plot, Section, Warning, about
from eval.paper.plot import Line, line_plot
from eval.paper.words import Words, sayer

PERCENTS = (50, 90, 95, 99)
BUDGETS_MS = (30, 150, 30_000)
_LATE_CLIENT_MS = 1_000.0

_TABLE: Words = {
    "title": ("推荐的响应时间", "Time to a suggestion"),
    "rate": ("每秒 {rate:g} 问", "{rate:g} questions a second"),
    "p": ("第 {percent} 百分位", "{percent}th percentile"),
    "within": ("{budget}内答出", "Answered within {budget}"),
    "ms": ("毫秒", "ms"),
    "s": ("秒", "s"),
    "per_second": ("每秒答出", "Answers a second"),
    "errors": ("没有答出（出错）", "Not answered (errors)"),
    "defined": ("从该问的时刻到答完，含排队；开环", "from when it was due to the answer, queueing included; open loop"),
    "share_defined": ("没答出的算超时", "what was not answered counts as late"),
    "lead": (
        "每秒 {rate:g} 问时，{share:.1%} 在 30 秒预算内；中位 {p50:.0f} 毫秒，99% 在 {p99:.0f} 毫秒内。",
        "At {rate:g} questions a second {share:.1%} lie within the 30 s budget; median {p50:.0f} ms, 99% within {p99:.0f} ms.",
    ),
    "queued": (
        "每秒 {rate:g} 问时，有问题等了 {lag:.0f} 毫秒才发得出去：服务跟不上了，或连接数不够。",
        "At {rate:g} a second a question waited {lag:.0f} ms to be sent: the service falls behind, or there are too few connections.",
    ),
    "plot": ("响应时间随每秒问数的变化", "Time by questions a second"),
    "alt": ("各百分位的响应时间，横轴是每秒问数", "percentiles of the time, by questions a second"),
    "x": ("每秒问数", "Questions a second"),
    "y": ("响应时间", "Time"),
    "method": ("泊松到达，开环；区间：百分位用次序统计量，比例用 Wilson", "Poisson arrivals, open loop; order statistics, Wilson"),
}  # fmt: skip
say = sayer(_TABLE)


def figures(load: Load, lang: str = "zh") -> list[FigureRow]:
    """The figures of one rate."""
    rows = []
    for percent in PERCENTS:
        low, high = percentile(load.each_ms, percent)
        value = nearest(load.each_ms, percent) if load.each_ms else None
        rows.append(
            FigureRow(
                say("p", lang, percent=percent), value, low, high, len(load.each_ms), "毫秒", say("defined", lang)
            )
        )
    for budget in BUDGETS_MS:
        hits = sum(one <= budget for one in load.each_ms)
        low, high = proportion(hits, load.asked)
        value = hits / load.asked if load.asked else None
        name = say("within", lang, budget=_span(budget, lang))
        rows.append(FigureRow(name, value, low, high, load.asked, "%", say("share_defined", lang)))
    rows.append(FigureRow(say("per_second", lang), load.per_second, n=len(load.each_ms)))
    low, high = proportion(load.errors, load.asked)
    rows.append(
        FigureRow(say("errors", lang), load.errors / load.asked if load.asked else None, low, high, load.asked, "%")
    )
    return rows


def _span(budget_ms: int, lang: str) -> str:
    amount, short = (budget_ms, "ms") if budget_ms < 1000 else (budget_ms // 1000, "s")
    return f"{amount} {say(short, lang)}"


def to_paper(loads: Sequence[Load], *, origin: str, model: str, seed: int, lang: str = "zh") -> Paper:
    """The whole report."""
    sections = [
        Section(say("rate", lang, rate=load.rate), [*_warned(load, lang), Figures(figures(load, lang))])
        for load in loads
    ]
    if len(loads) > 1:
        sections.append(Section(say("plot", lang), [_plot(loads, lang)]))
    rests = about(
        lang,
        data_range=origin,
        n=f"{sum(load.asked for load in loads):,}",
        model=model,
        seed=str(seed),
        method=say("method", lang),
    )
    return Paper(say("title", lang), [_lead(load, lang) for load in loads if load.each_ms], rests, sections)


def to_table(loads: Sequence[Load]) -> Table:
    """A column for each rate."""
    told = [figures(load) for load in loads]
    table = Table("指标", *(say("rate", rate=load.rate) for load in loads))
    for place, first in enumerate(told[0] if told else ()):
        table.add_row(first.name, *(_cell(rows[place]) for rows in told))
    return table


def _cell(row: FigureRow) -> str:
    if row.value is None:
        return "—"
    shown = f"{row.value:.1%}" if row.unit == "%" else f"{row.value:,.1f}"
    shown += f" {row.unit}" if row.unit not in ("", "%") else ""
    if row.low is None or row.high is None:
        return shown
    edges = (f"{edge * 100:.1f}" if row.unit == "%" else f"{edge:,.1f}" for edge in (row.low, row.high))
    return f"{shown} [{', '.join(edges)}]"


def _lead(load: Load, lang: str) -> str:
    share = sum(one <= BUDGETS_MS[-1] for one in load.each_ms) / load.asked
    p50, p99 = nearest(load.each_ms, 50), nearest(load.each_ms, 99)
    return say("lead", lang, rate=load.rate, share=share, p50=p50, p99=p99)


def _warned(load: Load, lang: str) -> list[Warning]:
    return [Warning(say("queued", lang, rate=load.rate, lag=load.lag_ms))] if load.lag_ms > _LATE_CLIENT_MS else []


def _plot(loads: Sequence[Load], lang: str) -> Plot:
    rates = [load.rate for load in loads]
    lines = []
    for percent in (50, 95, 99):
        values = [nearest(load.each_ms, percent) if load.each_ms else None for load in loads]
        spans = [percentile(load.each_ms, percent) for load in loads]
        lines.append(Line(f"p{percent}", rates, values, [low for low, _ in spans], [high for _, high in spans]))
    svg = line_plot(lines, x_label=say("x", lang), y_label=say("y", lang), y_unit="毫秒", lang=lang)
    return Plot(svg, say("plot", lang), say("alt", lang))
