"""What a sentence says of the shop's terms: from what sum it ships free, in how many days goods may go back.

Read in the same way from the shop's own texts and from what is about to be sent: two values of one topic can be compared.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from kb.language.numerals import DIGITS, read
from kb.language.quantity import UNITS

_N = r"(?P<n{0}>\d{{1,6}}(?:\.\d{{1,2}})?|[一二两三四五六七八九十百千]{{1,6}})"
_TIME = r"(?P<u{0}>小时|个?工作日|天|日|个月|年|周|个小时)"


@dataclass(frozen=True, slots=True)
class Claim:
    """One value of a topic and where it stands in the plain text; `value` is comparable ("2天" for 48小时)."""

    topic: str
    value: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Topic:
    code: str
    label: str
    found: re.Pattern[str]


def _topic(code: str, label: str, *patterns: str) -> _Topic:
    filled = [p.replace("<N>", _N.format(i)).replace("<T>", _TIME.format(i)) for i, p in enumerate(patterns)]
    return _Topic(code, label, re.compile("|".join(filled)))


_TOPICS = (
    _topic("free_shipping", "包邮门槛", r"(?<!不)满<N>元?(?:以上)?(?:就|即|可以?|都)?(?:免费)?(?:包邮|免邮|免运费)"),
    _topic(
        "no_reason",
        "无理由退换",
        r"<N>(?P<u0>天|日)内?(?:可|支持|享受|的)?无理由",
        r"无理由(?:退货|退换)?(?:是|期)?<N>(?P<u1>天)",
    ),
    _topic(
        "dispatch",
        "发货时效",
        r"(?<!超)(?<!过)(?<!\d)<N><T>(?:内|之内|以内)?(?:就|都|会|能|可以|给您|帮您|安排|陆续|尽快|一定|保证){0,3}(?:会|能)?"
        r"(?:发货|发出|寄出|发走|发(?=[哦呢哈啦的~，。！]|$))",
        r"(?:发货(?:时效|时间|时限)|(?:现货|付款后|拍下后|下单后)[^，。；]{0,4}发货)(?:一般|大概|最晚|最迟|是|为|在|都|:| ){0,3}<N><T>",
    ),
    _topic("price_protection", "价保", r"价保<N><T>", r"<N><T>内?(?:的)?(?:价保|保价|价格保护)"),
    _topic("warranty", "质保", r"(?:质保|保修)(?:期)?(?:是|为|有)?<N><T>", r"<N><T>(?:的)?(?:质保|保修|只换不修)"),
    _topic("refund", "退款时效", r"(?:签收|收到退?货|收到)后?<N><T>(?:内|之内)?(?:给您|为您|就|会|安排)?退款"),
    _topic("special_invoice", "专票门槛", r"满<N>元?(?:可以?|就能|才能|能)?(?:开)?(?:电子)?专(?:用发)?票"),
    _topic("lost", "丢件标准", r"<N><T>(?:没有|未|无|不)更新(?:的)?(?:就)?(?:按|算)?丢件"),
)
_OFF = re.compile(r"满(\d{1,6})元?(?:立|直|再|可|就|即)?减(\d{1,5})")
LABELS = {topic.code: topic.label for topic in _TOPICS} | {"discount": "满减"}
_HINTS = re.compile(r"包邮|免邮|免运费|无理由|发|寄出|价保|保价|价格保护|质保|保修|只换不修|退款|专票|专用发票|丢件|减")


# Items of the handover form whose every span of time is one of the topic: 发货时效 | 最晚48小时.
_ITEMS = {"发货时效": "dispatch", "退款时效": "refund", "价保": "price_protection", "质保": "warranty"}
_SPAN = re.compile((_N + _TIME).format(0))
_AGAIN = re.compile(
    r"(?:换货|换新|补发|补寄|错发|发错|少发|漏发|重新|重发|核实)[^。！？\n]{0,60}$"
)  # not the first parcel
_SENTENCE = 64
_DENIED = re.compile(
    r"(?:不(?:能|会|是|保证|承诺|支持|可以|可能|一定|敢|再|从|在|用|发|寄)|没|无法|并非|而非|未必|难以|做不到|除了|如果|要是|是否|是不是|会不会)"
    r"[^，。！？；\n]{0,8}$"
)
_ASKED = re.compile(r"[^，。！\n]{0,10}(?:[吗么嘛]|还是|？)")
_REACH = 14


def denied(plain: str, start: int, end: int) -> bool:
    """Whether what stands there is denied, supposed or asked: 不是从杭州发, 是从杭州发货吗."""
    return bool(_DENIED.search(plain[max(0, start - _REACH) : start]) or _ASKED.match(plain, end))


def claims_of_item(label: str, plain: str) -> Iterator[Claim]:
    """What an item of the handover form says of the topic that it is named for."""
    topic = next((topic for name, topic in _ITEMS.items() if label.startswith(name)), "")
    for match in _SPAN.finditer(plain) if topic else ():
        if value := _value(match.groupdict()):
            yield Claim(topic, value, *match.span())


def claims_in(plain: str) -> Iterator[Claim]:
    """What a plain text says of the topics, from left to right within each."""
    if not _HINTS.search(plain):
        return
    for topic in _TOPICS:
        for match in topic.found.finditer(plain):
            again = topic.code == "dispatch" and _AGAIN.search(plain[max(0, match.start() - _SENTENCE) : match.start()])
            if not again and (value := _value(match.groupdict())):
                yield Claim(topic.code, value, *match.span())
    for match in _OFF.finditer(plain):
        yield Claim("discount", f"满{match[1]}减{match[2]}", *match.span())


def _value(groups: dict[str, str | None]) -> str:
    number = next((text for name, text in groups.items() if name[0] == "n" and text), "")
    unit = next((text for name, text in groups.items() if name[0] == "u" and text), "")
    worth = float(number) if number[:1].isdigit() else _spelt(number)
    if worth is None:
        return ""
    if unit.endswith("工作日"):
        return f"{worth:g}个工作日"
    scale, common = UNITS.get(unit, (1.0, unit or "元"))
    return f"{worth * scale:g}{common}"


def _spelt(numeral: str) -> float | None:
    found = DIGITS.get(numeral, read(numeral)) if len(numeral) == 1 else read(numeral)
    return None if found is None else float(found)
