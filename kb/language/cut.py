"""Chinese text → words: of all ways to cut it with a dictionary, the most probable one (the product of word frequencies).

This is jieba's method without its HMM, on jieba's dictionary, and cuts every text as jieba does: jieba is the oracle of the
tests. Here because a shop of 1,000 entries is cut before its first answer, and jieba asks the dictionary twice for every
prefix through a graph of its own: this one pass from the end takes a quarter of the time (docs/benchmarks.md). jieba itself
is not imported: its tables for the HMM alone would hold up every start by 0.2 s.
"""

from __future__ import annotations

import importlib.util
import math
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from kb.once import once

_BLOCK = re.compile(r"([\u4E00-\u9FD5a-zA-Z0-9+#&._%\-]+)")  # what words are made of
_OTHER = re.compile(r"\r\n|[\s\S]")
_LATIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")


@once
def load_dictionary() -> tuple[dict[str, int], int]:
    """jieba's words and all their beginnings with their frequencies (0: only a beginning), and the sum of frequencies.

    Read once (0.4 s), even if many threads ask at the same time. Parsed from its text, not through jieba's own loading,
    which keeps a cache in the shared temp folder (jieba #903) that any local user could replace.
    """
    found = importlib.util.find_spec("jieba")
    if found is None or found.origin is None:
        raise ModuleNotFoundError("jieba is not installed")
    frequencies: dict[str, int] = {}
    total = 0
    with Path(found.origin).with_name("dict.txt").open(encoding="utf-8") as lines:
        for line in lines:
            word, frequency, _ = line.split(" ", 2)
            frequencies[word] = int(frequency)
            total += frequencies[word]
    for word in list(frequencies):
        add_beginnings(frequencies, word)
    return frequencies, total


def add_beginnings(frequencies: dict[str, int], word: str) -> None:
    """Note that words begin so, where that is not known yet."""
    for end in range(len(word) - 1, 0, -1):
        if word[:end] in frequencies:
            return  # and so are the shorter ones
        frequencies[word[:end]] = 0


class Cutter:
    """Words of a dictionary and of one merchant's own layer above it, which is not copied: 500,000 words are 60 MB."""

    def __init__(self, own: Mapping[str, int]) -> None:
        """`own`: words and all their beginnings, as `load_dictionary` has them."""
        base, total = load_dictionary()
        self._frequency = _layered(own, base) if own else base.get
        self._log_total = math.log(total + sum(own.values()))

    def cut(self, text: str) -> list[str]:
        """All of the text in order; what no word is made of one character at a time."""
        words: list[str] = []
        for number, part in enumerate(_BLOCK.split(text)):
            words += self._words(part) if number % 2 else _OTHER.findall(part)
        return words

    def _words(self, block: str) -> Iterator[str]:
        """Letters and digits that belong to no word stay together."""
        ends = self._ends(block)
        start = loose = 0
        while start < len(block):
            end = ends[start]
            if end - start > 1 or block[start] not in _LATIN:
                if loose < start:
                    yield block[loose:start]
                yield block[start:end]
                loose = end
            start = end
        if loose < start:
            yield block[loose:start]

    def _ends(self, block: str) -> list[int]:
        """Where the word ends that begins the most probable cut of the rest, for each position; of equals the longest."""
        frequency_of, log, log_total = self._frequency, math.log, self._log_total
        length = len(block)
        best = [0.0] * (length + 1)  # log probability of the rest
        ends = [0] * length
        for start in range(length - 1, -1, -1):
            highest, last = best[start + 1] - log_total, 0
            for end in range(start + 1, length + 1):
                frequency = frequency_of(block[start:end])
                if frequency is None:
                    break
                if frequency:
                    chance = log(frequency) - log_total + best[end]
                    if not last or chance >= highest:
                        highest, last = chance, end
            best[start], ends[start] = highest, last or start + 1
        return ends


def _layered(own: Mapping[str, int], base: Mapping[str, int]) -> Callable[[str], int | None]:
    def frequency(word: str) -> int | None:
        mine = own.get(word)
        return mine or base.get(word, mine)

    return frequency
