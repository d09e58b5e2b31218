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
HYBRID_FEATURES = ("cosine", "cosine_lead", *LEXICAL_FEATURES)


def likeness(names: Sequence[str]) -> int:
    """The column that says how alike message and phrasing are as a whole: the cosine, or fuzzy without a model."""
    return list(names).index("cosine" if "cosine" in names else "fuzzy")


_LEAD = 0.1
_BACKGROUND = 0.9  # multilingual-e5-small: unrelated questions lie at 0.75 to 0.9


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
    flat = np.concatenate([np.arange(group.start, group.stop) for group in lines])
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
        columns = [yes, _near_lead(yes), *columns]
    return Measured(
        np.column_stack(columns).astype(np.float64),
        _argmax(np.where(positive, lexical + similarity if vector is None else cosine, -2.0), flat, starts),
        np.asarray(yes, np.float32),
        no > np.maximum(yes, -0.5),
    )


def _cosines(shard: Shard, flat: NDArray[np.int64], vector: Vectors | None) -> Vectors:
    """Cosine of each line with the message; 0 without a model. With one, the shard is complete."""
    if vector is None or shard.dense is None:
        return np.zeros(len(flat), np.float32)
    return shard.dense.similarities(vector, flat)


def _lead(best: NDArray[np.float32]) -> NDArray[np.float32]:
    """How far each candidate is ahead of the best other one (negative when behind); 0 where there is no other."""
    if len(best) == 1:
        return np.zeros_like(best)
    order = np.sort(best)
    return np.asarray(best - np.where(best == order[-1], order[-2], order[-1]), np.float32)


def _near_lead(cosine: NDArray[np.float32]) -> NDArray[np.float32]:
    """The lead in cosine over the best rival, cut at ±0.1: beyond that it does not matter how far.

    A shop that knows little has no rivals, and its only entry would win every message. So a rival of the likeness
    that the best of many unrelated entries reaches is always there (measured on must-refuse messages).
    """
    against = np.append(np.asarray(cosine, np.float32), np.float32(_BACKGROUND))
    return np.clip(_lead(against)[:-1], -_LEAD, _LEAD)


def _argmax(values: NDArray[np.float64], flat: NDArray[np.int64], starts: NDArray[np.int64]) -> NDArray[np.int64]:
    groups = np.split(values, starts[1:])
    return np.array([flat[start + int(np.argmax(group))] for start, group in zip(starts, groups, strict=True)])
