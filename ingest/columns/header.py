"""Finding the header row, what kind of sheet stands below it, and what each column means."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import fuzz, process

from ingest.columns.fields import FIELDS, SECRET_WORDS, SKIPPED, Field, SheetKind
from ingest.columns.table import Column, Table, Use
from ingest.sheet import Row, Sheet
from kb.language.text import fold

_SEARCH_ROWS = 30
_LONGEST_HEADER = 30  # characters; longer cells are titles and notes
_SIMILAR_ENOUGH = 85  # rapidfuzz ratio, 0–100: one slip in seven characters
_LONGEST_SECRET = 15  # a sentence that mentions a password is not a password column
_REMARK = re.compile(r"[(\[【][^()\[\]【】]*[)\]】]|[*＊]")
_COUNTER = re.compile(r"[-_]?(?:\d{1,2}|[一二三四五六七八九十])$")


@dataclass(frozen=True, slots=True)
class Guess:
    """How one row reads as the header of one kind."""

    kind: SheetKind
    row: Row
    fields: Mapping[int, Field]  # by zero-based column

    @property
    def missing(self) -> list[Field]:
        present = {field.name for field in self.fields.values()}
        needed = (field for field in FIELDS[self.kind] if field.required)
        return [field for field in needed if not present & {field.name, *field.instead}]

    @property
    def matched(self) -> int:
        return len({field.name for field in self.fields.values()})

    @property
    def rank(self) -> tuple[bool, int, int]:
        """Complete guesses first, then what matches most; needing (and finding) more is the surer sign."""
        needed = sum(field.required for field in FIELDS[self.kind]) - len(self.missing)
        return not self.missing, self.matched + needed, -self.row.number


@lru_cache(maxsize=4096)
def plain(header: str) -> str:
    """A header without remarks, marks and spaces: "日常价 （元）*" → "日常价"."""
    folded = fold(header).replace(" ", "")
    return _REMARK.sub("", folded).strip(":") or folded


def find_header(sheet: Sheet, kind: SheetKind | None) -> Guess | None:
    """The best guess within the first rows, complete or not; None when nothing matches at all.

    A kind that is given is the only one tried.
    """
    kinds = [kind] if kind else list(FIELDS)
    guesses = [guess for row in sheet.rows[:_SEARCH_ROWS] for k in kinds if (guess := _guess(k, row)).fields]
    return max(guesses, key=lambda guess: guess.rank, default=None)


def make_table(file: str, sheet: Sheet, guess: Guess) -> Table:
    """The sheet below the header that was found."""
    fallback = Use.FACT if guess.kind is SheetKind.PRODUCT else Use.UNUSED
    columns = tuple(
        _column(index, text, guess.fields.get(index), fallback) for index, text in enumerate(guess.row.cells) if text
    )
    rows = tuple(row for row in sheet.rows if row.number > guess.row.number)
    return Table(file, sheet.name, guess.kind, guess.row.number, columns, rows)


def is_secret(header: str) -> bool:
    """Whether a header announces a credential."""
    name = plain(header)
    return len(name) <= _LONGEST_SECRET and any(word in name for word in SECRET_WORDS)


def _guess(kind: SheetKind, row: Row) -> Guess:
    headers = {
        index: plain(text)
        for index, text in enumerate(row.cells)
        if text and len(text) <= _LONGEST_HEADER and not is_secret(text)
    }
    found: dict[int, Field] = {}
    for match in (_exact, _similar):
        for index, header in headers.items():
            if index in found or header in _skipped():
                continue
            field = match(kind, header)
            if field and (field.repeats or field not in found.values()):
                found[index] = field
    if kind is SheetKind.PRODUCT and len(headers) < 2:
        found = {}  # one word above a list of names is not yet a product sheet
    return Guess(kind, row, found)


def _exact(kind: SheetKind, header: str) -> Field | None:
    aliases = _aliases(kind)
    field = aliases.get(header)
    if field is None and (numbered := aliases.get(_COUNTER.sub("", header))) and numbered.repeats:
        return numbered
    return field


def _similar(kind: SheetKind, header: str) -> Field | None:
    aliases = _aliases(kind)
    best = process.extractOne(header, aliases.keys(), scorer=fuzz.ratio, score_cutoff=_SIMILAR_ENOUGH)
    return aliases[best[0]] if best else None


def _column(index: int, header: str, field: Field | None, fallback: Use) -> Column:
    header = " ".join(header.split())
    if field:
        return Column(index, header, Use.FIELD, field.name, field.label)
    if is_secret(header):
        return Column(index, header, Use.SECRET)
    return Column(index, header, Use.SKIPPED if plain(header) in _skipped() else fallback)


@lru_cache(maxsize=len(SheetKind))
def _aliases(kind: SheetKind) -> dict[str, Field]:
    found: dict[str, Field] = {}
    for field in FIELDS[kind]:
        for alias in field.aliases:
            found.setdefault(plain(alias), field)
    return found


@lru_cache(maxsize=1)
def _skipped() -> frozenset[str]:
    return frozenset(map(plain, SKIPPED))


def headers_seen(rows: Iterable[Row], limit: int = 12) -> str:
    """The likeliest header of a sheet nobody understands, for the message; secrets and long texts left out."""
    rows = list(rows)[:_SEARCH_ROWS]
    if not rows or any(is_secret(cell) for row in rows for cell in row.cells):
        return ""
    widest = max(rows, key=lambda row: (sum(map(bool, row.cells)), -row.number))
    return "、".join([cell for cell in widest.cells if cell and len(cell) <= _LONGEST_HEADER][:limit])
