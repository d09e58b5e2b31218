"""A report as one JSON object for machines: full precision, no drawings, the same keys in any language."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from eval.paper.paper import Cell, FigureRow, Figures, Grid, Paper, Part, Plot, Prose

FORM = "huashu-paper/1"


def to_json(paper: Paper) -> dict[str, object]:
    """{"form", "title", "lead", "about", "sections": [{"title", "parts": [{"kind", …}]}], "rows": {name: [{header: cell}]}}.

    Numbers that JSON has no word for (nan, inf) become null.
    """
    return {
        "form": FORM,
        "title": paper.title,
        "lead": list(paper.lead),
        "about": dict(paper.about),
        "sections": [{"title": one.title, "parts": [_part(part) for part in one.parts]} for one in paper.sections],
        "rows": {sheet.name: _table(sheet.header, sheet.rows) for sheet in paper.rows},
    }


def _part(part: Part) -> dict[str, object]:
    if isinstance(part, Prose):
        return {"kind": "prose", "text": part.text}
    if isinstance(part, Figures):
        return {"kind": "figures", "caption": part.caption, "rows": [_figure(row) for row in part.rows]}
    if isinstance(part, Grid):
        return {"kind": "grid", "caption": part.caption, "rows": _table(part.header, part.rows)}
    if isinstance(part, Plot):
        return {"kind": "plot", "caption": part.caption, "alt": part.alt}
    return {"kind": "warning", "text": part.text}


def _figure(row: FigureRow) -> dict[str, object]:
    return {
        "name": row.name,
        "value": _cell(row.value),
        "ci95": [_cell(row.low), _cell(row.high)],
        "n": row.n,
        "unit": row.unit,
        "definition": row.definition,
    }


def _table(header: Sequence[str], rows: Sequence[Sequence[Cell]]) -> list[Mapping[str, Cell]]:
    return [{name: _cell(value) for name, value in zip(header, row, strict=True)} for row in rows]


def _cell(value: Cell) -> Cell:
    return None if isinstance(value, float) and not math.isfinite(value) else value
