"""One of several things: who pays, what comes first, and short answers that name something else each.

No list holds every fabric, flavour and style. What a question that asks for one thing (什么皮, 哪里产的) is told is the name
left when the question's words and the light ones are taken away; two names without a character in common are two things.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from ingest.review.question import Kind, Question, cases_of
from ingest.review.scope import EVERYBODY, Scope, scope
from ingest.review.spelling import spelt

_CLAUSE = re.compile(r"[。;；!！?？\n,，、~…\s()/]+|(?<!\d)[:：](?!\d)")

# -- who pays
_BUYER = r"买家|客户|顾客|业主|您|自己|自理|自付|自费|自行|自掏|消费者|亲自"
_SHOP = r"卖家|商家|店家|店铺|本店|店里|我们|我方|咱们|咱家|我们店|商城|厂家|厂里"
_PAYS = r"承担|出(?![现货发去来])|付(?!款)|负责|负担|掏|补(?!发)|买单|自理|自付|自费|自行|包(?!装|裹|邮|含)|报销|给(?:您)?(?:报|补)|赔|担"
_BUYER_PAYS = re.compile(rf"(?:{_BUYER})[^,，。]{{0,5}}(?:{_PAYS})|自理|自付|自费")
_SHOP_PAYS = re.compile(
    rf"(?:{_SHOP})[^,，。您]{{0,5}}(?:{_PAYS})|(?:不|无需?|免)(?:用|要|会|需要|需)?(?:收取?|您|买家|客户|顾客)[^,，。]{{0,4}}(?:费|钱|付|出|掏|承担)|包含在|含在|赠送?运费险|有运费险"
)
_OTHER_PAYS = re.compile(r"(快递公司|物流公司|平台|保险公司|厂家|快递)[^,，。]{0,4}(?:承担|赔|负责|出|付)")
_OF_PAYING = re.compile(r"谁|费|钱|责任|承担|赔")

# -- what comes first
_FIRST_THEN = re.compile(r"先(?P<first>[^先后再,，。]{1,7})[,，]?(?:之?后|再|然后)(?P<then>[^,，。]{1,7})")
_STANDS_BEFORE = re.compile(
    r"(?P<first>[^,，。]{1,5})(?:要|是)?(?:放|涂|用|抹)?在(?P<then>[^,，。后前]{1,6})(?:之|的)?前"
)
_THEN_AFTER = re.compile(r"(?P<then>[^,，。]{1,5})(?:要|是)?(?:放|涂|用|抹)?在(?P<first>[^,，。后前]{1,6})(?:之|的)?后")
_AFTER = re.compile(r"^(?P<first>[^,，。先在]{1,6}?)(?:之?后|完了?)(?:再|才)?(?P<then>[^,，。]{1,6})")

# -- names
_NOT_A_NAME = re.compile(
    r"[不没无未别勿?]|请|建议|如果|看|问|联系|可以|可|避免|注意|收到|方便|放心|记得|按|洗|欢迎|咨询|一样|都|怎么|根据|因|随机|具体|详见|以|为准|有(?!机)|\d|更|比较|很|会|已|要|吧"
)
_LIGHT = re.compile(
    r"默认|一般|通常|我们|本店|店铺|本品|这款|主要|统一|采用|使用|选用|属于|适合|专用|通用|大概|均|全部|全|整体|基本|纯|天然|优质|进口|专门|专研|风格|材质|面料|做的|款式|款|色调|色|调|风|的"
    r"|适用|人群|发货|产地|产|原产|寄回|退回|寄到|退到|退|寄|发|走|用|送|穿|是|为|由|从|到|在|给|您|亲亲|亲|哦|呢|哈|啊|呀|了|仓库|仓|市|省|区|厂|赠|就|选|打|只|开|仅|款"
)
_COUNT = re.compile(r"[1-9][个双条件只份把张块瓶盒]|100%")
_HAN = re.compile(r"[^\u4e00-\u9fffa-z]")
_LONGEST_NAME = 6
_PROVINCE = re.compile(
    "浙江|江苏|广东|福建|山东|河北|河南|湖北|湖南|四川|安徽|江西|辽宁|吉林|黑龙江|山西|陕西|云南|贵州|广西|甘肃|青海|宁夏|新疆|西藏|内蒙|海南"
)


@dataclass(frozen=True, slots=True)
class Chosen:
    """What an answer names, as it was written and for whom."""

    what: frozenset[str]
    shown: str
    scope: Scope = EVERYBODY
    case: frozenset[str] = frozenset()


@lru_cache(maxsize=4096)
def payers(answer: str, asked: Question) -> tuple[Chosen, ...]:
    """Who pays, by clause; nobody where the question is not about paying."""
    if not _OF_PAYING.search(asked.text):
        return ()
    found: list[Chosen] = []
    for clause in filter(None, _CLAUSE.split(spelt(answer))):
        for payer, pattern in (("店铺", _SHOP_PAYS), ("买家", _BUYER_PAYS), ("", _OTHER_PAYS)):
            if match := pattern.search(clause):
                before, case = scope(clause[: match.start()], asked), cases_of(clause) - asked.cases
                found.append(Chosen(frozenset({payer or match[1]}), match[0], before, case))
                break
    return tuple(found)


@lru_cache(maxsize=4096)
def order(answer: str, asked: Question) -> Chosen | None:
    """Which of the steps that the question names comes first: 水霜 is water, then cream. Only for a question about order."""
    if not re.search("先|还是|顺序|[前后]", asked.text):
        return None
    text = spelt(answer)
    for pattern in (_FIRST_THEN, _STANDS_BEFORE, _THEN_AFTER, _AFTER):
        match = pattern.search(text)
        if match:
            first, then = (_step(match[name], asked) for name in ("first", "then"))
            if first and then and first != then:
                return Chosen(frozenset({f"{first}>{then}"}), match[0])
    return None


def _step(words: str, asked: Question) -> str:
    """The last character of a step that the question names as well."""
    return next((char for char in reversed(words) if char in asked.chars and char not in "先后前再用上涂抹吃"), "")


def reversed_order(one: Chosen, other: Chosen) -> bool:
    """Whether two orders name the same two steps the other way round."""
    (ours,), (theirs,) = one.what, other.what
    return ours != theirs and set(ours.split(">")) == set(theirs.split(">"))


@lru_cache(maxsize=4096)
def name(answer: str, asked: Question) -> Chosen | None:
    """The one thing that a short answer names; None for a sentence, advice or a list."""
    if asked.kind is not Kind.WHICH:
        return None
    clauses = [each for each in _CLAUSE.split(spelt(answer)) if each.strip("亲哦的")]
    if not clauses or len(clauses) > 2 or _NOT_A_NAME.search(_COUNT.sub("", clauses[0])):
        return None
    rest = clauses[0]
    for pair in asked.pairs:
        rest = rest.replace(pair, "")
    rest = _HAN.sub("", _LIGHT.sub("", rest))
    if not rest or len(rest) > _LONGEST_NAME:
        return None
    return Chosen(frozenset(rest), clauses[0])


def other_name(one: Chosen, other: Chosen) -> bool:
    """Whether two names have no character in common; a province and a city may be one place."""
    provinces = [bool(_PROVINCE.search(each.shown)) for each in (one, other)]
    return not one.what & other.what and provinces[0] is provinces[1]
