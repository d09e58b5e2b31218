"""What a header says once its remarks and marks are gone: which field it names, which unit, whether it is a secret."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import fuzz, process

from ingest.columns.fields import FIELDS, SECRET_WORDS, SKIPPED, Field, SheetKind
from kb.language import names
from kb.language.text import fold
from kb.language.units import unit_of

LONGEST_HEADER = 30  # characters; longer cells are titles and notes
_SIMILAR_ENOUGH = 85  # rapidfuzz ratio, 0–100: one slip in seven characters
_LONGEST_SECRET = 15  # a sentence that mentions a password is not a password column
_REMARK = re.compile(r"[(\[【][^()\[\]【】]*[)\]】]|[*＊]")
_COUNTER = re.compile(r"[-_]?(?:\d{1,2}|[一二三四五六七八九十])$")
_UNIT_IN_BRACKETS = re.compile(r"(.+?)\s*[(（\[【]\s*(?:单位\s*[:：]?\s*)?([^()（）\[\]【】]{1,8})\s*[)）\]】]")
_UNIT_BEHIND = re.compile(r"(.+?)(?:\s*[/／_|]\s*|\s+)(?:单位\s*[:：]\s*)?([^\s/／_|]{1,6})")


@dataclass(frozen=True, slots=True)
class Match:
    """The field that a header names; `sure` unless only a likeness says so."""

    field: Field
    sure: bool = True


@lru_cache(maxsize=4096)
def plain(header: str) -> str:
    """A header without remarks, marks and spaces: "日常价 （元）*" → "日常价"."""
    folded = fold(header).replace(" ", "")
    return _REMARK.sub("", folded).strip(":") or folded


def is_secret(header: str) -> bool:
    """Whether a header announces a credential."""
    name = plain(header)
    return len(name) <= _LONGEST_SECRET and any(word in name for word in SECRET_WORDS)


@lru_cache(maxsize=4096)
def split_unit(header: str) -> tuple[str, str]:
    """ "重量(g)", "重量/g", "重量（单位：克）" → ("重量", "g"); what is no unit belongs to the name."""
    for shape in (_UNIT_IN_BRACKETS, _UNIT_BEHIND):
        match = shape.fullmatch(header.strip())
        if match and (unit := unit_of(match[2])):
            return match[1].strip(), unit
    return header, ""


def exact(kind: SheetKind, header: str) -> Field | None:
    """The field of which a plain header is a known name, its unit and counter aside."""
    aliases = _aliases(kind)
    found = aliases.get(header) or aliases.get(split_unit(header)[0])
    if found is None and (numbered := aliases.get(_COUNTER.sub("", header))) and numbered.repeats:
        return numbered
    return found


@lru_cache(maxsize=4096)
def similar(kind: SheetKind, header: str) -> Field | None:
    """The field whose name a plain header nearly is: somebody should look."""
    aliases = _aliases(kind)
    best = process.extractOne(header, aliases.keys(), scorer=fuzz.ratio, score_cutoff=_SIMILAR_ENOUGH)
    return aliases[best[0]] if best else None


def is_skipped(header: str) -> bool:
    """Whether a plain header names a column for people, not for answers."""
    return header in _skipped()


@lru_cache(maxsize=1)
def known_attributes() -> frozenset[str]:
    """The plain names of what buyers ask of a product and of what size tables measure."""
    listed = " ".join((*names.ATTRIBUTES.values(), names.MEASURES, names.POINTS, names.PARAMETERS))
    return frozenset(map(plain, listed.split()))


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
