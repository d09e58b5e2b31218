"""An analysis as a report: page one in sentences, then every figure with n, interval and definition, its plots and checks."""

from __future__ import annotations

from collections.abc import Sequence

from eval.paper.number import plus, shown, signed
from eval.paper.paper import Cell, FigureRow, Figures, Grid, Paper, Part, Plot, Prose, Section, Unit, Warning, about
from eval.paper.plot import Line, interval_plot, line_plot
from eval.uplift import power
from eval.uplift.analysis import Analysis, Measured
from eval.uplift.lead import lead, p_cell, p_text, reasons
from eval.uplift.segments import Cut
from eval.uplift.sheets import sheets
from eval.uplift.trial import ANY
from eval.uplift.words import WORDS, say

FEW_UNITS = 30  # assigned units in an arm, below which the report says so
_TOP = 15  # covariates shown
_WORTHS = (0.002, 0.005, 0.01, 0.02, 0.03, 0.05)  # differences of a share in the table of conversations needed
_FIFTHS = (0.01, 0.02, 0.05, 0.1, 0.2)  # the same of money, as shares of what a conversation brings


def to_paper(found: Analysis, lang: str = "zh") -> Paper:
    """The report. The same analysis gives the same bytes."""
    told = [_trust(found, lang)] if found.refused else _estimates(found, lang)
    sections = [*told, Section(say("s_methods", lang), [Prose(say("methods_text", lang))])]
    kept = [one for one in sections if one.parts]
    return Paper(say("title", lang), lead(found, lang), _about(found, lang), kept, sheets(found, lang))


def _estimates(found: Analysis, lang: str) -> list[Section]:
    return [
        _effects(found, lang),
        _trust(found, lang),
        _always(found, lang),
        _guards(found, lang),
        _novelty(found, lang),
        _segments(found, lang),
        _cuped(found, lang),
        _power(found, lang),
        _score(found, lang),
    ]


def _about(found: Analysis, lang: str) -> dict[str, str]:
    trial, days = found.trial, found.trial.rows.text("day").used()
    range_ = say("range", lang, file=trial.rows.source, first=days[0], last=days[-1]) if days else trial.rows.source
    design = say("by_cluster" if trial.clustered else "by_conversation", lang)
    units = sum(found.ratio.counts.values())
    return about(
        lang,
        data_range=range_,
        n=say("n_of", lang, rows=f"{len(trial.rows):,}", units=f"{units:,}"),
        seed=str(found.plan.seed),
        method=say("method", lang, control=trial.control, design=design),
    )


def _effects(found: Analysis, lang: str) -> Section:
    rows = [row for one in found.measured for row in _figures(found, one, lang)]
    if found.exposed:
        rows.append(_row(say("exposed_only", lang, name=_name(found.exposed, found, lang)), found.exposed, lang))
    parts: list[Part] = [Figures(rows), _arms(found, lang)]
    relative = [row for one in found.measured if (row := _relative(found, one, lang)) is not None]
    if relative:
        svg = interval_plot(relative, reference=0.0, lang=lang)
        parts.append(Plot(svg, say("plot_relative", lang), say("plot_relative", lang)))
    few = [count for count in found.ratio.counts.values() if count < FEW_UNITS]
    if found.trial.clustered and few:
        parts.insert(0, Warning(say("few_units", lang, units=sum(found.ratio.counts.values()))))
    if found.trial.crossed:
        told = {"units": f"{found.trial.crossed:,}", "n": f"{found.trial.crossed_rows:,}"}
        parts.append(Warning(say("crossed", lang, **told)))
    if (line := _contaminated(found, lang)) is not None:
        parts.append(line)
    return Section(say("s_effect", lang), parts)


def _figures(found: Analysis, one: Measured, lang: str) -> list[FigureRow]:
    name = _name(one, found, lang)
    rows = [_row(name, one, lang)]
    if one.bootstrap[0] is not None:
        n = int(one.effect.treated.n + one.effect.control.n)
        told = say("bootstrap", lang, name=name)
        rows.append(FigureRow(told, one.effect.value, *one.bootstrap, n, one.metric.change))
    return rows


def _row(name: str, one: Measured, lang: str) -> FigureRow:
    effect = one.effect
    n = int(effect.treated.n + effect.control.n)
    value = effect.value if effect.known else None
    return FigureRow(name, value, effect.low, effect.high, n, one.metric.change, say(f"d_{one.metric.key}", lang))


def _relative(found: Analysis, one: Measured, lang: str) -> FigureRow | None:
    value, low, high = one.effect.relative()
    return None if value is None else FigureRow(_name(one, found, lang), value, low, high, unit="%")


def _name(one: Measured, found: Analysis, lang: str) -> str:
    name = say(one.metric.key, lang)
    if len(found.trial.treatments) == 1:
        return name
    return say("difference", lang, name=name, arm=_arm(one.arm, lang))


def _arm(arm: str, lang: str) -> str:
    return say("any", lang) if arm == ANY else arm


def _arms(found: Analysis, lang: str) -> Grid:
    """What each arm reached by itself."""
    first = [one for one in found.measured if one.arm == found.trial.compared()[0]]
    rows: list[list[Cell]] = [
        [
            say(one.metric.key, lang),
            *(shown(arm.value, one.metric.unit, lang) for arm in (one.effect.treated, one.effect.control)),
        ]
        for one in first
    ]
    return Grid([say("measure", lang), say("treated", lang), say("control", lang)], rows)


def _contaminated(found: Analysis, lang: str) -> Warning | None:
    if not found.trial.rows.knows("contaminated"):
        return None
    n = int((found.trial.rows.number("contaminated") == 1).sum())
    share = f"{n / len(found.trial.rows):.1%}"
    return Warning(say("contaminated", lang, n=f"{n:,}", share=share)) if n else None


def _always(found: Analysis, lang: str) -> Section:
    title = say("s_always", lang)
    if not found.looks:
        return Section(title, [Prose(say("no_days", lang))])
    one, seen = found.measured[0], found.looks
    x, y = list(range(len(seen))), [look.value for look in seen]
    lines = [
        Line(say("always_line", lang), x, y, [look.low for look in seen], [look.high for look in seen]),
        Line(say("naive_line", lang), x, y, [look.naive_low for look in seen], [look.naive_high for look in seen]),
    ]
    plot = _days_plot(lines, [look.day for look in seen], one, say("plot_always", lang), lang)
    last = seen[-1]
    row = FigureRow(say("always_line", lang), last.value, last.low, last.high, last.n, one.metric.change)
    naive = FigureRow(say("naive_line", lang), last.value, last.naive_low, last.naive_high, last.n, one.metric.change)
    return Section(title, [Figures([row, naive]), plot])


def _days_plot(lines: Sequence[Line], days: Sequence[str], one: Measured, caption: str, lang: str) -> Plot:
    svg = line_plot(
        lines,
        x_label=say("day", lang),
        y_label=say(one.metric.key, lang),
        y_unit=one.metric.change,
        reference=0.0,
        names=[day[5:] for day in days],
        lang=lang,
    )
    return Plot(svg, caption, caption)


def _trust(found: Analysis, lang: str) -> Section:
    parts: list[Part] = []
    if found.suspect:
        parts += [Warning(line) for line in reasons(found, lang)]
    ratio = found.ratio
    if found.ramped:
        parts.append(Warning(say("ramped", lang, p=p_text(found.steady))))
    if found.balance.doubted and not found.balance.refused:
        parts.append(Warning(say("doubted", lang, p=p_text(found.balance.p))))
    if ratio.doubted and not ratio.broken:
        parts.append(Warning(say("doubted_ratio", lang, p=p_text(ratio.p))))
    whole = sum(ratio.counts.values())
    header = [say(key, lang) for key in ("arm", "units", "planned", "seen")]
    rows: list[list[Cell]] = [
        [arm, n, f"{ratio.shares[arm]:.1%}", f"{n / whole:.2%}"] for arm, n in ratio.counts.items()
    ]
    parts.append(Grid(header, rows, say("caption_ratio", lang, p=p_text(ratio.p), always=p_text(ratio.p_always))))
    if found.balance.differences:
        header = [say(key, lang) for key in ("covariate", "treated", "control", "smd")]
        top = found.balance.differences[:_TOP]
        told: list[list[Cell]] = [[one.name, one.treated, one.control, round(one.standardised, 3)] for one in top]
        parts.append(
            Grid(
                header,
                told,
                f"{say('caption_balance', lang)} {p_text(found.balance.p)}，T = {found.balance.statistic:.1f}，df = {found.balance.df}",
            )
        )
    return Section(say("s_trust", lang), parts)


def _guards(found: Analysis, lang: str) -> Section:
    header = [say(key, lang) for key in ("measure", "treated", "control", "effect", "interval", "margin", "state")]
    rows: list[list[Cell]] = [
        [
            say(one.metric.key, lang),
            shown(one.effect.treated.value, one.metric.unit, lang),
            shown(one.effect.control.value, one.metric.unit, lang),
            signed(one.effect.value, one.metric.change, lang),
            _span(one.effect.low, one.effect.high, one.metric.change),
            shown(one.margin, one.metric.change, lang),
            say(one.state.value, lang),
        ]
        for one in found.guards
    ]
    return Section(say("s_guards", lang), [Grid(header, rows)] if rows else [])


def _span(low: float | None, high: float | None, unit: Unit) -> str:
    """An interval without its unit, with signs."""
    return "—" if low is None or high is None else f"[{plus(low, unit)}, {plus(high, unit)}]"


def _novelty(found: Analysis, lang: str) -> Section:
    title = say("s_novelty", lang)
    if found.novelty is None:
        return Section(title, [Prose(say("no_days", lang))])
    one, days = found.measured[0], found.novelty.days
    known = [(name, effect) for name, effect in days if effect.known]
    line = Line(
        say("effect", lang),
        list(range(len(known))),
        [effect.value for _, effect in known],
        [effect.low for _, effect in known],
        [effect.high for _, effect in known],
    )
    parts: list[Part] = [Prose(_trend(found, one, lang))] if found.novelty.p is not None else []
    if len(known) > 1:
        parts.append(_days_plot([line], [name for name, _ in known], one, say("plot_novelty", lang), lang))
    return Section(title, parts)


def _trend(found: Analysis, one: Measured, lang: str) -> str:
    told = found.novelty
    slope, p = (told.slope, told.p) if told else (None, None)
    way = "flat" if p is None or p >= 0.05 else "up" if (slope or 0) > 0 else "down"
    return say(f"trend_{way}", lang, slope=signed(slope, one.metric.change, lang), p=p_text(p))


def _segments(found: Analysis, lang: str) -> Section:
    if not found.cuts:
        return Section(say("s_segments", lang), [])
    one = found.measured[0]
    differ = [cut_name(cut, lang) for cut in found.cuts if cut.differs]
    told = say("segments_differ", lang, names=say("and", lang).join(differ)) if differ else say("segments_same", lang)
    header = [
        say(key, lang) for key in ("cut", "part", "conversations", "effect", "interval", "p_holm", "p_fdr", "equal")
    ]
    rows: list[list[Cell]] = [
        [
            cut_name(cut, lang),
            part.name,
            int(part.effect.treated.n + part.effect.control.n),
            signed(part.effect.value, one.metric.change, lang),
            _span(part.effect.low, part.effect.high, one.metric.change),
            p_cell(part.holm),
            p_cell(part.fdr),
            p_cell(cut.holm),
        ]
        for cut in found.cuts
        for part in cut.parts
    ]
    figures = [
        FigureRow(
            f"{cut_name(cut, lang)} {part.name}",
            part.effect.value,
            part.effect.low,
            part.effect.high,
            None,
            one.metric.change,
        )
        for cut in found.cuts
        for part in cut.parts
    ]
    plot = Plot(
        interval_plot(figures, reference=0.0, lang=lang), say("plot_segments", lang), say("plot_segments", lang)
    )
    return Section(say("s_segments", lang), [Prose(told), plot, Grid(header, rows)])


def cut_name(cut: Cut, lang: str) -> str:
    """A cut by a name that its reader knows."""
    key = "shop_cut" if cut.name == "shop" else cut.name
    return say(key, lang) if key in WORDS else cut.name


def _cuped(found: Analysis, lang: str) -> Section:
    told = [(one, one.cuped) for one in found.measured if one.cuped]
    rows = [
        FigureRow(
            say("adjusted", lang, name=_name(one, found, lang)),
            better.effect.value,
            better.effect.low,
            better.effect.high,
            int(better.effect.treated.n + better.effect.control.n),
            one.metric.change,
            f"{say('reduction', lang)} {max(better.reduction, 0):.1%}",
        )
        for one, better in told
    ]
    return Section(say("s_cuped", lang), [Prose(say("cuped_text", lang)), Figures(rows)] if rows else [])


def _power(found: Analysis, lang: str) -> Section:
    one = found.measured[0]
    effect = one.effect
    if not (effect.known and effect.se > 0):
        return Section(say("s_power", lang), [])
    n = effect.treated.n + effect.control.n
    worths = _WORTHS if one.metric.unit == "%" else tuple(abs(effect.control.value) * share for share in _FIFTHS)
    rows: list[list[Cell]] = [
        [
            shown(worth, one.metric.change, lang).lstrip("+"),
            power.needed(effect.se, n, worth),
            power.needed_always(effect.se, n, worth, planned=found.plan.planned),
        ]
        for worth in worths
        if worth
    ]
    return Section(say("s_power", lang), [Grid([say(key, lang) for key in ("mde", "wanted", "wanted_always")], rows)])


def _score(found: Analysis, lang: str) -> Section:
    ranked = found.ranked
    if ranked is None:
        return Section(say("s_score", lang), [])
    qini, auuc = ("—" if value is None else f"{value:.4f}" for value in (ranked.qini, ranked.auuc))
    x, y = zip(*ranked.curve, strict=True)
    ends = Line("—", [0.0, x[-1]], [0.0, y[-1]])
    svg = line_plot(
        [Line("Qini", x, y), ends], x_label=say("conversations", lang), y_label=say("converted", lang), lang=lang
    )
    caption = say("plot_score", lang)
    return Section(
        say("s_score", lang), [Prose(say("score_text", lang, qini=qini, auuc=auuc)), Plot(svg, caption, caption)]
    )
