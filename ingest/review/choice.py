"""One of several things: who pays, what comes first, and short answers that name something else each.

No list holds every fabric, flavour and style. What a question that asks for one thing (什么皮, 哪里产的) is told is the name
left when the question's words and the light ones are taken away; two names without a character in common are two things.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from ingest.review.options import PROVINCES
from ingest.review.question import Kind, Question, cases_of
from ingest.review.scope import EVERYBODY, Scope, scope
from ingest.review.spelling import spelt

_SENTENCE = re.compile("[,，。;；!！?？]")
_LEAST_MORE = 2  # characters that a list has beside the one thing
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
_STANDS_BEFORE = re.compile(r"(?P<first>[^,，。]{1,5})(?:放|涂|用|抹)?在(?P<then>[^,，。后前]{1,6})(?:之|的)?前")
_STANDS_AFTER = re.compile(r"(?P<then>[^,，。]{1,5})(?:放|涂|用|抹)?在(?P<first>[^,，。后前]{1,6})(?:之|的)?后")
_AFTER = re.compile(r"^(?P<first>[^,，。先在]{1,6}?)(?:之?后|完了?)(?:再|才)?(?P<then>[^,，。]{1,7})")
_BEFORE_IT = re.compile(r"(?P<then>[^,，。在]{1,4}?)(?:之|以)?前")
_AFTER_IT = re.compile(r"(?P<first>[^,，。在]{1,4}?)(?:之后|以后|后|完)")
_OF_ORDER = re.compile("先|还是|顺序|[前后]")
_EVERY_STEP = frozenset("先后前再用上涂抹吃喝要直接还是的了在")

# -- one and no other
_ONLY = re.compile("(?:只|仅)(?:有|支持|能|可以?|限|做|卖|接受|收|用|开|选)*(?P<what>[\u4e00-\u9fffa-z]{2,6})")
_LISTS = re.compile("[、/和与及或]|都|均|两种|多种|2种|3种")

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
_PROVINCE = re.compile(PROVINCES)


@dataclass(frozen=True, slots=True)
class Chosen:
    """What an answer names, as it was written and for whom."""

    what: frozenset[str]
    shown: str
    scope: Scope = EVERYBODY
    case: frozenset[str] = frozenset()
    name: str = ""


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


@dataclass(frozen=True, slots=True)
class Order:
    """Two steps by the characters that the question names them with; an empty one is what is asked about."""

    first: frozenset[str]
    then: frozenset[str]
    shown: str

    def reverses(self, other: Order) -> bool:
        """Whether the same steps come the other way round."""
        if self.first & other.first or self.then & other.then:
            return False
        crossed = bool(self.first & other.then), bool(self.then & other.first)
        whole = bool(self.first and self.then and other.first and other.then)
        return all(crossed) if whole else any(crossed)


@lru_cache(maxsize=4096)
def order(answer: str, asked: Question) -> Order | None:
    """Which step comes first, of those that the question names; only for a question about order."""
    if not _OF_ORDER.search(asked.text):
        return None
    text = spelt(answer)
    for pattern in (_FIRST_THEN, _STANDS_BEFORE, _STANDS_AFTER, _AFTER, _BEFORE_IT, _AFTER_IT):
        if match := pattern.search(text):
            steps = match.groupdict()
            first, then = _step(steps.get("first"), asked), _step(steps.get("then"), asked)
            if first or then:
                return Order(first, then, match[0])
    return None


def _step(words: str | None, asked: Question) -> frozenset[str]:
    return frozenset(words or "") & asked.chars - _EVERY_STEP


def only_and_more(one: str, other: str) -> tuple[str, str] | None:
    """The one thing that the first answer leaves no other beside, and the other's list with that thing and more."""
    match = _ONLY.search(spelt(one))
    text = spelt(other)
    if not match or _ONLY.search(text) or _LISTS.search(spelt(one)):
        return None
    what = match["what"]
    clause = next((each for each in _SENTENCE.split(text) if what in each and _LISTS.search(each)), None)
    return (match[0], clause) if clause and len(clause.replace(what, "")) > _LEAST_MORE else None


@lru_cache(maxsize=4096)
def name(answer: str, asked: Question) -> Chosen | None:
    """The one thing that a short answer names; None for a sentence, advice or a list."""
    if asked.kind is not Kind.WHICH:
        return None
    clauses = [each for each in _CLAUSE.split(spelt(answer)) if each.strip("亲哦的")]
    if not clauses or len(clauses) > 2 or _NOT_A_NAME.search(_COUNT.sub("", clauses[0])):
        return None
    rest = asked.without(clauses[0])
    rest = _HAN.sub("", _LIGHT.sub("", rest))
    if not rest or len(rest) > _LONGEST_NAME:
        return None
    return Chosen(frozenset({rest}), clauses[0], name=rest)


def other_name(one: Chosen, other: Chosen) -> bool:
    """Whether two names are two things: no character in common but a head (鹅绒, 鸭绒); a province may hold a city."""
    if bool(_PROVINCE.search(one.shown)) is not bool(_PROVINCE.search(other.shown)):
        return False
    ours, theirs = one.name, other.name
    while ours and theirs and ours[-1] == theirs[-1]:
        ours, theirs = ours[:-1], theirs[:-1]
    return bool(ours and theirs) and not set(ours) & set(theirs)
