"""How much of a line a conversation has said, whoever said it and in however many pieces.

    cover(line) = Σ_{g ∈ line ∩ talk} w(g) ÷ Σ_{g ∈ line} w(g),   w(g) = ln((n + 1) ÷ (h(g) + ½))

over the line's different letters and pairs of neighbouring letters g (marks and blanks apart: 先。买 has 先买), where h(g) of
the n candidates hold g in some line: a piece that all of them hold tells none apart (inverse document frequency, Spärck Jones
1972, taken over the candidates).
BM25 asks how much of the *talk* a line has, and a long talk has much of every line; a known question that has been said
wholly, 开专票 in one turn and 先买 in another, is what is meant (docs/benchmarks.md).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from kb.distinct import distinct

_NO_LETTERS = re.compile(r"[^\w\n]+")
_END = ord("\n")
_BITS = 21  # of a code point
_LONGEST = 100  # characters of a line that are read: more is no question, and an answer of pages would cost its length


def cover(talk: str, lines: Sequence[str], owner: NDArray[np.int64]) -> NDArray[np.float32]:
    """From 0 to 1 for each line, shape (lines,); 0 for one without letters. `talk` and `lines` are folded, `owner` says which
    candidate each line is of: 0, 1, 2 …, in any order."""
    grams, line = _grams([text[:_LONGEST] for text in lines])
    known, found = np.unique(grams, return_inverse=True)
    # A pair (line, gram) as one number, so that what stands twice in a line counts once.
    line, gram = np.divmod(distinct(line * len(known) + found), max(len(known), 1))
    count = int(owner.max(initial=-1)) + 1
    held = np.zeros((len(known), count), bool)
    held[gram, owner[line]] = True
    weight = np.log((count + 1) / (held.sum(axis=1) + 0.5))
    said = weight * np.isin(known, _grams([talk])[0])
    whole, told = (np.bincount(line, values[gram], len(lines)) for values in (weight, said))
    return np.asarray(told / np.where(whole > 0, whole, 1.0), np.float32)


def _grams(lines: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """All letters and pairs of neighbouring letters as numbers, and the line that each stands in."""
    text = _NO_LETTERS.sub("", "\n".join(line.replace("\n", " ") for line in lines))
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), "<u4").astype(np.int64)
    inside = codes != _END
    line = np.cumsum(~inside)
    joined = inside[:-1] & inside[1:]
    pairs = codes[:-1] << _BITS | codes[1:]
    return np.concatenate([codes[inside], pairs[joined]]), np.concatenate([line[inside], line[:-1][joined]])
