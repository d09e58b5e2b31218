"""Exact nearest neighbours by inner product: a FAISS flat index over the vectors of one merchant.

No HNSW, no IVF: at a merchant's size (10²–10⁴ entries) exact search is far under a millisecond, deterministic,
and a shard is rebuilt in milliseconds; at 200,000 lines it takes 10 to 15 ms. Vectors are held as IEEE half floats:
half the memory, and a cosine moves by less than 0.0001 (docs/benchmarks.md).
"""

from __future__ import annotations

from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from kb.embed import Vectors

Halves = NDArray[np.float16]


class DenseIndex:
    """Immutable after construction; searches are safe from many threads."""

    def __init__(self, vectors: Vectors | Halves) -> None:
        """`vectors`: float32 or float16, shape (n, dim), unit rows."""
        count, self.dim = vectors.shape
        self._index = faiss.IndexScalarQuantizer(self.dim, faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT)
        if count:
            # A half float *is* its code, so that rows taken over from an earlier index are copied, not converted.
            self._index.add_sa_codes(np.ascontiguousarray(vectors, "<f2").view(np.uint8))

    def __len__(self) -> int:
        return int(self._index.ntotal)

    @property
    def rows(self) -> Halves:
        """The vectors as they are held: a view into the index, shape (n, dim). Use it while the index is alive."""
        if not len(self):
            return np.zeros((0, self.dim), "<f2")
        codes = faiss.rev_swig_ptr(self._index.codes.data(), len(self) * self._index.code_size)
        return codes.view("<f2").reshape(len(self), self.dim)

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
        return np.asarray(self.rows[positions].astype(np.float32) @ query, np.float32)
