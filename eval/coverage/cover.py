"""Which of the usual questions a shop answers: each is asked in all its wordings through the one search there is.

An entry's claim to a question is its mean probability over the wordings, so that one lucky match does not make an
answer; or that of the question itself, where it is all but certain (the shop has the very question, and only the other
wordings go astray). A wording that is answered from the product sheet counts in full. What lies between two thresholds
is told as doubtful, for a person to look at; what no script answers and the
handover form does is *told*: the merchant has said it, and a script is all that is wanting.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from eval.coverage.usual import Usual
from kb.embed import Engine
from kb.model import Entry, Fact, Query
from kb.profile import known
from kb.search import search
from kb.shard import Shard

_ANSWERED = 0.6
_DOUBTFUL = 0.4
_CERTAIN = 0.9  # of the question itself
_LIMIT = 5  # hits of a wording that may lay a claim


class Cover(StrEnum):
    """Whether a usual question is answered."""

    ANSWERED = "answered"
    TOLD = "told"  # by the handover form; no script yet
    DOUBTFUL = "doubtful"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Covered:
    """A usual question, how sure it is answered (in [0, 1]), by which entry, where one has a claim, and the fact of the shop's
    handover form that holds the answer, where one does."""

    usual: Usual
    probability: float
    entry: Entry | None = None
    fact: Fact | None = None

    @property
    def state(self) -> Cover:
        if self.probability >= _ANSWERED:
            return Cover.ANSWERED
        if self.fact is not None:
            return Cover.TOLD
        return Cover.DOUBTFUL if self.probability >= _DOUBTFUL else Cover.OPEN


def cover(shard: Shard, engine: Engine | None, questions: Iterable[Usual]) -> list[Covered]:
    """Every question with its best claim, in the order given. Costs a search for each wording."""
    return [_cover(shard, engine, usual) for usual in questions]


def coverage(covered: Iterable[Covered]) -> float:
    """The share of what is asked that is answered: questions weighted by how often they are asked."""
    weights: Counter[bool] = Counter()
    for each in covered:
        weights[each.state is Cover.ANSWERED] += each.usual.often
    return weights[True] / weights.total() if weights else 0.0


def _cover(shard: Shard, engine: Engine | None, usual: Usual) -> Covered:
    found = [search(shard, Query(wording, limit=_LIMIT), engine) for wording in usual.wordings]
    claims: defaultdict[str, float] = defaultdict(float)
    entries: dict[str, Entry] = {}
    for each in found:
        for hit in each.hits:
            claims[hit.entry.id] += hit.probability / len(found)
            entries[hit.entry.id] = hit.entry
    first = found[0].hits[0] if found[0].hits else None
    if first and first.probability >= _CERTAIN:
        claims[first.entry.id] = max(claims[first.entry.id], first.probability)
    stated = sum(any(fact.product for fact in each.facts) for each in found) / len(found)
    fact = known(shard.profile, usual.question)
    best, claim = max(claims.items(), key=lambda item: (item[1], item[0]), default=("", 0.0))
    if stated > claim:
        return Covered(usual, stated, fact=fact)
    return Covered(usual, claim, entries.get(best), fact)
