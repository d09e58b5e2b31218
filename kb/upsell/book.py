"""A shop's rules and goods at one generation, ready to be asked: which rules speak of a product, which limits it has."""

from __future__ import annotations

import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from kb.model import OfferRule, OfferWay, Product
from kb.upsell.goods import Goods, goods_of
from kb.upsell.words import said

_MOST = 100  # goods on one side of a pair that are looked at for one product


@dataclass(frozen=True, slots=True)
class Pair:
    """Two kinds of goods that are used together, by words of names and categories."""

    use: str
    goods: tuple[str, ...]
    others: tuple[str, ...]
    one_way: bool = False


class Book:
    """What can be offered in a shop. Nothing here changes but what is remembered of goods that were asked for."""

    def __init__(self, rules: Iterable[OfferRule], products: Sequence[Product]) -> None:
        self._products = {product.key: product for product in products}
        self._goods: dict[str, Goods] = {}
        self._rules: defaultdict[str, list[OfferRule]] = defaultdict(list)
        self._limits: defaultdict[str, list[OfferRule]] = defaultdict(list)
        self.thresholds: list[OfferRule] = []
        for rule in sorted(rules, key=lambda rule: rule.key):
            self._enter(rule)
        self._complements: dict[str, tuple[tuple[str, str], ...]] = {}
        self._holders: dict[tuple[str, ...], tuple[str, ...]] = {}

    def warm(self) -> None:
        """Look through all goods before anybody asks: with thousands of them it takes tenths of a second."""
        for pair in pairs():
            self._holding(pair.goods)
            self._holding(pair.others)
        for key in self._products:
            self.goods(key)

    def goods(self, key: str) -> Goods | None:
        """A published product; None for any other."""
        found = self._goods.get(key)
        if found is None and key in self._products:
            found = self._goods[key] = goods_of(self._products[key])
        return found

    def rules_for(self, product: Product) -> Iterator[OfferRule]:
        """The rules that speak of a product, of its category, or of any; by key. 凑单 is asked by price (`thresholds`)."""
        yield from sorted(
            {
                id(rule): rule for name in (product.key, product.category, "") for rule in self._rules.get(name, ())
            }.values(),
            key=lambda rule: rule.key,
        )

    def limits_on(self, product: Product) -> list[OfferRule]:
        """All that the merchant says of a product when it is the one to be offered, whatever led to it."""
        named = [
            *self._limits.get(product.key, ()),
            *(self._limits.get(product.category, ()) if product.category else ()),
        ]
        return [rule for rule in named if rule.active]

    def complements(self, product: Product) -> tuple[tuple[str, str], ...]:
        """(key, use) of the goods that are used with a product, by the kinds of `complements.toml`, best first."""
        found = self._complements.get(product.key)
        if found is None:
            found = self._complements[product.key] = tuple(self._used_with(product))
        return found

    def _enter(self, rule: OfferRule) -> None:
        if rule.partner:
            self._limits[rule.partner].append(rule)
        if rule.way is OfferWay.THRESHOLD:
            self.thresholds.append(rule)
        elif rule.way is not OfferWay.NEVER:
            for name in rule.products or ("",):
                self._rules[name].append(rule)

    def _used_with(self, product: Product) -> list[tuple[str, str]]:
        """Those that share most of what goods are used for come first; never one of the same kind."""
        mine = self.goods(product.key)
        if mine is None:
            return []
        wanted = [(pair.use, words) for pair in pairs() for words in _other_side(pair, mine.called)]
        found: dict[str, tuple[int, str]] = {}
        for use, words in wanted:
            for key in self._holding(words)[:_MOST]:
                if key != product.key and key not in found and (other := self.goods(key)):
                    found[key] = len(mine.traits & other.traits), use
        return [(key, found[key][1]) for key in sorted(found, key=lambda key: (-found[key][0], key))]

    def _holding(self, words: tuple[str, ...]) -> tuple[str, ...]:
        """The keys of the goods whose name or category holds one of the words."""
        found = self._holders.get(words)
        if found is None:
            called = ((key, said(f"{one.name} {one.category}")) for key, one in self._products.items())
            found = self._holders[words] = tuple(key for key, name in called if _holds(name, words))
        return found


@lru_cache(maxsize=1)
def pairs() -> tuple[Pair, ...]:
    """The kinds of goods that are used together."""
    told: Mapping[str, list[dict[str, object]]] = tomllib.loads(
        files("kb.upsell").joinpath("complements.toml").read_text(encoding="utf-8")
    )
    return tuple(_pair(one) for one in told["pair"])


def _pair(one: Mapping[str, object]) -> Pair:
    goods, others = (tuple(said(str(word)) for word in _list(one[name])) for name in ("goods", "with"))
    return Pair(str(one["use"]), goods, others, bool(one.get("one_way", False)))


def _list(value: object) -> list[object]:
    if not isinstance(value, list):
        raise TypeError("complements.toml: a list of words is wanted")
    return value


def _other_side(pair: Pair, called: str) -> Iterator[tuple[str, ...]]:
    """The words of what goes with something that is called so."""
    if _holds(called, pair.goods):
        yield pair.others
    elif not pair.one_way and _holds(called, pair.others):
        yield pair.goods


def _holds(called: str, words: Iterable[str]) -> bool:
    return any(word in called for word in words)
