"""Texts → unit vectors: tokens through the graph, one text at a time, on the caller's own thread."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Self

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from kb.encoder.graph import INPUT, OUTPUT, graph_of, states_graph_of
from kb.encoder.tokens import Tokenizer
from kb.encoder.weights import Floats, Weights


class Encoder:
    """A model ready to run; threads may share it. A text's vector does not depend on what is embedded beside it."""

    def __init__(self, weights: Weights, tokenizer: Tokenizer, session: Any = None) -> None:
        """`session`: the network of these weights, where it is made already; else as `session_of`, raising the same."""
        self.width = weights.width
        self._weights, self._tokenizer = weights, tokenizer
        self._session = session_of(weights) if session is None else session

    @classmethod
    def several(cls, models: Sequence[Weights], vocabulary: Callable[[], Tokenizer]) -> list[Self]:
        """One of each of these models, which share a vocabulary: sentencepiece reads it without Python's lock, so that the
        networks are made meanwhile. Raises as `session_of` and `vocabulary` do.
        """
        with ThreadPoolExecutor(1) as beside:
            making = beside.submit(lambda: [session_of(weights) for weights in models])
            tokenizer = vocabulary()
            sessions = making.result()
        return [cls(weights, tokenizer, session) for weights, session in zip(models, sessions, strict=True)]

    def encode(self, texts: Sequence[str]) -> Floats:
        """float32, shape (len(texts), width), rows of unit length. Texts must be clean."""
        found = np.zeros((len(texts), self.width), np.float32)
        for row, text in zip(found, texts, strict=True):
            windows = self._tokenizer.windows(text)
            means = [self._mean(ids) for ids in windows]
            # A message is one window; its average with nothing is the same bits and costs a thirtieth of the embedding.
            row[:] = means[0] if len(means) == 1 else np.average(means, axis=0, weights=[len(ids) for ids in windows])
        return np.asarray(found / np.linalg.norm(found, axis=1, keepdims=True), np.float32)

    def _mean(self, ids: NDArray[np.int64]) -> Floats:
        """The mean of the last hidden states of one window, shape (width,)."""
        (mean,) = self._session.run([OUTPUT], {INPUT: self._weights.embedded(ids)})
        return np.asarray(mean, np.float32)


def session_of(weights: Weights, after: Sequence[int] = ()) -> Any:
    """The network of these weights in ONNX Runtime (which has no types); with `after`, one whose outputs are the hidden
    states after so many layers each.

    Raises RuntimeError where the runtime refuses the graph, LookupError where a tensor is missing.
    """
    options = onnxruntime.SessionOptions()
    # Requests run beside each other already; more threads for each would only wait for the same cores.
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3  # errors
    graph = (states_graph_of(weights, after) if after else graph_of(weights)).SerializeToString()
    try:
        session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # the runtime's errors have no base of their own, and are no RuntimeError
        raise RuntimeError(f"ONNX Runtime {onnxruntime.__version__} refuses the model: {error}") from error
    session._model_bytes = b""  # 19 MB that it keeps to begin anew with other providers, of which there are none
    return session
