"""Many comparisons: p values as they may be read when several are looked at."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def holm(p: Sequence[float]) -> list[float]:
    """The chance of any false finding is kept. Holm, Scandinavian Journal of Statistics 6, 1979."""
    values = np.asarray(p, float)
    order = np.argsort(values, kind="stable")
    raised = np.maximum.accumulate(values[order] * np.arange(len(values), 0, -1))
    return _back(np.minimum(raised, 1), order)


def benjamini_hochberg(p: Sequence[float]) -> list[float]:
    """The share of false findings among findings is kept. Benjamini and Hochberg, JRSS B 57, 1995."""
    values = np.asarray(p, float)
    order = np.argsort(values, kind="stable")
    scaled = values[order] * len(values) / np.arange(1, len(values) + 1)
    return _back(np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1), order)


def _back(values: np.ndarray, order: np.ndarray) -> list[float]:
    result = np.empty(len(values))
    result[order] = values
    return list(map(float, result))
