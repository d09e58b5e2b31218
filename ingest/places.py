"""Where a finding stands, told so that whoever wrote the file can find it.

Nobody sees the number of a paragraph in Word or of a line in a PDF, so in running text a place is told by the words that it
begins with; row and column stay for programs.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from ingest.problem import Problem, short
from ingest.sheet import Sheet
from kb.language.mask import mask

_LONGEST = 20  # characters of a beginning
_MASKED = 400  # masking costs by length; what is cut afterwards need not be masked
_HERE = re.compile(r"^第(\d+)行(?: [A-Z]+列)?：")
_THERE = re.compile(r"第(\d+)行(?P<quoted>“)?")
_ON = re.compile(r"工作表“([^”]*)”第(\d+)行(?P<quoted>“)?")

Beginnings = Mapping[int, str]  # by row number


def beginnings(sheet: Sheet) -> dict[int, str]:
    """What the paragraphs of running text begin with, masked; nothing of a sheet whose rows have numbers to be seen."""
    if not sheet.prose:
        return {}
    return {row.number: short(mask(row.cell(0)[:_MASKED]), _LONGEST) for row in sheet.rows if row.number}


def told(problems: Sequence[Problem], of_sheets: Mapping[str, Beginnings]) -> tuple[Problem, ...]:
    """The findings with places of running text in its own words."""
    return tuple(_told(problem, of_sheets) for problem in problems) if any(of_sheets.values()) else tuple(problems)


def _told(problem: Problem, of_sheets: Mapping[str, Beginnings]) -> Problem:
    own = of_sheets.get(problem.sheet, {})
    quote = own.get(problem.row, "")
    text = _HERE.sub(f"“{quote}”：" if quote else r"\g<0>", problem.text)
    text = _elsewhere(text, own, of_sheets)
    sides = problem.sides and replace(problem.sides, where=_elsewhere(problem.sides.where, own, of_sheets))
    return replace(problem, text=text, quote=quote, sides=sides)


def _elsewhere(text: str, own: Beginnings, of_sheets: Mapping[str, Beginnings]) -> str:
    text = _ON.sub(_words(lambda match: of_sheets.get(match[1], {}).get(int(match[2]))), text)
    return _THERE.sub(_words(lambda match: own.get(int(match[1]))), text)


def _words(find: Callable[[re.Match[str]], str | None]) -> Callable[[re.Match[str]], str]:
    """The beginning instead of a number, unless the text quotes the question itself already."""

    def words(match: re.Match[str]) -> str:
        found = find(match)
        if not found:
            return match[0]
        return "“" if match["quoted"] else f"“{found}”"

    return words
