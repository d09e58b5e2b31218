"""Search: a buyer's message → entries with reasons and a probability. The service and the evaluation call this
one function; there is no other path to an answer.

The message is read by itself, or in its conversation where something was said before (`kb.language.conversation`). Candidates
come from its vector, its words and verbatim matches; validity, platform and product conditions act while candidates are generated, so that
an expired answer never takes a place; the head ranks what is left.
"""

from __future__ import annotations

import heapq
import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from kb.catalog import NOBODY
from kb.embed import Engine, Vectors, sound
from kb.facts import MOST, state
from kb.features import Measured, Reading, measure
from kb.fitting import untold
from kb.head import VERBATIM, Head, load_head
from kb.language.conversation import Said, follows_up, gist, prepared, understand
from kb.language.text import bare, fold
from kb.language.tone import tone_of
from kb.model import Band, Found, Hit, Mode, ProductHit, Query, Reason, Speaker, Stated
from kb.profile import state_profile
from kb.shard import Shard
from kb.subject import NOTHING, Subject, foreign, of_something_else, thin

_log = logging.getLogger(__name__)

_DENSE_LINES = 64
_NEAR_ENTRIES = 24  # different entries that the vectors shall bring, however many phrasings one of them has
_LEXICAL_ENTRIES = 24
_MOST_TIED = 256  # entries that share alike with a message: a sheet may ask 怎么退 of each of 20,000 products
_CARRIED = 6  # turns back in which a product is looked for that the message only hints at


def search(shard: Shard, query: Query, engine: Engine | None) -> Found:
    """The best `query.limit` entries of the shard for a message, best first, and the products it names.

    `query.now` is unix seconds (0: the clock's). An empty message finds nothing. When the engine is absent,
    foreign to the shard or raises, the search goes by words and says so in `Found.mode`.
    """
    started = time.perf_counter()
    query = query if query.now else replace(query, now=int(time.time()))
    text = prepared(query.text)
    said = understand(text, query.turns)
    vector = embed(shard, said, engine) if text else None
    embedded = time.perf_counter()
    mode = Mode.LEXICAL if vector is None and (text or engine is None) else Mode.HYBRID
    products, focus = _products(shard, query, text)
    ranking = Ranking(shard, query, text, said, vector, _subject(shard, query, text, said, vector, products, engine))
    found = ranking.candidates() if text and shard.lines else None
    candidates = found.standing() if found else None
    hits = ranking.hits(candidates) if candidates else []
    answerable, quiet = ranking.answerable(candidates) if candidates else (0.0, True)
    facts = _facts(shard, query, said, text, products, focus)
    if quiet or not hits or hits[0].band is not Band.DIRECT:
        facts += state_profile(shard.profile, said.own)[: MOST - len(facts)]
    tone = tone_of(text, query.turns, hits)
    done = time.perf_counter()
    timings = {"embed": (embedded - started) * 1000, "search": (done - embedded) * 1000}
    return Found(tuple(hits), tuple(products), mode, shard.generation, timings, tone, facts, answerable, quiet)


def embed(shard: Shard, said: Said, engine: Engine | None) -> Vectors | None:
    """The vector of the message as it is read, shape (dim,). None without a model."""
    if engine is None or not shard.complete or engine.fingerprint != shard.fingerprint:
        return None
    try:
        return heard(engine, said)
    except Exception:  # a model can fail in any way; the agent still needs an answer
        _log.exception("engine %s failed; answering by words", engine.fingerprint)
        return None


def heard(engine: Engine, said: Said) -> Vectors:
    """Of a message with nothing before it its own vector, of another that of its conversation. Raises what the engine raises."""
    rows = engine.hear([said.told]) if said.continued else engine.embed([said.own])
    return sound(np.asarray(rows[0], np.float32))


def _products(shard: Shard, query: Query, text: str) -> tuple[list[ProductHit], str]:
    """The products that the message is about, and the key of the one in focus: given with the query, else (where the
    message names none) the last one that an earlier turn named alone; "" when there is none."""
    found = _named(shard, text, query.product)
    if found or query.product or not shard.catalog.products:
        return found, query.product
    for turn in reversed(query.turns[-_CARRIED:]):
        named = _named(shard, prepared(turn.text))
        if named:
            alone = len(named) == 1 or named[0].score > named[1].score
            focus = named[0].product.key if alone else ""
            return (_named(shard, text, focus) if focus else []), focus
    return [], ""


def _named(shard: Shard, text: str, focus: str = "") -> list[ProductHit]:
    if not shard.catalog.products:
        return []
    return shard.catalog.find(text, focus=focus)


def _subject(
    shard: Shard, query: Query, text: str, said: Said, vector: Vectors | None, hits: Sequence[ProductHit],
    engine: Engine | None,
) -> Subject:  # fmt: skip
    """The products that the message calls by their noun, else the one given with it, or that a lone message means in other
    words. What earlier turns named is left to the vector of the conversation, which for the same reason is not compared
    beyond the noun.
    """
    named = shard.catalog.naming(text) if hits else NOBODY
    if not named.keys:
        first = frozenset(hit.product.key for hit in hits if hit.score == hits[0].score)
        return Subject(first if query.product or not said.continued else frozenset())
    if said.continued:
        return Subject(named.keys)
    if vector is None or engine is None:
        return Subject(named.keys, named.noun)
    try:
        aside = sound(np.asarray(engine.embed([named.noun])[0], np.float32))
    except Exception:  # as in `embed`: the message's own vector may be one that is remembered
        _log.exception("engine %s failed; a product's noun is compared by words", engine.fingerprint)
        return Subject(named.keys, named.noun)
    return Subject(named.keys, named.noun, vector, aside)


def _at_most(hit: Hit, doubt: Doubt) -> Hit:
    return replace(hit, probability=min(hit.probability, doubt.most), reasons=(doubt.reason, *hit.reasons))


def _facts(
    shard: Shard, query: Query, said: Said, text: str, products: Sequence[ProductHit], focus: str
) -> tuple[Stated, ...]:
    """What the product sheets answer; a message that only varies the question before it (那白色的呢) is read with it."""
    stated = state(shard, text, products, focus)
    if stated or not follows_up(said):
        return stated
    asked = [turn.text for turn in query.turns if turn.speaker is Speaker.BUYER]
    return state(shard, f"{said.own} {gist(prepared(asked[-1]))}", products, focus) if asked else ()


@dataclass(frozen=True, slots=True)
class Doubt:
    """Why an entry is not to be trusted, and the most that is told of it."""

    reason: Reason
    most: float


_FOREIGN = Doubt(Reason("other_product", "这条说的是别的商品"), 0.1)
_THIN = Doubt(Reason("only_product", "只有商品相同，问的可能是别的事"), 0.3)  # 仅供参考


@dataclass(frozen=True, slots=True)
class Candidates:
    """Entries worth measuring (positions in the shard), what was measured, and which matched verbatim."""

    entries: list[int]
    measured: Measured
    verbatim: NDArray[np.bool_]

    def standing(self) -> Candidates | None:
        """Without those that a counter-example stops: what cannot be meant takes no share of the probability."""
        keep = self.verbatim | ~self.measured.negative_wins
        return self.of(keep) if keep.any() else None

    def of(self, keep: NDArray[np.bool_]) -> Candidates:
        """The same of some of them only; `keep` has shape (candidates,)."""
        entries = [entry for entry, yes in zip(self.entries, keep, strict=True) if yes]
        return Candidates(entries, self.measured.of(keep), self.verbatim[keep])


@dataclass(frozen=True, slots=True)
class Ranking:
    """One message against one shard: first candidates, then hits. `eval.fitting.samples` learns from the same candidates.

    `text` is the prepared message as it came, `said` how it is read, `vector` that of the reading, `about` the products
    that it is about.
    """

    shard: Shard
    query: Query
    text: str
    said: Said
    vector: Vectors | None
    about: Subject = NOTHING

    def candidates(self) -> Candidates | None:
        """What may answer, measured; None when nothing may."""
        allowed = self.shard.allowed(self.query)
        own_bm25, talk_bm25 = self._bm25()
        same = {bare(self.text), bare(self.said.own)}
        refused = {e for text in same for e in self.shard.refused.get(text, ())}
        exact = {e for text in same for e in self._asked(text, allowed)}
        near = set() if self.vector is None else {*self._by_vector(self.vector, allowed)}
        by_words = {*self._by_words(own_bm25, allowed)}
        if self.said.continued:
            by_words |= {*self._by_words(talk_bm25, allowed)}
        found = sorted((exact | near | by_words) - refused)
        if not found:
            return None
        reading = Reading(
            fold(self.said.own), fold(self.said.talk), self.said.continued, own_bm25, talk_bm25, self.vector
        )
        return Candidates(found, measure(self.shard, found, reading), np.isin(found, [*exact]))

    @property
    def head(self) -> Head:
        return load_head(Mode.LEXICAL if self.vector is None else Mode.HYBRID)

    def answerable(self, candidates: Candidates) -> tuple[float, bool]:
        """(P(some candidate answers), whether that is too little to offer anything). A verbatim match always answers."""
        chance = VERBATIM if candidates.verbatim.any() else self.head.answers(candidates.measured, self.said)
        return round(chance, 4), chance < self.head.silence

    def hits(self, candidates: Candidates) -> list[Hit]:
        """The answers, best first; one for a state of the order that nobody has told is never trusted, and stands behind
        what is."""
        found = self._by_product(candidates)
        doubted = [self._in_state(hit) for hit in found]
        if all(hit is same for hit, same in zip(doubted, found, strict=True)):
            return found
        return self._told(sorted(doubted, key=lambda hit: -hit.probability))

    def _by_product(self, candidates: Candidates) -> list[Hit]:
        """The answers, best first: those about other products last, those like it in little but the name never with trust,
        and behind what can be trusted without them."""
        if not self.about.products:
            return self._told([self._of_this(hit) for hit in self._ranked(candidates)])
        same = candidates.verbatim  # a message that is a stored question asks for it
        others = ~same & foreign(self.shard, candidates.entries, self.about)
        loose = ~same & ~others & thin(self.shard, candidates.entries, self.said.own, self.about)
        if not (others.any() or loose.any()):
            return self._ranked(candidates)
        hits = self._ranked(candidates.of(~others & ~loose))
        if hits and hits[0].band is Band.DIRECT:
            hits += self._capped(candidates.of(loose), _THIN)
        else:
            doubtful = {self.shard.entries[e].id for e, yes in zip(candidates.entries, loose, strict=True) if yes}
            hits = self._ranked(candidates.of(~others))
            hits = [_at_most(hit, _THIN) if hit.entry.id in doubtful else hit for hit in hits]
        if len(hits) < self.query.limit:
            hits += self._capped(candidates.of(others), _FOREIGN)
        return self._told(hits[: self.query.limit])

    def _told(self, hits: Sequence[Hit]) -> list[Hit]:
        """The hits with their bands, none called more probable than one that stands above it."""
        told = accumulate((hit.probability for hit in hits), min)
        return [replace(hit, probability=p, band=self.head.band(p)) for hit, p in zip(hits, told, strict=True)]

    def _in_state(self, hit: Hit) -> Hit:
        """The hit, without trust where its answer is for a state of the order that nobody has told."""
        states = untold(hit.answer, self.query) if hit.answer is not None else ""
        return (
            _at_most(hit, Doubt(Reason("order_unknown", f"只适用于：{states}，请先看订单"), _THIN.most))
            if states
            else hit
        )

    def _of_this(self, hit: Hit) -> Hit:
        """The hit, without trust where it is of a product that the message, which names none, has something else in place of."""
        if hit.band is not Band.DIRECT or self.said.continued or not self.shard.catalog.products:
            return hit
        return _at_most(hit, _THIN) if of_something_else(self.shard, hit.entry, self.said.own) else hit

    def _capped(self, candidates: Candidates, doubt: Doubt) -> list[Hit]:
        return [_at_most(hit, doubt) for hit in self._ranked(candidates)]

    def _ranked(self, candidates: Candidates) -> list[Hit]:
        """By relevance, and among equals by key, whatever order they were stored in."""
        if not candidates.entries:
            return []
        head = self.head
        relevance = np.where(candidates.verbatim, np.inf, head.relevance(candidates.measured.values))
        chances = head.probability(candidates.measured, self.said)
        # Twins with the same stored question share the certainty: at most one of them is meant.
        certain = VERBATIM / max(int(candidates.verbatim.sum()), 1)
        chances = np.where(candidates.verbatim, np.maximum(np.minimum(chances, VERBATIM), certain), chances)
        keys = [self.shard.entries[position].key for position in candidates.entries]
        order = sorted(range(len(keys)), key=lambda i: (-relevance[i], keys[i]))
        # What stands lower is never called more probable than what stands above it.
        told = np.minimum.accumulate(chances[order])
        words = [*dict.fromkeys(self.shard.analyzer.words_of(self.said.own))]
        return [
            self._hit(candidates, i, float(p), words) for i, p in zip(order[: self.query.limit], told, strict=False)
        ]

    def _bm25(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        tokens = self.shard.analyzer.tokens
        own = self.shard.lexical.scores(tokens(self.said.own))
        return own, (self.shard.lexical.scores(tokens(self.said.talk)) if self.said.continued else own)

    def _by_words(self, bm25: NDArray[np.float32], allowed: NDArray[np.bool_] | None) -> list[int]:
        """The entries whose best line shares most with the message; those tied with the last one too (of very many the
        first by key), so that the order of storing decides nothing."""
        best = np.zeros(len(self.shard.entries), np.float32)
        np.maximum.at(best, self.shard.owner, bm25)  # negative lines hold no tokens, so they score 0
        if allowed is not None:
            best = np.where(allowed, best, 0.0)
        if len(best) > _LEXICAL_ENTRIES:
            least = np.partition(best, -_LEXICAL_ENTRIES)[-_LEXICAL_ENTRIES]
            tied = np.flatnonzero(best == least).tolist() if least > 0 else []
            return [*np.flatnonzero(best > least).tolist(), *self._first(tied)]
        return [int(position) for position in np.flatnonzero(best > 0)]

    def _by_vector(self, vector: Vectors, allowed: NDArray[np.bool_] | None) -> set[int]:
        """The entries with the nearest lines, and those that ask the same as the last one; looks further while the nearest
        lines belong to few entries."""
        if self.shard.dense is None:
            return set()
        usable = self.shard.positive
        if allowed is not None:
            usable = usable & allowed[self.shard.owner]
        chosen = None if usable.all() else usable
        count = _DENSE_LINES
        while True:
            nearest = self.shard.dense.nearest(vector, count, chosen)
            owners = self._with_twins(nearest, allowed)
            if len(owners) >= _NEAR_ENTRIES or len(nearest) < count:
                return owners
            count *= 4

    def _with_twins(self, nearest: NDArray[np.int64], allowed: NDArray[np.bool_] | None) -> set[int]:
        """The owners of lines, best first. Others that hold the last one's text lie just as near: which of them came along
        is the order of storing."""
        owners, lines = self.shard.owner[nearest].tolist(), self.shard.lines
        last = lines[int(nearest[-1])].bare if len(nearest) else ""
        twins = self._asked(last, allowed) if last else []
        if len(twins) < 2:
            return {*owners}
        others = (o for o, line in zip(owners, nearest.tolist(), strict=True) if lines[line].bare != last)
        return {*others, *twins}

    def _asked(self, text: str, allowed: NDArray[np.bool_] | None) -> list[int]:
        """The entries that may answer and hold this (bare) text; of very many the first by key."""
        return self._first([e for e in self.shard.exact.get(text, ()) if allowed is None or allowed[e]])

    def _first(self, tied: list[int]) -> list[int]:
        if len(tied) <= _MOST_TIED:
            return tied
        return heapq.nsmallest(_MOST_TIED, tied, key=lambda position: self.shard.entries[position].key)

    def _hit(self, candidates: Candidates, i: int, chance: float, words: Sequence[str]) -> Hit:
        position = candidates.entries[i]
        line = self.shard.lines[int(candidates.measured.best_line[i])]
        return Hit(
            entry=self.shard.entries[position],
            answer=self.shard.answer_for(position, self.query),
            phrasing=line.text,
            probability=round(chance, 4),
            band=self.head.band(chance),
            reasons=tuple(self._reasons(candidates, i, line.folded, words)),
        )

    def _reasons(self, candidates: Candidates, i: int, phrasing: str, words: Sequence[str]) -> list[Reason]:
        reasons = []
        if candidates.verbatim[i]:
            reasons.append(Reason("verbatim", "与已有问法完全一致"))
        elif self.vector is not None:
            reasons.append(Reason("similar", f"语义相近 {max(float(candidates.measured.near[i]), 0.0):.2f}"))
        if self.said.continued and self.vector is not None and not candidates.verbatim[i]:
            reasons.append(Reason("conversation", "结合了上文"))
        theirs = set(self.shard.tokens[phrasing])
        shared = [w for w in words if w in theirs and len(w) > 1]
        if shared:
            reasons.append(Reason("same_words", "共有词：" + "、".join(shared[:5])))
        return reasons
