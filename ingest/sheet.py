"""A sheet as a person sees it: rows of text, numbered as the spreadsheet shows them."""

from __future__ import annotations

import datetime as dt
import math
import re
from dataclasses import dataclass
from functools import lru_cache

from ingest.quote import INVISIBLE, MARK, unquote

# Control characters and half surrogate pairs: no database, terminal or JSON reader takes all of them.
_UNSAFE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
# Excel writes a carriage return inside a cell as this escape, and openpyxl hands it on.
_ESCAPED_RETURN = re.compile(r"_x000[Dd]_(\n?)")
# White space as `str.strip` knows it, and the marks: stripped in turn, a cell of both alternating would take minutes.
_AROUND = INVISIBLE + "".join(char for char in map(chr, range(0x3001)) if char.isspace())
_LARGEST_WHOLE = 1e21  # item numbers of 18 digits come as floats; "6.9E+17" would be no key
_EXACT_DIGITS = 15  # what Excel itself keeps of a number


@dataclass(frozen=True, slots=True)
class Row:
    """One row; `number` counts from 1, `cells` are trimmed texts, trailing blanks left out."""

    number: int
    cells: tuple[str, ...]

    def cell(self, index: int) -> str:
        """The text at a zero-based column; a blank beyond the last one."""
        return self.cells[index] if index < len(self.cells) else ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A named grid without its blank rows. `prose`: its rows are paragraphs, whose numbers nobody sees."""

    name: str
    rows: tuple[Row, ...]
    prose: bool = False


@lru_cache(maxsize=1024)
def column_letter(index: int) -> str:
    """The spreadsheet's name of a zero-based column: 0 → A, 26 → AA."""
    # Here, not above: openpyxl takes 0.2 s to import, which a service without an import to do need not pay.
    from openpyxl.utils import get_column_letter

    return str(get_column_letter(index + 1))


def tidy(text: str) -> str:
    """A cell's text without outer white space, invisible marks around it and control characters."""
    if text.isascii() and text.isprintable() and "_x000" not in text:
        return text.strip()
    text = _ESCAPED_RETURN.sub("\n", _UNSAFE.sub("", text))
    return text.strip(_AROUND)


def cell_text(value: object) -> str:
    """A cell value as text: 129.0 → "129", a moment → "2026-11-01 08:00:00", a day → "2026-11-01", None → ""."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, dt.datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S")
    text = str(value)
    if text.startswith(MARK) and (quoted := unquote(text)) is not None:
        return safe(quoted)
    return tidy(text)


def safe(text: str) -> str:
    """A text without control characters, its line ends as one line feed: what a cell can hold."""
    if text.isprintable():
        return text
    return _UNSAFE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def make_row(number: int, texts: list[str]) -> Row | None:
    """A row without its trailing blanks; None when nothing is left."""
    while texts and not texts[-1]:
        texts.pop()
    return Row(number, tuple(texts)) if texts else None


def _number(value: float) -> str:
    if not math.isfinite(value):
        return ""
    if value.is_integer() and abs(value) < _LARGEST_WHOLE:
        return str(int(value))
    # 0.1 + 0.2 is shown as 0.3 by the spreadsheet, and that is what the merchant means.
    return format(value, f".{_EXACT_DIGITS}g")
