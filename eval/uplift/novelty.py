"""Does the effect wear off, or grow? The effect of each day by itself, and a straight line through them.

The line is fitted by inverse-variance weighted least squares over the days' effects; z = slope / its standard error
(Cochran's meta-regression with known variances). A slope below 0 in the first weeks is what novelty looks like.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import stats  # type: ignore[import-untyped,unused-ignore]

from eval.uplift.days import Calendar, day_masks
from eval.uplift.effect import Effect
from eval.uplift.metric import Metric
from eval.uplift.trial import Trial

LEAST = 5  # days with an effect, below which no line is drawn


@dataclass(frozen=True, slots=True)
class Novelty:
    """Effects by day; the slope per day with its interval and p, None with too few days."""

    days: tuple[tuple[str, Effect], ...]
    slope: float | None = None
    low: float | None = None
    high: float | None = None
    p: float | None = None


def novelty(trial: Trial, metric: Metric, arm: str, days: Calendar) -> Novelty:
    """The effect by day. Units end on the day they begin on, so days are independent of each other."""
    found = [trial.effect(metric, arm, mask) for mask in day_masks(days)]
    told = tuple((name, effect) for name, effect in zip(days.names, found, strict=True))
    use = [i for i, effect in enumerate(found) if effect.known and effect.se > 0]
    if len(use) < LEAST:
        return Novelty(told)
    return Novelty(told, *trend(days.since[use], [found[i].value for i in use], [found[i].se for i in use]))


def trend(x: np.ndarray, values: list[float], errors: list[float]) -> tuple[float, float, float, float]:
    """Slope, its 95 % interval and p, weights 1/se²."""
    weight = 1 / np.square(errors)
    centred = x - np.average(x, weights=weight)
    spread = float(weight @ centred**2)
    slope, se = float(weight @ (centred * values)) / spread, 1 / math.sqrt(spread)
    reach = float(stats.norm.ppf(0.975)) * se
    return slope, slope - reach, slope + reach, float(2 * stats.norm.sf(abs(slope) / se))
