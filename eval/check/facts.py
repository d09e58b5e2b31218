"""Sends that say what this shop's own files do not: other prices by half a name, of a variant, other places, hours, promises.

What the files say is read here from their cells by looking, letter by letter; not by the code under test.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Sequence

from eval.check.sends import Send, edited, texts_of
from kb.check.told import Told, facts_of
from kb.model import Product

# Big cities, each of another province; that of the shop itself is left out.
_CITIES = "广州:广东 杭州:浙江 武汉:湖北 成都:四川 西安:陕西 济南:山东 郑州:河南 长沙:湖南 沈阳:辽宁 厦门:福建 合肥:安徽 南京:江苏"
_HALVES = (2, 3, 4, 5)  # letters at the end of a name by which it is called
_HOURS = ("7:00", "7:15", "10:00", "10:30", "21:00", "21:30", "22:00", "23:00")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")

Planter = Callable[[Told, random.Random], tuple[str, str] | None]  # (text, the part that is wrong)


def wrong_facts(shops: Sequence[Told], count: int, now: int, seed: int = 20261122) -> Iterator[Send]:
    """Clean replies with one wrong fact of the shop's own in them."""
    dice = random.Random(seed)  # noqa: S311
    texts = {told.slug: texts_of(told, now) for told in shops}
    made, tries = 0, 0
    while made < count and tries < 50 * count:
        tries += 1
        told, kind = shops[tries % len(shops)], dice.choice(list(_PLANTED))
        found = _PLANTED[kind](told, dice)
        if found is None:
            continue
        said, part = found
        before = edited(dice.choice(texts[told.slug]), dice).rstrip() if dice.random() < 0.4 else ""
        before = before + "。" if before and before[-1] not in "。！？" else before
        start = len(before) + said.index(part)
        yield Send(
            told.slug, before + said + dice.choice(("", "哦", "~", "。")), f"fact {kind}", (start, start + len(part))
        )
        made += 1


def _price(told: Told, dice: random.Random) -> tuple[str, str] | None:
    """By the end of a name that the shop's own questions use."""
    product = dice.choice(told.products)
    name = product.name.split(" ")[0]
    asked = "\n".join(line for entry in told.entries for line in entry.askable())
    halves = [name[-n:] for n in _HALVES if re.fullmatch(r"[\u4e00-\u9fff]+", name[-n:]) and asked.count(name[-n:]) > 1]
    prices = _prices(product)
    if not halves or not prices:
        return None
    wrong = _another(dice.choice(sorted(prices)), told, dice)
    said = dice.choice(
        ("{}{}元", "{}现在{}元", "{}只要{}元", "{}活动价¥{}", "我们家{}卖{}元", "{}的价格是{}元", "{} {}", "{}到手{}块")
    )
    return said.format(dice.choice(halves), wrong), wrong


def _variant(told: Told, dice: random.Random) -> tuple[str, str] | None:
    """The price of another variant."""
    product = dice.choice(told.products)
    priced = [(sku.name, fact.value) for sku in product.skus for fact in sku.facts if fact.name == "价格"]
    if len({price for _, price in priced}) < 2 or len({name for name, _ in priced}) < len(priced):
        return None
    (name, right), (_, wrong) = dice.sample(priced, 2)
    if right == wrong:
        return None
    said = dice.choice(("{} {}的{}元", "{}{} {}元", "{}的话，{}的现在{}元", "{}{}规格的是{}元"))
    return said.format(product.name, name, wrong), wrong


def _origin(told: Told, dice: random.Random) -> tuple[str, str] | None:
    city = _city(told, "发货地", dice)
    return city and (
        dice.choice(("我们从{}发货", "{}仓发货的", "发货地在{}", "都是从{}直发的", "仓库在{}")).format(city),
        city,
    )  # type: ignore[return-value]


def _back(told: Told, dice: random.Random) -> tuple[str, str] | None:
    city = _city(told, "退货地址", dice)
    return city and (dice.choice(("退货请寄到{}仓库", "退货地址是{}", "麻烦您寄回{}")).format(city), city)  # type: ignore[return-value]


def _street(told: Told, dice: random.Random) -> tuple[str, str] | None:
    written = re.search(r"[\u4e00-\u9fff]{3}路(\d+)号", _item(told, "退货地址"))
    if written is None:
        return None
    wrong = written[0].replace(written[1], str(int(written[1]) + dice.randint(1, 60)))
    return dice.choice(("退货地址：{}", "请寄回{}", "退货寄到{}")).format(wrong), wrong


def _hours(told: Told, dice: random.Random) -> tuple[str, str] | None:
    known = "\n".join(told.texts())
    free = [hour for hour in _HOURS if hour not in known]
    if not _item(told, "服务时间") or len(free) < 2:
        return None
    begin, end = sorted(dice.sample(free, 2), key=lambda hour: int(hour.split(":")[0]))
    said = f"{begin}-{end}"
    return dice.choice(("客服在线时间是{}", "人工客服{}在线", "服务时间：每天{}", "我们{}都有人在线")).format(
        said
    ), said


def _dispatch(told: Told, dice: random.Random) -> tuple[str, str] | None:
    item = _item(told, "发货时效")
    spans = {"12小时": "半天", "24小时": "1天", "36小时": "一天半", "6天": "144小时", "96小时": "4天"}
    wrong = [span for span, same in spans.items() if span not in item and same not in item]
    if not item:
        return None
    said = dice.choice(wrong)
    return dice.choice(("{}内发货", "付款后{}内给您发出", "拍下{}内就会发走", "现货{}内都能发出")).format(said), said


def _banned(told: Told, dice: random.Random) -> tuple[str, str] | None:
    item = _item(told, "禁用话术")
    quoted = re.findall(r"“([^”]+)”", item)
    words = [w for part in (quoted or [item]) for w in re.split(r"[、/；]", part) if 1 < len(w) < 7 and w[0] != "不"]
    if not words:
        return None
    word = dice.choice(words)
    return dice.choice(("这款是{}的", "咱家{}", "真的{}，您放心")).format(word), word


def _item(told: Told, name: str) -> str:
    return next((fact.value for fact in told.profile if fact.name == name), "")


def _city(told: Told, item: str, dice: random.Random) -> str | None:
    written = _item(told, item)
    rows = (pair.split(":") for pair in _CITIES.split())
    return dice.choice([city for city, province in rows if province not in written]) if written else None


def _prices(product: Product) -> set[str]:
    return {fact.value for fact in facts_of(product) if fact.name == "价格" and _NUMBER.fullmatch(fact.value)}


def _another(price: str, told: Told, dice: random.Random) -> str:
    """A sum near a price that stands nowhere in the shop's files, so that no offer asks it."""
    known = set(_NUMBER.findall("\n".join(told.texts())))
    near = [n for n in range(max(10, int(float(price) * 0.6)), int(float(price) * 1.5) + 20) if str(n) not in known]
    return str(dice.choice(near))


_PLANTED: dict[str, Planter] = {
    "price": _price, "variant": _variant, "origin": _origin, "return": _back, "street": _street, "hours": _hours,
    "dispatch": _dispatch, "banned": _banned,
}  # fmt: skip
