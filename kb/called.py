"""Which products of a shop a text calls by their noun: 猫窝能机洗吗 calls the 云朵绒四季通用猫窝, 水壶 the 电热水壶, 豆腐砂 the
豆腐猫砂."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from itertools import chain

from kb.language.nouns import LONGEST_CALL, QUALITIES, calls, nouns
from kb.language.text import Analyzer, fold
from kb.model import Product

_SHORTEST = 2
_LONGEST_TEXT = 200  # characters that are looked through; who tells a story names a product at its beginning
_PREFIX = (4, 3, 2)  # lengths at which a shop's own name may begin its products' names
_OTHER_NAMES = frozenset("简称 商品简称 产品简称 别名 别称 俗称 又名 昵称".split())
_BETWEEN = re.compile(r"[\s/、,，;；|]+")
_ENOUGH_NAMES = 3  # names from which a common beginning is the shop's own name

Places = frozenset[int]
Match = tuple[str, Places]  # what is said for a noun, and the products that it calls
_NONE: Places = frozenset()


class Called:
    """The nouns of a shop's products, by all that buyers may say for them. Positions are those of the products."""

    def __init__(self, products: Sequence[Product], analyzer: Analyzer) -> None:
        self._analyzer = analyzer
        names = [fold(product.name) for product in products]
        own = _own_name(names)
        found = [nouns(p.name, p.category, p.brand or own) for p in products]
        said = ((call, i) for i, each in enumerate(found) for noun in each for call in calls(noun))
        also = ((other, i) for i, product in enumerate(products) for other in _other_names(product))
        self._calls = _by(chain(said, also))
        self._ends = _by((noun[-1], i) for i, each in enumerate(found) for noun in each)
        self._pairs = _by((name[k : k + 2], i) for i, name in enumerate(names) for k in range(len(name) - 1))

    def matches(self, text: str) -> list[Match]:
        """What a text calls products by, from left to right and the longest at each place, and which they are, by position;
        those that share a noun (牵引绳) all together."""
        if not self._calls:
            return []
        text = fold(text[:_LONGEST_TEXT])
        ends = self._analyzer.ends(text)  # the 大衣 of a 大衣柜 is no coat
        found = []
        start = 0
        while start + _SHORTEST <= len(text):
            end, places = self._longest(text, start, ends)
            if places:
                found.append((text[start:end], places))
            start = max(end, start + 1)
        return found

    def sharing(self, noun: str) -> Places:
        """The products that this very noun calls."""
        return self._calls.get(noun, _NONE)

    def _longest(self, text: str, start: int, ends: frozenset[int]) -> tuple[int, Places]:
        for end in range(min(start + LONGEST_CALL, len(text)), start + _SHORTEST - 1, -1):
            if end in ends and (places := self._calls.get(text[start:end])):
                return end, places
        return self._shortened(text, start)

    def _shortened(self, text: str, start: int) -> tuple[int, Places]:
        """A part of a name with its noun's last character behind it: 碎花裙, 云朵绒的窝."""
        pair = text[start : start + _SHORTEST]
        holding = self._pairs.get(pair, _NONE)
        if not holding or pair in QUALITIES:
            return start, _NONE
        after = start + _SHORTEST + text.startswith("的", start + _SHORTEST)
        places = holding & self._ends.get(text[after : after + 1], _NONE)
        return (after + 1, places) if places else (start, _NONE)


def _other_names(product: Product) -> list[str]:
    """What the sheet says that a product is called besides its name, folded."""
    stated = [fold(fact.value) for fact in product.facts if fact.name in _OTHER_NAMES]
    return [other for value in stated for other in _BETWEEN.split(value) if _SHORTEST <= len(other) <= LONGEST_CALL]


def _own_name(names: Sequence[str]) -> str:
    """The beginning that most of the names have in common, a shop's own name; "" when there is none."""
    if len(names) < _ENOUGH_NAMES:
        return ""
    for length in _PREFIX:
        beginning, count = Counter(name[:length] for name in names).most_common(1)[0]
        if count > len(names) / 2:
            return beginning
    return ""


def _by(pairs: Iterable[tuple[str, int]]) -> dict[str, Places]:
    found: defaultdict[str, set[int]] = defaultdict(set)
    for key, place in pairs:
        found[key].add(place)
    return {key: frozenset(places) for key, places in found.items()}
