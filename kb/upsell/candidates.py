"""What might be offered beside a product, from every source, each with its reason and its weight.

Weights are few and told in docs/upsell.md: the merchant's word, then what orders say, then what goods are used for; what just
reaches a 满减 gets more of its own.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import islice, takewhile
from typing import TYPE_CHECKING

from kb.model import OfferRule, OfferWay, Product
from kb.upsell.book import Book
from kb.upsell.chat import Chat
from kb.upsell.goods import Goods, yuan
from kb.upsell.silence import Silence

if TYPE_CHECKING:
    from kb.upsell.ease import Ease  # which needs scipy, 20 MB that a service without orders never loads


class Origin(StrEnum):
    """Where an idea comes from."""

    RULE = "rule"
    TOGETHER = "together"
    COMPLEMENT = "complement"
    THRESHOLD = "threshold"


@dataclass(frozen=True, slots=True)
class Candidate:
    """One idea. `goods` is None for a gift that is no product; `name` is what it is called then. `script` names our own script."""

    origin: Origin
    key: str
    name: str
    goods: Goods | None
    weight: float
    why: str
    script: str
    rule: OfferRule | None = None
    over: OfferRule | None = None  # the 满减 that it reaches
    barred: Silence | None = None


_WEIGHT = {Origin.RULE: 3.0, Origin.TOGETHER: 2.0, Origin.THRESHOLD: 1.5, Origin.COMPLEMENT: 1.0}
_FITS = 0.5  # added where it just reaches a 满减
_ASKED = 20  # items of the model that are looked at
_MOST_OVER = 0.3  # of the threshold: what goes farther beyond it is no 凑单
_SURE = 1.0  # bought together oftener than chance would have it, with 95 % probability


def candidates(book: Book, model: Ease | None, chat: Chat, product: Product) -> list[Candidate]:
    """Every idea, best first; ties by key. What a rule bars by itself (停用, 有效期, 阶段) is here with the reason."""
    sum_now = total(book, chat, product)
    found = [*_by_rules(book, chat, product, sum_now)]
    open_now = [rule for rule in book.thresholds if not_now(rule, chat) is None and _counts(rule, product)]
    if not chat.paid and chat.stage != "售后":
        found += _by_orders(book, model, chat, product)
        found += _by_price(book, open_now, sum_now)
        found += _by_use(book, product)
    above = sorted(open_now, key=lambda rule: (rule.threshold, rule.key), reverse=True)
    fitted = [_fitted(one, above, sum_now) for one in found]
    return sorted(fitted, key=lambda one: (-one.weight, one.key, str(one.origin), one.rule.key if one.rule else ""))


def not_now(rule: OfferRule, chat: Chat) -> Silence | None:
    """Why a rule does not speak now: stopped, out of its time, or for another stage."""
    if not rule.active or not rule.window.contains(chat.now):
        return Silence.EXPIRED
    return None if chat.stage in (rule.stages or ("售前", "售中")) else Silence.NOT_NOW


def total(book: Book, chat: Chat, product: Product) -> int | None:
    """What the buyer would pay for what he looks at and has not paid for yet, in fen; None where a price is open."""
    keys = {product.key} | ({chat.order.product} if chat.order and chat.order.product and not chat.paid else set())
    prices = [goods.price if (goods := book.goods(key)) else None for key in sorted(keys)]
    return sum(price for price in prices if price is not None) if None not in prices else None


def _by_rules(book: Book, chat: Chat, product: Product, sum_now: int | None) -> Iterator[Candidate]:
    for rule in book.rules_for(product):
        goods = book.goods(rule.partner)
        free = rule.way is OfferWay.GIFT and goods is None
        barred = not_now(rule, chat) or (None if goods or free else Silence.UNKNOWN)
        if rule.threshold and (sum_now is None or sum_now < rule.threshold):
            barred = barred or Silence.NOTHING  # 满赠, 满额换购: not reached yet
        name = goods.product.name if goods else rule.partner
        yield Candidate(
            Origin.RULE, rule.partner, name, goods, _WEIGHT[Origin.RULE], _told(rule), _script(rule), rule, None, barred
        )


def _by_orders(book: Book, model: Ease | None, chat: Chat, product: Product) -> Iterator[Candidate]:
    if model is None:
        return
    held = {product.key} | ({chat.order.product} if chat.order else set())
    for place, (key, _) in enumerate(model.best(held, _ASKED)):
        proof = model.evidence(product.key, key)
        goods = book.goods(key) if proof is not None and proof.at_least > _SURE else None
        if proof is None or goods is None or _replaces(book, goods, product):
            continue
        why = f"买过{_short(product.name)}的 {proof.of} 单里有 {proof.both} 单一起买了它"
        weight = _WEIGHT[Origin.TOGETHER] - place / (10 * _ASKED)
        yield Candidate(Origin.TOGETHER, key, goods.product.name, goods, weight, why, "together")


def _by_use(book: Book, product: Product) -> Iterator[Candidate]:
    for place, (key, use) in enumerate(book.complements(product)[:_ASKED]):
        if (goods := book.goods(key)) and not _replaces(book, goods, product):
            weight = _WEIGHT[Origin.COMPLEMENT] - place / (10 * _ASKED)
            why = f"{use}：按品类可以和{_short(product.name)}一起用"
            yield Candidate(Origin.COMPLEMENT, key, goods.product.name, goods, weight, why, "complement")


def _by_price(book: Book, open_now: Sequence[OfferRule], sum_now: int | None) -> Iterator[Candidate]:
    """A 凑单 rule that names what to add. One that leaves it open only favours what other sources found: a stranger of the
    right price is no help."""
    for rule in open_now:
        goods = book.goods(rule.partner) if rule.partner else None
        if goods is not None and sum_now is not None and _just_over(rule, sum_now, goods):
            weight = _WEIGHT[Origin.THRESHOLD]
            yield Candidate(
                Origin.THRESHOLD,
                rule.partner,
                goods.product.name,
                goods,
                weight,
                _told(rule),
                "threshold" if rule.cut else "pair",
                rule,
            )


def _fitted(one: Candidate, above: Sequence[OfferRule], sum_now: int | None) -> Candidate:
    """The idea with the 满减 that it just reaches, if there is one: the highest that it does. `above`: the highest first."""
    apart = one.rule is not None and one.rule.way in (OfferWay.SWAP, OfferWay.GIFT)
    if one.goods is None or sum_now is None or one.barred or apart:
        return one
    goods = one.goods
    best = _highest(above, sum_now, goods)
    if best is None:
        return one
    script = one.script if one.rule and one.rule.text else "threshold" if best.cut else one.script
    why = one.why if one.rule is best else f"{one.why}；{_over(best)}"
    return replace(one, over=best, weight=one.weight + _FITS, script=script, why=why)


def _highest(above: Sequence[OfferRule], sum_now: int, goods: Goods) -> OfferRule | None:
    """The first of the 满减, the highest first, that adding the goods just reaches. A sheet may hold thousands: those that are
    out of reach are skipped, not looked at, and the first within it is the answer."""
    if goods.price is None:
        return None
    start = bisect_left(above, -(sum_now + goods.price), key=lambda rule: -rule.threshold)
    within = takewhile(lambda rule: _just_over(rule, sum_now, goods), islice(above, start, None))
    return next((rule for rule in within if _counts(rule, goods.product)), None)


def _replaces(book: Book, goods: Goods, product: Product) -> bool:
    """Whether it is of the same kind as what the buyer looks at: another one instead, not one more."""
    mine = book.goods(product.key)
    return mine is not None and bool(mine.kind) and mine.kind == goods.kind


def _counts(rule: OfferRule, product: Product) -> bool:
    """Whether a product counts towards a 满减."""
    return (
        not rule.products
        or product.key in rule.products
        or (bool(product.category) and product.category in rule.products)
    )


def _just_over(rule: OfferRule, sum_now: int, goods: Goods) -> bool:
    """Whether adding it reaches the threshold that was not reached, and goes little beyond."""
    price = goods.price
    if price is None or sum_now >= rule.threshold:
        return False
    return rule.threshold <= sum_now + price <= rule.threshold * (1 + _MOST_OVER)


def _told(rule: OfferRule) -> str:
    """The merchant's own reason, or what the rule is."""
    return (
        rule.why
        or {
            OfferWay.PAIR: "商家写的搭配",
            OfferWay.THRESHOLD: _over(rule),
            OfferWay.SWAP: f"商家的换购：{yuan(rule.price)}元" if rule.price else "商家的换购",
            OfferWay.GIFT: f"商家的赠品：满{yuan(rule.threshold)}元送" if rule.threshold else "商家的赠品",
            OfferWay.NEVER: "",
        }[rule.way]
    )


def _over(rule: OfferRule) -> str:
    return f"刚好凑满{yuan(rule.threshold)}元" + (f"，减{yuan(rule.cut)}元" if rule.cut else "")


def _script(rule: OfferRule) -> str:
    if rule.way is OfferWay.SWAP:
        return "swap" if rule.threshold else "swap_any"
    if rule.way is OfferWay.GIFT:
        return "gift_over" if rule.threshold else "gift"
    return "pair"


def _short(name: str) -> str:
    return name if len(name) <= 16 else name[:15] + "…"
