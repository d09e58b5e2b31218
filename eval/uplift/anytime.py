"""Intervals for those who look every day: right at all looks together, not only at one.

An ordinary 95 % interval looked at on 28 days excludes the truth on some of them in every fifth experiment without any
effect. A confidence sequence excludes it on any day in at most 5 %. This is the asymptotic one of Waudby-Smith, Arbour,
Sinha, Kennedy and Ramdas (The Annals of Statistics 52, 2024, theorem 2.2, Robbins' normal mixture):

    Δ ± se · √( (1 + 1/τ) · (2·ln(1/α) + ln(1 + τ)) ),   τ = n·ρ²

over n conversations so far, with ρ chosen so that the interval is narrowest at the planned size. It needs units that end
on the day they begin on (conversations, shifts); a shop that goes on for weeks gives none. Where units are few, se is
widened as Student's t is beside the normal.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats  # type: ignore[import-untyped,unused-ignore]

from eval.interval import LEVEL
from eval.rows.rows import Floats, Ints
from eval.uplift.effect import critical
from eval.uplift.sample import Sample

ALPHA = 1 - LEVEL
PLANNED = (
    10_000  # conversations at which the interval is narrowest where no plan is told; must not be read off the data
)
BURN_IN = 100  # conversations in each arm before the first look, and
LEAST_UNITS = 20  # units: the theorem is asymptotic


@dataclass(frozen=True, slots=True)
class Look:
    """What was known at the end of a day: the ordinary interval, and the one that may be looked at every day."""

    day: str
    n: int
    value: float
    se: float
    low: float
    high: float
    naive_low: float
    naive_high: float


def reach(n: float | Floats, planned: int = PLANNED) -> Floats:
    """How many standard errors the confidence sequence reaches to each side after n conversations."""
    tau = np.asarray(n, float) * _rho_squared(planned)
    return np.asarray(np.sqrt((1 + 1 / tau) * (2 * math.log(1 / ALPHA) + np.log1p(tau))))


def _rho_squared(planned: int) -> float:
    """The mixture's variance for which the boundary is lowest at `planned` (the same paper, appendix B.2)."""
    double = -2 * math.log(ALPHA)
    return (double + math.log(double + 1)) / planned


def looks(
    treated: Sample, control: Sample, days: tuple[Ints, Ints], names: Sequence[str], planned: int = PLANNED
) -> list[Look]:
    """A look at the end of each day. `days`: for each arm the day of each unit, as its place in `names`."""
    arms = [running(arm, when, len(names)) for arm, when in zip((treated, control), days, strict=True)]
    value = arms[0].ratio - arms[1].ratio
    se = np.sqrt(arms[0].variance + arms[1].variance)
    n, units = arms[0].n + arms[1].n, arms[0].units + arms[1].units
    naive = stats.t.ppf((1 + LEVEL) / 2, np.maximum(units - 2, 1)) * se
    wide = reach(np.maximum(n, 1), planned) / critical(math.inf) * naive
    ready = np.isfinite(se) & (se > 0)
    for arm in arms:
        ready &= (arm.n >= BURN_IN) & (arm.units >= LEAST_UNITS)
    told = np.column_stack([value, se, value - wide, value + wide, value - naive, value + naive])
    return [Look(names[i], int(n[i]), *map(float, told[i])) for i in map(int, np.flatnonzero(ready))]


@dataclass(frozen=True, slots=True)
class Running:
    """An arm at the end of each day: units and observations so far, their ratio and its variance."""

    units: Floats
    n: Floats
    ratio: Floats
    variance: Floats


def running(sample: Sample, days: Ints, count: int) -> Running:
    """Ratio and variance after each day, from running sums."""
    y, x = sample.y, sample.x
    sums = [np.bincount(days, part, count).cumsum() for part in (y, x, y * y, x * y, x * x, np.ones(len(y)))]
    sy, sx, syy, sxy, sxx, units = sums
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = sy / sx
        spread = np.maximum(syy - 2 * ratio * sxy + ratio**2 * sxx, 0) / sx**2
        return Running(units, sx, ratio, spread * units / (units - 1))
