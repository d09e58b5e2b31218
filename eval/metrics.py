"""The figures: each is a pure function of rankings, scores or times; each has its formula and its source."""

from __future__ import annotations

import math
from collections.abc import Sequence
from collections.abc import Set as AbstractSet

import numpy as np
from numpy.typing import NDArray
from scipy import stats  # type: ignore[import-untyped,unused-ignore]

WRONG = 0.05  # the share of wrong first answers at which coverage is told


def hit_at(k: int, ranked: Sequence[str], gold: AbstractSet[str]) -> bool:
    """Is any gold entry among the first k? (success@k of trec_eval)"""
    return not gold.isdisjoint(ranked[:k])


def reciprocal_rank(ranked: Sequence[str], gold: AbstractSet[str], depth: int = 10) -> float:
    """1 / rank of the first gold entry, 0 when none is within `depth`; its mean is MRR@depth.

    Voorhees, The TREC-8 Question Answering Track Report, 1999.
    """
    ranks = (rank for rank, key in enumerate(ranked[:depth], 1) if key in gold)
    first = next(ranks, None)
    return 0.0 if first is None else 1 / first


def ndcg_at(k: int, ranked: Sequence[str], gold: AbstractSet[str]) -> float:
    """Σ 1/log₂(rank + 1) over the gold entries among the first k, as a share of the most that could be (ndcg_cut of trec_eval).

    Gains are 0 and 1. Järvelin and Kekäläinen, Cumulated gain-based evaluation of IR techniques, 2002. 0 without gold.
    """
    found = math.fsum(1 / math.log2(rank + 1) for rank, key in enumerate(ranked[:k], 1) if key in gold)
    most = math.fsum(1 / math.log2(rank + 1) for rank in range(1, min(len(gold), k) + 1))
    return found / most if most else 0.0


def auroc(positives: Sequence[float], negatives: Sequence[float]) -> float:
    """P(a positive scores above a negative) + ½ P(they tie): U / (m·n) of Mann and Whitney, 1947.

    U = (sum of the positives' mid-ranks) − m(m + 1)/2. Both groups must have somebody in them.
    """
    m, n = len(positives), len(negatives)
    if not m or not n:
        raise ValueError("AUROC needs at least one positive and one negative")
    ranks = stats.rankdata([*positives, *negatives])
    return float((ranks[:m].sum() - m * (m + 1) / 2) / (m * n))


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest value that at least `percent` % of the values do not exceed (nearest rank).

    Type 1 of Hyndman and Fan, 1996: always a time that really happened, never a mean of two.
    """
    return float(np.percentile(values, percent, method="inverted_cdf"))


def ece(probabilities: Sequence[float], correct: Sequence[bool], bins: int = 10) -> float:
    """Expected calibration error: Σ_b |b|/n · |accuracy(b) − mean probability(b)|.

    Equal bins (0, 1/bins], …, and 0 in the first. Guo et al., On Calibration of Modern Neural Networks, 2017.
    """
    if len(probabilities) != len(correct) or not correct:
        raise ValueError("ECE needs one outcome for each of at least one probability")
    inner_edges = np.linspace(0, 1, bins + 1)[1:-1]
    bin_of = np.digitize(probabilities, inner_edges, right=True)
    gaps = np.asarray(correct, dtype=float) - np.asarray(probabilities, dtype=float)
    # |b|·|accuracy − confidence| is |the bin's summed gap|, so no division and no empty bin to guard.
    return float(np.abs(np.bincount(bin_of, weights=gaps, minlength=bins)).sum() / len(correct))


def coverage(
    probability: Sequence[float] | NDArray[np.float64], right: Sequence[bool] | NDArray[np.bool_], count: int
) -> float:
    """The largest share of `count` messages that can be answered, the most probable first, with at most WRONG wrong.

    `probability` and `right` describe the first answers of the messages that got one (selective classification, El-Yaniv
    and Wiener 2010).
    """
    told = np.asarray(probability, np.float64)
    order = np.argsort(-told, kind="stable")
    wrong = np.cumsum(~np.asarray(right, bool)[order]) / np.arange(1, len(order) + 1)
    # Of equal probabilities all are answered, or none: whichever happens to stand first must not decide.
    enough = np.flatnonzero((wrong <= WRONG) & np.r_[np.diff(told[order]) != 0, True][: len(order)])
    return float((enough[-1] + 1) / count) if len(enough) else 0.0
