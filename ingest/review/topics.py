"""Rules of a shop that both a question and a notice may state: when it sends, from what sum it pays the postage.

Only the plain question about a rule is held against a notice (什么时候发货, not 预售什么时候发货), and only a notice for
everybody: one that names a case, a product or a code is about that.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from ingest.review.asked import bag
from ingest.review.question import cases_of
from kb.language.numerals import arabic
from kb.language.quantity import stated
from kb.language.text import fold

_RULES: dict[str, tuple[str, str]] = {  # rule → what a notice's sentence about it holds; its plain questions
    "发货": ("发货|发出|寄出|出库", "什么时候发货 发货时间 多久发货 现货什么时候发货 下单后多久发货"),
    "快递": ("快递|物流", "发什么快递 默认发什么快递 用什么快递 合作快递"),
    "包邮": ("包邮|免运费", "多少钱包邮 满多少包邮 包邮吗 怎么包邮 包邮门槛"),
    "无理由": ("无理由", "几天无理由退货 支持无理由退货吗 支持7天无理由退货吗 多久无理由退货"),
    "保修": ("保修|质保", "保修多久 质保几年 保修期多久"),
    "退款": ("退款", "退款多久到账 多久退款 退款几天到账"),
    "客服": ("客服|在线|上班", "客服几点上班 客服几点下班 客服工作时间 客服在线时间"),
    "价保": ("价保|保价", "价保多久 价保几天 支持价保吗"),
    "发货地": ("发货地|仓", "从哪里发货 发货地是哪里 在哪里发货"),
}
_SENTENCE = re.compile(r"[。;；!！\n]+")


@lru_cache(maxsize=1)
def _plain() -> dict[str, str]:
    return {bag(fold(question)): rule for rule, (_, asks) in _RULES.items() for question in asks.split()}


def plain_topic(folded: str) -> str:
    """The rule that a folded question asks for and nothing else; "" for any other."""
    return _plain().get(bag(folded), "")


def speaks_of(title: str, text: str) -> Iterator[tuple[str, str]]:
    """(rule, the notice's sentences about it)."""
    if cases_of(title) or stated(arabic(title)).codes:
        return
    sentences = [each for each in _SENTENCE.split(text) if not stated(arabic(fold(each))).codes]
    for rule, (words, _) in _RULES.items():
        about = [each for each in sentences if re.search(words, each)]
        if about and re.search(words, f"{title}{about[0]}"):
            yield rule, "。".join(about)
