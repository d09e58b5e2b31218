"""The report of a run: figures, slices, what abstaining buys, whether told probabilities are true, and every miss explained."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from eval.hit.figures import abstention, reliability, report_of
from eval.hit.outcome import Outcome, Run
from eval.hit.words import named, say
from eval.paper.number import NONE, shown, span
from eval.paper.paper import (
    Cell,
    FigureRow,
    Figures,
    Grid,
    Paper,
    Part,
    Plot,
    Prose,
    Section,
    Sheet,
    Unit,
    Warning,
    about,
)
from eval.paper.plot import Bars, Line, bar_plot, interval_plot, line_plot, reliability_plot
from eval.report import Figure, HitrateReport
from kb.language.mask import mask

_FEW = 100  # answerable messages below which the report warns
_POINTS = 80  # of a drawn curve
_SHARES = {"mrr@10", "ndcg@3", "ndcg@10", "refusal_auroc", "ece"}  # between 0 and 1, yet no shares of anything


def hit_paper(run: Run, lang: str = "zh") -> Paper:
    """The paper of a run. The same run and language give the same paper."""
    report = report_of(run)
    misses = [one for one in run.outcomes if one.miss is not None]
    refused = [one for one in run.outcomes if not one.asked.answerable and one.direct]
    sections = [Section(say("all figures", lang), _figures(report, lang))]
    if report.by:
        sections.append(Section(say("slices", lang), _slices(report, lang)))
    sections += [
        Section(say("abstention", lang), [_abstention(run, lang)]),
        Section(say("reliability", lang), [_reliability(run, lang)]),
    ]
    if misses:
        sections.append(Section(say("misses", lang), _misses(misses, lang)))
    if refused:
        sections.append(Section(say("refused title", lang), [_grid(refused, lang)]))
    title = say("hit title", lang, name=_name(run))
    return Paper(title, _lead(report, run, lang), _about(run, lang), sections, (_cases(run, lang),))


def figure_row(name: str, figure: Figure, lang: str) -> FigureRow:
    """A figure of a report as a row of a paper."""
    unit: Unit = "" if name in _SHARES else "毫秒" if name.startswith("latency") else "%"
    return FigureRow(say(name, lang), figure.value, figure.low, figure.high, figure.n, unit, say(f"def {name}", lang))


def _name(run: Run) -> str:
    return str(run.about.get("shop") or run.about.get("knowledge") or "")


def _lead(report: HitrateReport, run: Run, lang: str) -> list[str]:
    figures = report.figures
    one, direct, wrong = figures["hit@1"], figures["direct"], figures["direct_wrong"]
    lines = []
    if one.n:
        told = {"n": f"{one.n:,}", "one": shown(one.value, "%"), "three": shown(figures["hit@3"].value, "%")}
        lines.append(say("hit lead", lang, **told, span=_span(one)))
    if wrong.n:
        told = {"n": f"{wrong.n:,}", "direct": shown(direct.value, "%"), "wrong": shown(wrong.value, "%")}
        lines.append(say("direct lead", lang, **told, span=_span(wrong)))
    else:
        lines.append(say("no direct", lang))
    refuse = [one for one in run.outcomes if not one.asked.answerable]
    if refuse:
        lines.append(say("refuse lead", lang, n=len(refuse), count=sum(one.direct for one in refuse)))
    return lines


def _span(figure: Figure) -> str:
    return span(FigureRow("", figure.value, figure.low, figure.high, unit="%"))


def _figures(report: HitrateReport, lang: str) -> list[Part]:
    n = report.figures["hit@1"].n
    few: list[Part] = [Warning(say("few", lang, n=n))] if n < _FEW else []
    order = [name for name in report.figures if not name.startswith("latency")]
    order += [name for name in report.figures if name.startswith("latency")]
    return [*few, Figures([figure_row(name, report.figures[name], lang) for name in order])]


def _slices(report: HitrateReport, lang: str) -> list[Part]:
    rows = [(sort, name, figures) for sort, parts in report.by.items() for name, figures in parts.items()]
    drawn = [
        FigureRow(f"{named(sort, lang)} · {named(name, lang)}", one.value, one.low, one.high, one.n, "%")
        for sort, name, figures in rows
        if (one := figures["hit@1"]).n
    ]
    alone = ("hit@1", "hit@3", "ndcg@10", "direct", "direct_wrong")
    header = [say("sort", lang), say("slice", lang), say("messages", lang), *(say(name, lang) for name in alone)]
    table = [
        [named(sort, lang), named(name, lang), f["direct"].n, *(_told(f, key) for key in alone)]
        for sort, name, f in rows
    ]
    caption = say("slices plot", lang)
    plot = interval_plot(drawn, reference=report.figures["hit@1"].value, label=say("hit@1", lang), lang=lang)
    return [Plot(plot, caption, caption), Grid(header, table), Prose(say("slices note", lang))]


def _told(figures: dict[str, Figure], name: str) -> Cell:
    return shown(figures[name].value, "" if name in _SHARES else "%")


def _abstention(run: Run, lang: str) -> Plot:
    curve = abstention(run.asked)
    step = max(1, -(-len(curve) // _POINTS))
    points = curve[::step] + curve[-1:] if curve else []
    line = Line(say("wrong", lang), [x for x, _, _ in points], [y for _, y, _ in points])
    svg = line_plot(
        [line],
        x_label=say("answered", lang),
        y_label=say("wrong", lang),
        x_unit="%",
        y_unit="%",
        reference=0.05,
        lang=lang,
    )
    return Plot(svg, say("abstention plot", lang), say("abstention plot", lang))


def _reliability(run: Run, lang: str) -> Plot:
    words = {"x_label": say("told", lang), "y_label": say("true", lang), "n_label": say("bin n", lang)}
    caption = say("reliability plot", lang)
    return Plot(reliability_plot(reliability(run.asked), **words, lang=lang), caption, caption)


def _misses(misses: Sequence[Outcome], lang: str) -> list[Part]:
    counts = Counter(one.miss.why for one in misses if one.miss)
    names = [name for name, _ in counts.most_common()]
    bars = Bars(say("messages", lang), [float(counts[name]) for name in names])
    plot = bar_plot([say(name, lang) for name in names], [bars], label=say("messages", lang), lang=lang)
    caption = say("misses plot", lang)
    return [Prose(say("miss lead", lang, n=len(misses))), Plot(plot, caption, caption), _grid(misses, lang)]


_GRID = ("message", "wanted", "instead", "probability", "rank", "why", "because")


def _grid(outcomes: Sequence[Outcome], lang: str) -> Grid:
    rows = sorted(outcomes, key=lambda one: -one.asked.top_probability)  # the surest mistakes first
    return Grid([say(name, lang) for name in _GRID], [_row(one, lang) for one in rows])


def _row(one: Outcome, lang: str) -> list[Cell]:
    first = one.shown[0] if one.shown else None
    wanted = " / ".join(one.wanted) or (NONE if not one.asked.answerable else " / ".join(sorted(one.asked.case.gold)))
    instead = first.question if first else say("nothing", lang)
    rank: Cell = one.rank if one.rank else say("beyond", lang) if one.asked.answerable else NONE
    because = "、".join(f"{named(name, lang)} +{value:.2f}" for name, value in one.miss.features) if one.miss else ""
    reasons = "；".join(first.reasons) if first else ""
    return [
        mask(one.asked.case.query),
        wanted,
        instead + (f"（{say('silent', lang)}）" if first and one.quiet else ""),
        shown(one.asked.top_probability, "%"),
        str(rank),
        say(one.miss.why, lang) if one.miss else "",
        because or reasons,
    ]


def _cases(run: Run, lang: str) -> Sheet:
    sorts = sorted({sort for one in run.outcomes for sort in one.slices})
    told = (
        "message",
        "wanted",
        "first",
        "matched",
        "probability",
        "band",
        "quiet",
        "right",
        "rank",
        "why",
        "because",
        "reasons",
    )
    header = ["qid", *(say(name, lang) for name in told), *(named(sort, lang) for sort in sorts)]
    return Sheet(say("cases", lang), header, [_case(one, sorts, lang) for one in run.outcomes])


def _case(one: Outcome, sorts: Sequence[str], lang: str) -> list[Cell]:
    first = one.shown[0] if one.shown else None
    message, wanted, _, _, _, why, because = _row(one, lang)
    return [
        one.qid,
        message,
        wanted,
        first.question if first else "",
        first.phrasing if first else "",
        one.asked.top_probability,
        str(first.band) if first else "",
        say("yes" if one.quiet else "no", lang),
        say("yes" if one.right else "no", lang),
        one.rank,
        why,
        because,
        "；".join(first.reasons) if first else "",
        *(named(one.slices.get(sort, ""), lang) for sort in sorts),
    ]


def _about(run: Run, lang: str) -> dict[str, str]:
    good = sum(one.asked.answerable for one in run.outcomes)
    told = run.about
    size = f"{told.get('entries', NONE)} / {told.get('lines', NONE)} / {told.get('products', NONE)}"
    return about(
        lang,
        data_range=_name(run),
        n=say("n cases", lang, n=len(run.outcomes), good=good, bad=len(run.outcomes) - good),
        knowledge=f"{_name(run)} {told.get('version', '')} ({size})".strip(),
        model=str(told.get("engine", "")),
        seed=str(told.get("seed", "")),
        method=say("hit method", lang),
        **{say("mode", lang): str(told.get("mode", NONE))},
    )
