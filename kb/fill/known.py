"""What is known of a chat while a script is filled: the product, the variant chosen, the order, the shop, the time.

Every value comes with the cell it stands in. A value that differs between variants is known only where the variant is; of the
shop's form only what buyers may be told (`kb.profile`); nothing is computed and nothing is guessed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from kb.facts.attributes import plain_name
from kb.facts.sentences import worth
from kb.facts.variants import is_variant_name
from kb.fill.vocabulary import ONE_COURIER, Kind, variable
from kb.language import names
from kb.language.order_states import WORDS
from kb.language.tail import labelled
from kb.model import Fact, Order, Product, Sku
from kb.profile import may_be_told

_CHINA = dt.timezone(dt.timedelta(hours=8))
_GREETINGS = ((5, "晚上好"), (11, "早上好"), (13, "中午好"), (18, "下午好"), (24, "晚上好"))  # until which hour
_DAYS = "一二三四五六日"
_VARIANTS = "（各规格不同，请先确认规格）"
_COLUMNS = "（商品表里有几项都叫这个，内容不同）"


@dataclass(frozen=True, slots=True)
class Used:
    """A value that was filled in: what it is called, the value, and where it stands."""

    name: str
    value: str
    source: str
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Unknown:
    """A variable without a value: what it is called, and what an agent has to do, if there is more to say."""

    name: str


@dataclass(frozen=True, slots=True)
class Known:
    """Everything a script may be filled from; what is not known is None, "" or empty. `now` is unix seconds (0: unknown)."""

    product: Product | None = None
    sku: Sku | None = None
    profile: Sequence[Fact] = ()
    order: Order | None = None
    shop: str = ""
    now: int = 0

    def value(self, name: str) -> Used | Unknown:
        """What a variable is worth, by whatever name a script calls it."""
        kind, called = variable(name) or (Kind.FACT, name)
        found: Used | Unknown | None = None
        if kind is Kind.PRODUCT:
            found = self._of_product(called)
        elif kind is Kind.ORDER:
            found = self._of_order(called)
        elif kind is Kind.SHOP:  # a product's own 质保 before the shop's
            found = self._of_facts(name) or self._of_shop(called)
        elif kind is Kind.TIME:
            found = self._of_time(called)
        if found is None and kind in (Kind.FACT, Kind.ORDER):
            found = self._of_facts(name)
        return found or Unknown(called if name.isascii() else name)

    def _of_product(self, name: str) -> Used | None:
        if self.product is None:
            return None
        value = self.product.name if name == "商品名称" else self.product.key
        return _used(name, value, str(self.product.source or "商品表"))

    def _of_facts(self, name: str) -> Used | Unknown | None:
        """The product's fact of this name; failing that, of a name that means the same, where only one is there."""
        if self.product is None:
            return None
        every = list(dict.fromkeys(plain_name(fact.name) for fact in _facts(self.product)))
        wanted = plain_name(name)
        alike = [wanted] if wanted in every else [one for one in every if one in _meaning(wanted)]
        found = [value for one in alike if (value := self._fact(self.product, one, name))]
        unlike = {(value.value, value.unit) if isinstance(value, Used) else ("", value.name) for value in found}
        if len(unlike) > 1:
            return Unknown(name + _COLUMNS)
        return found[0] if found else None

    def _fact(self, product: Product, plain: str, name: str) -> Used | Unknown | None:
        if self.sku is not None:
            own = _named(self.sku.facts, plain) or _named(product.facts, plain)
            return _of(name, own[0]) if own else None
        shared = _named(product.facts, plain)
        own = [fact for sku in product.skus for fact in _named(sku.facts, plain)]
        everywhere = bool(shared) or len(own) == len(product.skus)
        if len({worth(fact) for fact in (*shared, *own)}) == 1 and everywhere:
            return _of(name, (*shared, *own)[0])
        return Unknown(name + _VARIANTS)

    def _of_shop(self, name: str) -> Used | None:
        if name == "店铺名称":
            return _used(name, self.shop, "店铺设置")
        if name != "快递公司":
            return self._told(name)
        # Whose parcel is spoken of: known only where the shop has a single courier.
        told = self._told("合作快递")
        return Used(name, told.value, told.source) if told and ONE_COURIER.fullmatch(told.value) else None

    def _told(self, name: str) -> Used | None:
        wanted = plain_name(name)
        facts = (fact for fact in self.profile if plain_name(fact.name) == wanted and may_be_told(fact))
        return next((_of(fact.name, fact) for fact in facts), None)

    def _of_order(self, name: str) -> Used | None:
        order = self.order
        if name == "规格" and self.sku is not None:
            return _used(name, self.sku.name, "订单" if order and order.sku else str(_cell(self.sku)))
        if order is None:
            return None
        logistics, payment, refund = (
            WORDS[state] if state else "" for state in (order.logistics, order.payment, order.refund)
        )
        values = {
            "订单号": labelled(order.tail),
            "规格": order.sku,
            "物流状态": logistics,
            "付款状态": payment,
            "退款状态": refund,
            "订单状态": refund or logistics or payment,
        }
        return _used(name, values[name], "订单")

    def _of_time(self, name: str) -> Used | None:
        if not self.now:
            return None
        now = dt.datetime.fromtimestamp(self.now, _CHINA)
        tomorrow = now + dt.timedelta(days=1)
        values = {
            "问候语": next(words for hour, words in _GREETINGS if now.hour < hour),
            "日期": f"{now.month}月{now.day}日",
            "明天日期": f"{tomorrow.month}月{tomorrow.day}日",
            "星期": f"星期{_DAYS[now.weekday()]}",
        }
        return _used(name, values[name], "北京时间")


def _used(name: str, value: str, source: str) -> Used | None:
    value = value.strip()
    return Used(name, value, source) if value else None


def _of(name: str, fact: Fact) -> Used | None:
    value = fact.value.strip()
    return Used(name, value, str(fact.source or "商品表"), fact.unit) if value else None


def _named(facts: Iterable[Fact], plain: str) -> list[Fact]:
    return [fact for fact in facts if plain_name(fact.name) == plain and fact.value.strip()]


def _facts(product: Product) -> list[Fact]:
    return [*product.facts, *(fact for sku in product.skus for fact in sku.facts)]


@lru_cache(maxsize=1024)
def _meaning(plain: str) -> frozenset[str]:
    """Every name of the attributes that may be called so: 售价 is also 价格 and 现价."""
    return frozenset[str]().union(*(words for words in _called() if plain in words))


@lru_cache(maxsize=1)
def _called() -> tuple[frozenset[str], ...]:
    return tuple(frozenset(map(plain_name, words.split())) for words in names.ATTRIBUTES.values())


def _cell(sku: Sku) -> str:
    fact = next((fact for fact in sku.facts if is_variant_name(fact.name) and fact.source), None)
    return str(fact.source) if fact else "商品表"
