"""Two convex fits with weights that may be kept ≥ 0: a logistic regression, and a conditional logit.

    logistic       −Σ w_i · ln σ(±score_i)                                             is this right?
    conditional    −Σ w_m · ln (Σ_right e^score ÷ (Σ e^score + e^none))                which of these, or none?

Both with a ridge on standardised features and L-BFGS-B (Byrd et al. 1995); the optimum is unique for the first, and for
the second where each message has one right candidate (McFadden 1974).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from kb.head import sigmoid

RIDGE = 1.0  # strength of the pull towards zero of the logistic, in units of one message
RIDGE_CHOICE = 10.0  # of the conditional logit
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


def choice(values: Matrix, right: NDArray[np.bool_], message: NDArray[np.int64], weight: Matrix) -> Weights:
    """Which candidate of each message is right, or none of them. All weights are ≥ 0; `bias` is the score of none.

    `values` (shape (rows, features)) has a row per candidate, those of a message next to each other; `message` says
    whose they are (shape (rows,)); `weight` counts per message, in their order. A message without a right row is one
    that none answers.
    """
    scale = values.std(axis=0) + 1e-9
    design = values / scale
    starts = np.flatnonzero(np.r_[True, message[1:] != message[:-1]])
    count = np.diff(np.r_[starts, len(values)])
    answered = np.logical_or.reduceat(right, starts)
    weight = weight / weight.sum() * _MESSAGES

    def loss(beta: Matrix) -> tuple[float, Matrix]:
        score = design @ beta[1:]
        highest = np.maximum(np.maximum.reduceat(score, starts), beta[0])
        chance = np.exp(score - np.repeat(highest, count))
        none = np.exp(beta[0] - highest)
        total = np.add.reduceat(chance, starts) + none
        hit = np.where(answered, np.add.reduceat(chance * right, starts), none)
        penalty = np.r_[0.0, RIDGE_CHOICE * beta[1:]]
        value = float(weight @ (np.log(total) - np.log(hit)) + 0.5 * (penalty @ beta))
        told = chance / np.repeat(total, count)
        meant = np.where(np.repeat(answered, count), chance * right / np.repeat(hit, count), 0.0)
        row = np.repeat(weight, count) * (told - meant)
        bias = weight @ (none / total - np.where(answered, 0.0, 1.0))
        return value, np.asarray(np.r_[bias, design.T @ row] + penalty, np.float64)

    return _fitted(loss, scale, values.shape[1])


def _fitted(loss: _Loss, scale: Matrix, growing: int) -> Weights:
    bounds = [(None, None), *[(0.0, None)] * growing, *[(None, None)] * (len(scale) - growing)]
    best = minimize(
        loss, np.zeros(len(scale) + 1), jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 500}
    )
    return Weights(float(best.x[0]), np.asarray(best.x[1:] / scale, np.float64))
