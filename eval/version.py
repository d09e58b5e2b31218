"""Twelve digits that stand for what a shop knows, so that a report can say which knowledge its figures are of."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from kb.model import Entry, Product


def version(entries: Iterable[Entry], products: Iterable[Product]) -> str:
    """Twelve hexadecimal digits of published entries and products: the same ones in any order, the same digits."""
    told = [
        *((entry.key, entry.scene, *sorted(entry.askable()), *(a.text for a in entry.answers)) for entry in entries),
        *((product.key, product.name, *(f"{f.name}={f.value}" for f in product.facts)) for product in products),
    ]
    return hashlib.sha256(repr(sorted(told)).encode("utf-8", "surrogatepass")).hexdigest()[:12]
