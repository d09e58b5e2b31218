"""Text → token ids, by SentencePiece's unigram model (Kudo 2018) with the vocabulary of the model's file.

The vocabulary is handed to the library sentencepiece in its own format. Texts come in clean (`kb.language.text.clean`: NFKC,
single blanks), so nothing is normalised here.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sentencepiece import SentencePieceProcessor, sentencepiece_model_pb2

from kb.encoder.weights import Weights

_BEGIN, _END, _UNKNOWN = 0, 2, 3
_PADDING = 1
_PREFIX = "query: "  # the model's own: both sides of a comparison are questions
LONGEST = 510  # tokens that the model reads at once, beside the two at the ends

_made_by_protobuf: Any = sentencepiece_model_pb2  # so without types
_Model = _made_by_protobuf.ModelProto
_Piece = _Model.SentencePiece
_KINDS = {_BEGIN: _Piece.CONTROL, _PADDING: _Piece.CONTROL, _END: _Piece.CONTROL, _UNKNOWN: _Piece.UNKNOWN}


class Tokenizer:
    """Thread-safe: the library only reads once it is loaded."""

    def __init__(self, weights: Weights) -> None:
        model = _Model()
        for number, (piece, score) in enumerate(weights.vocabulary()):
            model.pieces.add(piece=piece, score=score, type=_KINDS.get(number, _Piece.NORMAL))
        trained = model.trainer_spec
        trained.model_type = trained.UNIGRAM
        trained.bos_id, trained.pad_id, trained.eos_id, trained.unk_id = _BEGIN, _PADDING, _END, _UNKNOWN
        self._pieces = SentencePieceProcessor(model_proto=model.SerializeToString())

    def windows(self, text: str) -> list[NDArray[np.int64]]:
        """A clean text's ids in pieces the model can read, each with its begin and end; nearly always one."""
        ids = self._pieces.encode(_PREFIX + text)
        parts = [ids[start : start + LONGEST] for start in range(0, len(ids), LONGEST)]
        return [np.array([_BEGIN, *part, _END], np.int64) for part in parts]
