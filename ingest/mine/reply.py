"""What a desk said to one question, as far as it may be said to the next buyer who asks it: whole sentences beside each other.

An agent answers in pieces (电子发票可以报销的哦 / 打印出来就可以了呢), between small talk and what is about this one order. A
reply is a run of pieces that are neither, said as they were and only without greeting and tone particles. It begins with a
sentence that needs nothing before it, and the question has to mean the same to everybody.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from ingest.draft import Talk
from ingest.mine.alike import telling
from ingest.mine.exchange import cut, question_in
from ingest.mine.generic import (
    ASKS_BUYER,
    LONGEST,
    MARKS,
    POINTS_BACK,
    UNFINISHED,
    VOCATIVE,
    has_hole,
    is_generic,
    is_small_talk,
    statement,
)
from kb.language.mask import mask
from kb.model import Speaker

_SHORTEST = 4  # characters of a sentence
_TELLING = 3  # letters that say what a question is about: 审核要多久 is asked of many things

# About this order, this day, or what this agent does now.
_THIS_CASE = re.compile(
    r"[您你亲]的?(?:这个|这款|这笔|此|这)?(?:订单|商品|包裹|快递|货|单子?|书|件)(?:已|预计|正|还|目前|现|显示|在|属于|缺|是)|"
    r"(?:已经?|刚|马上|现在|立刻)(?:为|帮|替|给)[您你亲客]|帮(?:您|你|客户)|为您|给您?(?:你|催|跟进|反馈|登记|备注|处理|安排|改|查)|"
    r"(?:我|小?妹[子纸]?|妹纸|这[边里面]|客服)(?:们?这[边里面])?(?:也|就|再|还)?(?:已|刚|马上|现在|立刻|来|去|尽|给|帮|查|看|没|不知道|不清楚|不确定|先|跟|把|让|说|无法|没法)|"
    r"核实|反馈|专员|回电|查到|看到|看下|看了|查询到|已经?(?:签收|发货|出库|取消|退款|提交|修改|到账?|收到|处理|通知|点击)|显示(?!器)|[此该这]单|"
    r"[今明昨][天日晚早]|下午|上午|晚上|\d+号|正在|刚刚|目前|暂时|调货|缺货|在途|途中|送往|发往|预计|拦截|系统(?:的?原因|锁定)|"
    r"师傅[:：]|先生|女士|小姐|[您你]的(?:这个|情况|问题)|不用担心|放心|耐心|温馨提示|感谢|申请已|着急|努力|尽力|尽早|尽快|机智|不清楚|不知道|没[有办]?法?(?:保证|确定)"
)
_LEADING = re.compile(
    r"^(?:好的?|嗯+|恩+|是的|对的?|那|这个(?:的话)?(?=[是需要不可您会])|这边(?=[是需要不可您会])|是(?=[会把由]))[呢哦哈呀]*[,，\s]*"
)
_FILLER = re.compile(r"(?:我们|您)?这[边里面]|[没有]{1,2}这个(?=.)")
_TONE = re.compile(r"(?:[\s~!。.、,，]|(?<=.)[呢哦哈呀哟喔噢额饿嗯哒]|亲亲?|亲爱[的哒滴](?:客户)?|[#‘’'])+$")
_LISTS = re.compile(r"^(?:不是|不同|不支持|同样|一般|都是)")  # begins a sentence of its own all the same

_CUT_SHORT = re.compile(r"[后时]$|^如果[^,，]{2,10}$|[:：;；]$")

# A question that only this buyer, on this day, can ask.
_THIS_BUYER = re.compile(
    r"[这那它]|[今明昨后][天晚早日]|下午|晚上|上午|刚[才刚]|帮我|给我|帮忙|我(?:昨|刚|已|上次|之前|都|也|就|买的|申请的|下的)|"
    r"我的?(?:快递|订单|货|东西|包裹|退款|售后|商品|钱|件|单|号)|(?:还|都|也|一直|怎么)没|怎么还|到哪|[没未]有?(?:收到|看到|人|货到|送)|"
    r"你(?!们)|着?急|催|什么意思|人工|回复|答复|他们|她|朋友|师傅|\d{4}|尽快|[两二三四五六七八九]天没|不行我|知道"
)
# Terms of service, which are asked alike of every product.
_TERMS = re.compile(
    r"发票|[增专]票|开票|抬头|税号|[退换]|运费|邮费|包邮|保价|价保|价格保护|降价|差价|保修|质保|维修|售后|优惠|券|红包|积分|支付|付款|白条|到付|"
    r"配送|物流|快递|送货|发货|上门|取件|自提|地址|订单|下单|取消|签收|拒收|入驻|店铺|商家|后台|会员|plus|账号|密码|验证码|安装|赠品|正品",
    re.IGNORECASE,
)
_SHOWN = re.compile(r"\[(?:链接|商品)|https?://|商品ID|item\.")  # a product is spoken of, whatever is asked
_ASKED = re.compile(
    r"什么(?!时候都)|哪[里种个些款]|如何|怎么[样了啦]?|几(?!乎|天内)|多少|吧[。~]*$|能不能|是吗|对吗|麻烦"
)
# 麻烦补一张发票 wants something done, and 退款成功了吗 is about one refund.
_REALLY_ASKS = re.compile(
    r"[吗么嘛]|怎[么样]|如何|哪|谁|多[少久大长]|几[天个次]|什么|啥|能不能|可不可以|能否|可否|是否|是不是|会不会|有没有|要不要|不$|区别"
)
_STATE = re.compile(r"^(?:还|先|都|也|就|是购买|页面)|客户还|了[吗么没]|[没成]功|怎么还|是吗[,，]|然后|说实话")
_CALLS = re.compile(r"^(?:(?:小妹|客服|亲|美女|老板|小姐姐|别的|不好意思|[在再]问个问题|麻烦|那个?)[,，\s]*)+")


_LOOKED_BACK = 1  # buyer's turns before the last one, whose questions a reply may still be about


@dataclass(frozen=True, slots=True)
class Reply:
    """What was said in one conversation, fit to be said again, and the questions it may answer: the last one asked first,
    each with the number of buyer's turns since."""

    talk: str
    questions: tuple[tuple[str, int], ...]
    text: str
    row: int = 0


def replies(talks: Iterable[Talk]) -> list[Reply]:
    """Every reply to questions that stand by themselves."""
    return [reply for talk in talks for reply in _of_talk(talk)]


def _of_talk(talk: Talk) -> Iterator[Reply]:
    asked: dict[str, int] = {}  # open questions, by the buyer's turn
    turn, shown = 0, False
    for speaker, turns in groupby(talk.turns, key=lambda each: each.speaker):
        pieces = [piece for each in turns for piece in cut(each)]
        if speaker is Speaker.BUYER:
            turn += 1
            shown = shown or any(_SHOWN.search(piece) for piece in pieces)
            now = [text for piece in pieces if (text := asked_by_anybody(question_in(piece)))]
            asked |= {text: turn for text in now if not shown or _TERMS.search(text)}
            continue
        ranked = tuple((text, turn - at) for text, at in sorted(asked.items(), key=lambda item: -item[1]))
        if ranked and ranked[0][1] <= _LOOKED_BACK:
            yield from (Reply(talk.id, ranked, run, talk.row) for run in _runs(pieces))
        if any(not is_small_talk(piece) and not _asks(statement(piece)) for piece in pieces):
            asked = {}


def asked_by_anybody(question: str) -> str:
    """The question without whom it calls; "" where it is this buyer's only."""
    text = _CALLS.sub("", question)
    *_, last = re.split(r"[,，。;；]", text)
    asks = _REALLY_ASKS.search(last) and not _STATE.search(text)
    return text if asks and not _THIS_BUYER.search(text) and len(telling(text)) >= _TELLING else ""


def _asks(said: str) -> bool:
    return bool(ASKS_BUYER.search(said) or _ASKED.search(said))


def _runs(pieces: Sequence[str]) -> Iterator[str]:
    run: list[str] = []
    whole = True  # nothing that may belong to the run was left out before it
    for text in [*pieces, ""]:
        if text and _holds(text):
            run.append(text)
            continue
        if run and (whole or is_generic(run[0])) and (joined := _joined(run)):
            yield joined
        run, whole = [], is_small_talk(text) or len(statement(text)) < _SHORTEST


def _holds(text: str) -> bool:
    said = statement(text)
    return (
        len(said) >= _SHORTEST
        and not is_small_talk(text)
        and not has_hole(said)
        and not MARKS.search(text)
        and not _asks(said)
        and not _THIS_CASE.search(said)
        and mask(said) == said
    )


def _joined(run: Sequence[str]) -> str:
    """The sentences of a run as one text; "" where its beginning or its end is missing."""
    first, *more = [polished(text) for text in run]
    first = _LEADING.sub("", first)
    last = more[-1] if more else first
    points_back = POINTS_BACK.search(_FILLER.sub("", first)) and not _LISTS.match(first)
    if not first or points_back or UNFINISHED.search(last) or _CUT_SHORT.search(last):
        return ""
    text = "，".join([first, *more])
    return text if len(text) <= LONGEST and text.count("(") == text.count(")") else ""


def polished(text: str) -> str:
    """A sentence as it was said, without whom it calls and the particles of tone at its end."""
    return _TONE.sub("", VOCATIVE.sub("", text.strip()))
