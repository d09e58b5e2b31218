"""What an offer has to know of a product: what it costs, whether there is any, whom it is not for. All from its sheet."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from kb.facts.attributes import plain_name
from kb.facts.variants import out_of_stock
from kb.language import names
from kb.model import Fact, Product
from kb.upsell.words import Limit, limits_of, said

_PRICES = tuple(map(plain_name, names.PRICE.split()))
_ASCII_END = re.compile(r"[ -~]+$")
_LONGEST = 200  # characters of a fact that tells what a product is
_SHARED = frozenset(
    map(plain_name, "系列 风格 适用场景 使用场景 场景 用途 适用季节 季节 适用肤质 肤质 接口 兼容机型 适用对象".split())
)


@dataclass(frozen=True, slots=True)
class Goods:
    """A product as an offer sees it. Prices in fen, None: the sheet does not say; `low` < `high` where variants differ."""

    product: Product
    low: int | None
    high: int | None
    out: bool
    limits: tuple[Limit, ...]
    called: str  # name and category, as words are looked for in them
    kind: str  # what its name ends in: two of one kind replace each other
    traits: frozenset[str]  # what is used alike shares some: 季节=秋冬

    @property
    def price(self) -> int | None:
        """The one price it has; None where it has several or none."""
        return self.low if self.low == self.high else None

    @property
    def price_text(self) -> str:
        """As an agent reads it: 269元, 39元起; "" where the sheet does not say."""
        return "" if self.low is None else yuan(self.low) + ("元" if self.low == self.high else "元起")


def goods_of(product: Product) -> Goods:
    """What the sheet says of a product."""
    low, high = _prices(product)
    facts = [fact for fact in _facts(product) if len(fact.value) <= _LONGEST]
    told = " ".join([product.name, product.category, *(f"{fact.name}：{fact.value}" for fact in facts)])
    traits = {f"{plain_name(fact.name)}={said(fact.value)}" for fact in facts if plain_name(fact.name) in _SHARED}
    called = said(f"{product.name} {product.category}")
    out = out_of_stock(product, None) is not None
    return Goods(product, low, high, out, limits_of(said(told)), called, _kind(product.name), frozenset(traits))


def _kind(name: str) -> str:
    """The noun's end: 星点双接口U盘 USB3.2 → U盘; "" of a name without one."""
    return _ASCII_END.sub("", said(name))[-2:]


def yuan(fen: int) -> str:
    """1290 → "12.9"."""
    return f"{Decimal(fen) / 100:f}"


def _prices(product: Product) -> tuple[int | None, int | None]:
    """The least and the most that it costs, by the first of the usual names that its sheet has a price under."""
    facts = _facts(product)
    for name in _PRICES:
        found = [_fen(fact) for fact in facts if plain_name(fact.name) == name]
        plain = [fen for fen in found if fen is not None]
        if found and len(plain) == len(found):
            return min(plain), max(plain)
        if found:
            return None, None  # 39-59元, 面议: no price to reckon with
    return None, None


def _fen(fact: Fact) -> int | None:
    try:
        fen = Decimal(fact.value.strip()) * 100
    except InvalidOperation:
        return None
    return int(fen) if fact.unit in ("", "元") and fen.is_finite() and 0 < fen == fen.to_integral_value() else None


def _facts(product: Product) -> list[Fact]:
    return [*product.facts, *(fact for sku in product.skus for fact in sku.facts)]
