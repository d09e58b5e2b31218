"""One thing worth saying beside an answer, or why there is none. Restraint before ideas: what is forbidden is never ranked."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING

from kb.fill import fill
from kb.fill.known import Known, Unknown, Used
from kb.model import Fact, OfferRule, OfferWay, Product
from kb.upsell.book import Book
from kb.upsell.candidates import Candidate, candidates
from kb.upsell.chat import Chat, hush
from kb.upsell.goods import yuan
from kb.upsell.silence import Silence
from kb.upsell.words import limited, limits_of, said

if TYPE_CHECKING:
    from kb.upsell.ease import Ease  # which needs scipy, 20 MB that a service without orders never loads

_LONGEST_WHY = 120


@dataclass(frozen=True, slots=True)
class Offer:
    """What to offer (加购推荐): `text` is what would be copied, `why` is for the agent, `origin` where the idea came from."""

    product: str  # key; "" of a gift that is no product
    name: str
    price: str
    text: str
    why: str
    origin: str
    stage: str
    source: str = ""  # the cell of the merchant's rule


def choose(
    book: Book, model: Ease | None, chat: Chat, *, shop: str = "", profile: Sequence[Fact] = ()
) -> Offer | Silence:
    """The offer of a chat at this message, or the reason for none. Deterministic; 0.1 ms."""
    if silence := hush(chat):
        return silence
    product = chat.product
    if product is None:
        return Silence.NO_PRODUCT
    first: Silence | None = None
    for one in candidates(book, model, chat, product):
        barred = one.barred or bar(book, chat, product, one)
        offer = None if barred else _offer(one, chat, product, shop, profile)
        if offer is not None:
            return offer
        first = first or barred or Silence.UNFILLED
    return first or Silence.NOTHING


def bar(book: Book, chat: Chat, product: Product, one: Candidate) -> Silence | None:
    """Why this one may not be offered in this chat, whatever led to it; None where it may."""
    goods = one.goods
    if one.rule is not None and (not one.rule.in_stock or limited((), one.rule.refuse, chat.said)):
        return Silence.LIMIT if one.rule.in_stock else Silence.STOCK
    if goods is None:  # a gift is for whoever may have what it comes with
        main = book.goods(product.key)
        kept = limited((*limits_of(said(one.name)), *(main.limits if main else ())), (), chat.said)
        return Silence.OFFERED if one.key in chat.offered else Silence.LIMIT if kept else None
    key = goods.product.key
    rules = book.limits_on(goods.product)
    if goods.out or any(not rule.in_stock for rule in rules):
        return Silence.STOCK
    if key == product.key or (chat.order is not None and key == chat.order.product):
        return Silence.BOUGHT
    spoken = any(goods.product.name in text or key in text for text in chat.told)
    if spoken or key in chat.offered or key in chat.named:
        return Silence.OFFERED
    own = [word for rule in rules for word in rule.refuse]
    if limited(goods.limits, own, chat.said) or any(_never(rule, chat) for rule in rules):
        return Silence.LIMIT
    return Silence.FLOOR if _below_floor(one, rules) else None


def reason_of(offer: Offer) -> str:
    """What events say of an offer: ``upsell:origin:stage:product``. The key comes last, since it may hold a colon."""
    return f"upsell:{offer.origin}:{offer.stage}:{offer.product or offer.name}"


def read_reason(reason: str) -> tuple[str, str]:
    """(stage, product) of a reason; ("", "") for anything else."""
    parts = reason.split(":", 3)
    return (parts[2], parts[3]) if len(parts) == 4 and parts[0] == "upsell" else ("", "")


def _never(rule: OfferRule, chat: Chat) -> bool:
    """A 不推荐 without words is for everybody; with words it acts as those."""
    return rule.way is OfferWay.NEVER and not rule.refuse and not rule.floor and rule.window.contains(chat.now)


def _below_floor(one: Candidate, rules: Sequence[OfferRule]) -> bool:
    """Whether it would be sold for less than the merchant's floor, the 满减 that it reaches taken off. An unknown price is below."""
    floor = max((rule.floor for rule in rules), default=0)
    if not floor:
        return False
    goods, rule = one.goods, one.rule
    price = rule.price if rule is not None and rule.price else goods.low if goods is not None else None
    return price is None or price - (one.over.cut if one.over else 0) < floor


def _offer(one: Candidate, chat: Chat, product: Product, shop: str, profile: Sequence[Fact]) -> Offer | None:
    """The idea in words; None where a variable cannot be filled: nothing is invented."""
    rule, goods = one.rule, one.goods
    own = {"当前商品": product.name, "推荐商品": one.name}
    if goods is not None and goods.price_text:
        own["推荐价"] = goods.price_text
    if rule is not None and rule.price:
        own["换购价"] = yuan(rule.price)
    if over := one.over or (rule if rule is not None and rule.threshold else None):
        own |= {"满": yuan(over.threshold)} | ({"减": yuan(over.cut)} if over.cut else {})
    known = _Known(goods.product if goods else None, None, profile, chat.order, shop, chat.now, own)
    written = rule is not None and bool(rule.text)
    filled = fill(rule.text if rule is not None and written else scripts()[one.script], known)
    if filled.missing:
        return None
    price = f"换购{yuan(rule.price)}元" if rule is not None and rule.price else goods.price_text if goods else "赠品"
    return Offer(
        goods.product.key if goods else "",
        one.name,
        price,
        filled.text,
        one.why[:_LONGEST_WHY],
        str(rule.way) if rule is not None else str(one.origin),
        chat.stage,
        str(rule.source or "") if rule is not None else "",
    )


@dataclass(frozen=True, slots=True)
class _Known(Known):
    """What a script of an offer may be filled from: the product that is offered, and what the offer itself says."""

    own: Mapping[str, str] = field(default_factory=dict)

    def value(self, name: str) -> Used | Unknown:
        """The offer's own words come first; a product's variables mean the product that is offered."""
        if name in self.own:
            return Used(name, self.own[name], "加购规则")
        return Known.value(self, name)


@lru_cache(maxsize=1)
def scripts() -> Mapping[str, str]:
    """Our own scripts, by what is offered."""
    return tomllib.loads(files("kb.upsell").joinpath("scripts.toml").read_text(encoding="utf-8"))
