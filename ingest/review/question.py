"""What kind of answer a question wants, and the words it has said already.

An answer is read differently after each: to 能机洗吗 it is yes or no, to 多少度 an amount, to 什么皮 or 先水还是先霜 one of
several things, and to 怎么退货 anything at all, which is compared only where it states amounts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from ingest.review.options import CASES
from kb.language.text import fold

_CASES = {word: case for case, words in CASES.items() for word in words.split()}
_CASE = re.compile("|".join(sorted(map(re.escape, _CASES), key=len, reverse=True)))

_OR = re.compile("还是|哪个先|先.{1,6}先")
_HOW_MUCH = re.compile("几(?!乎|何)|什么时[候间]|啥时|哪[天年月日]|多少|多(?:久|大|长|宽|高|厚|重|沉|远|深|粗|快)")
# Named without a question word (充电功率, 续航时间), these ask for their amount.
_MEASURE = re.compile("打折|时间|时长|期限|有效期|保质期|定金|押金|尺寸|容量|重量|价格|功率|含量|度数|转速")
_WHICH = re.compile(r"什么|啥|哪|谁|何处|何种|怎么发|产地|成分|材质|面料|颜色|风格|口味|地址")
_WHY = re.compile(
    r"为什么|为啥|怎么|咋|如何|怎样|什么办法|怎么办|原因|流程|步骤|怎么样|什么区别|哪个好|什么意思|注意什么|什么问题"
)
_WHETHER = re.compile(
    r"[吗嘛不没否]$|(?<!什)么$|(.{1,2})不\1|能否|可否|是否|有没有|有没|能不能|会不会|要不要|可不可以|需不需要|支不支持|送不送|行不行|有无"
)
_FILLER = re.compile(
    r"请问一下|请问|想问|问一下|我想|你们家|你们|咱们|咱家|亲亲|亲|这个|这款|这件|这双|这条|这张|这瓶|这家|这|那个|店里|本店|店铺|老板|您好|你好"
    r"|什么时候|什么时间|什么|多少|多久|怎么样|怎么|如何|哪里|哪儿|哪个|哪家|哪种|哪|还是|能不能|可不可以|会不会|要不要|是不是|有没有|需不需要|支不支持"
    r"|可以|支持|能够|是否|能否|可否|需要|应该|一般|大概|到底|都|能|会(?!员)|要|有|是|可|吗|么|呢|吧|啊|呀|哦|嘛|的|了|过|着|得|用|给|收到|会不会"
)
_OR_NOT = re.compile(r"(.{1,2})不\1")
_MODALS = frozenset("能 可 可以 会 要 是 有 需 需要 好 行 给 支 支持 带 该 用".split())
_RESTS = re.compile(r"[^\w]")


class Kind(StrEnum):
    """What a question wants to be told."""

    WHETHER = "whether"
    WHICH = "which"
    HOW_MUCH = "how much"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Question:
    """A question as its answers are read: `cases` it is about, `core` without courtesies and question words."""

    kind: Kind
    cases: frozenset[str]
    core: str
    text: str
    deed: str = ""  # the 赔 of 赔不赔
    also: str = ""  # the same question in the other row's words

    @property
    def chars(self) -> frozenset[str]:
        return frozenset(self.core + self.also)

    def without(self, text: str) -> str:
        """The text with blanks where it says the question's own words: neighbours of the core, or a core of one character."""
        pairs = {self.core[i : i + 2] for i in range(len(self.core) - 1)}
        said = {at + i for at in range(len(text) - 1) for i in range(2) if text[at : at + 2] in pairs}
        return "".join(" " if at in said or char == self.core else char for at, char in enumerate(text))


def cases_of(text: str) -> frozenset[str]:
    """The cases that a folded text is about; within them its answers are general."""
    return frozenset(_CASES[word] for word in _CASE.findall(text))


@lru_cache(maxsize=4096)
def question(asked: str, again: str = "") -> Question:
    """Read a question as it was written or folded, `again` the other way it was put; "" is an open question."""
    text = _RESTS.sub("", fold(asked))
    kind = min(_kind(text), _kind(_RESTS.sub("", fold(again or asked))), key=list(Kind).index)
    return Question(kind, cases_of(fold(asked)), _core(text), text, _deed(text), _core(_RESTS.sub("", fold(again))))


def _deed(text: str) -> str:
    match = _OR_NOT.search(text)
    return match[1] if match and match[1] not in _MODALS else ""


def _core(text: str) -> str:
    return _FILLER.sub("", _OR_NOT.sub(r"\1", text)).removesuffix("不")


def _kind(text: str) -> Kind:
    if _OR.search(text):
        return Kind.WHICH
    if _HOW_MUCH.search(text):
        return Kind.HOW_MUCH
    if _WHETHER.search(text) and not re.search("为什么|怎么|如何", text):
        return Kind.WHETHER
    if _MEASURE.search(text):
        return Kind.HOW_MUCH
    if _WHY.search(text):
        return Kind.OPEN
    return Kind.WHICH if _WHICH.search(text) else Kind.OPEN


PLAIN = question("")
