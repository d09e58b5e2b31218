"""BM25 over the tokens of one merchant's texts, in memory, with that merchant's own term weights.

    score(d, q) = Σ_t  idf(t) · tf ÷ (tf + k1 · (1 − b + b · |d| ÷ average |d|)),  idf(t) = ln(1 + (N − df + ½) ÷ (df + ½))

Robertson's BM25 in Lucene's form, which bm25s computes too and is the oracle of the tests. Here because an index is
built anew at every edit: one sort of all postings is 5 to 9 times faster than bm25s' loop over documents
(docs/benchmarks.md), and a service that starts need not wait for scipy.sparse.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float32]

_K1 = 1.5
_B = 0.75
_BLOCK = 1_000  # documents


class LexicalIndex:
    """The postings of each term, one after the other: documents, and what the term adds to their scores. Immutable.

    A term is known by its 64-bit hash: a dictionary of the words of 200 shops would be 150 MB, and two of a million
    words meet in one hash with a chance of 1 in 10⁷.
    """

    def __init__(self, documents: Sequence[Sequence[str]]) -> None:
        self._count = len(documents)
        lengths = np.fromiter(map(len, documents), np.int64, self._count)
        different: dict[str, None] = {}
        for tokens in _blocks(documents):
            different.update(dict.fromkeys(tokens))
        self._terms, places = np.unique(_hashes(list(different)), return_inverse=True)
        numbers = dict(zip(different, places.tolist(), strict=True))
        found = [np.fromiter(map(numbers.__getitem__, tokens), np.int64) for tokens in _blocks(documents)]
        terms = np.concatenate([np.zeros(0, np.int64), *found])
        # A pair (term, document) as one number: sorting them groups the postings and counts repeats at once.
        width = max(self._count, 1)
        pairs, times = np.unique(terms * width + np.repeat(np.arange(self._count), lengths), return_counts=True)
        term, document = np.divmod(pairs, width)
        holders = np.bincount(term, minlength=len(self._terms))
        self._starts = np.concatenate([[0], np.cumsum(holders)])
        self._documents = document.astype(np.int32)
        self._gains = _gains(self._count, holders[term], times, lengths, document)

    def __len__(self) -> int:
        return self._count

    def scores(self, tokens: Sequence[str]) -> Scores:
        """One score per document, shape (n,), 0 where no token meets; a token said twice counts twice."""
        scores = np.zeros(self._count, np.float32)
        numbers, held = self._look_up(tokens)
        for number in numbers[held]:
            span = slice(self._starts[number], self._starts[number + 1])
            scores[self._documents[span]] += self._gains[span]
        return scores

    def known(self, tokens: Sequence[str]) -> list[str]:
        """The tokens that occur in any document."""
        _, held = self._look_up(tokens)
        return [token for token, yes in zip(tokens, held, strict=True) if yes]

    def _look_up(self, tokens: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """(each token's term number, whether it is a term at all), shape (tokens,)."""
        if not len(self._terms):
            return np.zeros(len(tokens), np.int64), np.zeros(len(tokens), bool)
        hashes = _hashes(tokens)
        numbers = np.minimum(np.searchsorted(self._terms, hashes), len(self._terms) - 1)
        return numbers, self._terms[numbers] == hashes


def _blocks(documents: Sequence[Sequence[str]]) -> Iterator[Iterator[str]]:
    """The tokens of some documents at a time. C takes a block through at once, and nobody else runs meanwhile: of a million
    tokens 50 to 70 ms, which an agent of another shop would wait."""
    for start in range(0, len(documents), _BLOCK):
        yield chain.from_iterable(documents[start : start + _BLOCK])


def _hashes(tokens: Sequence[str]) -> NDArray[np.int64]:
    # Of the bytes: the hash of a str is that of its buffer, where "pp" and "灰" (U+7070) are the same two bytes.
    return np.fromiter((hash(token.encode("utf-8", "surrogatepass")) for token in tokens), np.int64, len(tokens))


def _gains(
    count: int, holders: NDArray[np.int64], times: NDArray[np.int64], lengths: NDArray[np.int64],
    document: NDArray[np.int64],
) -> Scores:  # fmt: skip
    """What each posting adds to a score: idf of its term × its saturated frequency; shape (postings,)."""
    if not count or not len(document):
        return np.zeros(0, np.float32)
    idf = np.log1p((count - holders + 0.5) / (holders + 0.5))
    norm = _K1 * (1 - _B + _B * lengths / lengths.mean())
    return np.asarray(idf * times / (times + norm[document]), np.float32)
