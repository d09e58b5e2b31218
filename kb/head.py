"""The fitted head: features → P(this entry answers the message), by a logistic function with weights ≥ 0.

Weights, bias and thresholds are data (`head.json`, written by ``huashu eval fit`` with its provenance). No
weight is negative, so a candidate that is better in every feature never gets a lower probability.
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
from kb.features import HYBRID_FEATURES, LEXICAL_FEATURES
from kb.model import Band, Mode

_EXACT = 0.99  # a message that *is* a stored question: certain but for what the trainer stored


@dataclass(frozen=True, slots=True)
class Head:
    """Weights of one mode; `features` fixes their order."""

    features: tuple[str, ...]
    weights: NDArray[np.float64]
    bias: float
    direct: float
    reference: float

    def probability(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """P per row of `values` (shape (n, features)), in (0, 1)."""
        return np.asarray(1.0 / (1.0 + np.exp(-(values @ self.weights + self.bias))), np.float64)

    def exact(self) -> float:
        """The probability of a verbatim match."""
        return _EXACT

    def band(self, probability: float) -> Band:
        if probability >= self.direct:
            return Band.DIRECT
        return Band.REFERENCE if probability >= self.reference else Band.UNSURE


def head_from(data: Mapping[str, Any], expected: tuple[str, ...]) -> Head:
    """Check and build a head. Raises EngineFailed when the file does not fit the code's features."""
    names = tuple(data["weights"])
    weights = np.array([data["weights"][name] for name in names], np.float64)
    if names != expected or not (weights >= 0).all():
        raise EngineFailed("概率模型 head.json 与程序的特征不一致。", remedy="请运行 huashu eval fit 重新拟合。")
    return Head(names, weights, float(data["bias"]), float(data["direct"]), float(data["reference"]))


@lru_cache(maxsize=2)
def load_head(mode: Mode) -> Head:
    """The shipped head of a mode."""
    data = json.loads(files("kb").joinpath("head.json").read_text(encoding="utf-8"))
    return head_from(data[str(mode)], HYBRID_FEATURES if mode is Mode.HYBRID else LEXICAL_FEATURES)
