"""BM25 over the tokens of one merchant's texts, in memory, with that merchant's own term weights."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float32]


class LexicalIndex:
    """BM25 (Robertson's, as bm25s' default "lucene" form: k1 = 1.5, b = 0.75). Immutable."""

    def __init__(self, documents: Sequence[Sequence[str]]) -> None:
        self._count = len(documents)
        self._index: Any = None
        if any(documents):
            # bm25s imports scipy.sparse: half a second that a service waiting for its first shard need not pay.
            import bm25s

            logging.getLogger("bm25s").setLevel(logging.WARNING)  # it reports every build at DEBUG on its own handler
            self._index = bm25s.BM25()
            self._index.index([list(document) for document in documents], show_progress=False)

    def __len__(self) -> int:
        return self._count

    def scores(self, tokens: Sequence[str]) -> Scores:
        """One score per document, shape (n,), 0 where no token meets."""
        known = self.known(tokens)
        if not known:
            return np.zeros(self._count, np.float32)
        return np.asarray(self._index.get_scores(known), np.float32)

    def known(self, tokens: Sequence[str]) -> list[str]:
        """The tokens that occur in any document."""
        if self._index is None:
            return []
        return [token for token in tokens if token in self._index.vocab_dict]
