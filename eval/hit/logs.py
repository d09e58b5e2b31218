"""Conversation logs: sessions of turns, from files of JSON lines or from a live data folder.

    {"session": id, "turns": [{"role": "customer" | "agent", "text": …, "at"?: unix seconds}, …]}

`session` may be called `conversation` or `id`, `role` `speaker`, and for `text` there may be `messages`, a list of them. Of
speakers, customer, buyer, user, 买家, 客户 are buyers and agent, seller, 客服, 商家 are agents; turns of others (system, robots)
are left out. Texts are masked as they are read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval.cases import Row, rows
from kb.errors import BadFile
from kb.language.mask import mask
from kb.model import Conversation, Speaker, Turn

_BUYERS = frozenset("customer buyer user 买家 客户 顾客".split())
_AGENTS = frozenset("agent seller staff 客服 商家 卖家".split())


@dataclass(frozen=True, slots=True)
class Spoken:
    """One message of a session; `at` in unix seconds where the log tells it."""

    turn: Turn
    at: float | None = None


@dataclass(frozen=True, slots=True)
class Session:
    """A conversation as it went, oldest message first."""

    id: str
    spoken: tuple[Spoken, ...]


def read_sessions(path: Path) -> tuple[Session, ...]:
    """Raises BadFile naming file and line when one is not as agreed, or an id stands twice."""
    sessions = tuple(_session(row) for row in rows(path))
    if not sessions:
        raise BadFile(f"{path.name}：没有会话", remedy="每行应是一个会话；格式见 docs/evaluation.md。")
    if len({one.id for one in sessions}) < len(sessions):
        raise BadFile(f"{path.name}：有重复的会话编号", remedy="请让每个会话只占一行。")
    return sessions


def session_of(conversation: Conversation) -> Session:
    """A stored conversation, which is masked already."""
    return Session(conversation.id, tuple(Spoken(one.turn, one.at_ms / 1000) for one in conversation.messages))


def _session(row: Row) -> Session:
    name = next((row.name(key) for key in ("session", "conversation", "id") if key in row.values), None)
    turns = row.values.get("turns")
    if name is None or not isinstance(turns, list):
        raise row.wrong("应有 session 和 turns")
    return Session(name, tuple(spoken for turn in turns for spoken in _spoken(row, turn)))


def _spoken(row: Row, turn: Any) -> Iterator[Spoken]:
    if not isinstance(turn, Mapping):
        raise row.wrong("“turns”的每一项应是对象")
    role = str(turn.get("role", turn.get("speaker", ""))).strip().lower()
    speaker = Speaker.BUYER if role in _BUYERS else Speaker.AGENT if role in _AGENTS else None
    texts, at = turn.get("messages", [turn.get("text")]), turn.get("at")
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise row.wrong("“turns”的每一项应有文字 text，或文字的列表 messages")
    if at is not None and (isinstance(at, bool) or not isinstance(at, int | float)):
        raise row.wrong("“at”应是秒数")
    if speaker is not None:
        yield from (Spoken(Turn(speaker, mask(text)), at) for text in texts if text.strip())
