"""Search: a buyer's message → entries with reasons and a probability. The service and the evaluation call this
one function; there is no other path to an answer.

Candidates come from vectors, words and verbatim matches; validity, platform and product conditions act while
candidates are generated, so that an expired answer never takes a place; the head ranks what is left.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from kb.embed import Engine, Vectors
from kb.facts import state
from kb.features import Measured, measure
from kb.head import VERBATIM, Head, load_head
from kb.mask import mask
from kb.model import Found, Hit, Mode, Query, Reason
from kb.shard import Shard
from kb.text import bare, clean, fold
from kb.tone import tone_of

_log = logging.getLogger(__name__)

LONGEST_MESSAGE = 500  # characters used; buyers who paste more say what they want at the start
_DENSE_LINES = 64
_NEAR_ENTRIES = 24  # different entries that the vectors shall bring, however many phrasings one of them has
_LEXICAL_ENTRIES = 24


def search(shard: Shard, query: Query, engine: Engine | None) -> Found:
    """The best `query.limit` entries of the shard for a message, best first, and the products it names.

    `query.now` is unix seconds (0: the clock's). An empty message finds nothing. When the engine is absent,
    foreign to the shard or raises, the search goes by words and says so in `Found.mode`.
    """
    started = time.perf_counter()
    query = query if query.now else replace(query, now=int(time.time()))
    text = prepared(query.text)
    vector = _embed(shard, text, engine)
    embedded = time.perf_counter()
    mode = Mode.LEXICAL if vector is None and (text or engine is None) else Mode.HYBRID
    words, tokens = shard.analyzer.words_of(text), shard.analyzer.tokens(text)
    hits = Ranking(shard, query, text, tokens, vector).hits() if text and shard.lines else []
    products = shard.catalog.find(words, tokens, focus=query.product)
    done = time.perf_counter()
    timings = {"embed": (embedded - started) * 1000, "search": (done - embedded) * 1000}
    tone = tone_of(text, query.turns, hits)
    facts = state(shard, text, products, query.product)
    return Found(tuple(hits), tuple(products), mode, shard.generation, timings, tone, facts)


def prepared(message: str) -> str:
    """The message as it is searched: cleaned, masked, and cut to a bounded length."""
    # Cut first, with room for what cleaning and masking may shorten: the patterns of `mask` look at every character.
    return clean(mask(clean(message[: 4 * LONGEST_MESSAGE])))[:LONGEST_MESSAGE]


def _embed(shard: Shard, text: str, engine: Engine | None) -> Vectors | None:
    if engine is None or not text or not shard.complete or engine.fingerprint != shard.fingerprint:
        return None
    try:
        return np.asarray(engine.embed([text])[0], np.float32)
    except Exception:  # a model can fail in any way; the agent still needs an answer
        _log.exception("engine %s failed; answering by words", engine.fingerprint)
        return None


@dataclass(frozen=True, slots=True)
class Candidates:
    """Entries worth measuring (positions in the shard), what was measured, and which matched verbatim."""

    entries: list[int]
    measured: Measured
    verbatim: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Ranking:
    """One message against one shard: first candidates, then hits. `eval.fit` learns from the same candidates."""

    shard: Shard
    query: Query
    text: str
    tokens: Sequence[str]
    vector: Vectors | None

    def candidates(self) -> Candidates | None:
        """What may answer, measured; None when nothing may."""
        allowed = self.shard.allowed(self.query)
        bm25 = self.shard.lexical.scores(self.tokens)
        folded = fold(self.text)
        same = bare(folded)
        refused = set(self.shard.refused.get(same, ()))
        exact = [e for e in self.shard.exact.get(same, ()) if allowed is None or allowed[e]]
        found = sorted({*exact, *self._by_words(bm25, allowed), *self._by_vector(allowed)} - refused)
        if not found:
            return None
        measured = measure(self.shard, found, folded, bm25, self.vector)
        return Candidates(found, measured, np.isin(found, exact))

    def hits(self) -> list[Hit]:
        """The answers, best first: by relevance, and among equals by key, whatever order they were stored in."""
        candidates = self.candidates()
        if candidates is None:
            return []
        head = load_head(Mode.LEXICAL if self.vector is None else Mode.HYBRID)
        relevance = np.where(candidates.verbatim, np.inf, head.relevance(candidates.measured.values))
        chances = head.probability(candidates.measured.values, len(self.text))
        # Twins with the same stored question share the certainty: at most one of them is meant.
        certain = VERBATIM / max(int(candidates.verbatim.sum()), 1)
        chances = np.where(candidates.verbatim, np.maximum(np.minimum(chances, VERBATIM), certain), chances)
        keep = np.flatnonzero(candidates.verbatim | ~candidates.measured.negative_wins)
        order = sorted(keep.tolist(), key=lambda i: (-relevance[i], self.shard.entries[candidates.entries[i]].key))
        # What stands lower is never called more probable than what stands above it.
        told = np.minimum.accumulate(chances[order]) if order else chances
        return [self._hit(candidates, i, float(p), head) for i, p in zip(order[: self.query.limit], told, strict=False)]

    def _by_words(self, bm25: NDArray[np.float32], allowed: NDArray[np.bool_] | None) -> list[int]:
        """The entries whose best line shares most with the message; those tied with the last one too, so that the
        order of storing decides nothing."""
        best = np.zeros(len(self.shard.entries), np.float32)
        np.maximum.at(best, self.shard.owner, bm25)  # negative lines hold no tokens, so they score 0
        if allowed is not None:
            best = np.where(allowed, best, 0.0)
        if len(best) > _LEXICAL_ENTRIES:
            least = np.partition(best, -_LEXICAL_ENTRIES)[-_LEXICAL_ENTRIES]
            best = np.where(best >= least, best, 0.0)
        return [int(position) for position in np.flatnonzero(best > 0)]

    def _by_vector(self, allowed: NDArray[np.bool_] | None) -> list[int]:
        """The entries with the nearest lines; looks further while the nearest lines belong to few entries."""
        if self.vector is None or self.shard.dense is None:
            return []
        usable = self.shard.positive
        if allowed is not None:
            usable = usable & allowed[self.shard.owner]
        chosen = None if usable.all() else usable
        count = _DENSE_LINES
        while True:
            nearest = self.shard.dense.nearest(self.vector, count, chosen)
            owners = np.unique(self.shard.owner[nearest])
            if len(owners) >= _NEAR_ENTRIES or len(nearest) < count:
                return [int(owner) for owner in owners]
            count *= 4

    def _hit(self, candidates: Candidates, i: int, chance: float, head: Head) -> Hit:
        position = candidates.entries[i]
        line = self.shard.lines[int(candidates.measured.best_line[i])]
        cosine = float(candidates.measured.cosine[i])
        return Hit(
            entry=self.shard.entries[position],
            answer=self.shard.answer_for(position, self.query),
            phrasing=line.text,
            probability=round(chance, 4),
            band=head.band(chance),
            reasons=tuple(self._reasons(line.text, cosine, bool(candidates.verbatim[i]))),
        )

    def _reasons(self, phrasing: str, cosine: float, verbatim: bool) -> list[Reason]:
        reasons = []
        if verbatim:
            reasons.append(Reason("verbatim", "与已有问法完全一致"))
        elif self.vector is not None:
            reasons.append(Reason("similar", f"语义相近 {cosine:.2f}"))
        theirs = set(self.shard.analyzer.words_of(phrasing))
        shared = [w for w in dict.fromkeys(self.shard.analyzer.words_of(self.text)) if w in theirs and len(w) > 1]
        if shared:
            reasons.append(Reason("same_words", "共有词：" + "、".join(shared[:5])))
        return reasons
