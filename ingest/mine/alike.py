"""Whether two statements say the same: the wording of routine gone, most characters shared, and no number, code, negation
or side of an opposition apart (`kb.language.contrast`). 7天 and 15天 are never the same answer."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

from rapidfuzz import fuzz

from ingest.mine.generic import HOLE, statement
from kb.language.contrast import FEATURES as _NAMES
from kb.language.contrast import Marks, contrast, marks
from kb.language.text import clean

SAME_WORDS = 70.0  # rapidfuzz ratio, 0–100, of what is left of two statements
_CLASHES = tuple(i for i, name in enumerate(_NAMES) if name.endswith("_clash") and not name.startswith("asks"))
_DENIAL = re.compile(r"[不没无未非别勿]\w?")
_NO_DENIAL = re.compile("无理由|不好意思|不过|不锈钢|没关系|没问题|特别|差别|区别|别的|非常")
LONGEST_WORDS = 300
# What agents say it with, whatever they say.
_PADDING = re.compile(
    r"亲爱的?[哒滴]?(?:客户|商家)?|亲+|小妹|妹[子纸]|这[边里]|[您你]们?好?|咱们?|我们|温馨提示|麻烦|辛苦|还?请|建议|可以|一下|"
    r"[呢哦哈呀的了吧啊嘛哟额哒嗯滴]|[^\w\[\]]"
)


@dataclass(frozen=True, slots=True)
class Saying:
    """A statement as it is compared: the words that carry it, its pairs of letters, and what tells it from a near twin."""

    words: str
    pairs: frozenset[str]
    marks: Marks
    denials: frozenset[str]  # 质量问题不用承担 and 非质量问题要承担: what is denied counts


def saying(text: str) -> Saying:
    words = _PADDING.sub("", HOLE.sub("[]", statement(text)))[:LONGEST_WORDS]
    said = statement(text)
    return Saying(words, frozenset(pairs_of(words)), marks(said), frozenset(_DENIAL.findall(_NO_DENIAL.sub("", said))))


def pairs_of(text: str) -> set[str]:
    """The character bigrams of a text, holes left out."""
    return {a + b for a, b in pairwise(text) if a not in "[]" and b not in "[]"}


def same(a: Saying, b: Saying) -> bool:
    """Whether two statements give the same information."""
    if a.words == b.words:
        return True
    return fuzz.ratio(a.words, b.words, score_cutoff=SAME_WORDS) > 0 and not apart(a, b)


def apart(a: Saying, b: Saying) -> bool:
    """Whether they differ in what decides: a number that only one states counts, as do a code, a negation, an opposite."""
    if a.marks.values != b.marks.values or a.marks.models != b.marks.models or a.denials != b.denials:
        return True
    found = contrast(a.marks, b.marks)
    return any(found[i] > 0 for i in _CLASHES)


_EMPTY = re.compile(
    r"[您你我亲他她它们这那此该啥咋吗呢吧呀啊么嘛哦的了是有没不会能要想可以就都也还又再才和跟与或给把被让用为个请问在到上下里中去来说做行好对]|什么|怎么|需要|时间|多长|大概|成功|可以|帮|查看|具体|还|已|经|[今明昨后]天|上午|下午|中午|晚上|"
    r"多少|多久|一下|如何|为何|现在|时候|商品|订单|[\W\d_]"
)


def topics(text: str) -> set[str]:
    """The pairs of letters of what a text is about, for asking whether two texts speak of the same thing at all."""
    return {pair for run in _EMPTY.sub(" ", clean(text).lower()).split() for pair in pairs_of(run)}


def telling(text: str) -> str:
    """The letters that say what a text is about."""
    return "".join(_EMPTY.sub(" ", clean(text).lower()).split())
