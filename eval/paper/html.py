"""A report as one HTML file (`eval.paper.page`) that prints well on A4.

Every text is escaped; drawings are rebuilt from a list of what a drawing may hold (`eval.paper.svg`).
"""

from __future__ import annotations

import re
from pathlib import Path

from eval.paper.number import NONE, cell, shown, span
from eval.paper.page import escaped, page
from eval.paper.paper import Cell, FigureRow, Figures, Grid, Paper, Part, Plot, Prose, Section
from eval.paper.svg import inlined
from eval.paper.words import say
from ingest.sheet import safe

_NUMBER = re.compile(r"(?:p[<=])?[−+]?[\d,.]+(?:%| 秒| s)?|\[[^\]]{3,40}\]")
_STYLE = Path(__file__).with_name("page.css")
_MOST_ROWS = 500  # of one table: a page is read, a workbook is searched


def to_html(paper: Paper, lang: str = "zh") -> str:
    """The whole page. Raises ValueError where a plot holds what no drawing of ours would."""
    sections = "".join(_section(section, f"s{i}-", lang) for i, section in enumerate(paper.sections, 1))
    lead = "".join(f"<p>{escaped(line)}</p>\n" for line in paper.lead)
    head = f"<header>\n<h1>{escaped(paper.title)}</h1>\n" + (f'<div class="lead">\n{lead}</div>\n' if lead else "")
    body = f"{head}</header>\n<main>\n{sections}{_about(paper, lang)}</main>\n"
    return page(paper.title, _STYLE, body, lang)


def _section(section: Section, prefix: str, lang: str) -> str:
    parts = "".join(_part(part, f"{prefix}{i}-", lang) for i, part in enumerate(section.parts, 1))
    return f"<section>\n<h2>{escaped(section.title)}</h2>\n{parts}</section>\n"


def _part(part: Part, prefix: str, lang: str) -> str:
    if isinstance(part, Prose):
        return f"<p>{escaped(part.text)}</p>\n"
    if isinstance(part, Figures):
        return _figures(part, lang)
    if isinstance(part, Grid):
        return _grid(part, lang)
    if isinstance(part, Plot):
        return _plot(part, prefix)
    return f'<p class="warning" role="note"><b>{say("note", lang)}</b>{escaped(part.text)}</p>\n'


def _figures(part: Figures, lang: str) -> str:
    head = (
        f'<th scope="col">{say("figure", lang)}</th><th scope="col" class="number">{say("value", lang)}</th>'
        f'<th scope="col" class="number beside">{say("interval", lang)}</th><th scope="col" class="number beside">n</th>'
    )
    return _table("figures", head, "".join(_figure(row, lang) for row in part.rows), part.caption)


def _figure(row: FigureRow, lang: str) -> str:
    told = f'<span class="definition">{escaped(row.definition)}</span>' if row.definition else ""
    beside = [text for text in (span(row), f"n={cell(row.n)}") if NONE not in text]
    below = f'<span class="below">{"<br>".join(beside)}</span>' if beside else ""  # where there is no room for columns
    return (
        f'<tr><th scope="row">{escaped(row.name)}{told}</th><td class="number value">{shown(row.value, row.unit, lang)}{below}'
        f'</td><td class="number beside">{span(row)}</td><td class="number beside">{cell(row.n)}</td></tr>\n'
    )


def _grid(part: Grid, lang: str) -> str:
    numeric = [_numeric([row[i] for row in part.rows]) for i in range(len(part.header))]
    kinds = ['class="number"' if yes else 'class="text"' for yes in numeric]
    head = "".join(
        f'<th scope="col" {kind}>{escaped(name)}</th>' for name, kind in zip(part.header, kinds, strict=True)
    )
    rows = "".join(
        "<tr>"
        + "".join(f"<td {kind}>{escaped(cell(value))}</td>" for value, kind in zip(row, kinds, strict=True))
        + "</tr>\n"
        for row in part.rows[:_MOST_ROWS]
    )
    left = len(part.rows) - _MOST_ROWS
    more = f"<p>{say('more_rows', lang, count=left)}</p>\n" if left > 0 else ""
    return _table("grid", head, rows, part.caption) + more


def _numeric(values: list[Cell]) -> bool:
    """Whether a column stands right: it says something, and nothing but numbers, shares and intervals."""
    told = [value for value in values if value not in (None, "", NONE)]
    return bool(told) and all(not isinstance(value, str) or _NUMBER.fullmatch(value) for value in told)


def _table(kind: str, head: str, rows: str, caption: str) -> str:
    told = f"<caption>{escaped(caption)}</caption>\n" if caption else ""
    # tabindex: what scrolls must be reachable without a mouse (WCAG 2.1.1).
    return (
        f'<div class="wide" tabindex="0"><table class="{kind}">\n{told}<thead><tr>{head}</tr></thead>\n'
        f"<tbody>\n{rows}</tbody></table></div>\n"
    )


def _plot(part: Plot, prefix: str) -> str:
    drawing = inlined(part.svg, prefix, safe(part.alt))
    return f'<figure>\n<figcaption>{escaped(part.caption)}</figcaption>\n<div tabindex="0">{drawing}</div>\n</figure>\n'


def _about(paper: Paper, lang: str) -> str:
    rows = "".join(f"<dt>{escaped(name)}</dt><dd>{escaped(value)}</dd>\n" for name, value in paper.about.items())
    return f"<section>\n<h2>{say('about', lang)}</h2>\n<dl>\n{rows}</dl>\n</section>\n"
