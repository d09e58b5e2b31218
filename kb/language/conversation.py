"""What a message says by itself, and what it says in its conversation. Two readings, because three in ten messages
("怎么操作", "那白色的呢") mean nothing without what was said before, and the others are only blurred by it.

own   the message with the buyer's unanswered messages before it (a burst is one question sent in pieces), without order
      cards, links, stand-ins for masked numbers, and greetings
talk  what was said before, in the same way and without the phrases every agent says, then `own`, twice where it is short: it weighs most
told  the same once and with who said what, for the model that has learned to read conversations

`content` and `asking` tell small talk from questions: whether anything is left when empty words are gone, and whether
anything sounds like a question.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from kb.language.mask import mask
from kb.language.text import clean
from kb.model import Speaker, Turn

LONGEST_MESSAGE = 500  # characters used; buyers who paste more say what they want at the start
_LONGEST_TURN = 60  # characters of an earlier turn that are read with the message
_TURNS = 3  # earlier turns that are read with the message, beside its burst
_BURST = 3  # unanswered messages that belong to one question
_LONGEST_BURST = 120
_WHO = {Speaker.BUYER: "户:", Speaker.AGENT: "服:"}  # 客户, 客服: one token each
_ENOUGH = 2.5  # telling characters after which more of them say little

_STAND_IN = re.compile(r"\[[^\[\]]{1,12}\]")  # [手机号] of `kb.language.mask`, [链接] and [微笑] of the platforms
_LINK = re.compile(r"https?://[!-~]{1,2000}|[¥$(][A-Za-z0-9]{8,14}[¥$)]", re.ASCII)  # the second: 淘口令
_CARD = re.compile(
    r"\[?(?:咨询)?(?:订单编?号|订单金额|下单时间|商品(?:id|编号|编码)|店铺id|商家id|服务单号|运单号|快递单号|物流单号)"
    r"\s?[:：]\s{0,3}¥?[A-Za-z0-9.:/_\-]*(?:\s[A-Za-z0-9]{2,3}:[A-Za-z0-9:]{2,6})?\s{0,3}[,\]]*",
    re.IGNORECASE,
)
_NOTICE = re.compile(
    r"顾客通过点击[^ ]{0,20}发送[:：]?|请选择(?:您要)?咨询的?(?:订单|业务类型)|京东快递\(移动端\)|咨询(?=\s|$)"
)
# 给你好评, 母亲亲手, 优惠还在吗, 我现在不在家 and 顾问下单 greet nobody.
_GREETING = re.compile(
    r"(?<!给)[你您]好(?!评)|(?<![父母双])亲亲|亲爱[的哒]?|(?<!\w)亲(?!\w)|"
    r"(?<!\w)(?:亲|[你您]们?|客服|老板|店家|掌柜的?|有?人)?在(?:[吗么]|不在(?!家))|"
    r"我?想?请?(?<!顾)问一?下|我?想问|请问|麻烦问一下|"
    r"谢谢[你您]?|多谢|麻烦[你您]|(?<!\w)(?:客服|人呢|老板|店家|掌柜的?)(?!\w)|[?？]{2,}"
)
# What agents say in every conversation, whatever it is about.
_ROUTINE = re.compile(
    r"有什么问题我?可以[帮为]您处理或解决[呢的吗]?|请问[您]?还?有(?:什么|其他|啥)[^ ,。?？]{0,20}[吗呢么]?|"
    r"请问您是咨询之前的问题还是有其他的问题需要处理呢|还?请您?(?:稍等|稍候)[^ ,。]{0,15}|很高兴为您服务|"
    r"正?在?[为帮]您?(?:查询|核实|看)[^ ,。]{0,20}|欢迎[^ ,。]{0,15}|(?<!\w)(?:在的|好的|嗯+|是的|不客气|抱歉)|"
    r"[亲哦呢哈呀哒滴啦嗯~]+(?=[\s,。!]|$)"
)
_ROUTINE_PHRASE = 5  # characters from which one is the desk's own
_BLANKS = re.compile(r"\s+")
_EDGE = " ,.!?~;:[]，。！？、；："

# Words that are said whatever it is about; what they leave of a message is what it is about.
_EMPTY = re.compile(
    r"好的?|好滴|好哒|嗯+|恩|哦|噢|行|可以的?|知道了?|明白了?|了解了?|收到|没有了?|没了|不用了?|谢谢?|蟹蟹|感谢|辛苦|麻烦|再见|拜拜|是的?|"
    r"对的?|就是?|这个|那个|订单|稍等|等等|在吗|在么|有人|人呢|咨询|问题|一下|请问|暂时|木有|看看?|非常|尽量|快点|没事|不好意思|"
    r"刚[才刚]|已经|然后|为什么|什么|怎么|回事|想|确[定认]|号码?|[您你我亲他她它们这那啥咋]|[再先就才还又也都太很真]|"
    r"[啊吧呢呀哈的吗了着过得]|[是有没要会能到和给来去在把被让从等行做说]|[今明后天上下里中个单点些种样话人家]|[\d\W_a-z]"
)
_ASKING = re.compile(
    r"什么|啥|怎么|咋|如何|多少|几|哪|谁|多[久大长重高宽]|吗|么|能不能|可不可以|是不是|有没有|会不会|为何|[?？能呢没不]|可以"
)
_FOLLOWS = re.compile(r"(?:那|还有|如果|换成|要是)?.{1,12}呢[?？]*")


@dataclass(frozen=True, slots=True)
class Said:
    """One message as it is searched. `content` is 0 where all words are empty, and near 1 from five telling characters."""

    own: str
    talk: str
    told: str
    content: float
    asking: bool

    @property
    def continued(self) -> bool:
        """Whether what was said before adds anything."""
        return self.talk != self.own


def understand(text: str, turns: Sequence[Turn] = ()) -> Said:
    """Read a message (prepared: masked, clean) and the turns before it, oldest first, as the platform gives them."""
    burst = _burst(turns)
    earlier = turns[: len(turns) - len(burst)][-_TURNS:]
    pieces = [gist(prepared(turn.text)) for turn in burst]
    # A message of greetings or numbers alone stays as it is: a shop may have an answer to 你好.
    kept = _joined([*pieces, gist(text)])[-LONGEST_MESSAGE:]
    if pieces:  # a number sent in pieces is only seen when they are one
        kept = gist(mask(kept))
    own = kept or text
    before = [(turn.speaker, gist(_ROUTINE.sub(" ", prepared(turn.text)))[:_LONGEST_TURN]) for turn in earlier]
    before = [(speaker, words) for speaker, words in before if words]
    last = own[-_LONGEST_BURST:]
    # Said twice, a short message weighs most in its conversation; a long one does so by itself.
    talk = _joined([*(words for _, words in before), *[last] * (2 if len(own) <= _LONGEST_TURN else 1)])
    told = _joined([*(_WHO[speaker] + words for speaker, words in before), _WHO[Speaker.BUYER] + last])
    if not before:
        talk = own
    content = 1 - math.exp(-len(telling(kept)) / _ENOUGH)
    return Said(own, talk, told, content, bool(_ASKING.search(text) or _ASKING.search(kept)))


def telling(text: str) -> str:
    """What is left of a text without the words that are said whatever it is about."""
    return _EMPTY.sub("", text.lower())


def alone(said: Said) -> str:
    """The message as it would be told with nothing before it."""
    return _WHO[Speaker.BUYER] + said.own[-_LONGEST_BURST:]


def prepared(message: str) -> str:
    """A message as it may be embedded: cleaned, masked, and cut to a bounded length."""
    # Cut first, with room for what cleaning and masking may shorten: the patterns of `mask` look at every character.
    return clean(mask(clean(message[: 4 * LONGEST_MESSAGE])))[:LONGEST_MESSAGE]


def gist(text: str) -> str:
    """A prepared text without cards, links, stand-ins and greetings; empty when there is nothing else. Idempotent."""
    # What goes can uncover more (你好亲你好, [[手机号]]); each round that changes anything leaves fewer letters.
    while (once := _without_noise(text)) != text:
        text = once
    return text


def _without_noise(text: str) -> str:
    for pattern in (_LINK, _NOTICE, _STAND_IN, _CARD, _GREETING):
        text = pattern.sub(" ", text)
    return _BLANKS.sub(" ", text).strip(_EDGE)


def is_routine(text: str) -> bool:
    """Whether a message holds what agents say in every conversation, in whole phrases: no lone 好的, which buyers say too."""
    return any(len(match.group()) > _ROUTINE_PHRASE for match in _ROUTINE.finditer(prepared(text)))


def follows_up(said: Said) -> bool:
    """Whether a message only varies the question before it: 那白色的呢."""
    return bool(_FOLLOWS.fullmatch(said.own))


def _burst(turns: Sequence[Turn]) -> Sequence[Turn]:
    """The buyer's last messages that nobody has answered, oldest first; a bounded number of characters."""
    count = length = 0
    for turn in reversed(turns[-_BURST:]):
        length += len(turn.text)
        if turn.speaker is not Speaker.BUYER or length > _LONGEST_BURST:
            break
        count += 1
    return turns[len(turns) - count :]


def _joined(pieces: Sequence[str]) -> str:
    return " ".join(piece for piece in pieces if piece)
