"""The four ways in which a figure is made: a share, a mean, a percentile, a sum; each with its interval."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import fmean, median, stdev

from scipy import stats  # type: ignore[import-untyped,unused-ignore]

from eval.interval import TAIL, UNKNOWN, Bounds, percentile, proportion


@dataclass(frozen=True, slots=True)
class Counted:
    """A figure: `value` is numerator / denominator (a percentile: the numerator). None where nothing was to be counted."""

    value: float | None
    low: float | None
    high: float | None
    n: int
    numerator: float
    denominator: float


NOTHING = Counted(None, None, None, 0, 0, 0)


def share(flags: Iterable[bool]) -> Counted:
    """The share that is true; Wilson's interval."""
    told = list(flags)
    hits, n = sum(told), len(told)
    low, high = proportion(hits, n)
    return Counted(hits / n, low, high, n, hits, n) if n else NOTHING


def mean(values: Iterable[float]) -> Counted:
    """The mean; Student's interval, which needs two values. Money is skewed: below some hundred values it is too narrow."""
    told = list(values)
    n = len(told)
    low, high = _student(told)
    return Counted(fmean(told), low, high, n, math.fsum(told), n) if n else NOTHING


def middle(values: Iterable[float]) -> Counted:
    """The median; two order statistics as its interval."""
    told = list(values)
    low, high = percentile(told, 50)
    return Counted(median(told), low, high, len(told), median(told), 1) if told else NOTHING


def amount(value: float, n: int) -> Counted:
    """A count or a sum: what was counted is known, so it has no interval."""
    return Counted(value, None, None, n, value, 1)


def _student(values: list[float]) -> Bounds:
    n = len(values)
    if n < 2:
        return UNKNOWN
    half = float(stats.t.ppf(1 - TAIL, n - 1)) * stdev(values) / math.sqrt(n)
    centre = fmean(values)
    return centre - half, centre + half
