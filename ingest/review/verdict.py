"""Yes or no: what an answer says to a question that wants one of the two, and for whom.

Three readings, the surest first: what the answer does to the question's own words (不建议机洗, 机洗会变形, 机洗没问题), a
yes or no at its head (支持的, 暂未开通), and an admission or an exclusion (轻微浮色属正常, 只能手洗, 需另购).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from ingest.review.question import Kind, Question, cases_of
from ingest.review.scope import EVERYBODY, Scope, scope
from ingest.review.spelling import spelt

_BREAK = re.compile(r"[。;；!！?？\n,，、~…\s()]+|(?<!\d)[:：](?!\d)")
_MOST_CLAUSES = 3  # of an answer that a verdict is looked for in
_COURTESY = re.compile(
    r"^(?:亲亲|亲爱的|亲|您好|你好|哈喽|非常抱歉|抱歉|不好意思|实在|恕|嗯嗯|嗯|哦|呢|的|哈|这边|这款|这个|本款|本品|本店|我们家|我们|我家|咱们|咱家|店铺|小店"
    r"|目前|暂时|您放心|请放心|放心)+"
)
# Negators that deny nothing, unless the question asks for what they deny (不掉色 to 会掉色吗).
_IDIOM = re.compile(
    r"不锈钢|不好意思|不客气|不用担心|不必担心|不用着急|不一定|不错|对不起|不同|不仅|不但|不光|不过|不管|不论|无论|差不多|除非|并非|非常"
    r"|不满(?=\d)|不足(?=\d)|不超过|不低于|不少于|不高于|不大于|不影响\w{0,6}|不限|不到(?=\d)|不止|无理由|无忧|无线|不再|不怕|不挑"
    r"|不(?:会|容易|易)?(?:变形|缩水|掉色|褪色|起球|损坏|坏|生锈|脏|漏水|漏|伤\w{1,2}|扣|加价|收取?费用?|另收费|额外收费|加钱)"
    r"|别(?:的|人|家|处)|级别|区别|特别|个别|千万(?!别|不)|(?:没|未)有?\w{1,3}之?前|(?:没|未)有?(?:发货?|付款?|拆封?|开封|用过?|使用|洗过?|下水|签收|收到)(?=[的都可就能])"
)
_HARMS = re.compile("(?:会|易|容易)(?:变形|缩水|炸|烧|坏|刮|裂|损坏|融化|开裂|断|有?异味)")
_FINE = re.compile("没问题|没关系|没事|毫无压力|不影响")
_NO = re.compile(
    r"不|没|无(?!刺激|痛|尘)|未|勿|别|非(?!洲)|禁|谢绝|拒绝|停止|暂停|停发|取消|除外|缺货|断货|售罄|休息|放假|免(?=[洗烫熨送打]|安装|组装|手)|严禁|切忌|避免|避开|忌|慎"
    r"|单独拍|单拍|单独买|单独购|另行|另外[购买拍]|另购|另买|另拍|另配|另售|自备|自购|自理|自行|拒|恕|裸|(?<![一二两3三天])零(?!食|钱|下|点)|(?<![\d.])0(?=添加|糖|酒精|脂|卡|香精|甲醛|防腐|农残|残留)"
)
_YES = re.compile(
    r"没问题|没关系|没事|毫无压力|不影响|可(?![能是惜怜见靠])|能(?!量|效|级)|支持|会(?!员)|是(?!否)|有(?!的人|时|些人|点)|含|带|送|赠|包(?!装|裹|含)|需|要(?!是)|行(?!业|货)|对|适合|适用|通用|提供|允许|接受|当然|好的"
    r"|必须|必|得(?!到)|标配|配有|自带|内置|免费|正常|照常|照样|享|参加|参与|建议|推荐|ok|都|均|随便|放心|属于|就行"
)
_UNSURE = re.compile(r"如果|若(?!干)|假如|要是|万一|的话|是否|除了|至于|有疑问|有问题")
_ASKS_NO = re.compile(r"(?<![能会要是可])不(?:能|可以|会|是|用)\w*[吗么]$")
_IS = re.compile("是")
_HAS = re.compile("有|带|送|含|配")
_HAPPENS = re.compile(r"会(?!员)(?!不会员)")
_HAPPENING = {"会", "有", "是", "对", "放心", "正常", "属于"}
_SHORTEST_BARE = 4
_LONGEST_YES = 8
_ONLY = re.compile("只(?!要)|仅(?!需)")
_SELF = re.compile("自己|自行|自理|自备|自付|自费|动手|自提|买家|您(?:出|付|承担|寄)")
_SHOP = re.compile("包(?!装|裹|含)|免费|师傅|我们|赠送|运费险|不用您|店铺")
_COSTS = re.compile("收费|要钱|费用|花钱|付费|钱$|费$")
_OFFERED = re.compile("送|包|帮|上门|提供|免|赠")
_LONGEST_BARE = 14  # characters of a clause without the question's words that may still be its answer


@dataclass(frozen=True, slots=True)
class Verdict:
    """Yes or no, the clause that says so, and what stands before it there."""

    says: bool
    shown: str
    scope: Scope
    sure: bool  # read off the question's own words
    case: frozenset[str]


@lru_cache(maxsize=4096)
def verdict(answer: str, asked: Question) -> Verdict | None:
    """What the first clause that says yes or no to a yes-or-no question says; None where none does."""
    if asked.kind is not Kind.WHETHER:
        return None
    fallback: Verdict | None = None
    for clause in _clauses(answer):
        if _UNSURE.search(clause):
            continue
        found = _of_clause(clause, asked)
        if found and found.sure:
            return found
        fallback = fallback or found
    return fallback


def _clauses(answer: str) -> Iterator[str]:
    seen = 0
    for clause in _BREAK.split(spelt(answer)):
        bare = _COURTESY.sub("", clause)
        if bare:
            yield bare
            seen += 1
        if seen == _MOST_CLAUSES:
            return


def _of_clause(clause: str, asked: Question) -> Verdict | None:
    if _ASKS_NO.search(asked.text):
        return None
    case = cases_of(clause) - asked.cases
    if (side := _by_whom(clause, asked)) is not None:
        return Verdict(side, clause, EVERYBODY, True, case)
    plain = _IDIOM.sub(lambda match: _masked(match[0], asked), clause)
    limits = _IDIOM.sub(lambda match: match[0] if match[0][0] in "没未" else "　" * len(match[0]), clause)
    no, yes = _NO.search(_FINE.sub(_blank, plain)), _YES.search(plain)
    at, whole = _mentions(clause, asked)
    harm = _HARMS.search(clause)
    if harm and not no and harm[0][-2:] not in asked.core:
        no = harm
    if at is not None:
        if no and not _other_matter(plain, no, at):
            return Verdict(False, clause, scope(limits[: min(no.start(), at)], asked), True, case)
        if whole or yes or (_IS.search(asked.text) and len(clause) <= _LONGEST_YES):
            start = min(at, yes.start()) if yes else at
            sure = whole and not _ONLY.search(clause)
            return Verdict(True, clause, scope(limits[:start], asked), sure, case)
        return None
    only = _ONLY.search(clause)
    if only and yes:
        return Verdict(False, clause, scope(limits[: only.start()], asked), False, case)
    if yes and _HAPPENS.search(asked.text) and yes[0] not in _HAPPENING:
        yes = None  # 会皱吗 is not answered by 可以低温熨烫
    if yes and (yes[0] in {"建议", "推荐"} or (yes.start() > 2 and len(clause) > _LONGEST_YES)):
        yes = None
    hits = [each for each in (no, yes) if each and (each.start() <= 2 or len(clause) <= _LONGEST_BARE)]
    if not hits and _HAS.search(asked.text) and len(clause) <= _LONGEST_YES and asked.core[-2:-1] in clause:
        return Verdict(True, clause, EVERYBODY, False, case)
    if not hits:
        return None
    first = min(hits, key=lambda each: (each.start(), each is yes))
    return Verdict(first is yes, clause, scope(limits[: first.start()], asked), len(clause) <= _SHORTEST_BARE, case)


def _by_whom(clause: str, asked: Question) -> bool | None:
    """Who does it, where the question asks whether the buyer must or the shop will."""
    if _COSTS.search(asked.core) and "免费" in clause:
        return False
    himself, shop = _SELF.search(clause), _SHOP.search(clause)
    if bool(himself) is bool(shop) or _NO.search(_SELF.sub("", _FINE.sub("", _IDIOM.sub("", clause)))):
        return None
    if _SELF.search(asked.text) or "我自己" in asked.text:
        return bool(himself)
    return False if himself and _OFFERED.search(asked.text) else None


def _masked(idiom: str, asked: Question) -> str:
    """An idiom is no negation, except where what it denies is asked for and not the idiom itself."""
    return idiom if idiom not in asked.core and idiom.lstrip("不会易容")[-2:] in asked.core else "　" * len(idiom)


def _blank(match: re.Match[str]) -> str:
    return "　" * len(match[0])


def _mentions(clause: str, asked: Question) -> tuple[int | None, bool]:
    """Where the clause takes up the telling end of the question (机洗 of 羊毛衫能机洗吗), and whether its very end."""
    core = asked.core
    if asked.deed and asked.deed in clause:
        return clause.rfind(asked.deed), True
    if 0 < len(core) <= (3 if len(clause) <= _SHORTEST_BARE else 2):
        at = clause.find(core[-1])
        return (at if at >= 0 else None), True
    tail = core[-4:]
    for start in range(len(tail) - 2, -1, -1):
        at = clause.find(tail[start : start + 2])
        if at >= 0:
            return at, core[-1] in clause
    if core and (match := re.search(rf"(?:能|可以?|会|支持|给|都|不){re.escape(core[-1])}", clause)):
        return match.start(), True
    return None, False


def _other_matter(plain: str, no: re.Match[str], at: int) -> bool:
    """Whether a negator of the clause leaves the asked thing alone: 不掉色可机洗, 可机洗不变形."""
    between = plain[no.end() : at] if no.start() < at else ""
    return bool(re.search("可以|可|支持|但|就", between)) and not re.match("可|支持|能|会|是|要|需|建议", between)
