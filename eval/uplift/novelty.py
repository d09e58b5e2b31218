"""Does the effect wear off, or grow? The effect of each day by itself, and a straight line through them.

The line is weighted least squares over the days' effects, with weights n·m/(n + m) from each day's units in the two arms,
and Student's t with k − 2 degrees of freedom. The spread is taken from the days themselves, so days that differ for
other reasons (a sale, a weekend) do not pass for a trend. A slope below 0 in the first weeks is what novelty looks like.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import stats  # type: ignore[import-untyped,unused-ignore]

from eval.rows.rows import Floats, Ints
from eval.uplift.days import Calendar, day_masks
from eval.uplift.effect import Effect, critical
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
    weights = [harmonic(found[i].treated.units, found[i].control.units) for i in use]
    return Novelty(told, *trend(days.since[use], np.array([found[i].value for i in use]), np.array(weights)))


def harmonic(n: int, m: int) -> float:
    """What a difference of two arms of these sizes weighs."""
    return n * m / (n + m)


def trend(x: Ints, y: Floats, weight: Floats) -> tuple[float, float, float, float | None]:
    """Slope of the weighted line, its 95 % interval and p; an exact fit has no p."""
    centred = x - np.average(x, weights=weight)
    spread = float(weight @ centred**2)
    slope = float(weight @ (centred * y)) / spread
    left = y - np.average(y, weights=weight) - slope * centred
    df = len(x) - 2
    se = math.sqrt(float(weight @ left**2) / df / spread)
    reach = critical(df) * se
    return slope, slope - reach, slope + reach, float(2 * stats.t.sf(abs(slope) / se, df)) if se > 0 else None
