"""Exact nearest neighbours by inner product: a FAISS flat index over the vectors of one merchant.

No HNSW, no IVF: at a merchant's size (10²–10⁴ entries) exact search is far under a millisecond, deterministic,
and a shard is rebuilt in milliseconds.
"""

from __future__ import annotations

from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from kb.embed import Vectors


class DenseIndex:
    """Immutable after construction; searches are safe from many threads."""

    def __init__(self, vectors: Vectors) -> None:
        """`vectors`: float32, shape (n, dim), unit rows."""
        count, self.dim = vectors.shape
        self._index = faiss.IndexFlatIP(self.dim)
        if count:
            self._index.add(np.ascontiguousarray(vectors))

    def __len__(self) -> int:
        return int(self._index.ntotal)

    def nearest(self, query: Vectors, k: int, allowed: NDArray[np.bool_] | None = None) -> NDArray[np.int64]:
        """Positions of the `k` best vectors, best first; `allowed` (shape (n,)) is enforced inside the search,
        so a masked vector never takes one of the k places."""
        if not len(self):
            return np.zeros(0, np.int64)
        options: dict[str, Any] = {}
        if allowed is not None:
            bits = np.packbits(allowed, bitorder="little")
            selector = faiss.IDSelectorBitmap(len(allowed), faiss.swig_ptr(bits))
            options["params"] = faiss.SearchParameters(sel=selector)  # type: ignore[call-arg]
        _, found = self._index.search(query.reshape(1, -1), min(k, len(self)), **options)
        places = np.asarray(found[0], np.int64)
        return places[places >= 0]

    def similarities(self, query: Vectors, positions: NDArray[np.int64]) -> Vectors:
        """Inner products with the vectors at `positions`; shape (len(positions),)."""
        if not len(positions):
            return np.zeros(0, np.float32)
        rows = np.asarray(self._index.reconstruct_batch(positions), np.float32)
        return np.asarray(rows @ query, np.float32)
