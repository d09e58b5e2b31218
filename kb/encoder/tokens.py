"""Text → token ids, by SentencePiece's unigram model (Kudo 2018) with the vocabulary of the model's file.

The vocabulary is handed to the library sentencepiece in its own format, which is written here as a whole: piece by piece through
protobuf's objects it would hold up every start by 0.3 s. Texts come in clean (`kb.language.text.clean`: NFKC,
single blanks), so nothing is normalised here.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sentencepiece import SentencePieceProcessor, sentencepiece_model_pb2

from kb.encoder.weights import Vocabulary, Weights
from kb.once import once

_BEGIN, _END, _UNKNOWN = 0, 2, 3
_PADDING = 1
_PREFIX = "query: "  # the model's own: both sides of a comparison are questions
LONGEST = 510  # tokens that the model reads at once, beside the two at the ends

_made_by_protobuf: Any = sentencepiece_model_pb2  # so without types
_Model = _made_by_protobuf.ModelProto
_Piece = _Model.SentencePiece
_KINDS = [_Piece.CONTROL, _Piece.CONTROL, _Piece.CONTROL, _Piece.UNKNOWN]  # of the first pieces, which are no words
# A piece in protobuf's encoding: field 1, its length; in it field 1, its length, the text; field 2, a float.
_HEAD, _TAIL = [0x0A, 0, 0x0A, 0], [0x15, 0, 0, 0, 0]
_LONGEST_PIECE = 120  # bytes: the lengths then are one byte each


class Tokenizer:
    """Thread-safe: the library only reads once it is loaded."""

    def __init__(self, weights: Weights) -> None:
        model = _Model()
        vocabulary = weights.vocabulary()
        for number, kind in enumerate(_KINDS):
            piece, score = vocabulary[number]
            model.pieces.add(piece=piece, score=score, type=kind)
        trained = model.trainer_spec
        trained.model_type = trained.UNIGRAM
        trained.bos_id, trained.pad_id, trained.eos_id, trained.unk_id = _BEGIN, _PADDING, _END, _UNKNOWN
        # Messages of protobuf that are joined are merged: the other pieces follow.
        self._pieces = SentencePieceProcessor(
            model_proto=model.SerializeToString() + _messages(vocabulary, len(_KINDS))
        )

    def windows(self, text: str) -> list[NDArray[np.int64]]:
        """A clean text's ids in pieces the model can read, each with its begin and end; nearly always one."""
        ids = self._pieces.encode(_PREFIX + text)
        parts = [ids[start : start + LONGEST] for start in range(0, len(ids), LONGEST)]
        return [np.array([_BEGIN, *part, _END], np.int64) for part in parts]

    def placed(self, text: str) -> tuple[NDArray[np.int64], NDArray[np.intp]]:
        """The ids of a clean text that the model can read at once, cut where it cannot, and in which of them each of its
        characters is; shape (len(text),)."""
        pieces = self._pieces.encode(_PREFIX + text, out_type=str)
        ids = np.array([_BEGIN, *self._pieces.encode(_PREFIX + text)[:LONGEST], _END], np.int64)
        where = np.repeat(np.arange(1, len(pieces) + 1), [len(piece) for piece in pieces])
        return ids, np.minimum(where[len(where) - len(text) :], len(ids) - 1)


@once
def tokenizer_of(file: Path) -> Tokenizer:
    """That of a model's file, one for all who read with it: the vocabulary is 37 MB. Raises as `Weights.open` and `Tokenizer` do."""
    return Tokenizer(Weights.open(file))


def _messages(vocabulary: Vocabulary, first: int) -> bytes:
    """The pieces from `first` on as a `ModelProto` lists them: each a message of a text and a score, of the normal type.

    Raises ValueError where a piece is longer than pieces are.
    """
    sizes, scores = np.diff(vocabulary.edges[first:]), vocabulary.scores[first:]
    if len(sizes) and sizes.max() > _LONGEST_PIECE:
        raise ValueError("the model's vocabulary has a piece longer than pieces are")
    ends = np.cumsum(len(_HEAD) + sizes + len(_TAIL))
    heads = (ends - len(_TAIL) - sizes)[:, None] - len(_HEAD) + np.arange(len(_HEAD))
    tails = ends[:, None] - len(_TAIL) + np.arange(len(_TAIL))
    written = np.zeros(ends[-1] if len(ends) else 0, np.uint8)
    written[heads], written[tails] = _HEAD, _TAIL
    written[heads[:, 1]], written[heads[:, 3]] = sizes + len(_HEAD) - 2 + len(_TAIL), sizes
    written[tails[:, 1:]] = scores.astype("<f4").view(np.uint8).reshape(-1, 4)
    of_text = np.ones(len(written), bool)
    of_text[heads] = of_text[tails] = False
    written[of_text] = vocabulary.text[vocabulary.edges[first] :]
    return written.tobytes()
