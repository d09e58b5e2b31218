"""Chat logs as 千牛, 咚咚 and 微信 copy or export them: one row per message.

The sheet's header is fixed (`HEADER`); `角色` is said only where the log says it, by the sender's name.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from ingest.sheet import Row, Sheet, tidy

HEADER = ("会话", "时间", "发送者", "角色", "内容")
SHEET_NAME = "聊天记录"
AGENT, BUYER = "客服", "买家"

_FEWEST = 2  # messages that make a log
_LEAST_SHARE = 0.15  # of the lines that begin a message; messages may be long
_MOSTLY = 0.9
_FIRST_WITHIN = 10  # lines, before which a log has begun

_LONGEST_LINE = 2_000  # characters of one that begins a message and holds it
_LONGEST_HEAD = 120

_DAY = r"\d{4}\s?[-/.年]\s?\d{1,2}\s?[-/.月]\s?\d{1,2}\s?日?"
_CLOCK = r"(?:[上下]午\s?|凌晨\s?|晚上\s?|中午\s?)?\d{1,2}:\d{2}"
_TIME = rf"(?P<time>{_DAY}[ T\u3000]*{_CLOCK}(?::\d{{2}}(?:\.\d{{1,6}})?)?|{_CLOCK}:\d{{2}})"
_WHO = r"(?P<who>[^\s,;|，；。！？!?(（\[][^\t,;|，；。！？!?]{0,39}?)"
_HEADS = tuple(
    re.compile(pattern)
    for pattern in (
        rf"{_WHO}\s*[(（\[【]\s*{_TIME}\s*[)）\]】]\s*[:：]?\s*(?P<text>.*)",  # 昵称(2026-11-01 10:00:00): 内容
        rf"[(（\[【]\s*{_TIME}\s*[)）\]】]\s*{_WHO}\s*(?:[:：]\s*(?P<text>.*))?",  # [2026-11-01 10:00:00] 昵称: 内容
        rf"{_TIME}\s+{_WHO}\s*[:：]\s*(?P<text>.*)",  # 2026-11-01 10:00:00 昵称: 内容
        rf"{_TIME}\s+(?P<who>[^\s:：,;|]{{1,40}})(?P<text>)",  # 2026-11-01 10:00:00 昵称
        rf"{_WHO}\s+{_TIME}\s*(?:[:：]\s*(?P<text>.*))?",  # 昵称 2026-11-01 10:00:00
    )
)
_MOMENT = re.compile(_TIME)
_SESSION = re.compile(
    r"[-=*#\s]*(?:会话|对话|会话编号|会话ID|消息对象|聊天对象|咨询编号)\s*[:：#]?\s*(?P<id>\S{1,60}?)[-=*#\s]*",
    re.IGNORECASE,
)
_RULE = re.compile(r"[-=*_—]{4,}")
_AGENTS = re.compile("客服|官方|旗舰店|专卖店|专营店|自营|商家|店小蜜|售前|售后|卖家")
_ACCOUNT = re.compile(r"\w{1,12}")  # 客服小毛, behind 店名:
_BUYERS = re.compile(r"(?:买家|顾客|客户|用户|消费者|会员)\w{0,20}")


@dataclass(slots=True)
class _Message:
    number: int
    session: str
    time: str
    who: str
    lines: list[str] = field(default_factory=list)


def sheet_of_lines(lines: Sequence[str]) -> Sheet | None:
    """The log in a text; None where the text is none."""
    filled = [line for line in lines if line.strip()]
    heads = sum(_head(line) is not None for line in filled)
    begun = any(_head(line) for line in filled[:_FIRST_WITHIN])
    if not begun or heads < _FEWEST or heads < _LEAST_SHARE * len(filled):
        return None
    return _sheet([_row(message) for message in _by_account(_messages(lines))])


def sheet_of_rows(rows: Sequence[Row]) -> Sheet | None:
    """The log in a table of 时间, 发送者, 内容 without a header; None where the table is another."""
    fitting = [row for row in rows if len(row.cells) in (2, 3) and _MOMENT.fullmatch(row.cells[0])]
    if len(fitting) < _FEWEST or len(fitting) < _MOSTLY * len(rows) or fitting[0] is not rows[0]:
        return None
    return _sheet([message_row(row.number, "1", row.cell(0), row.cell(1), "", row.cell(2)) for row in fitting])


def message_row(number: int, session: str, time: str, who: str, role: str, text: str) -> Row:
    """A message as a row below `HEADER`; the role is read off the sender's name where nothing else says it."""
    return Row(number, (session, time, who, role or role_of(who), text))


def role_of(who: str) -> str:
    """客服 or 买家 where a sender's name says so, else blank."""
    if _BUYERS.fullmatch(who):
        return BUYER
    return AGENT if _AGENTS.search(who) else ""


def _sheet(rows: Sequence[Row]) -> Sheet:
    return Sheet(SHEET_NAME, (Row(0, HEADER), *(row for row in rows if row.cells[-1])))


def _messages(lines: Sequence[str]) -> list[_Message]:
    messages: list[_Message] = []
    session, count = "1", 1
    current: _Message | None = None
    for number, line in enumerate(lines, start=1):
        if match := _head(line):
            current = _Message(number, session, _plain(match["time"]), tidy(match["who"]), [match["text"] or ""])
            messages.append(current)
        elif _RULE.fullmatch(line.strip()):
            # A rule ends a session that has begun; two rules around a title end it once.
            if current:
                count += 1
                session, current = str(count), None
        elif match := _SESSION.fullmatch(line[:_LONGEST_HEAD]):
            session, current = match["id"], None
        elif current:
            current.lines.append(line)
    return messages


def _by_account(messages: list[_Message]) -> list[_Message]:
    """店名:客服小毛 is who wrote the lines below, where the head alone reads as a shop that says 客服小毛."""
    heads = Counter((message.who, message.lines[0]) for message in messages)
    for message in messages:
        first, *rest = message.lines
        if any(line.strip() for line in rest) and _is_account(first, message.who, heads[message.who, first]):
            message.who, message.lines = f"{message.who}:{first}", rest
    return messages


def _is_account(word: str, who: str, times: int) -> bool:
    """Whether a head's last word is a name: two of the sender is a desk, the word names one, it comes again and again.
    A buyer who asks 客服在吗 asks it once."""
    signs = (_AGENTS.search(who), _AGENTS.match(word), times > 1)
    return bool(_ACCOUNT.fullmatch(word)) and sum(map(bool, signs)) > 1


def _head(line: str) -> re.Match[str] | None:
    """How a line begins a message; None where it goes on with one."""
    line = tidy(line[:_LONGEST_LINE])
    if ":" not in line:
        return None
    return next((match for pattern in _HEADS if (match := pattern.fullmatch(line))), None)


def _plain(time: str) -> str:
    return " ".join(time.replace("T", " ").split())


def _row(message: _Message) -> Row:
    return message_row(
        message.number, message.session, message.time, message.who, "", tidy("\n".join(map(str.rstrip, message.lines)))
    )
