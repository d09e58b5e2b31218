"""Rows of a question sheet that are headings over the rows below: 【售后问题】, 一、物流."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from ingest.columns.table import Table
from ingest.sheet import Row
from kb.language.mask import mask

_SECTION = re.compile(
    r"【(?P<a>[^【】?？]{1,20})】|(?:第?\s*[一二三四五六七八九十]{1,3}\s*(?:[、.．]|部分|章)|[(（][一二三四五六七八九十]{1,3}[)）])\s*(?P<b>[^?？。]{1,15})"
)


def without_sections(table: Table, rows: Sequence[Row]) -> tuple[list[Row], dict[int, str]]:
    """The rows that ask, and the headings by row number. A heading fills one cell only, and a question is none."""
    sections = {row.number: name for row in rows if (name := _heading(table, row))}
    return [row for row in rows if row.number not in sections], sections


def section_of(row: Row, sections: Mapping[int, str]) -> str:
    """The heading that a row stands under; "" for none."""
    above = [number for number in sections if number < row.number]
    return sections[max(above)] if above else ""


def _heading(table: Table, row: Row) -> str:
    text = table.text(row, "question")
    if not text or sum(map(bool, row.cells)) != 1:
        return ""
    match = _SECTION.fullmatch(text)
    return mask((match["a"] or match["b"]).strip()) if match and not text.endswith(("吗", "呢")) else ""
