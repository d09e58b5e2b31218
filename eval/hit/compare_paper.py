"""The report of a comparison: what changed and how sure that is, where, and every message won or lost."""

from __future__ import annotations

import re
from collections.abc import Sequence

from eval.hit.compare import Comparison, Difference, Pair
from eval.hit.outcome import Outcome, Run
from eval.hit.words import named, say
from eval.paper.number import NONE, bare, shown, span
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
from eval.paper.plot import interval_plot
from kb.language.mask import mask

_NO_SHARE = {"mrr@10", "ndcg@10"}


def compare_paper(found: Comparison, a: Run, b: Run, names: tuple[str, str], lang: str = "zh") -> Paper:
    """The paper of a comparison of `a` with `b`, called by `names`."""
    sections = [Section(say("changes", lang), _changes(found, names, lang))]
    if found.by:
        sections.append(Section(say("slices", lang), _by(found, lang)))
    if found.losses:
        sections.append(Section(say("losses", lang, n=len(found.losses)), [_grid(found.losses, names, lang)]))
    if found.wins:
        sections.append(Section(say("wins", lang, n=len(found.wins)), [_grid(found.wins, names, lang)]))
    title = say("compare title", lang, a=names[0], b=names[1])
    return Paper(title, _lead(found, names, lang), _about(found, a, b, names, lang), sections, (_sheet(found, lang),))


def said(one: Difference, lang: str) -> str:
    """A difference in one line: from, to, by how much, how sure."""
    row = change_row(one, lang)
    told = f"{_level(one.name, one.a)} → {_level(one.name, one.b)}"
    return f"{row.name}  {told}  {shown(row.value, row.unit, lang)} {span(row)}  {p_value(one.p)}  n={one.n:,}"


def change_row(one: Difference, lang: str, name: str = "") -> FigureRow:
    unit: Unit = "" if one.name in _NO_SHARE else "pp"
    told = re.split("[；;]", say(f"def {one.name}", lang))[0]  # without the interval, which is another one here
    return FigureRow(name or say(one.name, lang), one.change, one.low, one.high, one.n, unit, told)


def p_value(p: float) -> str:
    return "p<0.001" if p < 0.001 else f"p={p:.3f}"


def _level(name: str, value: float) -> str:
    return bare(value) if name in _NO_SHARE else shown(value, "%")


def _lead(found: Comparison, names: tuple[str, str], lang: str) -> list[str]:
    first = next((one for one in found.differences if one.name == "hit@1"), None)
    lines = []
    if first:
        row = change_row(first, lang)
        sure = "sure" if first.p < 0.05 else "unsure"
        told = {
            "a": _level("hit@1", first.a),
            "b": _level("hit@1", first.b),
            "n": f"{first.n:,}",
            "p": p_value(first.p),
        }
        lines.append(say("compare lead", lang, **told, change=shown(row.value, row.unit, lang), span=span(row)))
        lines.append(say(f"compare {sure}", lang))
    lines.append(say("compare wins", lang, b=names[1], wins=len(found.wins), losses=len(found.losses)))
    return lines


def _changes(found: Comparison, names: tuple[str, str], lang: str) -> list[Part]:
    rows = [change_row(one, lang) for one in found.differences]
    header = [say("figure", lang), *names, "p", "n"]
    table: list[list[Cell]] = [
        [say(one.name, lang), _level(one.name, one.a), _level(one.name, one.b), p_value(one.p), one.n]
        for one in found.differences
    ]
    alone: list[Part] = [Warning(say("left alone", lang, n=found.alone))] if found.alone else []
    return [*alone, Figures(rows, say("changes caption", lang, a=names[0], b=names[1])), Grid(header, table)]


def _by(found: Comparison, lang: str) -> list[Part]:
    parts = [(sort, name, one) for sort, named_ in found.by.items() for name, one in named_.items()]
    drawn = [change_row(one, lang, f"{named(sort, lang)} · {named(name, lang)}") for sort, name, one in parts]
    caption = say("by plot", lang)
    header = [say("sort", lang), say("slice", lang), "A", "B", "p", "n"]
    table: list[list[Cell]] = [
        [named(sort, lang), named(name, lang), _level("hit@1", one.a), _level("hit@1", one.b), p_value(one.p), one.n]
        for sort, name, one in parts
    ]
    plot = interval_plot(drawn, reference=0, label=say("hit@1", lang), lang=lang)
    return [Plot(plot, caption, caption), Grid(header, table), Prose(say("by note", lang, n=len(parts)))]


def _grid(pairs: Sequence[Pair], names: tuple[str, str], lang: str) -> Grid:
    header = [say("message", lang), say("wanted", lang), *names]
    rows: list[list[Cell]] = [
        [mask(pair.a.asked.case.query), _wanted(pair), _first(pair.a, lang), _first(pair.b, lang)] for pair in pairs
    ]
    return Grid(header, rows)


def _wanted(pair: Pair) -> str:
    return " / ".join(pair.a.wanted or pair.b.wanted or sorted(pair.a.asked.case.gold))


def _first(one: Outcome, lang: str) -> str:
    if not one.shown:
        return say("nothing", lang)
    return f"{one.shown[0].question}（{shown(one.asked.top_probability, '%')}）"


def _sheet(found: Comparison, lang: str) -> Sheet:
    header = ["qid", say("message", lang), say("wanted", lang)]
    header += [f"{side} {say(name, lang)}" for side in "AB" for name in ("first", "probability", "rank")]
    return Sheet(say("cases", lang), header, [_row(pair) for pair in found.pairs])


def _row(pair: Pair) -> list[Cell]:
    row: list[Cell] = [pair.a.qid, mask(pair.a.asked.case.query), _wanted(pair)]
    for one in (pair.a, pair.b):
        row += [one.shown[0].question if one.shown else "", one.asked.top_probability, one.rank]
    return row


def _about(found: Comparison, a: Run, b: Run, names: tuple[str, str], lang: str) -> dict[str, str]:
    def both(key: str) -> str:
        ours, theirs = str(a.about.get(key, NONE)), str(b.about.get(key, NONE))
        return ours if ours == theirs else f"A: {ours}; B: {theirs}"

    return about(
        lang,
        data_range=f"A: {names[0]}; B: {names[1]}",
        n=say("n pairs", lang, n=len(found.pairs), alone=found.alone),
        knowledge=both("version"),
        model=both("engine"),
        seed=both("seed"),
        method=say("compare method", lang),
        **{say("mode", lang): both("mode")},
    )
