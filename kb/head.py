"""The fitted head: which candidate is best, how far its being best can be trusted, and whether anything answers at all.

    relevance_i   = weights · features_i                                     orders the candidates
    share_i       = e^relevance_i ÷ (Σ_j e^relevance_j + e^none)             `none`: that no entry answers, fitted too
    probability   = σ(w · (logit share, lead, near, near_talk, content, asking, length, continued) + bias)   of the first
    probability_i = (1 − probability) · e^relevance_i ÷ (Σ_{j ≠ first} e^relevance_j + e^none)               of the others
    answerable    = σ(v · (logit Σ_j share_j, near, near_talk, content, asking, asking_talk, length, length_talk, continued) + bias)

The first step is a conditional logit (McFadden 1974) over the candidates of a message that one of them answers, then the
score of none over all messages; it learns from whole sets. The others learn from one row a message, in whole shops and in
small ones drawn from them, and may use what no candidate shows: whether the message says or asks anything. Weights are data
(`head.json`, written by ``huashu eval fit`` with its provenance). Those of candidates are never negative, so a candidate that
gets better in every feature never gets a lower probability.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kb.errors import EngineFailed
from kb.features import HYBRID_FEATURES, LEXICAL_FEATURES, Measured
from kb.language.conversation import Said
from kb.model import Band, Mode

Values = NDArray[np.float64]

VERBATIM = 0.99  # a message that *is* a stored question: certain but for what the trainer stored
CONFIDENCE_FEATURES = ("share", "lead", "near", "near_talk", "content", "asking", "length", "continued")
ANSWERABLE_FEATURES = (
    "some", "near", "near_talk", "content", "asking", "asking_talk", "length", "length_talk", "continued"
)  # fmt: skip
GROWING = {CONFIDENCE_FEATURES: 4, ANSWERABLE_FEATURES: 3}  # the first ones belong to candidates: never negative
_FAR = 8.0  # log-odds beyond which a share says no more
_AHEAD = 5.0  # relevance beyond which a lead says no more
_LONG, _LONG_TALK = 40, 120  # characters of a message, of a conversation, from which more no longer say more
_STRETCH = 1.02


def sigmoid(score: Values) -> Values:
    return np.asarray(0.5 * (1.0 + np.tanh(0.5 * score)), np.float64)  # the logistic, without overflow


def confidence_features(relevance: Values, none: float, measured: Measured, said: Said) -> Values:
    """What trust goes by, shape (candidates, 8), from the relevance of one message's candidates."""
    chances, nothing = _shares(relevance, none)
    share = _log_odds(chances, chances.sum() + nothing - chances)
    best = int(np.argmax(relevance))
    others = np.delete(relevance, best)
    second = float(others.max()) if len(others) else none
    rival = np.where(np.arange(len(relevance)) == best, second, relevance[best])
    lead = np.clip(relevance - rival, -_AHEAD, _AHEAD)
    told = (said.content, float(said.asking), _length(said), float(said.continued))
    columns = [share, lead, *_apart(_stretched(measured.near), said)]
    return np.column_stack([*columns, *(np.full(len(relevance), value) for value in told)])


def answerable_features(relevance: Values, none: float, measured: Measured, said: Said) -> Values:
    """What silence goes by, shape (9,). Within a conversation a question mark says less: one asks back, one grumbles."""
    chances, nothing = _shares(relevance, none)
    some = float(_log_odds(np.array([chances.sum()]), np.array([nothing]))[0])
    near = [float(values.max()) for values in _apart(_stretched(measured.near), said)]
    continued, asking, length = float(said.continued), float(said.asking), _length(said)
    before = float(np.log1p(min(len(said.talk), _LONG_TALK)))
    told = (said.content, asking, asking * continued, length, before * continued, continued)
    return np.array([some, *near, *told])


def _shares(relevance: Values, none: float) -> tuple[Values, float]:
    """(weight of each candidate, weight of none), scaled so that the largest is 1."""
    highest = max(float(relevance.max()), none)
    return np.exp(relevance - highest), float(np.exp(none - highest))


def _log_odds(of: Values, against: Values) -> Values:
    odds = np.log(np.maximum(of, 1e-300)) - np.log(np.maximum(against, 1e-300))
    return np.asarray(np.clip(odds, -_FAR, _FAR), np.float64)


def _apart(near: Values, said: Said) -> tuple[Values, Values]:
    """(near, near_talk): how near messages lie by themselves and in conversations are two scales."""
    nothing = np.zeros_like(near)
    return (nothing, near) if said.continued else (near, nothing)


def _length(said: Said) -> float:
    return float(np.log1p(min(len(said.own), _LONG)))


def _stretched(likeness: NDArray[np.float32]) -> Values:
    # Towards 1: from 0.95 to 0.99 likeness says more than from 0.60 to 0.64.
    return np.asarray(-np.log(_STRETCH - np.clip(likeness.astype(np.float64), -1.0, 1.0)), np.float64)


@dataclass(frozen=True, slots=True)
class Linear:
    """A fitted logistic function of named features."""

    weights: Values
    bias: float

    def chance(self, values: Values) -> Values:
        return sigmoid(np.asarray(values @ self.weights + self.bias, np.float64))


@dataclass(frozen=True, slots=True)
class Head:
    """Weights of one mode; `features` fixes the order of the first step's. Below `silence` nothing should be offered."""

    features: tuple[str, ...]
    weights: Values
    none: float
    confidence: Linear
    answerable: Linear
    direct: float
    reference: float
    silence: float

    def relevance(self, values: Values) -> Values:
        """A score per row of `values` (shape (n, features))."""
        return np.asarray(values @ self.weights, np.float64)

    def probability(self, measured: Measured, said: Said) -> Values:
        """P(this entry answers) per candidate of one message.

        Trust was learned from first answers. The others share what it leaves, by their weights beside that of none; none of
        them is told more than the first.
        """
        relevance = self.relevance(measured.values)
        told = self.confidence.chance(confidence_features(relevance, self.none, measured, said))
        first = relevance == relevance.max()
        trust = float(told[first].max())
        chances, nothing = _shares(relevance, self.none)
        rest = chances / max(float(chances[~first].sum()) + nothing, 1e-300)
        return np.where(first, trust, np.minimum(trust, (1 - trust) * rest))

    def answers(self, measured: Measured, said: Said) -> float:
        """P(any of these entries answers the message)."""
        found = answerable_features(self.relevance(measured.values), self.none, measured, said)
        return float(self.answerable.chance(found))

    def band(self, probability: float) -> Band:
        if probability >= self.direct:
            return Band.DIRECT
        return Band.REFERENCE if probability >= self.reference else Band.UNSURE


def head_from(data: Mapping[str, Any], expected: tuple[str, ...]) -> Head:
    """Check and build a head. Raises EngineFailed when the file does not fit the code's features."""
    try:
        return _head(data, expected)
    except (KeyError, TypeError, ValueError) as error:
        raise _misfit() from error


def _head(data: Mapping[str, Any], expected: tuple[str, ...]) -> Head:
    names, weights = tuple(data["weights"]), np.array(list(data["weights"].values()), np.float64)
    if names != expected or (weights < 0).any():
        raise _misfit()
    return Head(
        names,
        weights,
        float(data["none"]),
        _linear(data["confidence"], CONFIDENCE_FEATURES),
        _linear(data["answerable"], ANSWERABLE_FEATURES),
        float(data["direct"]),
        float(data["reference"]),
        float(data["silence"]),
    )


def _linear(data: Mapping[str, Any], expected: tuple[str, ...]) -> Linear:
    weights = np.array(list(data["weights"].values()), np.float64)
    if tuple(data["weights"]) != expected or (weights[: GROWING[expected]] < 0).any():
        raise _misfit()
    return Linear(weights, float(data["bias"]))


def _misfit() -> EngineFailed:
    return EngineFailed("概率模型 head.json 与程序的特征不一致。", remedy="请运行 huashu eval fit 重新拟合。")


@lru_cache(maxsize=2)
def load_head(mode: Mode) -> Head:
    """The shipped head of a mode."""
    data = json.loads(files("kb").joinpath("head.json").read_text(encoding="utf-8"))
    return head_from(data[str(mode)], HYBRID_FEATURES if mode is Mode.HYBRID else LEXICAL_FEATURES)
