"""Which product a message is about: the noun that buyers call it by, else words of names, brands, models and numbers, weighed by
rarity in this shop.

Facts and colours are left out on purpose: "白色什么时候发货" names no product.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from kb.called import Called, Match, Places
from kb.language import names
from kb.language.nouns import QUALITIES
from kb.language.text import Analyzer, fold
from kb.lexical import LexicalIndex, Scores
from kb.model import Product, ProductHit, Reason

_ENOUGH = 0.45  # share of the message's weight that a product must explain to be shown
_SHORTLIST = 40
_KIND = 2  # characters at the end of a noun that tell what kind of thing it is
_REMEMBERED = 10_000  # texts
# Words of trade that titles are stuffed with and buyers ask with; rare in a catalogue, so rarity cannot tell.
_OF_TRADE = frozenset(
    "发货 包邮 正品 专柜 官方 旗舰店 新款 热卖 爆款 预售 现货 促销 活动 优惠 赠品 适合 推荐 效果 使用 包装 退货 换货 退款 快递 "
    "价格 多少 尺码 颜色 大小 客服 下单 购买 没有 怎么 什么 可以 质量 保证 随机 升级 专用 通用".split()
)

_SHORT_FACT = 20  # characters; what is longer tells a story, and may name the product
_FACTS_OF_GOODS = frozenset(
    word.lower()
    for code in ("colour", "size", "spec", "material", "lining", "content", "capacity", "season")
    for word in names.ATTRIBUTES[code].split()
)


def identity(product: Product) -> str:
    """The text by which a buyer may name a product."""
    parts = [product.name, product.brand, product.model, product.category, product.key]
    return " ".join(part for part in parts + [sku.key for sku in product.skus] if part)


def _codes(product: Product) -> list[str]:
    return [code for code in (product.key, product.model, *(sku.key for sku in product.skus)) if len(code) > 2]


def _pairs(text: str) -> list[str]:
    return [text[i : i + 2] for i in range(len(text) - 1)]


def _pairs_of_facts(products: Sequence[Product]) -> frozenset[str]:
    """The character pairs of colours, sizes, materials and contents, as the sheets state them."""
    facts = {
        fact.value
        for product in products
        for fact in (*product.facts, *(fact for sku in product.skus for fact in sku.facts))
        if len(fact.value) <= _SHORT_FACT and fact.name.lower() in _FACTS_OF_GOODS
    }
    return frozenset(pair for value in facts for pair in _pairs(fold(value)))


def _pairs_and_codes(tokens: Iterable[str]) -> set[str]:
    """Without whole words, which may be cut differently in each name; pairs of characters are not."""
    return {token for token in tokens if token.startswith("#") or token.isascii()}


def _tokens_of(matches: Sequence[Match]) -> set[str]:
    """The tokens of the nouns themselves: they tell none of the products that share one from the others."""
    runs = [run for run, _ in matches]
    return {f"#{pair}" for run in runs for pair in _pairs(run)} | set(runs)


@dataclass(frozen=True, slots=True)
class Naming:
    """The keys of the products that a text calls by their noun, and the longest of these nouns; "" where it calls none."""

    keys: frozenset[str]
    noun: str


NOBODY = Naming(frozenset(), "")


class Catalog:
    """The searchable products of one shard."""

    def __init__(self, products: Sequence[Product], analyzer: Analyzer) -> None:
        self.products = tuple(products)
        self.by_key = {product.key: product for product in products}
        self._analyzer = analyzer
        self._called = Called(products, analyzer)
        self._tokens = [frozenset(analyzer.tokens(identity(product))) for product in products]
        self._lexical = LexicalIndex([sorted(tokens) for tokens in self._tokens])
        counts = Counter(token for tokens in self._tokens for token in tokens)
        self._weights = {token: math.log(1 + len(products) / n) for token, n in counts.items()}
        self._unknown = math.log(1 + len(products))
        self._said_of_goods = _pairs_of_facts(products)
        self._namings: dict[str, Naming] = {}  # the questions of popular entries come all day
        self._codes = {fold(code): place for place, product in enumerate(products) for code in _codes(product)}

    def holds(self, products: Sequence[Product]) -> bool:
        """Whether these are the products it was made of, at the same versions."""
        ours, theirs = ([(p.id, p.version) for p in group] for group in (self.products, products))
        return ours == theirs

    def find(self, text: str, *, focus: str = "", limit: int = 3) -> list[ProductHit]:
        """The products that a message names, best first.

        Where it calls some by their noun (猫窝, 牵引绳), only those are meant, and a product's score is the share of what it
        says of their names that this one explains: of two that nothing tells apart both get the same. Else the score is the
        share of the message's weight: Σ weight of the message's tokens it holds ÷ Σ weight of all its tokens that some
        product holds + that of its words no product holds. The product in `focus` (its key), if known, always comes first
        with score 1.
        """
        words, tokens = self._analyzer.words_of(text), self._analyzer.tokens(text)
        hits = [self._focused(focus)] if focus in self.by_key else []
        known = {token for token in self._lexical.known(tokens) if token.removeprefix("#") not in _OF_TRADE}
        matches, coded = self._called_by(text, words)
        if matches:
            hits += self._of_called(matches, coded, known - _tokens_of(matches), words)
        else:
            hits += self._of_words(known, words)
        unique = {hit.product.id: hit for hit in reversed(hits)}  # the first of a product wins
        best_first = reversed(unique.values())
        return sorted(best_first, key=lambda hit: (hit.product.key != focus, -hit.score))[:limit]

    def naming(self, text: str) -> Naming:
        """What a text calls products by, and which they are: those that nothing in it tells apart all together."""
        if text not in self._namings:
            if len(self._namings) >= _REMEMBERED:
                self._namings.clear()
            self._namings[text] = self._told_apart(text)
        return self._namings[text]

    def called(self, text: str) -> tuple[str, frozenset[str]]:
        """The last noun by which a text calls products, and the keys of all that it may mean: those that share the noun's ending
        (大衣 of 呢大衣), where nothing in the text tells them apart."""
        matches = self._called.matches(text)
        if not matches:
            return "", NOBODY.keys
        noun, places = matches[-1]
        broadly = places | self._called.sharing(noun[-_KIND:])
        known = set(self._lexical.known(self._analyzer.tokens(text))) - _tokens_of([(noun[-_KIND:], broadly)])
        return noun, frozenset(self.products[place].key for place in self._likeliest(broadly, known))

    def _told_apart(self, text: str) -> Naming:
        matches, coded = self._called_by(text, self._analyzer.words_of(text))
        if not matches:
            return NOBODY
        known = set(self._lexical.known(self._analyzer.tokens(text))) - _tokens_of(matches)
        meant = coded.union(*(self._likeliest(places & coded or places, known) for _, places in matches))
        return Naming(frozenset(self.products[place].key for place in meant), max((run for run, _ in matches), key=len))

    def _likeliest(self, places: Places, known: set[str]) -> Places:
        """Those of the places whose names hold most of what is said; of a great many all, since that is read many times."""
        if not 1 < len(places) <= _SHORTLIST:
            return places
        scores = {place: self._share(place, known) for place in places}
        return frozenset(place for place, score in scores.items() if score == max(scores.values()))

    def _called_by(self, text: str, words: Sequence[str]) -> tuple[list[Match], Places]:
        """What a text calls products by their noun, and the products whose number it says beside it."""
        matches = self._called.matches(text)
        return matches, frozenset(
            self._codes[word] for word in words if word in self._codes
        ) if matches else frozenset()

    def _of_called(
        self, matches: Sequence[Match], coded: Places, known: set[str], words: Sequence[str]
    ) -> list[ProductHit]:
        known = _pairs_and_codes(known)
        places = coded.union(*(places for _, places in matches))
        shortlist = sorted(places)
        if len(places) > _SHORTLIST:
            ranked = self._lexical.scores(sorted(known))
            order = np.array(shortlist)
            shortlist = order[np.argsort(-ranked[order], kind="stable")[:_SHORTLIST]].tolist()
        theirs = known & frozenset().union(*(self._tokens[place] for place in shortlist))
        total = math.fsum(self._weights[token] for token in theirs)
        called = {place: [run for run, places in matches if place in places] for place in shortlist}
        hits = [self._hit(place, theirs, total, words, called[place]) for place in shortlist]
        return sorted(hits, key=lambda hit: (-hit.score, hit.product.key))

    def _of_words(self, known: set[str], words: Sequence[str]) -> list[ProductHit]:
        known = {token for token in known if not self._tells_no_product(token)}
        if not known:
            return []
        strange = [word for word in set(words) - known - _OF_TRADE if len(word) > 1]
        total = math.fsum(self._weights[token] for token in known) + 0.5 * self._unknown * len(strange)
        # BM25 breaks ties: of two names that explain as much, the one with less else in it is meant.
        ranked = self._lexical.scores(sorted(known))
        order = sorted(np.argsort(-ranked, kind="stable")[:_SHORTLIST], key=lambda i: self._tie(i, ranked))
        hits = (self._hit(int(position), known, total, words) for position in order)
        return [hit for hit in hits if hit.score >= _ENOUGH]

    def _tells_no_product(self, token: str) -> bool:
        """Whether it is said of goods and is no name: a colour, a size, what they are made of."""
        text = token.removeprefix("#")
        return text in QUALITIES or (len(text) > 1 and all(pair in self._said_of_goods for pair in _pairs(text)))

    def _tie(self, position: int, ranked: Scores) -> tuple[float, str]:
        return -float(ranked[position]), self.products[position].key

    def _focused(self, focus: str) -> ProductHit:
        return ProductHit(self.by_key[focus], 1.0, (Reason("focus", "当前咨询的商品"),))

    def _share(self, position: int, known: set[str]) -> float:
        """The weight of what is said that a product's name holds; summed exactly, since sets have no order."""
        return math.fsum(self._weights[token] for token in _pairs_and_codes(known) & self._tokens[position])

    def _hit(
        self, position: int, known: set[str], total: float, words: Sequence[str], called: Sequence[str] = ()
    ) -> ProductHit:
        shared = known & self._tokens[position]
        # Where the noun is all that was said, it fits as well as any.
        score = math.fsum(self._weights[token] for token in shared) / total if total else 1.0
        product = self.products[position]
        named = [w for w in words if w in shared or (len(w) > 1 and w in fold(product.name))]
        said = list(dict.fromkeys([*named, *called]))[:6]
        return ProductHit(product, round(score, 4), (Reason("named", "提到：" + "、".join(said)),))
