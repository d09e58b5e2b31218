"""The difference between two arms, with its 95 % interval.

One formula serves single conversations, clusters, means, shares and ratios. The variance of an arm's ratio R = Σy/Σx is
CR2 (Bell and McCaffrey, 2002) of the intercept-only model, with u = y − R·x and N = Σx:

    v = Σ u²/(1 − x/N) / N²

which is s²/n for single conversations, the delta method for ratios (Deng, Knoblich, Lu, 2018), and cluster-robust for
clusters, without the downward bias that CR0 has with few of them. Its degrees of freedom are Bell and McCaffrey's in
closed form; they are n − 1 for n equal units. Arms are joined as Welch did (1947), so that over single conversations the
interval *is* Welch's t interval.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import stats  # type: ignore[import-untyped,unused-ignore]

from eval.interval import LEVEL, UNKNOWN, Bounds, proportion
from eval.uplift.sample import Sample

FEW = 10  # events, or their absence, below which a share's interval is Newcombe's: Welch's is too narrow there


@dataclass(frozen=True, slots=True)
class Mean:
    """An arm's ratio, its variance and degrees of freedom; NaN variance: fewer than two units say anything."""

    value: float
    variance: float
    df: float
    n: float
    units: int


@dataclass(frozen=True, slots=True)
class Effect:
    """Treated minus control. `p` is two-sided; low and high are None where nothing can be known."""

    treated: Mean
    control: Mean
    value: float
    se: float
    df: float
    low: float | None
    high: float | None
    p: float | None

    @property
    def known(self) -> bool:
        return self.low is not None

    @property
    def sign(self) -> int:
        """+1 or −1 when the interval lies on one side of 0, else 0."""
        if self.low is None or self.high is None:
            return 0
        return int(self.low > 0) - int(self.high < 0)

    def relative(self) -> tuple[float | None, float | None, float | None]:
        """Treated ÷ control − 1 with its interval, by the delta method on the logarithm; None unless both are above 0."""
        if not (self.known and self.treated.value > 0 and self.control.value > 0):
            return None, None, None
        arms = (self.treated, self.control)
        spread = math.sqrt(sum(arm.variance / arm.value**2 for arm in arms)) * critical(self.df)
        ratio = self.treated.value / self.control.value
        return ratio - 1, ratio * math.exp(-spread) - 1, ratio * math.exp(spread) - 1


def mean_of(sample: Sample) -> Mean:
    """An arm's ratio with CR2 variance and Bell and McCaffrey's degrees of freedom."""
    inside = sample.x > 0
    n, units = sample.n, int(inside.sum())
    if units < 2:
        return Mean(sample.ratio, math.nan, math.nan, n, units)
    share = sample.x / n
    variance = float((sample.residuals() ** 2 / (1 - share)).sum() / n**2)
    return Mean(sample.ratio, variance, _bell_mccaffrey(share[inside]), n, units)


def _bell_mccaffrey(share: np.ndarray) -> float:
    """(tr M)² / tr M² of the intercept-only model under independent equal errors; w: the units' shares of Σx.

    M_gh = c_g c_h (w_g δ_gh − w_g w_h) with c² = 1/(1 − w): tr M = 1, tr M² = Σ w² + (Σ s)² − Σ s², s = c² w².
    """
    s = share**2 / (1 - share)
    return float(1 / ((share**2).sum() + s.sum() ** 2 - (s**2).sum()))


def difference(treated: Sample, control: Sample) -> Effect:
    """The effect with Welch's interval; of shares over single conversations with few events, Newcombe's."""
    a, b = mean_of(treated), mean_of(control)
    value = a.value - b.value
    if few := _few_events(treated, control):
        return _effect(a, b, few)
    return _effect(a, b, None) if math.isfinite(value) else Effect(a, b, value, math.nan, math.nan, None, None, None)


def _effect(a: Mean, b: Mean, bounds: Bounds | None) -> Effect:
    value, se, df = a.value - b.value, math.sqrt(a.variance + b.variance), _welch(a, b)
    if not (se > 0 and df > 0):  # NaN, or an outcome that never varies: nothing is known of its spread
        low, high = bounds if bounds else UNKNOWN
        return Effect(a, b, value, se, df, low, high, None)
    p = float(2 * stats.t.sf(abs(value) / se, df))
    reach = critical(df) * se
    low, high = bounds or (value - reach, value + reach)
    return Effect(a, b, value, se, df, low, high, p)


def _welch(a: Mean, b: Mean) -> float:
    below = a.variance**2 / a.df + b.variance**2 / b.df
    return (a.variance + b.variance) ** 2 / below if below > 0 else math.nan


def critical(df: float) -> float:
    """How many standard errors a 95 % interval reaches to each side."""
    return float(stats.t.ppf((1 + LEVEL) / 2, df)) if math.isfinite(df) else float(stats.norm.ppf((1 + LEVEL) / 2))


def _few_events(treated: Sample, control: Sample) -> tuple[float, float] | None:
    """Newcombe's interval where both arms are 0/1 over single observations and one has few of either; else None."""
    counts = []
    for arm in (treated, control):
        if not (np.all(arm.x == 1) and np.all((arm.y == 0) | (arm.y == 1))) or len(arm) < 2:
            return None
        counts.append((int(arm.y.sum()), len(arm)))
    if min(min(hits, n - hits) for hits, n in counts) >= FEW:
        return None
    return newcombe(*counts[0], *counts[1])


def newcombe(hits: int, n: int, hits_control: int, n_control: int) -> tuple[float, float]:
    """The difference of two shares from their Wilson intervals. Newcombe, Statistics in Medicine 17, 1998, method 10."""
    p, q = hits / n, hits_control / n_control
    a, b = proportion(hits, n), proportion(hits_control, n_control)
    low = p - q - math.hypot(p - _told(a, 0), _told(b, 1) - q)
    return low, p - q + math.hypot(_told(a, 1) - p, q - _told(b, 0))


def _told(bounds: Bounds, side: int) -> float:
    return float(bounds[side] or 0.0)
