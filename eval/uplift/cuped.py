"""CUPED: what was known before the assignment explains part of an outcome; that part is taken out, the same in all arms.

    Y′ = Y − (X − X̄)·θ,   θ = the slopes of Y on X within the arms, pooled

Since the assignment cannot have changed X, the effect stays what it was and its interval gets narrower by what X
explains. Deng, Xu, Kohavi, Walker, WSDM 2013; several covariates by least squares. It is no cure for arms that differ:
`eval.uplift.balance` refuses those first.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from eval.rows.rows import Floats
from eval.uplift.covariates import Matrix, matrix
from eval.uplift.effect import Effect, difference
from eval.uplift.metric import Metric
from eval.uplift.trial import Trial


@dataclass(frozen=True, slots=True)
class Cuped:
    """The adjusted effect, and by how much of it the variance shrank (a little below 0 where X explains nothing)."""

    effect: Effect
    reduction: float
    covariates: tuple[str, ...]


def cuped(trial: Trial, metric: Metric, arm: str) -> Cuped | None:
    """The effect of a mean over conversations, adjusted; None where no covariate is known."""
    known = matrix(trial.rows)
    if not len(known) or metric.bottom:
        return None
    plain = trial.effect(metric, arm)
    y = adjusted(trial, metric.top(trial.rows), known)
    found = difference(trial.sample_of(y, None, arm), trial.sample_of(y, None, trial.control))
    if not (plain.known and found.known and plain.se > 0):
        return None
    return Cuped(found, 1 - (found.se / plain.se) ** 2, trial.rows.covariates)


def adjusted(trial: Trial, y: Floats, known: Matrix) -> Floats:
    """Y − (X − X̄)·θ of every row; rows without an outcome keep none and teach nothing."""
    told = np.isfinite(y)
    arms = trial.order()
    means, middle, mean_y = _means(known, y, arms, told)
    within, with_y = np.zeros((len(known), len(known))), np.zeros(len(known))
    for part, x in known.pieces():
        use = told[part]
        x, group = x[use] - means[arms[part][use]], arms[part][use]
        within += x.T @ x
        with_y += x.T @ (y[part][use] - mean_y[group])
    theta = np.linalg.lstsq(within, with_y, rcond=1e-10)[0]
    result = y.copy()
    for part, x in known.pieces():
        result[part] -= (x - middle) @ theta
    return result


def _means(known: Matrix, y: Floats, arms: np.ndarray, told: np.ndarray) -> tuple[Floats, Floats, Floats]:
    """The mean of X in each arm, in all rows, and of Y in each arm."""
    count = int(arms.max()) + 1
    sums = np.zeros((count, len(known)))
    for part, x in known.pieces():
        for arm in range(count):
            sums[arm] += x[told[part] & (arms[part] == arm)].sum(axis=0)
    sizes = np.bincount(arms[told], minlength=count)
    mean_y = np.bincount(arms[told], y[told], count) / np.maximum(sizes, 1)
    return sums / np.maximum(sizes, 1)[:, None], sums.sum(axis=0) / max(int(sizes.sum()), 1), mean_y
