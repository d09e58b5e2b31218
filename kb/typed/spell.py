"""Where typed letters spell characters: every character by its whole sound, its initial, or itself.

qtwly, qitian, 7tian and 七天wly all spell 七天无理由; so does qit, on the way to qitian. The letters are cut in every
possible way at once: a state is how many of them are used up, and at each step every place still in the running
moves on by one character. After the first step few places are left, so the cost is that of looking at the texts once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from kb.distinct import distinct
from kb.typed.pinyin import LONGEST_READING, Readings, Table, pinyin, required
from kb.typed.rows import LAST_MARK, Codes, Places, Rows

_LETTERS_PER_SKIP, _MOST_SKIPS = 3, 3


@dataclass(frozen=True, slots=True)
class Spelled:
    """Places where the letters spell something, each once: over how many characters, and how many were left out."""

    places: Places
    spans: Places
    skips: Places


class Sounds(Rows):
    """Rows of cells, and with which initials the characters of each text may begin."""

    def __init__(self, codes: Codes) -> None:
        super().__init__(codes)
        self._initials = np.zeros(0, np.uint32)
        if len(codes):
            self._initials = np.bitwise_or.reduceat(pinyin().loose.initials[codes], self.text_begins())

    def promising(self, letters: str) -> Places:
        """All places in the texts that have every initial the letters need: one in a hundred for a whole word."""
        need = np.uint32(required(letters))
        texts = np.flatnonzero((self._initials & need) == need)
        begins, ends = self.text_begins()[texts], self.text_ends[texts]
        lengths = ends - begins
        offsets = np.repeat(begins - np.cumsum(lengths) + lengths, lengths)
        return np.asarray(np.arange(len(offsets)) + offsets, np.int64)


def letters_of(folded: str) -> str:
    """What was typed as it is spelled: without spaces, apostrophes and other marks, ü as v."""
    return "".join(filter(str.isalnum, folded.replace("ü", "v")))


def spell(rows: Sounds, letters: str, readings: Readings, *, abbreviated: bool = False) -> Spelled:
    """All places at which the letters begin to spell, by the fewest characters and fewest left out.

    `abbreviated`: characters inside may be left out, one for every three letters, at most three (qtly: 七天[无]理由).
    """
    skips = min(len(letters) // _LETTERS_PER_SKIP, _MOST_SKIPS) if abbreviated else 0
    pieces = cache(lambda start: list(_pieces(letters, start, readings)))
    codes, everywhere = rows.codes, rows.promising(letters)
    running: dict[tuple[int, int], Places] = {(0, 0): everywhere[_fits(codes[everywhere], pieces(0))]}
    done: list[tuple[Places, int, int]] = []
    step = 0
    while running:
        after: defaultdict[tuple[int, int], list[Places]] = defaultdict(list)
        for (used, skipped), places in running.items():
            here = codes[places + step]
            if step and skipped < skips:
                after[used, skipped + 1].append(places[here > LAST_MARK])
            for end, table in pieces(used):
                going = places[table[here]]
                if end == len(letters):
                    done.append((going, step + 1, skipped))
                else:
                    after[end, skipped].append(going)
        running = {state: merged for state, groups in after.items() if len(merged := _merged(groups))}
        step += 1
    return _first_ends(done)


def _pieces(letters: str, start: int, readings: Readings) -> Iterator[tuple[int, Table]]:
    """(end, which cells letters[start:end] spells) for every end at which it spells any."""
    for end in range(start + 1, min(start + LONGEST_READING, len(letters)) + 1):
        table = readings.table(letters[start:end], last=end == len(letters))
        if table is not None:
            yield end, table


def _fits(codes: Codes, pieces: list[tuple[int, Table]]) -> NDArray[np.bool_]:
    """Where any of the first pieces fits: one look at all codes instead of one for each piece."""
    if not pieces:
        return np.zeros(len(codes), bool)
    return np.take(np.logical_or.reduce([table for _, table in pieces]), codes)


def _merged(groups: list[Places]) -> Places:
    return groups[0] if len(groups) == 1 else distinct(np.concatenate(groups))


def _first_ends(done: list[tuple[Places, int, int]]) -> Spelled:
    """One end for each place: the fewest left out, then the fewest characters."""
    done = sorted(done, key=lambda end: (end[2], end[1]))
    places = np.concatenate([np.zeros(0, np.int64), *(places for places, _, _ in done)])
    spans = np.repeat([span for _, span, _ in done], [len(p) for p, _, _ in done]).astype(np.int64)
    skips = np.repeat([skipped for _, _, skipped in done], [len(p) for p, _, _ in done]).astype(np.int64)
    places, first = np.unique(places, return_index=True)  # of equal places the first: numpy sorts stably here
    return Spelled(places, spans[first], skips[first])
