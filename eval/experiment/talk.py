"""What a conversation says that a row needs, so that its messages can be let go: a shop may have a hundred thousand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kb.language.tone import tone_of
from kb.model import Message, Speaker
from kb.store.chats import Chat


@dataclass(frozen=True, slots=True)
class Talk:
    """One conversation; moments in unix seconds. `began`: its buyer's first message while the experiment ran, `earlier`: the
    first before that; None: there is none. `buyer` is "" where the host named nobody."""

    id: str
    buyer: str
    agent: str
    platform: str
    began: int | None
    earlier: int | None
    scene: str = ""
    first_reply_s: float | None = None
    complaint: bool = False


def talk_of(kept: Chat, buyer: str, start: int, stop: int) -> Talk:
    """The part within [start, stop) as a row needs it; what was said before is only dated."""
    one = kept.conversation
    asked = [message for message in one.messages if message.turn.speaker is Speaker.BUYER]
    earlier = next((_at(message) for message in asked if _at(message) < start), None)
    first = next((message for message in asked if start <= _at(message) < stop), None)
    if first is None:
        return Talk(one.id, buyer, one.agent, one.platform, None, earlier)
    said = one.messages[one.messages.index(first) :]
    scene = str(tone_of(first.turn.text).scene)
    reply, angry = _first_reply_s(said), _complains(said)
    return Talk(one.id, buyer, one.agent, one.platform, _at(first), earlier, scene, reply, angry)


def _at(message: Message) -> int:
    return message.at_ms // 1_000


def _first_reply_s(said: Sequence[Message]) -> float | None:
    replies = (message.at_ms for message in said if message.turn.speaker is Speaker.AGENT)
    replied = next(replies, None)
    return None if replied is None else (replied - said[0].at_ms) / 1_000


def _complains(said: Sequence[Message]) -> bool:
    """Whether any message of the buyer is a complaint, read with what was said before it (`kb.language.tone`)."""
    turns = [message.turn for message in said]
    tones = (tone_of(turn.text, turns[:n]) for n, turn in enumerate(turns) if turn.speaker is Speaker.BUYER)
    return any(tone.complaining or tone.escalation for tone in tones)
