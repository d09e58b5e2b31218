"""Questions about the shop answered from its own facts (店铺信息, from the handover form): 从哪里发货, 有运费险吗, 能开专票吗.

A sentence is stated only of the facts named here, each filled into a template as written; what a form holds for agents alone
(升级联系人, 对接人, 售后补偿标准, 禁用话术, 快递对接 …, every remark) is not here, so it can never be offered to a buyer. A fact of
this list whose value speaks to agents after all (超过20元找主管) is known, and not said.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from kb.language.mask import mask
from kb.language.text import fold
from kb.model import Fact, Stated, StatedKind

MOST = 2  # answers to one message
_LONGEST = 200  # characters of a value that an agent would send
_LONGEST_QUESTION = 40  # characters; longer messages tell a story
# What speaks of an order that went wrong, or of a decision: a script's business, or a person's.
_OTHERWISE = re.compile(
    r"还没|还不|没有?(?:发货|收到|到账|赔|动)|一直|催|超时|改(?:地址|一下)|投诉|差评|拒|驳回|失败|撤销|取消|寄错|发错|少发|漏发|坏了|破"
    r"|为什么|为啥|怎么回事|凭什么|抬头|税号|不[发退]货|发不了"
)
_FOR_AGENTS = re.compile(
    r"主管|组长|店长|内部|对接|上报|报备|话术|质检|客服|一线|权限|转人工|升级|工单|后台|账号|内网|勿对|不要告诉|不主动"
)


@dataclass(frozen=True, slots=True)
class Told:
    """Something that buyers ask of a shop: under which names its form may answer, how it is asked, what the value must speak
    of, and the sentence; without one it is known to whoever asks the merchant, and not said."""

    names: tuple[str, ...]
    asks: re.Pattern[str]
    sentence: str = ""
    holding: re.Pattern[str] | None = None
    unless: re.Pattern[str] | None = None

    def answers(self, question: str, fact: Fact) -> bool:
        """Whether the fact answers a folded question."""
        return (
            fact.name in self.names
            and bool(self.asks.search(question))
            and not (self.unless and self.unless.search(question))
            and bool(fact.value.strip())
            and (self.holding is None or bool(self.holding.search(fact.value)))
        )


def _told(names: str, asks: str, sentence: str = "", *, holding: str = "", unless: str = "") -> Told:
    holds, spares = (re.compile(pattern) if pattern else None for pattern in (holding, unless))
    return Told(tuple(names.split()), re.compile(asks), sentence, holds, spares)


_FAR = "新疆|西藏|内蒙|偏远|青海|宁夏"
_ABROAD = "港澳台|香港|澳门|台湾|海外|国外|境外"
_RETURNING = "退|换|险|补差"

# The first that has a fact answers.
TOLD: tuple[Told, ...] = (
    _told(
        "发货地",
        r"(?:从|在)?(?:哪里?|哪儿|什么地方)发(?:的)?货|发货地|仓库?在哪|哪个(?:城市|仓)",
        "亲，我们从{}发货哦～",
        unless="到哪",
    ),
    _told(
        "合作快递",
        r"(?:发|走|用|是)(?:的)?(?:什么|啥|哪家|哪个|哪种)(?:快递|物流)|(?:什么|哪家|哪个)快递|默认.{0,3}(?:快递|物流)",
        "亲，快递是：{}",
        unless="到哪|单号|退",
    ),
    _told(
        "包邮门槛 不发货地区",
        rf"(?:{_FAR}).{{0,8}}(?:邮|寄|发|运费)",
        "亲，关于偏远地区：{}",
        holding=_FAR,
        unless="退|换",
    ),
    _told(
        "不发货地区 包邮门槛 包邮门槛（备注）",
        rf"(?:{_ABROAD}).{{0,8}}(?:邮|寄|发|收)|(?:寄|发)到?(?:{_ABROAD})",
        "亲，关于港澳台和海外：{}",
        holding=_ABROAD,
        unless="退|换",
    ),
    _told(
        "包邮门槛",
        r"包(?:不包)?邮|(?:要|多少|有)(?:不要|没有)?(?:运费|邮费)|(?:运费|邮费)(?:是)?(?:多少|怎么算)",
        "亲，关于运费：{}",
        unless=rf"{_RETURNING}|{_FAR}|{_ABROAD}",
    ),
    _told("运费险", r"运费险", "亲，关于运费险：{}", unless="怎么用|怎么领|申请|到账"),
    _told("发票", r"专票|专用发票", "亲，关于发票：{}", holding="专"),
    _told(
        "发票",
        r"(?:开|有|要).{0,3}(?:发票|票(?:吗|么|不))|发票(?:怎么|咋|可以|能)",
        "亲，关于发票：{}",
        unless="专票|专用|重开|换开",
    ),
    _told(
        "发货时效",
        r"(?:什么时候|啥时候|多久|几天|何时|几点).{0,6}(?:发货|发出|能发)|今天.{0,6}(?:能发|发货|发吗)|发货时[间效]",
        "亲，关于发货时间：{}",
        unless="退|到货|收到",
    ),
    _told(
        "预计到达",
        r"几天(?:能|可以)?.{0,2}(?:到|收到)|(?:多久|什么时候|啥时候).{0,3}(?:能到|到货|收到)",
        "亲，关于到货时间：{}",
        unless="退|款|账",
    ),
    _told(
        "退货政策 退换货时限",
        r"[七7]天.{0,2}无理由|几天内?(?:能|可以|可)退|(?:能|可以|支持)(?:七天|7天|无理由)?退货?(?:吗|么|不|$)",
        "亲，关于退货：{}",
        unless="拆|用过|洗过|剪|吃过|开封|款",
    ),
    _told(
        "换货政策 退换货时限",
        r"几天内?(?:能|可以|可)换|(?:能|可以|支持)换货?(?:吗|么|不|$)|怎么换货",
        "亲，关于换货：{}",
        holding="换",
        unless="拆|用过|洗过|剪|开封|地址|发货|买错|拍错",
    ),
    _told(
        "退款时效",
        r"退款?.{0,6}(?:多久|几天|什么时候|啥时候|多长时间)|退的钱.{0,3}(?:多久|几天|什么时候)",
        "亲，关于退款：{}",
        unless="能退|可以退",
    ),
    _told("退货地址", r"退(?:换)?货地址|退货?.{0,4}寄(?:到|回)?(?:哪|什么地方)|寄回到?哪", "亲，退货地址：{}"),
    _told("价保", r"价保|保价|价格保护|(?:降价|便宜)了.{0,6}(?:差价|退|补)", "亲，关于价保：{}"),
    _told(
        "赠品政策",
        r"有(?:没有)?(?:赠品|礼物|小礼)|送(?:什么|啥)(?:吗|呢|$)|有(?:什么|啥)(?:赠品|送)|有.{0,2}送.{0,3}[吗么]",
        "亲，关于赠品：{}",
        unless="退|好评|晒",
    ),
    _told(
        "会员",
        r"会员.{0,6}(?:好处|优惠|打折|权益)|(?:怎么|如何).{0,4}(?:入会|会员)",
        "亲，关于会员：{}",
        unless="注销|不想",
    ),
    _told("质保", r"(?:质保|保修)期?.{0,3}(?:多久|多长|几|吗|$)|保(?:几年|多久)", "亲，关于质保：{}"),
    # Known, so that the merchant is not asked again; not said: they change by the week, or speak of people.
    _told("优惠券", r"优惠券|领券|满减|满多少减"),
    _told("服务时间", r"几点(?:上|下)班|客服.{0,4}(?:几点|在线时间|时间)|晚上有人"),
)


def known(facts: Iterable[Fact], question: str) -> Fact | None:
    """The shop's fact that answers a question; None when it has none."""
    held = list(facts)
    return next((fact for told, fact in _answering(held, fold(question))), None)


def state_profile(facts: Sequence[Fact], text: str) -> tuple[Stated, ...]:
    """What the shop's own facts answer to a prepared message, at most two sentences; nothing that is for agents alone."""
    question = fold(text)
    if not facts or not question or len(question) > _LONGEST_QUESTION:
        return ()
    found = {fact.name: _stated(told, fact) for told, fact in _answering(facts, question) if _may_be_said(told, fact)}
    return tuple(found.values())[:MOST]


def may_be_told(fact: Fact) -> bool:
    """Whether a buyer may be told the fact's value as it stands: only what is named here, and nothing that is for agents."""
    return any(fact.name in told.names and _may_be_said(told, fact) for told in TOLD)


def _answering(facts: Sequence[Fact], question: str) -> Iterator[tuple[Told, Fact]]:
    """Every answer, of several names for one thing the first that the shop has."""
    if _OTHERWISE.search(question):
        return
    for told in TOLD:
        answers = [fact for name in told.names for fact in facts if fact.name == name and told.answers(question, fact)]
        yield from ((told, fact) for fact in answers[:1])


def _may_be_said(told: Told, fact: Fact) -> bool:
    value = fact.value.strip()
    if not told.sentence or fact.name.endswith("（备注）") or len(value) > _LONGEST or _FOR_AGENTS.search(value):
        return False
    return fact.name == "退货地址" or mask(value) == value


def _stated(told: Told, fact: Fact) -> Stated:
    return Stated(StatedKind.VALUE, None, fact.name, told.sentence.format(fact.value.strip() + fact.unit), (fact,))
