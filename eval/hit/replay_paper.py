"""The report of a replay: how often something would have been suggested, how often the agent's own words were among it, and what
time that would have saved by a stated model; against another version where there is one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from eval.hit.compare import Difference
from eval.hit.compare_paper import p_value
from eval.hit.match import NEAR, PART
from eval.hit.pace import Pace
from eval.hit.replay import SHOWN, Moment, Replay
from eval.hit.replay_figures import SEED, differences, figures
from eval.hit.words import say
from eval.paper.number import NONE, shown, span
from eval.paper.paper import Cell, FigureRow, Figures, Grid, Paper, Part, Prose, Section, Sheet, Unit, Warning, about
from eval.report import Figure
from kb.language.mask import mask

_LISTED = 100  # moments shown of each kind; all of them are in the workbook


def replay_paper(
    found: Replay, told: Mapping[str, str], pace: Pace, other: tuple[str, Replay] | None = None, lang: str = "zh"
) -> Paper:
    """`told`: log, knowledge, version, engine of the replay. `other`: the name of another version and its replay of the same."""
    measured = figures(found)
    rows = [figure_row(name, figure, lang, pace) for name, figure in measured.items()]
    timed = sum(one.took_s is not None for one in found.moments if one.reply is not None)
    parts: list[Part] = [] if timed else [Warning(say("replay untimed", lang))]
    sections = [
        Section(say("all figures", lang), [*parts, Figures(rows), Prose(say("replay rules", lang, **_rules(pace)))])
    ]
    if other:
        title = say("replay against", lang, a=told["knowledge"], b=other[0])
        sections.append(Section(title, _against(differences(found, other[1]), lang)))
    replied = [one for one in found.moments if one.reply is not None]
    for key, kept in (
        ("replay hits", [one for one in replied if one.match]),
        ("replay misses", [one for one in replied if not one.match and one.offered]),
    ):
        if kept:
            sections.append(Section(say(key, lang, n=len(kept), shown=min(len(kept), _LISTED)), [_grid(kept, lang)]))
    sheets = [_sheet(say("cases", lang), found.moments, lang)]
    if other:
        sheets.append(_sheet(other[0], other[1].moments, lang))
    title = say("replay title", lang, log=told["log"])
    return Paper(title, _lead(found, measured, lang), _about(found, told, lang), sections, sheets)


def figure_row(name: str, figure: Figure, lang: str, pace: Pace) -> FigureRow:
    """A figure of a replay as a row of a paper."""
    unit: Unit = "秒" if name == "saved" else "毫秒" if name.startswith("took") else "%"
    definition = say(f"def replay {name}", lang, **_rules(pace))
    return FigureRow(say(f"replay {name}", lang), figure.value, figure.low, figure.high, figure.n, unit, definition)


def said(one: Difference, lang: str) -> str:
    """A difference in one line."""
    unit: Unit = "秒" if one.name == "saved" else "%"
    row = _change(one, lang)
    told = f"{shown(one.a, unit, lang)} → {shown(one.b, unit, lang)}"
    return f"{row.name}  {told}  {shown(row.value, row.unit, lang)} {span(row)}  {p_value(one.p)}  n={one.n:,}"


def _rules(pace: Pace) -> dict[str, str]:
    numbers = {
        "reading": pace.reading,
        "typing": pace.typing,
        "press": pace.press_s,
        "glance": pace.glance_s,
        "near": NEAR,
        "part": PART,
    }
    return {name: f"{value:g}" for name, value in numbers.items()}


def _lead(found: Replay, measured: Mapping[str, Figure], lang: str) -> list[str]:
    three, saved = measured["in three"], measured["saved"]
    counts = {"sessions": f"{found.sessions:,}", "n": f"{len(found.moments):,}"}
    lines = [say("replay lead", lang, **counts, offered=shown(measured["offered"].value, "%"))]
    if three.n:
        row = FigureRow("", three.value, three.low, three.high, unit="%")
        lines.append(say("replay three", lang, n=f"{three.n:,}", three=shown(three.value, "%"), span=span(row)))
        row = FigureRow("", saved.value, saved.low, saved.high, unit="秒")
        value = saved.value or 0.0
        key = "replay saved lead" if value >= 0 else "replay lost lead"
        lines.append(say(key, lang, saved=shown(abs(value), "秒", lang), span=span(row)))
    return lines


def _against(changes: Sequence[Difference], lang: str) -> list[Part]:
    header = [say("figure", lang), "A", "B", "p", "n"]
    table: list[list[Cell]] = []
    for one in changes:
        unit: Unit = "秒" if one.name == "saved" else "%"
        levels = [shown(one.a, unit, lang), shown(one.b, unit, lang)]
        table.append([say(f"replay {one.name}", lang), *levels, p_value(one.p), one.n])
    return [Figures([_change(one, lang) for one in changes]), Grid(header, table), Prose(say("replay paired", lang))]


def _change(one: Difference, lang: str) -> FigureRow:
    unit: Unit = "秒" if one.name == "saved" else "pp"
    return FigureRow(say(f"replay {one.name}", lang), one.change, one.low, one.high, one.n, unit)


def _grid(moments: Sequence[Moment], lang: str) -> Grid:
    header = [say(name, lang) for name in ("message", "really said", "suggested", "probability", "how")]
    rows = sorted(moments, key=lambda one: -one.suggested.offers[0].probability)[:_LISTED]
    return Grid(header, [_row(one, lang) for one in rows])


def _row(one: Moment, lang: str) -> list[Cell]:
    place = one.match[0] if one.match else 1
    offer = one.suggested.offers[place - 1]
    how = f"{say(f'replay match {one.match[1]}', lang)} #{place}" if one.match else NONE
    return [mask(one.text), mask(one.reply or ""), mask(offer.text), shown(offer.probability, "%"), how]


def _sheet(name: str, moments: Sequence[Moment], lang: str) -> Sheet:
    header = [say("session", lang), "#", say("message", lang), say("really said", lang), say("took", lang)]
    header += [f"{say('suggested', lang)} {place}" for place in range(1, SHOWN + 1)]
    header += [say("probability", lang), say("how", lang), say("rank", lang), say("replay saved", lang)]
    return Sheet(name, header, [_line(one) for one in moments])


def _line(one: Moment) -> list[Cell]:
    texts = [mask(offer.text) for offer in one.suggested.offers[:SHOWN]]
    how: list[Cell] = [str(one.match[1]), one.match[0]] if one.match else [None, None]
    return [
        one.session, one.number, mask(one.text), mask(one.reply) if one.reply is not None else None, one.took_s,
        *texts, *[None] * (SHOWN - len(texts)),
        one.suggested.offers[0].probability if one.offered else None, *how, round(one.saved_s, 3),
    ]  # fmt: skip


def _about(found: Replay, told: Mapping[str, str], lang: str) -> dict[str, str]:
    replied = sum(one.reply is not None for one in found.moments)
    return about(
        lang,
        data_range=told["log"],
        n=say("n moments", lang, sessions=found.sessions, n=len(found.moments), replied=replied),
        knowledge=f"{told['knowledge']} {told['version']}",
        model=told["engine"],
        seed=str(SEED),
        method=say("replay method", lang),
    )
