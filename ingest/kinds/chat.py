"""Chat logs: rows become conversations, masked before anything else is kept.

Who spoke is told by the row, else by the sender: what a desk's names look like, the one who speaks in most conversations,
the other one of two; at last by what only a desk says. A conversation in which anybody is left unknown, or nobody asks
and answers, is left out and counted. Senders' names are never kept, not even where a message repeats them.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from ingest.columns.table import Table
from ingest.draft import Content, Talk
from ingest.kinds.values import parse_moment
from ingest.problem import Problems
from ingest.sheet import Row
from kb.language.conversation import is_routine
from kb.language.mask import mask
from kb.language.text import fold
from kb.model import Speaker, Turn

GAP_S = 30 * 60  # silence after which a buyer without a conversation's number begins another one
_LONGEST = 2_000  # characters; a longer message is nobody's question and nobody's answer, and is not read
_AGENT = re.compile(r"客服|商家|卖家|店家|坐席|座席|人工|店长|agent|service|seller|staff|kefu|assistant", re.IGNORECASE)
_BUYER = re.compile(r"买家|客户|顾客|用户|访客|消费者|会员|customer|buyer|user|visitor|client", re.IGNORECASE)
_NEITHER = re.compile(r"系统|机器人|通知|system|robot|\bbot\b", re.IGNORECASE)
_DESK = re.compile(
    r"客服|官方|旗舰店|专[卖营]店|自营|售前|售后|卖家|商家|[^:：\s]{2,}[:：][^:：\s]+"
)  # 店名:小美 is a sub-account
_LEAST_SEEN = 2  # conversations in which one has to speak to be taken for the desk

# What people are called and where they live, where a card or a sentence says that it says so.
_NAMED = re.compile(
    r"((?:收[货貨件]人|收件人?|联系人|姓名|名字|买家|昵称|旺旺|户名|开户名|寄件人)\s?(?:姓名|名称|昵称|号|id)?\s?(?:[:：=]|是|叫|为)\s{0,3})"
    r"[^\s,，;；。:：\[\]]{1,40}",
    re.IGNORECASE,
)
_PLACED = re.compile(
    r"((?:收[货貨件]|详细|退货|寄送|邮寄|配送)?地址\s?(?:[:：=]|[是为])\s{0,3})(?!我)[^\s,，;；。\[\]][^\n;；。\[\]]{3,120}"
)
_CALLED = re.compile(r"(我(?:叫|是叫|姓|的名字(?:是|叫)))\s?[\u4e00-\u9fff]{1,4}")
_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高郑梁谢宋唐许邓韩冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金"
    "韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔向汤"
)
_STYLED = re.compile(rf"[{_SURNAMES}][\u4e00-\u9fff]{{0,2}}(?=先生|女士|小姐|太太)")


@dataclass(frozen=True, slots=True)
class _Said:
    """One row, before it is known who spoke."""

    row: int
    talk: str
    sender: str
    role: Speaker | None
    text: str


def draft_talks(table: Table, rows: Sequence[Row], problems: Problems) -> Content:
    """The conversations of a sheet; `skipped` counts rows left out: empty ones, the platform's own, and those of talks
    that cannot be told apart."""
    said = list(_said(table, rows))
    talks: defaultdict[str, list[_Said]] = defaultdict(list)
    for each in said:
        talks[each.talk].append(each)
    desk = _desk(talks.values())
    kept = [replace(talk, file=table.file) for each in talks.values() if (talk := _talk(each, desk))]
    left_out = len(talks) - len(kept)
    if left_out:
        problems.warn(
            "talk_unclear", f"有 {left_out} 段会话分不清谁是买家、谁是客服，没有采用；请在“角色”列写明买家或客服"
        )
    return Content(talks=tuple(kept), skipped=len(rows) - sum(len(talk.turns) for talk in kept))


# -- rows


def _said(table: Table, rows: Sequence[Row]) -> Iterator[_Said]:
    names = _Names(table, rows)
    for row in rows:
        text, sender, role = (table.text(row, name) for name in ("text", "sender", "role"))
        talk = names.talk_of(row)
        if text and not _NEITHER.search(role or sender):
            yield _Said(row.number, talk, sender, _stated(role, sender, table.text(row, "buyer")), text)


def _stated(role: str, sender: str, buyer: str) -> Speaker | None:
    """Who spoke, as far as the row says so by itself."""
    for told in filter(None, (role, sender)):
        agent, customer = bool(_AGENT.search(told)), bool(_BUYER.search(told))
        if agent is not customer:
            return Speaker.AGENT if agent else Speaker.BUYER
    if sender and buyer and sender == buyer:
        return Speaker.BUYER
    return Speaker.AGENT if _DESK.search(sender) else None


class _Names:
    """Which conversation a row belongs to, by its number; without one by the buyer, and by a long silence."""

    def __init__(self, table: Table, rows: Sequence[Row]) -> None:
        self._table = table
        self._numbered = len({table.text(row, "session") for row in rows}) > 1
        self._last: dict[str, int] = {}
        self._begun: Counter[str] = Counter()
        self._buyer = ""
        buyers = {sender for row in rows if (sender := self._said_by_buyer(row))}
        self._streamed = len(buyers) > 1

    def talk_of(self, row: Row) -> str:
        number = self._table.text(row, "session")
        if self._numbered and number:
            return f"n{number}"
        buyer = self._table.text(row, "buyer") or self._buyer_of(row)
        at = _moment(self._table.text(row, "time"))
        if at is not None and at - self._last.get(buyer, at) > GAP_S:
            self._begun[buyer] += 1
        if at is not None:
            self._last[buyer] = at
        return f"b{buyer}\x00{self._begun[buyer]}"

    def _buyer_of(self, row: Row) -> str:
        """The buyer who spoke last, where there are several: in a log of one stream the desk answers whoever is there."""
        if self._streamed:
            self._buyer = self._said_by_buyer(row) or self._buyer
        return self._buyer

    def _said_by_buyer(self, row: Row) -> str:
        """The sender's name where the row says that it is a buyer."""
        sender = self._table.text(row, "sender")
        return sender if sender and _stated(self._table.text(row, "role"), sender, "") is Speaker.BUYER else ""


def _moment(text: str) -> int | None:
    try:
        return parse_moment(text) if text else None
    except ValueError:
        return None


# -- who spoke


def _desk(talks: Iterable[Sequence[_Said]]) -> str:
    """The sender of no stated role who speaks in more conversations than anybody else; "" where there is none."""
    seen = Counter(sender for talk in talks for sender in {each.sender for each in talk if not each.role} if sender)
    ranked = seen.most_common(2)
    if not ranked or ranked[0][1] < _LEAST_SEEN or (len(ranked) > 1 and ranked[0][1] == ranked[1][1]):
        return ""
    return ranked[0][0]


def _talk(said: Sequence[_Said], desk: str) -> Talk | None:
    roles = _roles(said, desk)
    speakers = [each.role or roles.get(each.sender) for each in said]
    if None in speakers or len(set(speakers)) < 2:
        return None
    hidden = _hidden({each.sender for each in said})
    turns = (
        Turn(speaker, anonymous(each.text, hidden)) for each, speaker in zip(said, speakers, strict=True) if speaker
    )
    return Talk(str(said[0].row), tuple(turns), said[0].row)


def _roles(said: Sequence[_Said], desk: str) -> Mapping[str, Speaker]:
    """The speakers by the names of those whose rows do not say."""
    unknown = {each.sender for each in said if each.role is None}
    roles = {sender: Speaker.AGENT for sender in unknown if sender and sender == desk}
    known = {each.role for each in said if each.role} | set(roles.values())
    rest = unknown - roles.keys()
    if len(rest) == 1 and len(known) == 1:
        roles[rest.pop()] = Speaker.BUYER if Speaker.AGENT in known else Speaker.AGENT
    elif len(rest) == 2 and not known:
        roles |= _by_words(said, sorted(rest))
    return roles


def _by_words(said: Sequence[_Said], senders: Sequence[str]) -> dict[str, Speaker]:
    """Of two people the one who says what every desk says; neither where both do, or none."""
    routine = {sender for sender in senders if any(each.sender == sender and is_routine(each.text) for each in said)}
    if len(routine) != 1:
        return {}
    return {sender: Speaker.AGENT if sender in routine else Speaker.BUYER for sender in senders}


# -- privacy


def _hidden(senders: Iterable[str]) -> re.Pattern[str] | None:
    """Whatever repeats a sender's name; the words for buyer and desk are no names."""
    names = sorted(
        {s for s in senders if len(s) > 1 and not (_AGENT.fullmatch(s) or _BUYER.fullmatch(s))},
        key=lambda s: (-len(s), s),
    )
    return re.compile("|".join(map(re.escape, names))) if names else None


def anonymous(text: str, hidden: re.Pattern[str] | None = None) -> str:
    """A message as it may be kept: masked, without the senders' names and those that a card or a sentence states."""
    if len(text) > _LONGEST or not fold(text):
        return ""
    text = mask(text)
    if hidden:
        text = hidden.sub("[昵称]", text)
    for pattern, stand_in in (
        (_NAMED, r"\1[姓名]"),
        (_PLACED, r"\1[地址]"),
        (_CALLED, r"\1[姓名]"),
        (_STYLED, "[姓名]"),
    ):
        text = pattern.sub(stand_in, text)
    return text
