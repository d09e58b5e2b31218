"""What the workbook holds beside the report: days, parts, and the conversations themselves where a sheet can hold them."""

from __future__ import annotations

import numpy as np

from eval.paper.paper import Cell, Sheet
from eval.rows.rows import COLUMNS, Rows
from eval.uplift.analysis import Analysis
from eval.uplift.words import say
from kb.language.mask import mask

MOST_ROWS = 50_000  # conversations in a sheet; of more, only the days' sums
_SUMMED = ("converted", "paid", "refunded")


def sheets(found: Analysis, lang: str) -> list[Sheet]:
    """The sheets that hold anything; nothing about outcomes where the analysis was refused."""
    if found.refused:
        return []
    made = [_days(found, lang), _parts(found, lang), _conversations(found.trial.rows, lang)]
    return [sheet for sheet in made if sheet.rows]


def _days(found: Analysis, lang: str) -> Sheet:
    """Sums of each arm on each day, from which every figure over conversations can be done again."""
    trial = found.trial
    header = [say("day", lang), say("arm", lang), say("conversations", lang), *(say(name, lang) for name in _SUMMED)]
    if found.days is None:
        return Sheet(say("rows_days", lang), header, [])
    arms, names = trial.order(), (trial.control, *trial.treatments)
    cells = found.days.of * len(names) + arms
    size = len(found.days.names) * len(names)
    counts = np.bincount(cells, minlength=size)
    sums = [np.bincount(cells, np.nan_to_num(trial.rows.number(name)), size) for name in _SUMMED]
    rows: list[list[Cell]] = [
        [
            found.days.names[i // len(names)],
            names[i % len(names)],
            int(counts[i]),
            *(round(float(one[i]), 2) for one in sums),
        ]
        for i in range(size)
        if counts[i]
    ]
    return Sheet(say("rows_days", lang), header, rows)


def _parts(found: Analysis, lang: str) -> Sheet:
    header = [say(key, lang) for key in ("cut", "part", "conversations", "treated", "control", "effect")]
    rows: list[list[Cell]] = [
        [
            cut.name,
            part.name,
            int(part.effect.treated.n + part.effect.control.n),
            part.effect.treated.value,
            part.effect.control.value,
            part.effect.value,
        ]
        for cut in found.cuts
        for part in cut.parts
    ]
    return Sheet(say("rows_parts", lang), header, rows)


def _conversations(rows: Rows, lang: str) -> Sheet:
    name = say("rows_raw", lang)
    known = [column for column in COLUMNS if rows.knows(column)]
    if len(rows) > MOST_ROWS:
        return Sheet(name, known, [])
    columns = [_column(rows, column) for column in known]
    return Sheet(name, known, [list(row) for row in zip(*columns, strict=True)])


def _column(rows: Rows, name: str) -> list[Cell]:
    if name in rows.texts:
        column = rows.texts[name]
        names = [mask(name) for name in column.names] if name in ("conversation", "unit") else column.names
        return [names[code] for code in column.codes.tolist()]
    return [
        None if value != value else int(value) if value.is_integer() else value for value in rows.number(name).tolist()
    ]
