"""Typed search: what an agent types, as it is typed → entries and products, best kind of match first.

Order of the field (Amazon Q in Connect): shortcut > standard question > phrasing > product > text; at most 25.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import IntEnum

from rapidfuzz import fuzz

from kb.model import Answer, Entry, Product, Query
from kb.shard import Shard
from kb.text import clean, fold

MOST = 25
LONGEST_TYPED = 100
_NEAR = 75.0  # rapidfuzz partial ratio from which a mistyped question still counts
_SHORTEST_FUZZY = 3


class Match(IntEnum):
    """Kinds of match, best first."""

    SHORTCUT = 0
    QUESTION = 1
    PHRASING = 2
    PRODUCT = 3
    TEXT = 4
    NEAR = 5


@dataclass(frozen=True, slots=True)
class Listed:
    """One line of the list: an entry with the answer it would give now, or a product."""

    match: Match
    closeness: float  # within its kind: larger is better
    thing: Entry | Product
    answer: Answer | None = None


def lookup(shard: Shard, query: Query, limit: int = MOST) -> list[Listed]:
    """Everything that the typed text names, best first; blank text finds nothing."""
    typed = fold(clean(query.text))[:LONGEST_TYPED]
    if not typed:
        return []
    query = query if query.now else replace(query, now=int(time.time()))
    found = sorted(
        [*_entries(shard, query, typed), *_products(shard, typed)],
        key=lambda f: (f.match, -f.closeness, f.thing.key),
    )
    return found[: min(limit, MOST)]


def _entries(shard: Shard, query: Query, typed: str) -> Iterator[Listed]:
    allowed = shard.allowed(query)
    for position, entry in enumerate(shard.entries):
        if allowed is not None and not allowed[position]:
            continue
        match = _match(shard, position, entry, typed)
        if match is None:
            continue
        answer = shard.answer_for(position, query)
        if answer is not None:
            yield Listed(*match, entry, answer)


def _match(shard: Shard, position: int, entry: Entry, typed: str) -> tuple[Match, float] | None:
    """The best kind of match of one entry, and how close it is."""
    if entry.shortcut and fold(entry.shortcut).startswith(typed):
        return Match.SHORTCUT, len(typed) / len(fold(entry.shortcut))
    question = fold(entry.question)
    if typed in question:
        return Match.QUESTION, (question.startswith(typed)) + len(typed) / len(question)
    lines = [shard.lines[i] for i in shard.lines_of_entry[position] if shard.lines[i].positive]
    shares = [len(typed) / len(line.folded) for line in lines if typed in line.folded]
    if shares:
        return Match.PHRASING if entry.question else Match.TEXT, max(shares)
    if any(typed in fold(answer.text) for answer in entry.answers):
        return Match.TEXT, 0.0
    if len(typed) >= _SHORTEST_FUZZY and question:
        near = fuzz.partial_ratio(typed, question, score_cutoff=_NEAR)
        return (Match.NEAR, near / 100) if near else None
    return None


def _products(shard: Shard, typed: str) -> Iterator[Listed]:
    for product in shard.catalog.products:
        name = fold(product.name)
        if typed in name:
            yield Listed(Match.PRODUCT, len(typed) / len(name), product)
        elif any(fold(code).startswith(typed) for code in (product.key, product.model, *(s.key for s in product.skus))):
            yield Listed(Match.PRODUCT, 1.0, product)
