"""Typed search: what an agent types, as it is typed → entries and products, best kind of match first; at most 25.

The order, and why, at the moment an agent types with a buyer waiting:

1. Whatever is written exactly as typed, in the order of the field (Amazon Q in Connect): shortcut > standard question
   > phrasing > product. It is certain; and letters, which may be pinyin, are rarely written anywhere but in a code.
2. What *sounds* as typed, in the same order: letters that nobody wrote in a name are pinyin or initials (qtwly), and
   pinyin is how an agent asks for a title, not for a word deep inside an answer.
3. Text: the letters or characters stand in an answer. For letters often by accident (an address, a unit).
4. Near: mistyped characters; sounds that a southern ear confuses (sangpin for shangpin); initials
   with characters left out (qtly).

A lower kind is only looked for while the list is not full.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz

from kb.distinct import distinct
from kb.language.text import clean, fold
from kb.model import Answer, Entry, Product, Query
from kb.shard import Shard
from kb.typed.index import Typed
from kb.typed.pinyin import Readings, pinyin
from kb.typed.rows import Places, Rows
from kb.typed.spell import Sounds, letters_of, spell

MOST = 25
LONGEST_TYPED = 100
_NEAR = 75.0  # rapidfuzz partial ratio from which a mistyped question still counts
_SHARED_IF_NEAR = 0.6  # of the shorter text's characters: no text that shares fewer can reach that ratio
_SHORTEST_FUZZY = 3
_LETTER = re.compile("[a-z]")
_SHORTEST_PINYIN = 2  # one letter begins a fortieth of all characters


class Match(IntEnum):
    """Kinds of match, best first."""

    SHORTCUT = 0
    QUESTION = 1
    PHRASING = 2
    PRODUCT = 3
    SHORTCUT_PINYIN = 4
    QUESTION_PINYIN = 5
    PHRASING_PINYIN = 6
    PRODUCT_PINYIN = 7
    TEXT = 8
    TEXT_PINYIN = 9
    NEAR = 10


@dataclass(frozen=True, slots=True)
class Listed:
    """One line of the list: an entry with the answer it would give now, or a product."""

    match: Match
    closeness: float  # within its kind: larger is better
    thing: Entry | Product
    answer: Answer | None = None


@dataclass(frozen=True, slots=True)
class _Owned:
    """Things that match in one way, by position, and how close each of their matches is; both of shape (n,)."""

    owners: Places
    closeness: NDArray[np.float64]


def lookup(shard: Shard, query: Query, limit: int = MOST) -> list[Listed]:
    """Everything that the typed text names, best first; blank text finds nothing."""
    typed = fold(clean(query.text))[:LONGEST_TYPED]
    query = query if query.now else replace(query, now=int(time.time()))
    found: list[Listed] = []
    seen: set[int] = set()
    for match, owned in _stages(shard.typed, typed) if typed else ():
        for position, closeness in _best_first(owned, shard.typed.things):
            if position in seen:
                continue
            seen.add(position)
            thing = shard.typed.things[position]
            answer = shard.answer_for(position, query) if isinstance(thing, Entry) else None
            if answer is not None or isinstance(thing, Product):
                found.append(Listed(match, closeness, thing, answer))
            if len(found) >= min(limit, MOST):
                return found
    return found


def _stages(index: Typed, typed: str) -> Iterator[tuple[Match, _Owned]]:
    """The matches kind by kind, best kind first; what nobody asks for is not looked for."""
    products = len(index.entries)  # where the products' positions begin
    written = index.written
    yield Match.SHORTCUT, _written(written.shortcuts, typed, begins=True)
    yield Match.QUESTION, _written(written.questions, typed)
    yield Match.PHRASING, _written(written.phrasings, typed)
    codes = _written(written.codes, typed, products, begins=True)
    yield Match.PRODUCT, _together(_written(written.names, typed, products), codes)
    letters = letters_of(typed)
    as_pinyin = len(letters) >= _SHORTEST_PINYIN and _LETTER.search(letters)
    if as_pinyin:
        sounding, strict = index.sounding, pinyin().strict
        yield Match.SHORTCUT_PINYIN, _spelled(sounding.shortcuts, letters, strict, begins=True)
        yield Match.QUESTION_PINYIN, _spelled(sounding.questions, letters, strict)
        yield Match.PHRASING_PINYIN, _spelled(sounding.phrasings, letters, strict)
        yield Match.PRODUCT_PINYIN, _spelled(sounding.names, letters, strict, products)
    yield Match.TEXT, _written(written.answers, typed)
    if as_pinyin:
        yield Match.TEXT_PINYIN, _spelled(sounding.answers, letters, strict)
    near = [_mistyped(written.questions, typed)]
    if as_pinyin and len(letters) >= _SHORTEST_FUZZY:
        for rows, first in ((sounding.questions, 0), (sounding.phrasings, 0), (sounding.names, products)):
            near.append(_spelled(rows, letters, pinyin().loose, first, abbreviated=True))
    yield Match.NEAR, _together(*near)


def _best_first(owned: _Owned, things: Sequence[Entry | Product]) -> Iterator[tuple[int, float]]:
    """(position, closeness), closest first and equals by key. Sorted only as far as anybody reads."""
    for level in distinct(owned.closeness)[::-1].tolist():
        equals = set(owned.owners[owned.closeness == level].tolist())
        for position in sorted(equals, key=lambda p: (things[p].key, things[p].id)):
            yield position, level


def _written(rows: Rows, typed: str, first: int = 0, *, begins: bool = False) -> _Owned:
    """Where it stands as typed: the beginning of a text is better than its inside, a short text than a long one."""
    at = rows.matches(rows.find(typed))
    owned = _Owned(at.owners + first, at.begins + len(typed) / at.lengths)
    return _only(owned, at.begins) if begins else owned


def _spelled(
    rows: Sounds, letters: str, readings: Readings, first: int = 0, *, begins: bool = False, abbreviated: bool = False
) -> _Owned:
    """Where the letters spell it: as above, and few characters spelled out are better than many initials.

    Where characters may be left out, it is half as close, and with n left out 1 / (n + 1) of that.
    """
    spelled = spell(rows, letters, readings, abbreviated=abbreviated)
    at = rows.matches(spelled.places)
    closeness = at.begins + (1 / spelled.spans + 1 / at.lengths) / 2
    if abbreviated:
        closeness /= 2 * (1 + spelled.skips)
    owned = _Owned(at.owners + first, closeness)
    return _only(owned, at.begins) if begins else owned


def _mistyped(questions: Rows, typed: str) -> _Owned:
    if len(typed) < _SHORTEST_FUZZY:
        return _together()
    sizes = questions.sizes()
    enough = questions.share(typed) >= _SHARED_IF_NEAR * np.minimum(sizes, len(typed))
    owners = np.flatnonzero(enough & (sizes > 0))
    ratios = [fuzz.partial_ratio(typed, questions.text(owner), score_cutoff=_NEAR) for owner in owners.tolist()]
    closeness = np.array(ratios, np.float64) / 100
    return _only(_Owned(owners, closeness), closeness > 0)


def _only(owned: _Owned, mask: NDArray[np.bool_]) -> _Owned:
    return _Owned(owned.owners[mask], owned.closeness[mask])


def _together(*several: _Owned) -> _Owned:
    return _Owned(
        np.concatenate([np.zeros(0, np.int64), *(owned.owners for owned in several)]),
        np.concatenate([np.zeros(0), *(owned.closeness for owned in several)]),
    )
