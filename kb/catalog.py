"""Which product a message is about: words of names, brands, models and numbers, weighed by rarity in this shop.

Facts and colours are left out on purpose: "白色什么时候发货" names no product.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

import numpy as np

from kb.lexical import LexicalIndex
from kb.model import Product, ProductHit, Reason
from kb.text import Analyzer, fold

_ENOUGH = 0.45  # share of the message's weight that a product must explain to be shown
_SHORTLIST = 40


def identity(product: Product) -> str:
    """The text by which a buyer may name a product."""
    parts = [product.name, product.brand, product.model, product.category, product.key]
    return " ".join(part for part in parts + [sku.key for sku in product.skus] if part)


class Catalog:
    """The searchable products of one shard."""

    def __init__(self, products: Sequence[Product], analyzer: Analyzer) -> None:
        self.products = tuple(products)
        self.by_key = {product.key: product for product in products}
        self._tokens = [frozenset(analyzer.tokens(identity(product))) for product in products]
        self._lexical = LexicalIndex([sorted(tokens) for tokens in self._tokens])
        counts = Counter(token for tokens in self._tokens for token in tokens)
        self._weights = {token: math.log(1 + len(products) / n) for token, n in counts.items()}
        self._unknown = math.log(1 + len(products))

    def find(self, words: Sequence[str], tokens: Sequence[str], *, focus: str = "", limit: int = 3) -> list[ProductHit]:
        """The products that a message names, best first.

        A product's score is the share of the message's weight that it explains: Σ weight of the message's tokens
        it holds ÷ Σ weight of all its tokens that some product holds + that of its words no product holds.
        The product in `focus` (its key), if known, always comes first with score 1.
        """
        hits = [self._focused(focus)] if focus in self.by_key else []
        known = set(self._lexical.known(tokens))
        strange = [word for word in set(words) if word not in known and len(word) > 1]
        total = sum(self._weights[token] for token in known) + 0.5 * self._unknown * len(strange)
        if known:
            ranked = self._lexical.scores(sorted(known))
            for position in np.argsort(-ranked, kind="stable")[:_SHORTLIST]:
                hits += self._scored(int(position), known, total, words)
        unique = {hit.product.id: hit for hit in reversed(hits)}  # the first of a product wins
        return sorted(unique.values(), key=lambda h: (h.product.key != focus, -h.score, h.product.key))[:limit]

    def _focused(self, focus: str) -> ProductHit:
        return ProductHit(self.by_key[focus], 1.0, (Reason("focus", "当前咨询的商品"),))

    def _scored(self, position: int, known: set[str], total: float, words: Sequence[str]) -> list[ProductHit]:
        shared = known & self._tokens[position]
        score = sum(self._weights[token] for token in shared) / total
        if score < _ENOUGH:
            return []
        product = self.products[position]
        named = [w for w in dict.fromkeys(words) if w in shared or (len(w) > 1 and w in fold(product.name))]
        return [ProductHit(product, round(score, 4), (Reason("named", "提到：" + "、".join(named[:6])),))]
