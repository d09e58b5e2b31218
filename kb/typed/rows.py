"""Many short texts in one array, so that finding a piece in all of them is a few passes over memory.

A shop's 100,000 questions are two megabytes of UTF-16: comparing every code with the first one typed, then the
survivors with the second, takes a millisecond; a Python loop over the texts takes a hundred times that. A shop's own
order is kept: position i here is entry i there, and each entry may have any number of texts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.uint16]  # UTF-16: one for nearly every character
Places = NDArray[np.int64]  # where in the array something stands

_TEXT_END, _OWNER_END = "\n", "\v"  # a folded text holds no control character
LAST_MARK = ord(_OWNER_END)  # every code of a text is above it


@dataclass(frozen=True, slots=True)
class Matches:
    """Places at which something was found: whose text it is, whether it begins there, how long that text is.

    All of shape (n,); an owner occurs once for every place in its texts.
    """

    owners: Places
    begins: NDArray[np.bool_]
    lengths: Places


class Rows:
    """The texts of all owners, one after another. Immutable."""

    def __init__(self, codes: Codes) -> None:
        self.codes = codes
        self.text_ends = np.flatnonzero(codes <= LAST_MARK)
        self._owner_ends = np.flatnonzero(codes == LAST_MARK)

    def __len__(self) -> int:
        return len(self._owner_ends)

    @classmethod
    def of(cls, texts: Sequence[Sequence[str]]) -> Self:
        """`texts[i]` are the texts of owner i."""
        return cls(_encoded(texts))

    def carried(self, kept: Places, texts: Callable[[int], Sequence[str]]) -> Self:
        """The rows of the next generation: `kept[i]` is owner i's position here, or −1: then `texts(i)` are its own.

        What stayed together is copied together, so an edit in a shop of thousands costs no more than the copy.
        """
        cuts = np.flatnonzero((np.diff(kept) != 1) & ~((kept[1:] < 0) & (kept[:-1] < 0))) + 1
        runs = np.split(np.arange(len(kept)), cuts) if len(kept) else []
        return type(self)(np.concatenate([np.zeros(0, np.uint16), *(self._run(run, kept, texts) for run in runs)]))

    def find(self, piece: str) -> Places:
        """Every place at which the piece stands, character for character."""
        pattern = np.frombuffer(piece.encode("utf-16-le"), np.uint16)
        if not len(pattern) or len(pattern) > len(self.codes):
            return np.zeros(0, np.int64)
        places = np.flatnonzero(self.codes[: len(self.codes) - len(pattern) + 1] == pattern[0])
        for offset, code in enumerate(pattern[1:], start=1):
            places = places[self.codes[places + offset] == code]
        return places

    def matches(self, places: Places) -> Matches:
        text = np.searchsorted(self.text_ends, places)
        starts = np.where(text > 0, self.text_ends[text - 1] + 1, 0)
        return Matches(np.searchsorted(self._owner_ends, places), places == starts, self.text_ends[text] - starts)

    def share(self, characters: str) -> NDArray[np.int64]:
        """How many of the characters (each as often as it is given) occur in an owner's texts; shape (owners,)."""
        total = np.zeros(len(self), np.int64)
        for code in np.frombuffer(characters.encode("utf-16-le"), np.uint16):
            owners = np.searchsorted(self._owner_ends, np.flatnonzero(self.codes == code))
            total[owners[np.diff(owners, prepend=-1) > 0]] += 1
        return total

    def sizes(self) -> NDArray[np.int64]:
        """Codes of each owner's texts together; shape (owners,)."""
        return self._owner_ends - self._begins()

    def text(self, owner: int) -> str:
        """An owner's texts, a line each."""
        begin = self._owner_ends[owner - 1] + 1 if owner else 0
        return self.codes[begin : self._owner_ends[owner]].tobytes().decode("utf-16-le")

    def text_begins(self) -> Places:
        return np.concatenate([np.zeros(1, np.int64), self.text_ends + 1])[: len(self.text_ends)]

    def _begins(self) -> Places:
        return np.concatenate([np.zeros(1, np.int64), self._owner_ends[:-1] + 1])[: len(self)]

    def _run(self, run: Places, kept: Places, texts: Callable[[int], Sequence[str]]) -> Codes:
        first, last = kept[run[0]], kept[run[-1]]
        if first < 0:
            return _encoded([texts(int(owner)) for owner in run])
        begin = self._owner_ends[first - 1] + 1 if first else 0
        return self.codes[begin : self._owner_ends[last] + 1]


def _encoded(texts: Sequence[Sequence[str]]) -> Codes:
    joined = "".join(_TEXT_END.join(group) + _OWNER_END for group in texts)
    return np.frombuffer(joined.encode("utf-16-le", "replace"), np.uint16)
