"""Is what a sentence asks for a product what the sheet says? By whatever name the product goes in it, and of the variant that it
names.

A product in focus, or named by code or by most of its name, is held to its price wherever a sum of money stands. One that is only
called by a noun, a part of its name or its 简称 (大衣 399) is held to it where the sum follows as a price does; and where the noun
calls several, only a sum that none of them costs is told.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kb.check.contradiction import of_fact, of_prices
from kb.check.finding import Finding, Severity
from kb.check.marks import OF_A_SUM, amount, money_in
from kb.check.own import Own
from kb.check.told import facts_of
from kb.check.view import Read
from kb.facts.attributes import plain_name
from kb.facts.variants import wanted
from kb.language.names import PRICE
from kb.model import Fact, Product

Priced = tuple[Product, list[Fact]]  # a product with the facts that state its price

_PRICES = frozenset(map(plain_name, PRICE.split()))
_NUMBER = re.compile(r"\d{1,6}(?:\.\d{1,2})?")
_PIECES = "[件双个条只套盒瓶支台袋包箱份张片]"
# What else a sum may be: of several pieces, what one saves, what it cost before, what somebody wants to spend.
_NO_PRICE_BEFORE = re.compile(
    f"{OF_A_SUM}|总|积分|每|扣|便宜|贵|降|涨|立减|抵|定金|订金|预付|首付|运险|原价|吊牌|划线|市场价|专柜|预算"
    "|第[二三2-9]"
)
_PIECES_OF = re.compile(rf"(?:[2-9两二三四五六七八九十]|\d\d)\s?{_PIECES}")  # 两件538元; not the variant 10片
_NO_PRICE_AFTER = re.compile(
    r"\s{0,2}(?:[的]?(?:优惠)?券|红包|优惠|邮费|运费|差价|定金|订金|以[内下上]|左右|上下|的?预算|多|积分|无门槛|的?补|一?期|以?外)"
)
# What stands between a name and its price: 大衣现在活动价是399元, 大衣黑色M码 399.
_TELLING = "价格?|售价|特价|单价|卖|售|只要|仅需|只需|到手|拍下|才"
_WHEN = "现在|目前|[今当][天日前]|活动|双11|双十一|大促|直播间?|特惠|优惠价|折后|券后"
_FRAME = re.compile(
    rf"(?:{_TELLING}|[这那一]{_PIECES}|[这那]?款|{_WHEN}|(?:均|\d{{2,3}}|[a-z]{{1,4}})码|[\u4e00-\u9fff]{{1,3}}色"
    r"|\d{1,4}(?:\.\d)?(?:ml|g|毫升|克|w|米|片|支|gb)装?|[是为要的都也就仅亲¥ :,，~-]){0,12}"
)
_BARE = re.compile(rf"(?<![\d.a-z])(\d{{2,5}}(?:\.\d{{1,2}})?)(?=\s{{0,2}}(?:包邮|起|一{_PIECES}|[哦呢哈啦噢~]|$))")
_TOLD_BARE = re.compile(rf"(?:{_TELLING})[是为]?\s{{0,2}}$")
_SIZES = frozenset(map(str, range(80, 200, 5)))  # heights, as clothes are sized
_BESIDE = "、/;|"  # what stands between two prices in one clause
_BEFORE = 8  # characters before a sum that say what it is
_FEW = 5  # products whose variants are looked for between a noun and a sum
_MANY = 40  # texts of the shop that ask one sum
_FEWEST_DIGITS = 3  # of a number that is a price for standing behind a name: 大衣 399


@dataclass(frozen=True, slots=True)
class About:
    """The products that a part of a sentence speaks of. Of those that it only calls, `noun` is what it calls them by; "" in the
    parts that follow."""

    products: tuple[Product, ...] = ()
    surely: bool = True
    noun: str = ""

    @property
    def product(self) -> Product | None:
        """The one that it surely speaks of."""
        return self.products[0] if self.surely and len(self.products) == 1 else None


def spoken_of(clause: str, before: About, focus: About, own: Own, *, calls: bool = True) -> About:
    """What a plain clause is about: what it names, else what it `calls`, else what was spoken of `before`."""
    if named := own.named(clause):
        return About(tuple(named))
    noun, called = own.called(clause) if calls else ("", ())
    if not called:
        return About() if noun else About(before.products, before.surely)
    for known in (before, focus):  # 这款大衣 is the coat that the talk is about
        if known.product is not None and known.product in called:
            return known
    return About(called, surely=False, noun=noun)


def wrong_prices(
    plain: Read, clause: re.Match[str], about: About, own: Own, now: int, *, closely: bool = True
) -> Iterator[Finding]:
    """The sums that a clause asks for what it is about, and no sheet and no offer that holds does; read `closely`, for the
    variant that it names."""
    text, at = clause[0], clause.start()
    sums = list(_sums(text, about, closely))
    priced = [(product, _prices(product)) for product in about.products] if sums else []
    if not all(prices for _, prices in priced):
        return
    for start, end, money in sums if priced else ():
        part = _part(text, start, end) if closely else ""
        against = _against(money, part, priced, own, now)
        span = plain.span(at + start, at + end)
        if len(against) == 1:
            severity = Severity.BLOCK if len(priced) == 1 else Severity.WARN
            yield of_fact(span, "price", *against[0], severity)
        elif against:
            yield of_prices(span, against)


def _against(money: str, text: str, priced: Sequence[Priced], own: Own, now: int) -> Sequence[Priced]:
    """The products with the prices that a sum contradicts; none where it agrees with one of them or may be an offer."""
    holding = [(product, prices) for product, prices in priced if money in _numbers(prices)]
    if not holding:
        return () if own.asks(money, now) else priced
    if not text:
        return ()
    variants = [(product, _of_variant(product, text)) for product, _ in holding]
    wrong = [(product, facts) for product, facts in variants if facts and money not in _numbers(facts)]
    if len(wrong) < len(holding) or any(_offered(money, product, text, own, now) for product, _ in wrong):
        return ()
    return wrong


def _part(text: str, start: int, end: int) -> str:
    """The part of a clause that speaks of one sum: of 5片49元、10片89元 the half; "" where it cannot be told which."""
    first = max(text.rfind(mark, 0, start) for mark in _BESIDE) + 1
    last = min((at for mark in _BESIDE if (at := text.find(mark, end)) >= 0), default=len(text))
    return "" if sum(1 for _ in money_in(text[first:last])) > 1 else text[first:last]


def _offered(money: str, product: Product, text: str, own: Own, now: int) -> bool:
    """Whether the shop itself asks the sum for one of the variants that a text names."""
    words, parts = set(wanted(product, text).words), own.asked(money, now)
    return len(parts) > _MANY or any(words & set(wanted(product, part).words) for part in parts)


def _sums(text: str, about: About, closely: bool) -> Iterator[tuple[int, int, str]]:
    """The sums of a clause that are told as what something costs."""
    written = list(money_in(text))
    taken = {start for start, _, _ in written}
    bare = [
        (*m.span(1), amount(m[1])) for m in _BARE.finditer(text) if m.start(1) not in taken and _bare(text, m, about)
    ]
    for start, end, money in [*written, *bare]:
        called = (
            text.rfind(about.noun, 0, start) + len(about.noun) if about.noun else 0
        )  # 补水面膜61元 makes up no difference
        before = text[max(0, start - _BEFORE, called) : start]
        if _NO_PRICE_BEFORE.search(before) or _NO_PRICE_AFTER.match(text, end) or _of_several(before, about):
            continue
        if about.surely or _framed(text, start, end, about, closely):
            yield start, end, money


def _of_several(before: str, about: About) -> bool:
    """Whether the sum that follows is of several pieces, and no variant is called so."""
    if (pieces := _PIECES_OF.search(before)) is None:
        return False
    return not any(pieces[0] in sku.name for product in about.products for sku in product.skus)


def _bare(text: str, number: re.Match[str], about: About) -> bool:
    """Whether a number without 元 is told as a price: 只要399, 大衣 399."""
    before = text[: number.start(1)]
    if _TOLD_BARE.search(before[-6:]):
        return True
    if not about.noun or not before.rstrip().endswith(about.noun):
        return False
    known = {n for product in about.products for fact in facts_of(product) for n in _NUMBER.findall(fact.value)}
    return len(number[1]) >= _FEWEST_DIGITS and number[1] not in _SIZES and number[1] not in known


def _framed(text: str, start: int, end: int, about: About, closely: bool) -> bool:
    """Whether a sum stands as the price of what is called by the noun, or of what the part before was about."""
    noun = about.noun
    at = text.rfind(noun, 0, start) if noun else 0
    if at < 0:
        return text[end : end + len(noun) + 2].lstrip("的 ").startswith(noun)
    between = text[at + len(noun) : start]
    if between and closely and len(about.products) <= _FEW and not _FRAME.fullmatch(between):
        for word in {word for product in about.products for word in wanted(product, between).words}:
            between = between.replace(word, "")
    return bool(_FRAME.fullmatch(between))


def _prices(product: Product) -> list[Fact]:
    return [fact for fact in facts_of(product) if plain_name(fact.name) in _PRICES]


def _of_variant(product: Product, text: str) -> list[Fact]:
    """The prices of the variants that a clause names; none where it names none, or they have no price of their own."""
    if not any(plain_name(fact.name) in _PRICES for sku in product.skus for fact in sku.facts):
        return []
    found = wanted(product, text)
    if not found.words or found.missing or len(found.skus) == len(product.skus):
        return []
    return [fact for sku in found.skus for fact in sku.facts if plain_name(fact.name) in _PRICES]


def _numbers(facts: list[Fact]) -> set[str]:
    return {amount(number) for fact in facts for number in _NUMBER.findall(fact.value)}
