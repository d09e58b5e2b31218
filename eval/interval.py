"""95 % intervals, one for each sort of figure; what cannot be known (n = 0) has the bounds (None, None).

proportion  Wilson's score interval
mean        percentile bootstrap over the values
AUROC       percentile bootstrap, both groups resampled
percentile  two order statistics, chosen by the binomial distribution: no assumption about the shape

The bootstraps are seeded and sort their data first: neither a second run nor another order of the same
cases changes a digit. They cannot see what never occurred: constant data give an interval of width 0.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import stats  # type: ignore[import-untyped,unused-ignore]

Bounds: TypeAlias = tuple[float, float] | tuple[None, None]

UNKNOWN: Bounds = (None, None)
LEVEL = 0.95
TAIL = (1 - LEVEL) / 2
RESAMPLES = 5000
BATCH = 250  # resamples held in memory at once: 250 × 10,000 cases is 20 MB


def proportion(successes: int, n: int) -> Bounds:
    """(p̂ + z²/2n ± z·√(p̂(1−p̂)/n + z²/4n²)) / (1 + z²/n). Wilson, 1927."""
    if n == 0:
        return UNKNOWN
    found = stats.binomtest(successes, n).proportion_ci(LEVEL, method="wilson")
    return float(found.low), float(found.high)


def mean(values: Sequence[float], seed: int) -> Bounds:
    """Percentile bootstrap of the mean. Efron, 1979."""
    if not values:
        return UNKNOWN
    data = np.sort(np.asarray(values, dtype=float))
    if data[0] == data[-1]:  # summing n equal values n times would differ from them in the last digit
        return float(data[0]), float(data[0])
    rng = np.random.default_rng(seed)

    def draw(size: int) -> NDArray[np.float64]:
        return np.asarray(data[rng.integers(0, len(data), (size, len(data)))].mean(axis=1))

    return _middle(draw)


def auroc(positives: Sequence[float], negatives: Sequence[float], seed: int) -> Bounds:
    """Percentile bootstrap of `metrics.auroc`, positives and negatives resampled apart.

    Scores become counts over the sorted distinct scores; a resample's AUROC is then
    Σ_s pos(s)·(neg(<s) + neg(s)/2) / (m·n), one pass instead of one sort per resample.
    """
    m, n = len(positives), len(negatives)
    if not m or not n:
        return UNKNOWN
    scores, codes = np.unique(np.asarray([*positives, *negatives], dtype=float), return_inverse=True)
    pos, neg = np.sort(codes[:m]), np.sort(codes[m:])
    rng = np.random.default_rng(seed)

    def draw(size: int) -> NDArray[np.float64]:
        p, q = (_recount(rng, group, size, len(scores)) for group in (pos, neg))
        return np.asarray((p * (q.cumsum(axis=1) - q / 2)).sum(axis=1) / (m * n))

    return _middle(draw)


def percentile(values: Sequence[float], percent: float) -> Bounds:
    """Two of the sorted values, [x₍l₎, x₍u₎], around the percentile q with P(x₍l₎ ≤ q ≤ x₍u₎) ≥ 95 %.

    The count of values below q is Binomial(n, percent/100): l is its 2.5 % quantile and u its 97.5 %
    quantile + 1. Conover, Practical Nonparametric Statistics, 3rd ed., 3.2. With few values the extreme
    one would have to lie beyond all that were seen (for p99: n < 368); the bound is then the extreme seen.
    """
    n = len(values)
    if n == 0:
        return UNKNOWN
    low, high = stats.binom.ppf([TAIL, 1 - TAIL], n, percent / 100)
    data = sorted(values)
    return float(data[max(int(low), 1) - 1]), float(data[min(int(high) + 1, n) - 1])


def _recount(rng: np.random.Generator, codes: NDArray[np.intp], size: int, width: int) -> NDArray[np.intp]:
    """`size` resamples of the codes, each as a row of counts of 0 … width − 1."""
    drawn = codes[rng.integers(0, len(codes), (size, len(codes)))]
    cells = drawn + np.arange(size)[:, None] * width
    return np.bincount(cells.ravel(), minlength=size * width).reshape(size, width)


def _middle(draw: Callable[[int], NDArray[np.float64]]) -> Bounds:
    draws = np.concatenate([draw(BATCH) for _ in range(RESAMPLES // BATCH)])
    low, high = np.quantile(draws, [TAIL, 1 - TAIL])
    return float(low), float(high)
