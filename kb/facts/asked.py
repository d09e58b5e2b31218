"""Does a message ask for a fact of a product, and for which: by how buyers ask, or by the fact's own name.

Conservative on purpose. A clause that is about an order, a delivery, a discount or advice asks for no fact, whatever
else it says: "退货运费多少钱" is not about the price.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from rapidfuzz import fuzz

from kb.facts.attributes import ATTRIBUTES, UNASKED, Attribute, Shape, plain_name

_CLAUSE = re.compile(r"[，,。!！;；\n]+|(?<=[?？])")
# What a policy, an order, a complaint or advice is about; the scripts answer these.
_OTHERWISE = re.compile(
    r"退|换[货码个一]|[能可]换|运费|邮费|快递|物流|发货|到货|寄|几号[能可到]|包邮|优惠|券|满\d|满多少|满减|活动|赠|送|差价|价保"
    r"|保价|降价|涨价|便宜|打折|折扣|[几\d]折|红包|积分|会员|发票|赔|补[差发偿运邮钱多]|定金|尾款|付款|订单|收到|破损|坏了|[错漏少]发"
    r"|少了|发错|投诉|差评|申请|到手|券后|双十一|双11|618|预售|区别|对比|哪[个款件](?:更)?(?:好|值)|推荐(?!体重|年龄)|合适|适合我"
    r"|(?:穿|拍|选|买)(?:什么|多大|哪个|哪|啥|几)|码表|准不准|会不会|会.{0,4}吗|起球|掉色|褪色|缩水|色差|过敏|怎么办|怎么回事"
    r"|为什么|为啥|不一样|不符|不对|骗|假货|正品|客服|有人"
)
_ASKING = re.compile(
    r"什么|啥|多少|几|多[长大重高宽厚久粗深]|哪|怎么|咋|如何|是否|有没有|是不是|(\w)[不没]\1|呢|[?？]|吗|么|嘛|[没不]$"
    r"|看看|看下|看一下|发我|发一下|说[一下]|告诉|查"
)
_LONGEST_CLAUSE = 40  # characters; longer ones tell a story
_BARE = 3  # characters beside it with which a mere "价格" still asks
_SHORTEST_NEAR = 4  # characters of a fact's name from which one slip may be forgiven
_NEAR = 75.0  # rapidfuzz partial ratio: one character of four


@dataclass(frozen=True, slots=True)
class Asked:
    """One thing a clause asks for: an attribute, or facts by their own name. `words` is how it was said, and where."""

    clause: str
    words: str
    start: int
    attribute: Attribute | None = None
    name: str = ""  # of the fact, plain, when it was named itself

    @property
    def exact(self) -> bool:
        """Whether the fact's own name was said, letter for letter."""
        return self.words == self.name

    @property
    def apart(self) -> bool:
        """Whether it never speaks of another fact in its clause, as 什么材质 does in 里料是什么材质."""
        return self.attribute is not None and (
            self.attribute.code == "price" or self.attribute.shape is not Shape.VALUE
        )

    def holds(self, name: str) -> bool:
        """Whether a fact of this name answers it."""
        return self.attribute.called(name) if self.attribute else self.name == name

    def overlaps(self, other: Asked) -> bool:
        return self.start < other.start + len(other.words) and other.start < self.start + len(self.words)


def clauses(text: str) -> list[str]:
    """The parts of a prepared, lower-case message that may ask for a fact."""
    parts = (part.strip(" ~～") for part in _CLAUSE.split(text))
    return [part for part in parts if 0 < len(part) <= _LONGEST_CLAUSE and not _OTHERWISE.search(part)]


def asked_attributes(clause: str) -> list[Asked]:
    """What the clause asks for in buyers' words, in the order of the table."""
    found = []
    asking = _ASKING.search(clause)
    for attribute in ATTRIBUTES:
        match = attribute.asks.search(clause)
        if not match or (attribute.unless and attribute.unless.search(clause)):
            continue
        if asking or len(clause) <= len(match[0]) + _BARE:
            found.append(Asked(clause, match[0], match.start(), attribute))
    return found


def asked_names(clause: str, names: Collection[str]) -> list[Asked]:
    """The facts that the clause asks for by their own names, met literally or else nearly.

    `names` are those of the product in question, so that a near miss can only be one of few.
    """
    bare = clause.replace(" ", "")
    if not _ASKING.search(clause) and bare not in names:
        return []
    plain = {name for name in map(plain_name, names) if len(name) > 1} - UNASKED
    literal = [
        Asked(clause, name, bare.find(name), name=name) for name in _longest(name for name in plain if name in bare)
    ]
    if literal:
        return literal
    near = (
        (fuzz.partial_ratio(name, bare, score_cutoff=_NEAR), name)
        for name in plain
        if _SHORTEST_NEAR <= len(name) <= len(bare) and not _other_size(name, bare)
    )
    best = max(near, default=(0.0, ""))
    return [Asked(clause, clause, 0, name=best[1])] if best[0] >= _NEAR else []


def _other_size(name: str, bare: str) -> bool:
    """Whether a name begins with a size that was not said: M码胸围 is one slip from L码胸围 and another fact."""
    size, code, measure = name.partition("码")
    return bool(code and measure) and re.search(rf"(?<![a-z0-9]){re.escape(size)}(?![a-z0-9])", bare) is None


def _longest(names: Iterator[str]) -> list[str]:
    """Names that lie in no other one: 开封后保质期 was said, not 保质期."""
    found = sorted(names, key=lambda name: (-len(name), name))
    return [name for i, name in enumerate(found) if not any(name in longer for longer in found[:i])]
