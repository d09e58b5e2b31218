"""Exact nearest neighbours by inner product: a FAISS flat index over the vectors of one merchant.

No HNSW, no IVF: at a merchant's size (10²–10⁴ entries) exact search is far under a millisecond, deterministic,
and a shard is rebuilt in milliseconds; at 200,000 lines it takes 10 to 15 ms. Vectors are held as IEEE half floats:
half the memory, and a cosine moves by less than 0.0001 (docs/benchmarks.md).

Vectors of one model crowd into a narrow cone (of e5, unrelated questions lie at 0.8), so cosines are taken around their
centre: what all questions of a shop have in common says nothing about which one is meant (all-but-the-top, Mu and
Viswanath 2018; worth 1 to 4 points of hit@3 here). Rows are kept as they are; only the arithmetic knows the centre.
"""

from __future__ import annotations

from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from kb.embed import Vectors

Halves = NDArray[np.float16]

_PRIOR = 100  # rows that the background weighs: a shop that knows ten questions has no centre of its own yet
_CHUNK = 8192  # rows converted at once


class DenseIndex:
    """Immutable after construction; searches are safe from many threads."""

    def __init__(self, vectors: Vectors | Halves, background: Vectors | None = None) -> None:
        """`vectors`: float32 or float16, shape (n, dim), unit rows. `background`: where questions of any shop lie."""
        count, self.dim = vectors.shape
        self._index = faiss.IndexScalarQuantizer(self.dim, faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT)
        if count:
            # A half float *is* its code, so that rows taken over from an earlier index are copied, not converted.
            self._index.add_sa_codes(np.ascontiguousarray(vectors, "<f2").view(np.uint8))
        self._centre = self._middle(background)
        self._spread = self._distances()

    def __len__(self) -> int:
        return int(self._index.ntotal)

    @property
    def rows(self) -> Halves:
        """The vectors as they are held: a view into the index, shape (n, dim). Use it while the index is alive."""
        if not len(self):
            return np.zeros((0, self.dim), "<f2")
        codes = faiss.rev_swig_ptr(self._index.codes.data(), len(self) * self._index.code_size)
        return codes.view("<f2").reshape(len(self), self.dim)

    def _middle(self, background: Vectors | None) -> Vectors:
        """The mean of the rows and of `_PRIOR` rows at the background; shape (dim,)."""
        total = np.zeros(self.dim, np.float64) if background is None else _PRIOR * background.astype(np.float64)
        count = 0 if background is None else _PRIOR
        for start in range(0, len(self), _CHUNK):
            total += self.rows[start : start + _CHUNK].sum(axis=0, dtype=np.float32)
        return np.asarray(total / max(count + len(self), 1), np.float32)

    def _distances(self) -> Vectors:
        """How far each row lies from the centre, shape (n,); a row that is the centre counts as a little off."""
        found = np.empty(len(self), np.float32)
        for start in range(0, len(self), _CHUNK):
            rows = self.rows[start : start + _CHUNK].astype(np.float32)
            found[start : start + _CHUNK] = np.linalg.norm(rows - self._centre, axis=1)
        return np.maximum(found, 1e-3)

    def _direction(self, query: Vectors) -> Vectors:
        away = query - self._centre
        return np.asarray(away / max(float(np.linalg.norm(away)), 1e-3), np.float32)

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
        # By inner product with raw rows: the rows' own distances, which differ little, count when they are measured.
        _, found = self._index.search(self._direction(query).reshape(1, -1), min(k, len(self)), **options)
        places = np.asarray(found[0], np.int64)
        return places[places >= 0]

    def similarities(self, query: Vectors, positions: NDArray[np.int64]) -> Vectors:
        """Cosines around the centre with the vectors at `positions`; shape (len(positions),), in [−1, 1]."""
        if not len(positions):
            return np.zeros(0, np.float32)
        direction = self._direction(query)
        products = self.rows[positions].astype(np.float32) @ direction - float(self._centre @ direction)
        return np.asarray(np.clip(products / self._spread[positions], -1.0, 1.0), np.float32)

    def beyond(self, query: Vectors, aside: Vectors, positions: NDArray[np.int64]) -> Vectors:
        """How alike the query and the rows are in all but the direction of `aside`: the partial correlation
        (r_qx − r_qa·r_xa) ÷ √((1 − r_qa²)(1 − r_xa²)) of their cosines around the centre; shape (len(positions),), in [−1, 1].
        """
        with_rows, of_rows = self.similarities(query, positions), self.similarities(aside, positions)
        of_query = float(self._direction(query) @ self._direction(aside))
        left = np.sqrt(np.maximum((1 - of_query**2) * (1 - of_rows**2), 1e-6))
        return np.asarray(np.clip((with_rows - of_query * of_rows) / left, -1.0, 1.0), np.float32)
