"""A network of one hidden layer that says several things at once of each row, learned by numpy alone.

ReLU between two linear layers; each output is log-odds of its own. Cross-entropy by AdamW (Loshchilov & Hutter 2019) with a
rate that rises and falls once, and dropout (Srivastava et al. 2014) of features and hidden units. The same rows and seed give the same
weights on one machine.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

_FIRST, _SECOND, _TINY = 0.9, 0.999, 1e-8  # of Adam


@dataclass(frozen=True, slots=True)
class Plan:
    """How long and how hard to learn."""

    hidden: int = 128
    epochs: int = 6
    batch: int = 256
    rate: float = 2e-3
    decay: float = 1e-2
    unseen: float = 0.2  # of the features, left out at random
    dropped: float = 0.2  # of the hidden units
    seed: int = 20261121


@dataclass(slots=True)
class _Adam:
    """One array that learns."""

    value: Floats
    mean: Floats = field(init=False)
    square: Floats = field(init=False)

    def __post_init__(self) -> None:
        self.mean, self.square = np.zeros_like(self.value), np.zeros_like(self.value)

    def step(self, slope: Floats, rate: float, decay: float, number: int) -> None:
        self.mean += (1 - _FIRST) * (slope - self.mean)
        self.square += (1 - _SECOND) * (slope * slope - self.square)
        mean, square = self.mean / (1 - _FIRST**number), self.square / (1 - _SECOND**number)
        self.value -= rate * (mean / (np.sqrt(square) + _TINY) + decay * self.value)


def learn(values: Floats, right: NDArray[np.bool_], plan: Plan) -> tuple[Floats, Floats, Floats, Floats]:
    """(inner (features, hidden), inner bias, outer (hidden, outputs), outer bias) from `values`, shape (n, features), best
    of about unit spread, and `right`, shape (n, outputs)."""
    chance = np.random.default_rng(plan.seed)
    parts = [_Adam(one) for one in _start(values.shape[1], plan.hidden, right.mean(axis=0), chance)]
    steps, number = plan.epochs * math.ceil(len(values) / plan.batch), 0
    for _ in range(plan.epochs):
        order = chance.permutation(len(values))
        for first in range(0, len(order), plan.batch):
            number += 1
            chosen = np.sort(order[first : first + plan.batch])
            seen = values[chosen] * _kept(
                chance, (1, values.shape[1]), plan.unseen
            )  # a mask a batch: a fifth of the time
            kept = _kept(chance, (len(chosen), plan.hidden), plan.dropped)
            slopes = _slopes(seen, right[chosen], [one.value for one in parts], kept)
            rate = plan.rate * min(1.0, 5 * number / steps, 1.25 * (1 - number / (steps + 1)))
            for at, (part, slope) in enumerate(zip(parts, slopes, strict=True)):
                part.step(slope, rate, 0.0 if at % 2 else plan.decay, number)
    inner, inner_bias, outer, outer_bias = (one.value for one in parts)
    return inner, inner_bias, outer, outer_bias


def _start(features: int, hidden: int, share: NDArray[np.float64], chance: np.random.Generator) -> list[Floats]:
    """Small random weights (He et al. 2015); every output begins at its share of the rows."""
    share = np.clip(share, 1e-4, 1 - 1e-4)
    inner = chance.standard_normal((features, hidden), np.float32) * np.float32((2 / features) ** 0.5)
    outer = chance.standard_normal((hidden, len(share)), np.float32) * np.float32((1 / hidden) ** 0.5)
    return [inner, np.zeros(hidden, np.float32), outer, np.log(share / (1 - share)).astype(np.float32)]


def _kept(chance: np.random.Generator, shape: tuple[int, int], dropped: float) -> Floats:
    """0 for what is dropped, else what keeps the mean as it was."""
    return (chance.random(shape, np.float32) >= dropped).astype(np.float32) / np.float32(1 - dropped)


def _slopes(values: Floats, right: NDArray[np.bool_], parts: list[Floats], kept: Floats) -> list[Floats]:
    """How the mean cross-entropy rises with each part."""
    inner, inner_bias, outer, outer_bias = parts
    before = values @ inner + inner_bias
    hidden = np.maximum(before, 0) * kept
    odds = hidden @ outer + outer_bias
    wrong = (1 / (1 + np.exp(-odds)) - right).astype(np.float32) / np.float32(right.size)
    back = (wrong @ outer.T) * kept * (before > 0)
    return [values.T @ back, back.sum(axis=0), hidden.T @ wrong, wrong.sum(axis=0)]
