"""Whether a message asks something by itself, so that it may be learned as a way to ask.

A phrasing is compared with everybody's messages. "白色的呢" or "那这个可以吗" are good messages in their conversation
and, learned, would answer everybody's. The rules would rather lose a good phrasing than learn a bad one: messages come
again, and a trainer can write any phrasing by hand.
"""

from __future__ import annotations

import re

from kb.language.text import bare, clean

SHORTEST, LONGEST = 3, 40  # characters of the bare message
_LEAST_CONTENT = 2  # letters that say what it is about, after all empty words are gone

# [手机号] stands for what `kb.language.mask` took out: such a message is about one buyer. Desks write emoji and links so too.
_STAND_IN = re.compile(r"\[[^\[\]]{1,12}\]")
# Possessive (++): 谢谢谢谢… can be cut in a hundred million ways, and none of them matters.
_SMALL_TALK = re.compile(
    r"(?:好的?|好滴|好哒|好吧|嗯|恩|哦|噢|喔|啊|呵|哈|嘿|行|可以的?|知道了?|明白了?|了解了?|收到了?|没事了?|没关系|不用了?|算了|"
    r"(?:非常|十分|太)?(?:感谢|多谢|谢谢?)[你您]?了?|辛苦了?|麻烦[你您]?了?|再见|拜拜|晚安|早上好|下午好|晚上好|你好|您好|在吗|"
    r"在么|在不在|有人吗|亲爱?的?|暂时|没有了|我|再看看|先这样|[你您]|okk?|hi|hello|bye|thx|thanks|[\s\d,.!?~，。！？、…])++"
)
# It goes on with what was said before …
_GOES_ON = re.compile(
    r"(?:那|好的|好吧|嗯|哦|然后|还有|另外|而且|但是|可是|不过|所以|因为|或者|还是说?|就是|对|是的|不是|我是说|刚才|刚刚)"
)
# … or leaves out what that was: 白色的, 512的呢, 加绒款呢.
_LEAVES_OUT = re.compile(r".{0,8}(?:的|款|色|码|号)$|.{0,10}呢[\s?？]*$")
_QUESTION_WORD = re.compile(
    r"什么|啥|怎么|咋|如何|多少|几|哪|谁|多久|多大|多长|多重|为何|吗|么|能不能|可不可以|是不是|有没有|会不会"
)
_EMPTY = re.compile(
    r"这个|那个|这款|那款|这件|那件|这种|那种|这边|那边|这样|那样|什么|为什么|怎么样?|多少|多久|哪个|哪里|一个|一下|一样|可以|可不|"
    r"能不能|是不是|有没有|会不会|我们|你们|咱们|他们|它们|自己|现在|时候|[这那它他她我你您咱谁哪啥咋几多的地得了着过吗呢吧啊呀么嘛"
    r"是有没不能会要想可行好对在就都也还又再才和跟与或给把被让用为个件款种下上里中点些请问亲]"
)
_LETTER = re.compile(r"[^\W\d_]")


def is_small_talk(text: str) -> bool:
    """Whether a message only greets, thanks, agrees or says goodbye."""
    return _SMALL_TALK.fullmatch(bare(text)) is not None


def stands_alone(text: str) -> bool:
    """Whether the text can be asked out of the blue and mean the same to everybody."""
    same = bare(text)
    if not SHORTEST <= len(same) <= LONGEST or _STAND_IN.search(text):
        return False
    if _SMALL_TALK.fullmatch(same) or _GOES_ON.match(same):
        return False
    if (_LEAVES_OUT.fullmatch(same) or _LEAVES_OUT.fullmatch(clean(text))) and not _QUESTION_WORD.search(same):
        return False
    return len(_LETTER.findall(_EMPTY.sub("", same))) >= _LEAST_CONTENT
