"""The digests of several shops in one sorted array: a text is looked for once in all of them, not once in each.

A vendor with 200 shops has some ten million digests. One array of all would be copied whole at every publication; one of each shop
costs a text 200 searches. Sixteen shops together cost a publication ten milliseconds and a text thirteen searches.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kb.check.salted import NONE, Digests
from kb.distinct import distinct

SEATS = 16  # shops in one crowd
_NOBODY: NDArray[np.uint8] = np.empty(0, np.uint8)


@dataclass(frozen=True, slots=True, eq=False)
class Crowd:
    """Digests, ascending, and whose each is (a seat from 0); a digest stands once for every shop that has it."""

    digests: Digests
    whose: NDArray[np.uint8]

    @classmethod
    def empty(cls) -> Crowd:
        return cls(NONE, _NOBODY)

    def without(self, seat: int) -> Crowd:
        """The same without the shop on this seat."""
        others = self.whose != seat
        return self if others.all() else Crowd(self.digests[others], self.whose[others])

    def seated(self, seat: int, digests: Digests) -> Crowd:
        """The same with these digests, sorted and each once, as those of the shop on this seat."""
        rest = self.without(seat)
        places = np.searchsorted(rest.digests, digests)
        theirs = np.full(len(digests), seat, np.uint8)
        return Crowd(np.insert(rest.digests, places, digests), np.insert(rest.whose, places, theirs))

    def holders(self, digests: Digests) -> tuple[NDArray[np.intp], NDArray[np.uint8]]:
        """Which shops have which of the digests: (places in `digests`, seats), pairs in no order."""
        at = np.searchsorted(self.digests, digests)
        places = np.arange(len(digests))
        found, seats = [], []
        while len(places):
            inside = at < len(self.digests)
            at, places = at[inside], places[inside]
            same = self.digests[at] == digests[places]
            at, places = at[same], places[same]
            found.append(places)
            seats.append(self.whose[at])
            at = at + 1
        return (np.concatenate(found), np.concatenate(seats)) if found else (np.empty(0, np.intp), _NOBODY)


def rows(crowds: Iterable[Crowd], digests: Digests, but: tuple[int, int] | None) -> list[NDArray[np.bool_]]:
    """For every shop that has any of the digests: which of them; (crowd, seat) `but` is left out, the shop that asks."""
    found: list[NDArray[np.bool_]] = []
    for number, crowd in enumerate(crowds):
        places, seats = crowd.holders(digests)
        for seat in distinct(seats).tolist():
            if (number, seat) != but:
                row = np.zeros(len(digests), np.bool_)
                row[places[seats == seat]] = True
                found.append(row)
    return found
