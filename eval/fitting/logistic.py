"""Two convex fits with weights that may be kept ≥ 0: a logistic regression, and a conditional logit.

    logistic       −Σ w_i · ln σ(±score_i)                                             is this right?
    conditional    −Σ w_m · ln (Σ_right e^score ÷ Σ e^score)                           which of these?
    none           −Σ w_m · ln ((Σ_right e^score or e^none) ÷ (Σ e^score + e^none))    or none of them?

Both with a ridge on standardised features and L-BFGS-B (Byrd et al. 1995); the optimum is unique for the first, and for
the second where each message has one right candidate (McFadden 1974).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize, minimize_scalar

from kb.head import sigmoid

RIDGE = 1.0  # strength of the pull towards zero of the logistic, in units of one message
RIDGE_CHOICE = 30.0  # of the conditional logit
_MESSAGES = 1000.0  # what all weights add up to, so that the ridge means the same for any number of messages

Matrix = NDArray[np.float64]
_Loss = Callable[[Matrix], tuple[float, Matrix]]


@dataclass(frozen=True, slots=True)
class Weights:
    """A fitted linear function; the weights are in the features' own units. `bias` of a choice is the score of "none"."""

    bias: float
    weights: Matrix

    def score(self, values: Matrix) -> Matrix:
        """weights · features + bias per row of `values`."""
        return np.asarray(values @ self.weights + self.bias, np.float64)

    def relevance(self, values: Matrix) -> Matrix:
        """weights · features per row of `values`."""
        return np.asarray(values @ self.weights, np.float64)

    def to_json(self, names: Sequence[str], bias: str = "bias") -> dict[str, object]:
        weights = {name: round(float(w), 6) for name, w in zip(names, self.weights, strict=True)}
        return {bias: round(self.bias, 6), "weights": weights}


def logistic(values: Matrix, right: NDArray[np.bool_], weight: Matrix, growing: int | None = None) -> Weights:
    """P(right) from `values` (shape (n, features)); the weights of the first `growing` features (None: all) are ≥ 0."""
    scale = values.std(axis=0) + 1e-9
    design = np.column_stack([np.ones(len(values)), values / scale])
    weight = weight / weight.sum() * _MESSAGES

    def loss(beta: Matrix) -> tuple[float, Matrix]:
        score = design @ beta
        penalty = np.r_[0.0, RIDGE * beta[1:]]
        value = weight @ (np.logaddexp(0.0, score) - right * score) + 0.5 * (penalty @ beta)
        return float(value), np.asarray(design.T @ (weight * (sigmoid(score) - right)) + penalty, np.float64)

    return _fitted(loss, scale, len(scale) if growing is None else growing)


def choice(
    values: Matrix, right: NDArray[np.bool_], message: NDArray[np.int64], weight: Matrix, ridge: float = RIDGE_CHOICE
) -> Weights:
    """Which candidate of each message is right, or none of them. All weights are ≥ 0; `bias` is the score of none.

    `values` (shape (rows, features)) has a row per candidate, those of a message next to each other; `message` says
    whose they are (shape (rows,)); `weight` counts per message, in their order. A message without a right row is one
    that none answers: it has no say in the weights, only in the score of none. (What tells that nothing answers is not what
    tells which answer is best; learned in one step, the first spoils the second, docs/benchmarks.md.)
    `ridge` is the pull of the weights towards zero, where all messages together count as 1,000.
    """
    scale = values.std(axis=0) + 1e-9
    starts = np.flatnonzero(np.r_[True, message[1:] != message[:-1]])
    count = np.diff(np.r_[starts, len(values)])
    answered = np.logical_or.reduceat(right, starts)
    kept = np.repeat(answered, count)
    weights = _order(values[kept] / scale, right[kept], count[answered], weight[answered], ridge) / scale
    score = values @ weights
    told = _sums(score, starts)
    meant = np.where(answered, _sums(np.where(right, score, -np.inf), starts), -np.inf)
    return Weights(_none(told, meant, weight), np.asarray(weights, np.float64))


def _order(design: Matrix, right: NDArray[np.bool_], count: NDArray[np.int64], weight: Matrix, ridge: float) -> Matrix:
    """Weights ≥ 0 of standardised features, from messages that have a right candidate."""
    if not len(count):
        return np.zeros(design.shape[1])
    starts = np.cumsum(count) - count
    weight = weight / weight.sum() * _MESSAGES

    def loss(beta: Matrix) -> tuple[float, Matrix]:
        score = design @ beta
        chance = np.exp(score - np.repeat(np.maximum.reduceat(score, starts), count))
        total, hit = np.add.reduceat(chance, starts), np.add.reduceat(chance * right, starts)
        value = float(weight @ (np.log(total) - np.log(hit)) + 0.5 * ridge * (beta @ beta))
        row = np.repeat(weight, count) * chance * (1 / np.repeat(total, count) - right / np.repeat(hit, count))
        return value, np.asarray(design.T @ row + ridge * beta, np.float64)

    bounds = [(0.0, None)] * design.shape[1]
    best = minimize(
        loss, np.zeros(design.shape[1]), jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 500}
    )
    return np.asarray(best.x, np.float64)


def _none(told: Matrix, meant: Matrix, weight: Matrix) -> float:
    """The score of none, from ln Σ e^score of all candidates and of the right ones (−∞: none is) per message."""

    def loss(none: float) -> float:
        return float(weight @ (np.logaddexp(told, none) - np.where(np.isneginf(meant), none, meant)))

    return float(minimize_scalar(loss, bounds=(told.min() - 50.0, told.max() + 50.0), method="bounded").x)


def _sums(score: Matrix, starts: NDArray[np.int64]) -> Matrix:
    """ln Σ e^score of each message's candidates; −∞ where all are."""
    return np.asarray(np.logaddexp.reduceat(score, starts), np.float64)


def _fitted(loss: _Loss, scale: Matrix, growing: int) -> Weights:
    bounds = [(None, None), *[(0.0, None)] * growing, *[(None, None)] * (len(scale) - growing)]
    best = minimize(
        loss, np.zeros(len(scale) + 1), jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 500}
    )
    return Weights(float(best.x[0]), np.asarray(best.x[1:] / scale, np.float64))
