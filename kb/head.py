"""The fitted head, in two steps: which candidate is best, and how far its being best can be trusted.

    relevance_i   = weights · features_i + bias                          orders the candidates
    share_i       = σ(relevance_i) ÷ (Σ σ(relevance_j) + 0.1)            is one far ahead, or do many look alike?
    probability_i = σ(w · (near_i, share_i, ln(1 + min(30, characters))) + bias)

`near` is −ln(1.02 − likeness), likeness being the cosine (fuzzy likeness without a model). The first step learns from
all candidates, the second from first answers only, in whole shops and in small ones drawn from them; asking one
function for both made the probabilities twice as wrong (docs/benchmarks.md). Weights are data (`head.json`, written by
``huashu eval fit`` with its provenance). None is negative, so a candidate that gets better in every feature never gets
a lower probability.
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
from kb.features import HYBRID_FEATURES, LEXICAL_FEATURES, likeness
from kb.model import Band, Mode

Values = NDArray[np.float64]

VERBATIM = 0.99  # a message that *is* a stored question: certain but for what the trainer stored
CONFIDENCE_FEATURES = ("near", "share", "length")
_NONE_OF_THESE = 0.1  # weight of "no entry answers this" beside the candidates, or a shop's only entry would share 1.0
_LONG = 30  # characters from which more words no longer say more
_STRETCH = 1.02


def sigmoid(score: Values) -> Values:
    return np.asarray(0.5 * (1.0 + np.tanh(0.5 * score)), np.float64)  # the logistic, without overflow


def confidence_features(relevance: Values, like: Values, length: int) -> Values:
    """The second step's features, shape (candidates, 3), from the first step's relevance of one message's candidates.

    `length` counts the message's characters.
    """
    chances = sigmoid(relevance)
    share = chances / (float(chances.sum()) + _NONE_OF_THESE)
    said = np.full(len(like), np.log1p(min(length, _LONG)))
    # Stretched towards 1: from 0.95 to 0.99 likeness says more than from 0.80 to 0.84.
    near = -np.log(_STRETCH - np.clip(like, -1.0, 1.0))
    return np.column_stack([near, share, said])


@dataclass(frozen=True, slots=True)
class Head:
    """Weights of one mode; `features` fixes the order of the first step's."""

    features: tuple[str, ...]
    weights: Values
    bias: float
    confidence: Values
    confidence_bias: float
    direct: float
    reference: float

    def relevance(self, values: Values) -> Values:
        """A score per row of `values` (shape (n, features)); only its order means anything."""
        return np.asarray(values @ self.weights + self.bias, np.float64)

    def probability(self, values: Values, length: int) -> Values:
        """P(this entry answers) per candidate of one message of `length` characters."""
        measured = confidence_features(self.relevance(values), values[:, likeness(self.features)], length)
        return sigmoid(measured @ self.confidence + self.confidence_bias)

    def band(self, probability: float) -> Band:
        if probability >= self.direct:
            return Band.DIRECT
        return Band.REFERENCE if probability >= self.reference else Band.UNSURE


def head_from(data: Mapping[str, Any], expected: tuple[str, ...]) -> Head:
    """Check and build a head. Raises EngineFailed when the file does not fit the code's features."""
    names, trust = tuple(data["weights"]), data["confidence"]
    weights = np.array(list(data["weights"].values()), np.float64)
    confidence = np.array(list(trust["weights"].values()), np.float64)
    fits = names == expected and tuple(trust["weights"]) == CONFIDENCE_FEATURES
    if not fits or (weights < 0).any() or (confidence < 0).any():
        raise EngineFailed("概率模型 head.json 与程序的特征不一致。", remedy="请运行 huashu eval fit 重新拟合。")
    return Head(
        names,
        weights,
        float(data["bias"]),
        confidence,
        float(trust["bias"]),
        float(data["direct"]),
        float(data["reference"]),
    )


@lru_cache(maxsize=2)
def load_head(mode: Mode) -> Head:
    """The shipped head of a mode."""
    data = json.loads(files("kb").joinpath("head.json").read_text(encoding="utf-8"))
    return head_from(data[str(mode)], HYBRID_FEATURES if mode is Mode.HYBRID else LEXICAL_FEATURES)
