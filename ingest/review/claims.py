"""What an answer commits the shop to: amounts with what they are said of, options it names, what it grants or denies.

Only what can be read off is a claim. A sentence for some buyers only (新疆, 预售, 会员) is read with its case, so that the
exception never contradicts the rule.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from ingest.review.amounts import Amount, amounts
from ingest.review.options import DEFAULTS, FAMILIES
from ingest.review.question import PLAIN, Kind, Question, cases_of
from ingest.review.scope import EVERYBODY, Scope, scope
from ingest.review.spelling import spelt
from kb.language.quantity import shape_of, stated

_SENTENCE = re.compile(r"[。;；!！?？\n]+")
_CLAUSE = re.compile(r"[,，、：\s~…]+|(?<!\d):(?!\d)")

# What an amount may be about; two amounts about different things never compare.
_TOPICS: dict[str, str] = {
    "发货": r"发货|发出|寄出|出库|出货|能发|天发|内发|时发|安排发|发走",
    "到货": r"送达|到货|送到|能到|到手(?!价)|可到|收到|天到|到达|配送|运输|派送|时效",
    "退货": r"无理由|退货|退换|可退|能退|退回(?!款)",
    "换货": r"换货|换新|退换|包换",
    "退款": r"退款|到账|打款|返款|原路",
    "保修": r"保修|质保|维修|保换",
    "保质": r"保质|开封|开盖|保存|存放|有效期|过期",
    "运费": r"运费|邮费|快递费|差价|首重|续重",
    "包邮": r"包邮|免邮|免运费",
    "赔偿": r"赔|补偿",
    "发票": r"开票|发票|开具|专票|普票",
    "价保": r"价保|保价|差价",
    "客服": r"在线|上班|服务时间|客服|工作时间|接待",
    "回复": r"回复|联系您|答复|处理",
    "赠送": r"送|赠",
    "优惠": r"券|优惠|满减|立减|打折|折",
    "积分": r"积分",
    "水温": r"水温|水洗|手洗|机洗|冷水|温水|洗涤|\d度以下",
    "浸泡": r"浸泡",
    "重量": r"净重|毛重|重量|克重|重约|重",
    "长": r"长度|线长|衣长|全长|长约|长",
    "宽": r"宽", "高": r"高(?!温)", "厚": r"厚", "身高": r"身高", "体重": r"体重", "胸围": r"胸围", "腰围": r"腰围",
    "容量": r"容量|毫升|净含量|ml",
    "功率": r"功率", "电池": r"电池|续航|待机|使用时间", "充电": r"充满|充电|快充",
    "价格": r"售价|单价|原价|现价|到手价|一口价|价格|卖",
    "用法": r"一天|每天|每日|每次|一次|早晚|用量|冲泡|浸泡|敷|涂",
    "年龄": r"岁|年龄|适龄",
    "数量": r"限购|每人限|最多|起订|起批|起拍|起",
    "含量": r"含量|含|浓度|酒精",
    "误差": r"误差", "定金": r"定金|订金", "尾款": r"尾款", "安装费": r"安装费|安装", "上门": r"上门",
}  # fmt: skip
_TOPIC = {topic: re.compile(pattern) for topic, pattern in _TOPICS.items()}
_DEFAULT = re.compile("|".join(DEFAULTS.split()))
_DAYS = re.compile("周几|星期几|哪天|周末")
_BODY = {"g", "cm", "岁", "时间"}
_TIER = {"满", "减"}
_SIZES = re.compile(r"(?<![a-z0-9])(?:\d?x{0,4}[sml]|均)码?(?![a-z0-9])")

_OPTIONS: dict[str, list[tuple[str, str]]] = {}
for _family, _options in FAMILIES.items():
    for _option, _words in _options.items():
        for _word in _words.split():
            _OPTIONS.setdefault(_word, []).append((_family, _option))
# One pass for all words, the longest first; 170 patterns a clause would cost a millisecond an answer.
_OPTION = re.compile("|".join(sorted(map(re.escape, _OPTIONS), key=len, reverse=True)))

# A negator, what hides one, and what is denied by a clause.
_IDIOM = re.compile(
    r"不锈钢|不好意思|不客气|不用担心|不必担心|不用着急|不要着急|别着急|别担心|没问题|没关系|没事|不一定|不错|对不起|不同(?!价)"
    r"|不仅|不但|不过|不管|不论|无论|"
    r"不满(?=\d)|不足(?=\d)|不超过|不低于|不少于|不高于|不大于|不影响2次销售|不影响二次销售|不影响|无理由|无忧|无线|无糖|差不多"
    r"|要不要|是不是|有没有|能不能|"
    r"可不可以|会不会|不限|不喜欢|不合适|不满意|不想要|不想|没收到|没有收到|未收到|没货|不符|不到(?=\d)|来不及|不再|不详|不便"
    r"|不良|非质量|非常|除非|并非|"
    r"(?:不明白|不清楚|不懂|不会用|不放心|不需要了)"
)
_NEGATOR = re.compile(
    r"免(?=[洗烫熨]|安装|组装|打孔)|不|没|无|未|勿|别(?!的|人|家|处)|非|禁止|谢绝|拒绝|停止|暂停|取消|除外|缺货|断货|售罄"
)
_REACH = 8  # characters
_DENIED_AFTER = re.compile(r"(?:请|先|最好|也|都|是|就|的|用|吃)*(?:不(?![掉变缩起褪])|勿|避开|慎|禁|别)")
_GRANTS = re.compile("可|能|支持|会|改|换|送")
_UNCERTAIN = re.compile(r"如果|若|假如|要是|万一|的话|是否|除了|除")
_MODAL = (
    r"(?:可以|可|能够|能|支持|会|是|有|含有|含|带|送|包|需要|需|要|接受|提供|允许|建议|适合|用于|用|必|额外|任何|单独|再"
    r"|再次|直接|进行|予|收取|收|做|安排|办理|享受|参与|参加)*"
)
_DENIED = re.compile(
    rf"(?:不|没有|没|无法|无需|无|未|勿|别|禁止|谢绝|暂停|停止|取消|非){_MODAL}(?P<what>[\w+-]{{2,6}})"
)
_GRANTED = re.compile(
    rf"(?:可以|可|能够|能|支持|会|有|含有|含|带|送|包|提供|接受|允许|适合|需要|需|享受|参与|参加|都|均|也|正常|照常|赠送|免费|轻微|少量)+{_MODAL}(?P<what>[\w+-]{{2,8}})"
)


@dataclass(frozen=True, slots=True)
class Said:
    """An amount in its clause: what it is about, for whom, and the clause without its numbers."""

    amount: Amount
    topics: frozenset[str]
    case: frozenset[str]
    words: frozenset[str]
    scope: Scope  # what stands before it in its clause and limits it


@dataclass(frozen=True, slots=True)
class Named:
    """An option's word as it was written, and what limits it."""

    word: str
    scope: Scope


@dataclass(frozen=True, slots=True)
class Claims:
    """All that one answer says, but yes and no (`ingest.review.verdict`)."""

    said: tuple[Said, ...]
    named: dict[tuple[str, frozenset[str]], dict[str, Named]]  # (family, case) → option → its word
    refused: frozenset[tuple[str, str]]  # (family, option) that is denied
    denied: frozenset[str]
    granted: frozenset[str]


@lru_cache(maxsize=2048)
def claims(answer: str, asked: Question = PLAIN) -> Claims:
    """Read an answer as it was written, to the question that it answers."""
    text = spelt(answer)
    said: list[Said] = []
    named: dict[tuple[str, frozenset[str]], dict[str, Named]] = {}
    refused: set[tuple[str, str]] = set()
    denied: set[str] = set()
    granted: set[str] = set()
    for case, clause in _clauses(text, asked.cases):
        plain = _IDIOM.sub(lambda match: "　" * len(match[0]), clause)
        said += _said(clause, case, asked)
        negated = _NEGATOR.search(plain)
        counted = max((a.start for a in amounts(clause)), default=0) if asked.kind is Kind.HOW_MUCH else 0
        for match in _OPTION.finditer(clause):
            denies = _denies(plain, match.start()) or bool(_DENIED_AFTER.match(plain, match.end()))
            for family, option in _OPTIONS[match[0]]:
                if counted and match.start() < counted:
                    continue  # 冷藏3天, 冷冻30天: how long where, not where
                if family == "材质" and asked.kind is Kind.WHETHER and match[0] not in asked.text:
                    continue  # 棉款可以机洗: which one, not what of
                if not denies:
                    named.setdefault((family, case), {})[option] = Named(
                        match[0], scope(clause[: match.start()], asked)
                    )
                elif not case:
                    refused.add((family, option))
        for code, about in _codes(clause, case):
            if asked.kind is Kind.HOW_MUCH and shape_of(code) == "size":
                continue  # XL码130斤, XXL145斤: how much for which
            named.setdefault((f"型号{shape_of(code)}", about), {})[code] = Named(code, EVERYBODY)
        if not case and not _UNCERTAIN.search(clause):
            denied.update(match["what"] for match in _DENIED.finditer(plain))
            if not negated:
                granted.update(match["what"] for match in _GRANTED.finditer(plain))
    return Claims(tuple(said), named, frozenset(refused), frozenset(denied), frozenset(granted))


def _denies(plain: str, at: int) -> bool:
    """Whether a negator stands before a word and its denial reaches it: 不能机洗 does, 不掉色可机洗 does not."""
    negators = list(_NEGATOR.finditer(plain, max(0, at - _REACH), at + 1))
    return bool(negators) and not _GRANTS.search(re.sub(rf"^{_MODAL}", "", plain[negators[-1].end() : at]))


def _clauses(text: str, asked: frozenset[str]) -> Iterator[tuple[frozenset[str], str]]:
    """(case, clause) from left to right. A case holds from where it is named to the end of its sentence."""
    for sentence in _SENTENCE.split(text):
        case: frozenset[str] = frozenset()
        for clause in _CLAUSE.split(sentence):
            if not clause:
                continue
            own = cases_of(clause)
            if own:
                case = own
            elif _DEFAULT.search(clause):
                case = frozenset()
            yield case - asked, clause


def _said(clause: str, case: frozenset[str], asked: Question) -> list[Said]:
    found = amounts(clause)
    things = [amount for amount in found if amount.axis == "件"]
    if len(things) > 1:  # 一包500张: the one is what the others are counted in
        found = [amount for amount in found if amount not in things or amount.high != 1]
    if not found:
        return []
    days = [amount for amount in found if amount.axis == "星期"]
    if days and len(days) < len(found) and not _DAYS.search(asked.text):  # 工作日9点, 周末10点: the day is the case
        found = [amount for amount in found if amount.axis != "星期"]
        case = case | frozenset(f"星期{day.low:.0f}-{day.high:.0f}" for day in days)
    topics = frozenset(topic for topic, pattern in _TOPIC.items() if pattern.search(clause))
    bare = clause
    for amount in reversed(found):
        bare = bare[: amount.start] + bare[amount.end :]
    words = frozenset(bare[i : i + 2] for i in range(len(bare) - 1))
    whose = case | frozenset(f"尺码{match[0]}" for match in _SIZES.finditer(bare))
    said = [(amount, whose | _tier(amount, found)) for amount in found]
    ends = [0, *(amount.end for amount in found)]
    return [
        Said(amount, topics, case_, words, scope(clause[end : amount.start], asked))
        for end, (amount, case_) in zip(ends, said, strict=False)
    ]


def _tier(amount: Amount, beside: Sequence[Amount]) -> frozenset[str]:
    """满300减30 and 满500减60 are two steps of one offer: each half is said of the other half."""
    if amount.role not in _TIER:
        return frozenset()
    return frozenset(f"{each.role}{each.low:g}" for each in beside if each.role in _TIER and each.role != amount.role)


def _codes(clause: str, case: frozenset[str]) -> Iterator[tuple[str, frozenset[str]]]:
    """Sizes and codes; a size is said for the height and weight beside it."""
    codes = stated(clause).codes
    if not codes:
        return
    body = frozenset(f"{each.axis}{each.low}-{each.high}" for each in amounts(clause) if each.axis in _BODY)
    for code in codes:
        yield code, case | (body if shape_of(code) == "size" else frozenset())
