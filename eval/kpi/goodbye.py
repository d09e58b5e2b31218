"""Which of a buyer's messages ask for no reply: thanks, goodbyes, a nod, an emoji.

Desks whose response time counts a 谢谢 as a question look slow when they were polite (chatwoot#10178). Only what is
nothing but such words counts; a question mark or a question word makes it a question.
"""

from __future__ import annotations

import re

# [微笑] is an emoji; [手机号] is what was masked, and a buyer who sends it waits.
# Possessive (++): cannot be cut in more than one way, however long the message.
_GOODBYE = re.compile(
    r"(?:好的?|好滴|好哒|好嘞|好吧|ok|okk|嗯|恩|哦|噢|喔|行|可以了?|知道了?|明白了?|了解了?|收到了?|没事了?|没关系|没问题了?|"
    r"没有了|不用了?|(?:非常|十分|太|多)?(?:感谢|谢)(?:谢)?[你您]?[了啦哈]?|蟹蟹|辛苦[你您]?了?|麻烦[你您]?了?|再见|拜拜|拜|晚安|先这样|就这样|再看看|"
    r"thanks?|thx|thank you|bye|亲|了|啦|哈|呀|哒|\[[^\[\]号址箱话卡证]{1,12}\]|[\W_])++",
    re.IGNORECASE,
)
_ASKS = re.compile(r"[?？吗么呢]|什么|怎么|多少")


def is_goodbye(text: str) -> bool:
    """Whether a message asks for no reply. "" is false: what was said is not known."""
    return bool(text.strip()) and not _ASKS.search(text) and _GOODBYE.fullmatch(text.strip()) is not None
