"""Which product a message is about: words of names, brands, models and numbers, weighed by rarity in this shop.

Facts and colours are left out on purpose: "白色什么时候发货" names no product.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

import numpy as np

from kb.language.text import Analyzer, fold
from kb.lexical import LexicalIndex, Scores
from kb.model import Product, ProductHit, Reason

_ENOUGH = 0.45  # share of the message's weight that a product must explain to be shown
_SHORTLIST = 40
# Words of trade that titles are stuffed with and buyers ask with; rare in a catalogue, so rarity cannot tell.
_OF_TRADE = frozenset(
    "发货 包邮 正品 专柜 官方 旗舰店 新款 热卖 爆款 预售 现货 促销 活动 优惠 赠品 适合 推荐 效果 使用 包装 退货 换货 退款 快递 "
    "价格 多少 尺码 颜色 大小 客服 下单 购买 没有 怎么 什么 可以 质量 保证 随机 升级 专用 通用".split()
)


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

    def holds(self, products: Sequence[Product]) -> bool:
        """Whether these are the products it was made of, at the same versions."""
        ours, theirs = ([(p.id, p.version) for p in group] for group in (self.products, products))
        return ours == theirs

    def find(self, words: Sequence[str], tokens: Sequence[str], *, focus: str = "", limit: int = 3) -> list[ProductHit]:
        """The products that a message names, best first.

        A product's score is the share of the message's weight that it explains: Σ weight of the message's tokens
        it holds ÷ Σ weight of all its tokens that some product holds + that of its words no product holds.
        The product in `focus` (its key), if known, always comes first with score 1.
        """
        hits = [self._focused(focus)] if focus in self.by_key else []
        known = {token for token in self._lexical.known(tokens) if token.removeprefix("#") not in _OF_TRADE}
        strange = [word for word in set(words) - known - _OF_TRADE if len(word) > 1]
        total = math.fsum(self._weights[token] for token in known) + 0.5 * self._unknown * len(strange)
        if known:
            # BM25 breaks ties: of two names that explain as much, the one with less else in it is meant.
            ranked = self._lexical.scores(sorted(known))
            order = sorted(np.argsort(-ranked, kind="stable")[:_SHORTLIST], key=lambda i: self._tie(i, ranked))
            for position in order:
                hits += self._scored(int(position), known, total, words)
        unique = {hit.product.id: hit for hit in reversed(hits)}  # the first of a product wins
        best_first = reversed(unique.values())
        return sorted(best_first, key=lambda hit: (hit.product.key != focus, -hit.score))[:limit]

    def _tie(self, position: int, ranked: Scores) -> tuple[float, str]:
        return -float(ranked[position]), self.products[position].key

    def _focused(self, focus: str) -> ProductHit:
        return ProductHit(self.by_key[focus], 1.0, (Reason("focus", "当前咨询的商品"),))

    def _scored(self, position: int, known: set[str], total: float, words: Sequence[str]) -> list[ProductHit]:
        shared = known & self._tokens[position]
        score = math.fsum(self._weights[token] for token in shared) / total  # exact: sets have no order
        if score < _ENOUGH:
            return []
        product = self.products[position]
        named = [w for w in dict.fromkeys(words) if w in shared or (len(w) > 1 and w in fold(product.name))]
        return [ProductHit(product, round(score, 4), (Reason("named", "提到：" + "、".join(named[:6])),))]
