"""Digests under the vendor's salt: two texts can be found to be the same, and nothing can be read back from them.

A value (a number, a code, a courier) is digested whole, by BLAKE2 with the salt as its key. Of a name or a sentence every run of
a few characters is, by a polynomial hash whose base and character codes come from the salt: numpy makes a million of them in
a tenth of a second, where BLAKE2 would hold the interpreter for one.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

Digests = NDArray[np.uint64]
NONE: Digests = np.empty(0, np.uint64)
_SHIFT = np.uint64(29)


@dataclass(frozen=True, slots=True)
class Salted:
    """Makes digests under one salt."""

    key: bytes
    base: np.uint64
    stir: np.uint64

    @classmethod
    def by(cls, salt: bytes) -> Self:
        seed = hashlib.blake2b(b"runs", key=salt[:64], digest_size=16).digest()
        base, stir = (int.from_bytes(part, "little") | 1 for part in (seed[:8], seed[8:]))
        return cls(salt[:64], np.uint64(base), np.uint64(stir))

    def value(self, kind: str, text: str) -> int:
        """The digest of one whole value."""
        return int.from_bytes(hashlib.blake2b(f"{kind}:{text}".encode(), key=self.key, digest_size=8).digest())

    def runs(self, text: str, length: int) -> Digests:
        """The digests of all runs of so many characters, by where they begin; shape (len(text) - length + 1,)."""
        codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), "<u4").astype(np.uint64)
        count = len(codes) - length + 1
        if count <= 0:
            return NONE
        told = (codes + np.uint64(1)) * self.stir
        told ^= told >> _SHIFT
        total = np.zeros(count, np.uint64)
        for at in range(length):
            total = total * self.base + told[at : at + count]
        total ^= total >> _SHIFT
        total *= self.stir
        return total ^ (total >> np.uint64(32))


def held(digests: Digests, among: Digests) -> NDArray[np.bool_]:
    """Which of the digests are among these, which are sorted; shape of `digests`."""
    if not len(among):
        return np.zeros(len(digests), np.bool_)
    places = np.searchsorted(among, digests)
    places[places == len(among)] = 0
    return np.asarray(among[places] == digests)
