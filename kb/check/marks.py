"""What gives a shop away: its names, codes, couriers, prices, telephones and sentences, as digests that tell nobody.

Read off in the same way from a shop's own knowledge and from a sentence that is about to be sent.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain

import numpy as np

from kb.check.couriers import couriers_in
from kb.check.salted import NONE, Digests, Salted
from kb.check.told import Told, facts_of
from kb.check.view import as_read, solid
from kb.distinct import distinct
from kb.language.names import PRICE
from kb.precedence import at_once

NAME_RUN, SENTENCE_RUN = 4, 6  # characters that are compared at a time
_FEWEST_LETTERS = 3  # of a name in Latin letters; two are anybody's
_CODE = re.compile(r"(?<![a-z0-9])[a-z0-9]{1,20}(?:[-_./ ]{1,2}[a-z0-9]{1,20}){0,4}(?![a-z0-9])")
_PART = re.compile(r"[a-z0-9]+")
_TAIL = re.compile(r"[a-z]{1,4}\d{2,6}$")
_DIGITS = re.compile(r"(?<![0-9a-z.])\d(?:[- ]{0,2}\d){6,14}(?![0-9a-z])")
_MONEY = re.compile(r"(?:¥|￥|rmb)\s{0,2}(\d{1,6}(?:\.\d{1,2})?)|(\d{1,6}(?:\.\d{1,2})?)\s{0,2}(?:元|块|rmb)")
# What looks like a code and is anybody's: amounts, sizes, standards, years.
_COMMON = re.compile(
    r"\d{1,6}(?:g|kg|mg|ml|l|cm|mm|m|w|v|a|ma|mah|wh|k?hz|[mg]hz|gb|mb|tb|k|d|s|h|x|xl|min|in|oz|p|cc|pcs|rmb|mpa|nm|db|fps|[ap]m)"
    r"|\d{1,4}[x*]\d{1,4}(?:[x*]\d{1,4})?(?:cm|mm)?|(?:19|20)\d\d[a-z]{0,2}|[345]g\d{0,3}"
    r"|(?:usb|pd|qc|wifi|bt|spf|ipx?|type|ios|iphone|mate|note|win|ch|hdmi|gan)\d{1,3}[a-z]{0,4}"
)
# What stands before a sum that is no price: 补差价269元, 两件一共538元.
# Not 加量装468元, 加绒款269元, nor 省电款.
OF_A_SUM = "补(?![水充湿])|[差退减券返赔满押共]|加(?![量厚绒大长宽固热湿强棉肥密高粗深倍急])|省(?![电力心])|运费|邮费|合计|红包|凑单"
# What stands in a column of brands and is none.
_NO_BRANDS = frozenset(
    "其他 其它 无 暂无 无品牌 没有 国产 进口 本地 定制 自有 自主 自有品牌 自主品牌 自制 自产 原创 通用 品牌 杂牌 散装 "
    "见详情 见详情页 详见包装 other none oem".split()
)
_PRICE_NAMES = frozenset(PRICE.split())
# What follows a shop's own name in its title: 青萝女装旗舰店 is called 青萝 as well.
_SUFFIX = re.compile(
    r"(?:官方|品牌|专营|专卖|旗舰|企业|直营|自营|海外)*(?:旗舰店|专营店|专卖店|官方店|直营店|自营店|店铺|小店|商城|店)$|官方$"
)
_TRADE = re.compile(
    r"(?:女装|男装|童装|服饰|服装|内衣|鞋靴|鞋业|箱包|护肤|美妆|彩妆|化妆品|数码|配件|数码配件|电器|家电|家居|家纺|家具|食品|零食|茶叶|茶业|酒业"
    r"|母婴|玩具|宠物|文具|运动|户外|珠宝|首饰|手表|眼镜|汽车用品|用品|百货|优品|生活)+$"
)


@dataclass(frozen=True, slots=True)
class Marks:
    """The digests of one shop at one generation. `names` are by length; all arrays are sorted."""

    generation: int
    values: frozenset[int]
    names: dict[int, Digests]
    products: Digests
    sentences: Digests


def marks_of(told: Told, salted: Salted, pause: Callable[[], None] = at_once) -> Marks:
    """The marks of a shop. `pause` is called before each text that is read and before its runs are taken: it may wait."""
    values = {salted.value(kind, text) for kind, text in set(_values(told, pause))}
    pause()
    names: dict[int, list[Digests]] = {}
    for name in names_of(told):
        names.setdefault(len(name), []).append(salted.runs(name, len(name)))
    return Marks(
        told.generation,
        frozenset(values),
        {length: distinct(np.concatenate(rows)) for length, rows in names.items()},
        runs_of([*_called(told), *addresses_of(told)], NAME_RUN, salted),
        runs_of([*(said.text for said in told.said), *_long_values(told)], SENTENCE_RUN, salted),
    )


def names_of(told: Told) -> set[str]:
    """What the shop and its brands are called, solid: 青萝女装旗舰店, 青萝女装, 青萝."""
    written = {told.name, *(fact.value for fact in told.profile if fact.name in {"店铺名称", "店铺名", "品牌"})}
    written |= {product.brand for product in told.products if product.brand not in _NO_BRANDS}
    found: set[str] = set()
    for name in map(solid, written):
        short = _SUFFIX.sub("", name)
        found |= {name, short, _TRADE.sub("", short)}
    return {name for name in found if len(name) >= (_FEWEST_LETTERS if name.isascii() else 2) and not name.isdigit()}


def addresses_of(told: Told) -> Iterator[str]:
    """Street and house of where goods are sent back to; province and city are anybody's."""
    for fact in told.profile:
        if "地址" in fact.name and "备注" not in fact.name:
            yield from (
                part for part in re.split(r"[省市区县镇，,、 ]|（[^）]{0,20}）", fact.value) if len(part) > NAME_RUN
            )


def codes_in(plain: str) -> Iterator[tuple[int, int, str]]:
    """The codes of a plain text, whole and by their parts: (start, end, compact code). A code has letters and digits, or
    five digits and more."""
    for match in _CODE.finditer(plain):
        start, whole = match.start(), match[0]
        if tells(compact := _compact(whole)):
            yield start, match.end(), compact
        parts = list(_PART.finditer(whole))
        for first, last in ((a, b) for a in range(len(parts)) for b in range(a, min(a + 4, len(parts)))):
            begin, end = parts[first].start(), parts[last].end()
            if (part := _compact(whole[begin:end])) != compact and tells(part):
                yield start + begin, start + end, part


def tells(code: str) -> bool:
    """Whether a compact code can name one product: xdc65, xds3, m801, 100245; not 65w, usb, c2, 2026."""
    letters, digits = sum(map(str.isalpha, code)), sum(map(str.isdigit, code))
    mixed = bool(letters and digits) and (len(code) >= 4 or digits >= 2)
    return (mixed and not _COMMON.fullmatch(code)) or digits >= 6


def numbers_in(plain: str) -> Iterator[tuple[int, int, str]]:
    """Telephone and account numbers: (start, end, digits)."""
    for match in _DIGITS.finditer(plain):
        yield *match.span(), re.sub(r"\D", "", match[0])


def money_in(plain: str) -> Iterator[tuple[int, int, str]]:
    """Sums of money: (start, end, amount); 49.90元 is 49.9."""
    for match in _MONEY.finditer(plain):
        yield *match.span(), amount(match[1] or match[2])


def amount(number: str) -> str:
    """One way to write an amount: 089.50 → 89.5."""
    return f"{float(number):.2f}".rstrip("0").rstrip(".")


def prices_of(told: Told) -> set[str]:
    """What the shop's products cost."""
    facts = chain.from_iterable(map(facts_of, told.products))
    return {n for fact in facts if fact.name in _PRICE_NAMES for n in _amounts(fact.value)}


def _called(told: Told) -> Iterator[str]:
    """What products are called, and the numbers of theirs that are written with Chinese characters."""
    for product in told.products:
        yield product.name
        yield from (key for key in (product.key, product.model, *(s.key for s in product.skus)) if not key.isascii())


def _long_values(told: Told) -> set[str]:
    """What a product's sheet says in so many words: ingredients, ways to wash, registration numbers."""
    values = {fact.value for product in told.products for fact in facts_of(product)}
    return {value for value in values if len(value) > SENTENCE_RUN}


def _amounts(text: str) -> Iterator[str]:
    return (amount(number) for number in re.findall(r"(?<![\d.])\d{1,6}(?:\.\d{1,2})?(?![\d.])", text))


def _values(told: Told, pause: Callable[[], None]) -> Iterator[tuple[str, str]]:
    """(kind, value) of all that is compared whole."""
    for product in told.products:
        pause()
        for key in (product.key, product.model, *(sku.key for sku in product.skus)):
            plain = as_read(key)
            yield from (("code", code) for _, _, code in codes_in(plain))
            if tail := _TAIL.search(_compact(plain)):  # QL26M801 is called M801
                yield "code", tail[0]
    for said in told.said:
        pause()
        plain = as_read(said.text)
        yield from (("number", number) for _, _, number in numbers_in(plain))
        yield from (("courier", courier) for _, _, courier in couriers_in(plain))
    yield from (("price", price) for price in prices_of(told))


def runs_of(texts: Iterable[str], length: int, salted: Salted) -> Digests:
    """The digests of the runs of all texts, sorted, each once; none reaches over from one text into the next."""
    whole = "\x00".join(map(solid, texts))
    found = salted.runs(whole, length)
    walls = np.frombuffer(whole.encode("utf-32-le", "surrogatepass"), "<u4") == 0
    crossing = np.convolve(walls, np.ones(length, np.int8), "valid") > 0 if len(found) else np.zeros(0, np.bool_)
    return distinct(found[~crossing]) if len(found) else NONE


def _compact(code: str) -> str:
    return re.sub(r"[^a-z0-9]", "", code)
