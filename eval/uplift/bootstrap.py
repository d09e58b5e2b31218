"""Bootstrap-t: an interval for skewed money, where a few large orders carry the mean.

Resample the units of each arm, studentise each resample with its own standard error, and read the interval off the
quantiles of those t values: [θ − t₉₇.₅·se, θ − t₂.₅·se]. Second-order correct, so it follows the skew that Welch's
symmetric interval ignores. Hall, The Annals of Statistics 16, 1988; Efron and Tibshirani, 1993, chapter 12.

Most conversations end without an order. Those (y = 0, x = 1) need not be drawn one by one: how many a resample has is
binomial, and only the others are looked up. A million conversations then take seconds.
"""

from __future__ import annotations

import math

import numpy as np

from eval.interval import TAIL, UNKNOWN, Bounds
from eval.rows import Floats
from eval.uplift.sample import Sample

RESAMPLES = 2_000
BATCH = 4_000_000  # draws held at once: 100 MB


def bootstrap_t(treated: Sample, control: Sample, seed: int, resamples: int = RESAMPLES) -> Bounds:
    """The 95 % interval of the difference of the arms' ratios; unknown when an arm has no spread."""
    rng = np.random.default_rng(seed)
    arms = [_Arm(arm) for arm in (treated, control)]
    if any(arm.se <= 0 or math.isnan(arm.se) for arm in arms):
        return UNKNOWN
    (ratio, spread), (other, other_spread) = (arm.draw(rng, resamples) for arm in arms)
    value, se = arms[0].ratio - arms[1].ratio, math.hypot(arms[0].se, arms[1].se)
    with np.errstate(divide="ignore", invalid="ignore"):
        t = (ratio - other - value) / np.sqrt(spread + other_spread)
    # A resample without any spread says nothing; with it the interval is as wide as the others make it.
    low, high = np.quantile(t[np.isfinite(t)], [TAIL, 1 - TAIL])
    return float(value - high * se), float(value - low * se)


class _Arm:
    """The units of an arm that are not (0, 1), sorted so that the order of the file changes nothing, and its size."""

    def __init__(self, sample: Sample) -> None:
        told = (sample.y != 0) | (sample.x != 1)
        order = np.lexsort((sample.x[told], sample.y[told]))
        self.y, self.x = sample.y[told][order], sample.x[told][order]
        self.n, self.ratio = len(sample), sample.ratio
        self.se = math.sqrt(float((sample.residuals() ** 2).sum())) / sample.n if sample.n else math.nan

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
        drawn = rng.integers(0, len(self.y), int(counts.sum()))
        y, x = self.y[drawn], self.x[drawn]
        of = np.repeat(np.arange(len(counts)), counts)
        zeros = self.n - counts
        sums = [np.bincount(of, values, len(counts)) for values in (y, x, y * y, x * y, x * x)]
        return np.array([sums[0], sums[1] + zeros, sums[2], sums[3], sums[4] + zeros])
