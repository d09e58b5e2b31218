"""What agents send, made by script: clean texts of a shop's own, and texts into which another shop's were pasted.

What belongs to another shop is decided here by looking for it, letter by letter, in all that the shop's files say: not by the
code under test.
"""

from __future__ import annotations

import random
import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from kb.check.told import Told, facts_of
from kb.facts.sentences import value_of
from kb.model import EntryKind

_SENTENCE_END = re.compile(r"(?<=[。！？；\n])")
_LEAST = 16  # letters of a pasted sentence that are left after cutting
_GREETINGS = ("亲，", "您好，", "亲亲，", "在的，", "好的亲，", "您好呀，", "嗯嗯，", "")
_ENDINGS = ("", "哦", "呢", "~", "哈", " 😊", "，还有什么可以帮您吗", "，您看可以吗", "，麻烦您稍等一下", "，感谢支持")
_COURIERS = "中通 圆通 申通 韵达 极兔 顺丰 京东快递 邮政 德邦".split()
_NOT_SENT = {EntryKind.NOTICE, EntryKind.PROCESS, EntryKind.CASE}  # written for agents, not for buyers


@dataclass(frozen=True, slots=True)
class Send:
    """A text that an agent of `slug` is about to send; `planted` says where another shop's stands in it."""

    slug: str
    text: str
    kind: str = "clean"
    planted: tuple[int, int] = (0, 0)


def texts_of(told: Told, now: int) -> list[str]:
    """What the shop's agents may send now: its answers that hold, and its facts as sentences."""
    answers = [
        answer.text
        for entry in told.entries
        if entry.kind not in _NOT_SENT and entry.window.contains(now)
        for answer in entry.answers
        if answer.window.contains(now)
    ]
    return answers + [value_of(product, fact) for product in told.products for fact in product.facts]


def clean_sends(shops: Sequence[Told], count: int, now: int, seed: int = 20261122) -> Iterator[Send]:
    """Own texts, slightly edited: cut at a pause, joined, greeted, with other particles; numbers and names stay."""
    dice = random.Random(seed)  # noqa: S311
    texts = {told.slug: texts_of(told, now) for told in shops}
    for number in range(count):
        told = shops[number % len(shops)]
        yield Send(told.slug, edited(dice.choice(texts[told.slug]), dice))


def planted_sends(shops: Sequence[Told], count: int, now: int, seed: int = 20261122) -> Iterator[Send]:
    """Replies of one shop into which something of another was pasted, cut and edited."""
    dice = random.Random(seed)  # noqa: S311
    texts = {told.slug: texts_of(told, now) for told in shops}
    pairs = [(a, b) for a in shops for b in shops if a is not b]
    pieces = {(a.slug, b.slug): _pieces(a, b, texts[b.slug]) for a, b in pairs}
    made = 0
    while made < count:
        ours, theirs = pairs[made % len(pairs)]
        kinds = [(kind, found) for kind, found in pieces[ours.slug, theirs.slug].items() if found]
        kind, found = kinds[dice.randrange(len(kinds))]
        piece = _EDITS[kind](dice.choice(found), dice)
        if piece:
            yield _pasted(ours.slug, edited(dice.choice(texts[ours.slug]), dice), kind, piece, dice)
            made += 1


def _pieces(ours: Told, theirs: Told, texts: Sequence[str]) -> dict[str, list[str]]:
    """What the other shop has and ours has not, by kind."""
    known = _letters("\n".join(chain(ours.texts(), (f.value for p in ours.products for f in facts_of(p)))))
    sums = set(re.findall(r"\d+(?:\.\d+)?", "\n".join(ours.texts())))
    sentences = (one.strip() for text in texts for one in _SENTENCE_END.split(text))
    prices = (f.value for p in theirs.products for f in facts_of(p) if f.name == "价格")
    codes = chain.from_iterable((p.key, p.model, *(sku.key for sku in p.skus)) for p in theirs.products)
    said = "\n".join(texts)
    found = {
        "sentence": [one for one in sentences if len(_letters(one)) >= _LEAST and not _much_of(_letters(one), known)],
        "price": [price for price in prices if re.fullmatch(r"\d+(?:\.\d+)?", price) and price not in sums],
        "code": [code for code in codes if len(code) > 3 and _letters(code) not in known],
        "product": [
            p.name for p in theirs.products if len(_letters(p.name)) > 5 and not _much_of(_letters(p.name), known)
        ],
        "courier": [one for one in _COURIERS if f"发{one}" in said.replace("默认", "") + "".join(_couriers(theirs))],
        "shop": [theirs.name],
        "address": [f.value for f in theirs.profile if f.name == "退货地址"],
    }
    found["courier"] = [one for one in found["courier"] if one not in known]
    return {kind: sorted(set(rows)) for kind, rows in found.items()}


def _couriers(told: Told) -> list[str]:
    """Its couriers, each as 发…; without those that it denies."""
    values = [fact.value for fact in told.profile if fact.name == "合作快递"]
    return [f"发{one}" for one in _COURIERS for value in values if one in value]


def _letters(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKC", text).lower() if c.isalnum() or c == "\n")


def _much_of(text: str, known: str) -> bool:
    """Whether the shop says more than half of this, eight letters (of a short text five) at a time, in its own texts."""
    size = 8 if len(text) >= _LEAST else 5
    runs = [text[at : at + size] for at in range(len(text) - size + 1)]
    return sum(run in known for run in runs) * 2 > len(runs)


# -- edits


def edited(text: str, dice: random.Random) -> str:
    """A text as an agent changes it in passing."""
    parts = [part for part in _SENTENCE_END.split(text) if part.strip()]
    if len(parts) > 1 and dice.random() < 0.5:
        first = dice.randrange(len(parts))
        parts = parts[first : first + dice.randint(1, len(parts))]
    text = "".join(parts).strip()
    if dice.random() < 0.4:
        text = text.removeprefix("亲，").removeprefix("您好，")
        text = dice.choice(_GREETINGS) + text
    if dice.random() < 0.3:
        text = text.replace("您", "你").replace("哦", dice.choice(("哈", "呢", "")))
    if dice.random() < 0.2:
        text = text.replace("，", dice.choice((",", " ", "，")))
    return text.rstrip("。") + dice.choice(_ENDINGS)


def _pasted(slug: str, reply: str, kind: str, piece: str, dice: random.Random) -> Send:
    """The piece before, after or between the sentences of a reply."""
    parts = [part for part in _SENTENCE_END.split(reply) if part]
    at = dice.randint(0, len(parts))
    before, after = "".join(parts[:at]), "".join(parts[at:])
    if before and before[-1] not in "。！？；\n":
        before += "，"
    return Send(slug, before + piece + "。" + after, kind, (len(before), len(before) + len(piece)))


def _cut(text: str, share: float, least: int, dice: random.Random) -> str:
    keep = max(least, int(len(text) * dice.uniform(share, 1)))
    start = dice.randint(0, max(0, len(text) - keep))
    return text[start : start + keep]


def _sentence(text: str, dice: random.Random) -> str:
    """Cut anywhere, one letter in twenty changed, a word put in."""
    text = _cut(text, 0.6, _LEAST + 4, dice)
    if dice.random() < 0.5:
        at = dice.randrange(len(text))
        text = text[:at] + dice.choice(("的", "呢", "", "，")) + text[at + 1 :]
    if dice.random() < 0.3:
        text = text.replace("您", "你").replace("亲", "宝")
    return text if len(_letters(text)) >= _LEAST else ""


def _price(price: str, dice: random.Random) -> str:
    wide = "".join(chr(ord(c) + 0xFEE0) if c.isdigit() else c for c in price)
    number = dice.choice((price, price, price, wide))
    return dice.choice(
        ("这款{}元", "价格是{}元", "现在{}块", "活动价¥{}", "拍下只要{}元哦", "{}元一件", "售价{}元")
    ).format(number)


def _code(code: str, dice: random.Random) -> str:
    written = dice.choice((code, code.lower(), code.replace("-", " "), code.upper()))
    return dice.choice(("您拍{}就可以", "货号{}", "推荐您看看{}这款", "{} 有现货")).format(written)


def _product(name: str, dice: random.Random) -> str:
    return dice.choice(("推荐{}", "{}现在有货", "您说的是{}吗", "{}卖得不错")).format(_cut(name, 0.75, 6, dice))


def _courier(courier: str, dice: random.Random) -> str:
    return dice.choice(("我们默认发{}", "给您发的是{}", "走{}快递的", "{}今天会揽收", "您的包裹是{}在派送")).format(
        courier
    )


def _shop(name: str, dice: random.Random) -> str:
    return dice.choice(("欢迎光临{}", "我是{}的客服", "感谢关注{}", "{}祝您购物愉快")).format(name)


def _address(address: str, dice: random.Random) -> str:
    return "请寄到" + _cut(address.split(" ")[0].split("，")[0], 0.8, 14, dice)


_EDITS: dict[str, Callable[[str, random.Random], str]] = {
    "sentence": _sentence, "price": _price, "code": _code, "product": _product, "courier": _courier, "shop": _shop,
    "address": _address,
}  # fmt: skip
