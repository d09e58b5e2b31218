"""A report as a workbook: the summary, all figures, each table, and the raw rows. Equal papers are equal bytes.

Numbers are numbers, so that a reader may go on counting; texts are texts, whatever they begin with (`ingest.quote`).
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from eval.paper.number import scaled
from eval.paper.paper import Cell, FigureRow, Figures, Grid, Paper, Prose, Warning
from eval.paper.words import say
from ingest.quote import quote
from ingest.sheet import safe

_CREATED = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)  # a clock in the file would make equal reports unequal bytes
_MAX_ROWS = 1_048_575  # of a spreadsheet, below a header
_LONGEST_CELL = 32_767
_IN_MEMORY = 50_000  # rows; above, they are written as they come
_NO_NAME = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
_FONT = {"font_name": "Microsoft YaHei", "font_size": 10, "valign": "top"}
_FORMS = {
    "title": {**_FONT, "bold": True, "font_size": 14},
    "text": {**_FONT, "text_wrap": True},
    "plain": _FONT,
    "head": {**_FONT, "bold": True, "font_color": "#FFFFFF", "bg_color": "#1F4E6F", "valign": "vcenter"},
    "warning": {**_FONT, "text_wrap": True, "bold": True, "font_color": "#A23B00"},
}


def write_xlsx(paper: Paper, path: Path, lang: str = "zh") -> None:
    """Write the workbook. Rows beyond what a sheet can hold go on in a second one; a text too long for a cell ends in …"""
    import xlsxwriter  # here, not above: 0.1 s that a report without a workbook need not pay

    many = sum(len(sheet.rows) for sheet in paper.rows) > _IN_MEMORY
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(str(path), {**options, "constant_memory": many, "nan_inf_to_errors": False})
    book.set_properties({"created": _CREATED, "title": safe(paper.title), "comments": "huashu 话术"})
    forms = {name: book.add_format(form) for name, form in _FORMS.items()}
    names: set[str] = set()
    _summary(book.add_worksheet(_named(say("report", lang), names)), paper, forms, lang)
    for name, header, rows in _tables(paper, lang):
        for start in range(0, max(len(rows), 1), _MAX_ROWS):
            _rows(book.add_worksheet(_named(name, names)), header, rows[start : start + _MAX_ROWS], forms)
    book.close()


def _tables(paper: Paper, lang: str) -> Iterator[tuple[str, Sequence[str], Sequence[Sequence[Cell]]]]:
    """Every table of the report: all figures in one, then those of the sections, then the raw rows."""
    figures = [
        _figure(section.title, row, lang)
        for section in paper.sections for part in section.parts if isinstance(part, Figures) for row in part.rows
    ]  # fmt: skip
    if figures:
        keys = ("section", "figure", "value", "low", "high", "unit")
        yield say("figures", lang), [*(say(key, lang) for key in keys), "n", say("definition", lang)], figures
    for section in paper.sections:
        for part in section.parts:
            if isinstance(part, Grid):
                yield part.caption or section.title, part.header, part.rows
    for sheet in paper.rows:
        yield sheet.name, sheet.header, sheet.rows


def _figure(section: str, row: FigureRow, lang: str) -> list[Cell]:
    numbers = [None if value is None else round(scaled(value, row.unit), 6) for value in (row.value, row.low, row.high)]
    return [section, row.name, *numbers, say(row.unit, lang).strip(), row.n, row.definition]


def _summary(sheet: Any, paper: Paper, forms: dict[str, Any], lang: str) -> None:
    """What one reads first: title, lead, what the sections say in words, what it rests on."""
    sheet.hide_gridlines(2)
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, 1, 96)
    lines: list[tuple[str, str, str]] = [(paper.title, "", "title"), *(("", line, "text") for line in paper.lead)]
    for section in paper.sections:
        said = [part for part in section.parts if isinstance(part, Prose | Warning)]
        lines += [
            (section.title if i == 0 else "", part.text, "warning" if isinstance(part, Warning) else "text")
            for i, part in enumerate(said)
        ]
    lines += [("", "", "text"), (say("about", lang), "", "title")]
    lines += [(name, value, "text") for name, value in paper.about.items()]
    for number, (name, text, form) in enumerate(lines):
        if name:
            sheet.write_string(number, 0, _cell(name), forms["title" if form == "title" else "text"])
        if text:
            sheet.write_string(number, 1, _cell(text), forms[form])


def _rows(sheet: Any, header: Sequence[str], rows: Sequence[Sequence[Cell]], forms: dict[str, Any]) -> None:
    for index, name in enumerate(header):
        seen = [str(row[index]) for row in rows[:200] if row[index] is not None]
        width = max([len(name.encode("gbk", "replace")), *(len(text.encode("gbk", "replace")) for text in seen)])
        sheet.set_column(index, index, min(max(width + 2, 8), 60), forms["plain"])
    for index, name in enumerate(header):
        sheet.write_string(0, index, _cell(name), forms["head"])
    for number, row in enumerate(rows, start=1):
        for index, value in enumerate(row):
            _write(sheet, number, index, value, forms["plain"])
    sheet.freeze_panes(1, 0)
    if header:
        sheet.autofilter(0, 0, max(len(rows), 1), len(header) - 1)


def _write(sheet: Any, row: int, column: int, value: Cell, form: Any) -> None:
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return
    if isinstance(value, str):
        if value:
            sheet.write_string(row, column, _cell(value), form)
    elif isinstance(value, int) and abs(value) >= 10**15:  # a spreadsheet keeps fifteen digits of a number
        sheet.write_string(row, column, str(value), form)
    else:
        sheet.write_number(row, column, value, form)


def _cell(text: str) -> str:
    text = quote(safe(text))
    return text if len(text) <= _LONGEST_CELL else text[: _LONGEST_CELL - 1] + "…"


def _named(name: str, taken: set[str]) -> str:
    """A name that a sheet may have: at most 31 characters, some of them not, and no other sheet's."""
    base = _NO_NAME.sub(" ", safe(name)).strip(" '") or "Sheet"
    if base.lower() == "history":  # Excel keeps it for itself
        base += "_"
    found, count = base[:31].rstrip(" '"), 1
    while found.lower() in taken:
        count += 1
        found = f"{base[: 31 - len(f' ({count})')]} ({count})"
    taken.add(found.lower())
    return found
