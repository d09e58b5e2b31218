"""Which of the shop's products a number or a name means; exactly, or none."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from kb.language.text import fold
from kb.model import Product


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Product keys by number (of a product or of a SKU) and by name. A name of two products means neither."""

    numbers: Mapping[str, str]
    names: Mapping[str, str]
    categories: frozenset[str] = field(default_factory=frozenset)

    @classmethod
    def of(cls, products: Iterable[Product]) -> Catalogue:
        known = list(products)
        numbers = {_code(sku.key): product.key for product in known for sku in product.skus if sku.key}
        numbers |= {_code(product.key): product.key for product in known}
        names: dict[str, set[str]] = {}
        for product in known:
            names.setdefault(fold(product.name), set()).add(product.key)
        sole = {name: min(keys) for name, keys in names.items() if name and len(keys) == 1}
        return cls(numbers, sole, frozenset(product.category for product in known if product.category))

    def find(self, *texts: str) -> str:
        """The key of the first text that is a product's number, SKU number or name; "" when none is."""
        found = (self.numbers.get(_code(text)) or self.names.get(fold(text)) for text in texts if text)
        return next(filter(None, found), "")


def _code(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().casefold()
