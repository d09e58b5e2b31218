"""What is measured about a message and each candidate entry; the head turns it into a probability."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz, process

from kb.embed import Vectors
from kb.shard import Shard

Matrix = NDArray[np.float64]

LEXICAL_FEATURES = ("bm25", "bm25_share", "bm25_lead", "fuzzy")
HYBRID_FEATURES = ("cosine", "cosine_top3", "cosine_lead", *LEXICAL_FEATURES)


def likeness(names: Sequence[str]) -> int:
    """The column that says how alike message and phrasing are as a whole: the cosine, or fuzzy without a model."""
    return list(names).index("cosine" if "cosine" in names else "fuzzy")


_TOP = 3
_LEAD = 0.1


@dataclass(frozen=True, slots=True)
class Measured:
    """Features of the candidates (shape (candidates, features)) and, for each, its best line and best negative.

    `negative_wins` is True where a counter-example is nearer to the message than every positive phrasing.
    """

    values: Matrix
    best_line: NDArray[np.int64]
    cosine: Vectors
    negative_wins: NDArray[np.bool_]


def measure(
    shard: Shard, candidates: Sequence[int], folded: str, bm25: NDArray[np.float32], vector: Vectors | None
) -> Measured:
    """Measure each candidate entry (positions in the shard) against a message.

    `bm25` holds a score per line; `vector` is the message's embedding, None in lexical mode. All features grow
    with likeness; cosine and fuzzy lie in [−1, 1] and [0, 1], bm25 is divided by 10, shares and leads by the best.
    """
    lines = [shard.lines_of_entry[c] for c in candidates]
    flat = np.array([line for group in lines for line in group], np.int64)
    starts = np.cumsum([0, *(len(group) for group in lines)])[:-1]
    positive = shard.positive[flat]
    similarity = process.cdist([folded], [shard.lines[i].folded for i in flat], scorer=fuzz.ratio)[0] / 100
    cosine = _cosines(shard, flat, vector)
    lexical = np.where(positive, bm25[flat], 0.0)
    best_bm25 = np.maximum.reduceat(lexical, starts)
    best_fuzzy = np.maximum.reduceat(np.where(positive, similarity, 0.0), starts)
    top = max(float(best_bm25.max()), 1e-6)
    columns = [best_bm25 / 10, best_bm25 / top, _lead(best_bm25) / top, best_fuzzy]
    kin = similarity if vector is None else cosine
    yes = np.maximum.reduceat(np.where(positive, kin, -1.0), starts)
    no = np.maximum.reduceat(np.where(positive, -1.0, kin), starts)
    if vector is not None:
        columns = [yes, _mean_of_top(np.where(positive, cosine, -1.0), starts), _near_lead(yes), *columns]
    return Measured(
        np.column_stack(columns).astype(np.float64),
        _argmax(np.where(positive, lexical + similarity if vector is None else cosine, -2.0), flat, starts),
        np.asarray(yes, np.float32),
        no > np.maximum(yes, -0.5),
    )


def _cosines(shard: Shard, flat: NDArray[np.int64], vector: Vectors | None) -> Vectors:
    """Cosine of each line with the message; −1 for a line without a vector."""
    found = np.full(len(flat), -1.0, np.float32)
    if vector is not None and shard.dense is not None:
        place = shard.vector_of_line[flat]
        has = place >= 0
        found[has] = shard.dense.similarities(vector, place[has])
    return found


def _lead(best: NDArray[np.float32]) -> NDArray[np.float32]:
    """How far each candidate is ahead of the best other one (negative when behind); 0 where there is no other."""
    if len(best) == 1:
        return np.zeros_like(best)
    order = np.sort(best)
    return np.asarray(best - np.where(best == order[-1], order[-2], order[-1]), np.float32)


def _near_lead(cosine: NDArray[np.float32]) -> NDArray[np.float32]:
    """The lead in cosine, cut at ±0.1: a rival without a vector yet must not count as one far behind."""
    return np.clip(_lead(np.asarray(cosine, np.float32)), -_LEAD, _LEAD)


def _mean_of_top(values: NDArray[np.float32], starts: NDArray[np.int64]) -> NDArray[np.float64]:
    """Mean of each candidate's three best lines: do several phrasings agree?"""
    groups = np.split(values, starts[1:])
    return np.array([np.sort(group[group > -1.0])[-_TOP:].mean() if (group > -1.0).any() else -1.0 for group in groups])


def _argmax(values: NDArray[np.float64], flat: NDArray[np.int64], starts: NDArray[np.int64]) -> NDArray[np.int64]:
    groups = np.split(values, starts[1:])
    return np.array([flat[start + int(np.argmax(group))] for start, group in zip(starts, groups, strict=True)])
