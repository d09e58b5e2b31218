"""Makers that tests of every room share."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np

from kb.embed import Vectors
from kb.model import Answer, Entry, EntryKind, Phrasing, Polarity, Product
from kb.text import clean


class BagEngine:
    """A deterministic stand-in for a model: hashed character bigrams, so that texts that look alike lie near."""

    fingerprint = "bag-of-bigrams/test"
    dim = 64

    def __init__(self) -> None:
        self.embedded: list[str] = []

    def embed(self, texts: Sequence[str]) -> Vectors:
        self.embedded += texts
        rows = np.zeros((len(texts), self.dim), np.float32)
        for row, text in zip(rows, map(clean, texts), strict=True):
            for i in range(max(len(text) - 1, 1)):
                digest = hashlib.blake2b(text[i : i + 2].encode(), digest_size=4).digest()
                row[int.from_bytes(digest) % self.dim] += 1.0
        return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)


def faq(number: str, question: str, answer: str, *phrasings: str, negative: Sequence[str] = ()) -> Entry:
    """A new FAQ entry (version 0), ids derived from its number."""
    texts = [Phrasing(f"p{number}{i}", text) for i, text in enumerate(phrasings)]
    texts += [Phrasing(f"n{number}{i}", text, Polarity.NEGATIVE) for i, text in enumerate(negative)]
    return Entry(
        id=f"e{number}",
        key=number,
        kind=EntryKind.FAQ,
        question=question,
        phrasings=tuple(texts),
        answers=(Answer(f"a{number}", answer),) if answer else (),
        version=0,
    )


def product(key: str, name: str, **more: str) -> Product:
    return Product(id=f"p_{key}", key=key, name=name, version=0, **more)  # type: ignore[arg-type]
