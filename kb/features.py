"""What is measured about a message and each candidate entry; the head turns it into a probability.

A message with nothing before it is measured by itself (`alone_…`), one that was said in a conversation within it (`talk_…`,
and its own words beside, `own_…`), with weights of their own: how far to trust words depends on whether others came before.
What does not apply is 0. `kb.language.contrast` adds what decides between near twins.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz, process

from kb.embed import Vectors
from kb.language import contrast
from kb.language.cover import cover
from kb.shard import Shard

Matrix = NDArray[np.float64]
Scores = NDArray[np.float32]

_WORDS = (
    "alone_bm25", "alone_fuzzy", "alone_ratio", "own_bm25", "own_fuzzy", "talk_bm25", "talk_cover", "talk_cover_agreement"
)  # fmt: skip
_VECTORS = ("alone_cosine", "alone_agreement", "talk_cosine", "talk_agreement")
_ALONE = sum(name.startswith("alone") for name in _WORDS)
LEXICAL_FEATURES = (*_WORDS, *contrast.FEATURES)
HYBRID_FEATURES = (*_VECTORS, *_WORDS, *contrast.FEATURES)

_AGREEING = 3  # phrasings of an entry whose mean likeness counts beside the best one's
_LONGEST = 500  # characters of a line that are compared letter by letter: an answer can be a page long
_CLOSE = 12  # candidates that are read for what sets near twins apart
_MOST_LINES = 2_000  # that are compared letter by letter: 256 entries may tie that have 500 phrasings each
_MOST_LETTERS = 50_000  # of all of them: two texts of 500 take milliseconds, and answers can be long
_APART = 0.0  # a counter-example wins only where it is nearer than unrelated texts are
# A clash speaks against an entry; turned round, every feature grows with the chance that the entry answers.
_SIGNS = np.array([-1.0 if name.endswith("_clash") else 1.0 for name in contrast.FEATURES], np.float32)

# Lines of popular entries are candidates all day; 20,000 readings are about 20 MB.
_marks = lru_cache(maxsize=20_000)(contrast.marks)


@dataclass(frozen=True, slots=True)
class Reading:
    """A message as it is compared: folded text, by itself and in its conversation (`continued`: there is one), BM25 of
    both per line of the shard (shape (lines,)), and the vector of either, shape (dim,); None in lexical mode.
    """

    folded: str
    talk: str
    continued: bool
    own_bm25: Scores
    talk_bm25: Scores
    vector: Vectors | None = None


@dataclass(frozen=True, slots=True)
class Measured:
    """Features of the candidates (shape (candidates, features)) and, for each, its best line and its likeness to the
    message: cosines around the shop's centre, or fuzzy likeness without a model.

    `negative_wins` is True where a counter-example is nearer to the message than every positive phrasing.
    """

    values: Matrix
    best_line: NDArray[np.int64]
    near: Scores
    negative_wins: NDArray[np.bool_]

    def of(self, keep: NDArray[np.bool_]) -> Measured:
        """The same of some of the candidates only; `keep` has shape (candidates,)."""
        return Measured(self.values[keep], self.best_line[keep], self.near[keep], self.negative_wins[keep])


@dataclass(frozen=True, slots=True)
class _Lines:
    """All lines of all candidates, one after the other: positions in the shard, where each candidate's begin, and which
    candidate each is of."""

    flat: NDArray[np.int64]
    starts: NDArray[np.int64]
    owner: NDArray[np.int64]
    positive: NDArray[np.bool_]

    @classmethod
    def of(cls, shard: Shard, candidates: Sequence[int]) -> _Lines:
        spans = [shard.lines_of_entry[c] for c in candidates]
        sizes = np.array([len(span) for span in spans], np.int64)
        flat = np.fromiter(chain.from_iterable(spans), np.int64)  # of few lines each: an array for each would cost more
        return cls(flat, np.cumsum(sizes) - sizes, np.repeat(np.arange(len(spans)), sizes), shard.positive[flat])

    def fewer(self, values: Scores, most: int) -> _Lines:
        """Of each candidate the `most` positive lines with the highest value, and as many counter-examples."""
        kind = 2 * self.owner + ~self.positive
        order = np.lexsort((-values, kind))
        sizes = np.bincount(kind)
        rank = np.arange(len(order)) - (np.cumsum(sizes) - sizes)[kind[order]]
        keep = np.sort(order[rank < most])
        sizes = np.bincount(self.owner[keep])
        return _Lines(self.flat[keep], np.cumsum(sizes) - sizes, self.owner[keep], self.positive[keep])

    def best(self, values: Scores, missing: float = 0.0) -> Scores:
        """The highest value of each candidate's positive lines."""
        return np.asarray(np.maximum.reduceat(np.where(self.positive, values, missing), self.starts), np.float32)

    def against(self, values: Scores, missing: float) -> Scores:
        """The highest value of each candidate's counter-examples."""
        return np.asarray(np.maximum.reduceat(np.where(self.positive, missing, values), self.starts), np.float32)

    def agreement(self, values: Scores) -> Scores:
        """The mean of the `_AGREEING` highest values of each candidate's positive lines (of fewer, where it has fewer)."""
        order = self._order(values)
        rank = np.arange(len(order)) - self.starts[self.owner]
        counted = np.where((rank < _AGREEING) & self.positive[order], 1.0, 0.0)
        total = np.add.reduceat(counted * values[order], self.starts)
        return np.asarray(total / np.maximum(np.add.reduceat(counted, self.starts), 1.0), np.float32)

    def nearest(self, values: Scores) -> NDArray[np.int64]:
        """The positive line with the highest value of each candidate, as a position in the shard."""
        return self.flat[self._order(values)[self.starts]]

    def _order(self, values: Scores) -> NDArray[np.int64]:
        """Lines by candidate, within each the positive ones first and the highest value first."""
        return np.lexsort((np.where(self.positive, -values, np.inf), self.owner))


def measure(shard: Shard, candidates: Sequence[int], reading: Reading) -> Measured:
    """Measure each candidate entry (positions in the shard) against a message.

    All features grow with likeness: cosines and their means lie in [−1, 1], fuzzy, ratio, cover and shared marks in
    [0, 1], clashes in [−1, 0], bm25 is divided by 10.
    """
    every = _Lines.of(shard, candidates)
    lines = _compared(shard, every, reading)
    texts = _read(shard, lines)
    fuzzy = process.cdist([reading.folded], texts, scorer=fuzz.partial_ratio)[0] / np.float32(100)
    own_bm25, talk_bm25 = (
        every.best(bm25[every.flat]) / np.float32(10) for bm25 in (reading.own_bm25, reading.talk_bm25)
    )
    letters = lines.best(fuzzy)
    words = [own_bm25, letters]
    if reading.continued:
        words += [talk_bm25, *_covered(lines, texts, reading.talk)]
    else:
        words.append(_ratio(lines, texts, reading.folded))
    near, vectors = fuzzy, list[Scores]()
    if reading.vector is not None and shard.dense is not None:
        near = shard.dense.similarities(reading.vector, lines.flat)
        vectors = [lines.best(near, -1.0), lines.agreement(near)]
    best = vectors[0] if vectors else lines.best(near, -1.0)
    likeness = np.sum([*vectors, *vectors, own_bm25, letters, talk_bm25], axis=0)
    columns = _placed(vectors, words, reading.continued)
    columns += _contrasts(reading.folded, texts, lines, likeness)
    return Measured(
        np.column_stack(columns).astype(np.float64),
        lines.nearest(near),
        best,
        lines.against(near, -1.0) > np.maximum(best, _APART),
    )


def _compared(shard: Shard, lines: _Lines, reading: Reading) -> _Lines:
    """The lines that are compared letter by letter: all of them; of very many each candidate's nearest, whatever the order
    in which entries were stored."""
    if len(lines.flat) <= _MOST_LINES:
        return lines
    if reading.vector is not None and shard.dense is not None:
        near = shard.dense.similarities(reading.vector, lines.flat)
    else:
        near = (reading.own_bm25 + reading.talk_bm25)[lines.flat]
    return lines.fewer(near, max(_AGREEING, _MOST_LINES // len(lines.starts)))


def _read(shard: Shard, lines: _Lines) -> list[str]:
    """What is read of each line: where they are long together, of each an equal share at most."""
    texts = [shard.lines[i].folded[:_LONGEST] for i in lines.flat]
    if sum(map(len, texts)) <= _MOST_LETTERS:
        return texts
    share = _MOST_LETTERS // len(texts)
    return [text[:share] for text in texts]


def _ratio(lines: _Lines, texts: Sequence[str], message: str) -> Scores:
    """How alike message and line are from end to end: `fuzz.partial_ratio` is content with a part of either."""
    return lines.best(process.cdist([message], texts, scorer=fuzz.ratio)[0] / np.float32(100))


def _covered(lines: _Lines, texts: Sequence[str], talk: str) -> tuple[Scores, Scores]:
    """How much of a line the conversation says: of each candidate's best one, and the mean of its best."""
    asked = [text if yes else "" for text, yes in zip(texts, lines.positive, strict=True)]
    covered = cover(talk, asked, lines.owner)
    return lines.best(covered), lines.agreement(covered)


def _placed(vectors: list[Scores], words: list[Scores], continued: bool) -> list[Scores]:
    """The columns in their order: what is known of the message, and nothing where those of the other kind stand."""
    nothing = np.zeros_like(words[0])
    unused = [nothing] * len(vectors)
    if continued:
        return [*unused, *vectors, *[nothing] * _ALONE, *words]
    return [*vectors, *unused, *words, *[nothing] * (len(_WORDS) - _ALONE)]


def _contrasts(message: str, texts: Sequence[str], lines: _Lines, likeness: Scores) -> list[Scores]:
    """What decides between near twins, shape (candidates,) for each feature: the most that any line shares with the
    message, and a clash only where every line clashes.

    Twins are near: only the `_CLOSE` most alike candidates are read (ties with the last one too); reading a line costs ten
    times as much as all else that is measured of it. A candidate that is not read gets the least that a read one got, so
    that it never gains by lying further away.
    """
    least = np.partition(likeness, -_CLOSE)[-_CLOSE] if len(likeness) > _CLOSE else -np.inf
    near = likeness >= least
    close = np.flatnonzero(near[lines.owner])
    found = np.full((len(texts), len(contrast.FEATURES)), -1.0, np.float32)
    found[close] = contrast.contrasts(contrast.marks(message), [_marks(texts[i]) for i in close.tolist()]) * _SIGNS
    read = [lines.best(column, -1.0) for column in found.T]
    return [np.where(near, column, column[near].min()) for column in read]
