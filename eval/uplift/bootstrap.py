"""Bootstrap-t: an interval for skewed money, where a few large orders carry the mean.

Resample the units of each arm, studentise each resample with its own standard error, and read the interval off the
quantiles of those t values: [θ − t₉₇.₅·se, θ − t₂.₅·se]. Second-order correct, so it follows the skew that Welch's
symmetric interval ignores. Hall, The Annals of Statistics 16, 1988; Efron and Tibshirani, 1993, chapter 12.

Most conversations end without an order. Those (y = 0, x = 1) need not be drawn one by one: how many a resample has is
binomial, and only the others are looked up. Of very many units, random groups are drawn instead of single ones: sums of m
units have skewness γ/√m and are n/m in number, so the skewness of their mean is γ/√n as before.
"""

from __future__ import annotations

import math

import numpy as np

from eval.interval import TAIL, UNKNOWN, Bounds
from eval.rows.rows import Floats
from eval.uplift.sample import Sample

RESAMPLES = 2_000
GROUPS = 4_000  # units, or groups of them, from which a resample is drawn
BATCH = 500_000  # draws held at once: what fits the processor's cache


def bootstrap_t(treated: Sample, control: Sample, seed: int, resamples: int = RESAMPLES) -> Bounds:
    """The 95 % interval of the difference of the arms' ratios; unknown when an arm has no spread."""
    rng = np.random.default_rng(seed)
    arms = [_Arm(arm, rng) for arm in (treated, control)]
    if any(arm.se <= 0 or math.isnan(arm.se) for arm in arms):
        return UNKNOWN
    (ratio, spread), (other, other_spread) = (arm.draw(rng, resamples) for arm in arms)
    value, se = arms[0].ratio - arms[1].ratio, math.hypot(arms[0].se, arms[1].se)
    with np.errstate(divide="ignore", invalid="ignore"):
        t = (ratio - other - value) / np.sqrt(spread + other_spread)
    # A resample without any spread says nothing; with it the interval is as wide as the others make it.
    t = t[np.isfinite(t)]
    if not len(t):
        return UNKNOWN
    low, high = np.quantile(t, [TAIL, 1 - TAIL])
    return float(value - high * se), float(value - low * se)


class _Arm:
    """The units of an arm that are not (0, 1), sorted so that the order of the file changes nothing, and its size."""

    def __init__(self, sample: Sample, rng: np.random.Generator) -> None:
        order = np.lexsort((sample.x, sample.y))
        y, x = sample.y[order], sample.x[order]
        whole = Sample(y, x)
        self.ratio = whole.ratio
        self.se = math.sqrt(float((whole.residuals() ** 2).sum())) / whole.n if whole.n else math.nan
        if np.count_nonzero(_told(y, x)) > GROUPS:
            y, x = _grouped(y, x, rng)
        told = _told(y, x)
        self.n, self.y, self.x = len(y), y[told], x[told]

    def draw(self, rng: np.random.Generator, resamples: int) -> tuple[Floats, Floats]:
        """The ratio of each resample, and its variance."""
        counts = rng.binomial(self.n, len(self.y) / self.n, resamples)
        step = max(1, BATCH // max(int(counts.max()), 1))
        parts = [self._sums(rng, counts[start : start + step]) for start in range(0, resamples, step)]
        y, x, yy, xy, xx = np.concatenate(parts, axis=1)
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = y / x
            return ratio, (yy - 2 * ratio * xy + ratio**2 * xx) / x**2

    def _sums(self, rng: np.random.Generator, counts: np.ndarray) -> np.ndarray:
        """Σy, Σx, Σy², Σxy, Σx² of resamples that hold this many of the units that are not (0, 1)."""
        size = len(self.y)
        drawn = rng.integers(0, size, int(counts.sum()))
        drawn += np.repeat(np.arange(len(counts)) * size, counts)
        times = np.bincount(drawn, minlength=len(counts) * size).reshape(len(counts), size)
        y, x, zeros = self.y, self.x, self.n - counts
        sums = times.astype(float) @ np.column_stack([y, x, y * y, x * y, x * x])
        return np.asarray(sums.T + np.outer([0, 1, 0, 0, 1], zeros))


def _told(y: Floats, x: Floats) -> np.ndarray:
    return np.asarray((y != 0) | (x != 1))


def _grouped(y: Floats, x: Floats, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Sums over GROUPS random groups of equal size; the last few units, if any, are spread over the first groups."""
    of = rng.permutation(len(y)) % GROUPS
    return np.bincount(of, y, GROUPS).astype(float), np.bincount(of, x, GROUPS).astype(float)
