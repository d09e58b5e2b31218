"""How long somebody has waited, made of what is stored and nothing else: after a restart every clock stands the same.

A *session* of a conversation goes from a buyer's message to the closing. In each, the first unanswered run of the buyer's
messages starts the first-reply clock and each later run a reply clock; an agent's message, or the closing, ends them. The
key facts are due from the session's first message on. Messages come sorted by time, and closings and confirmations never
lie before what was said by then (kb.store.conversations), so no span is negative.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kb.model import Clock, ClockKind, Help, Message, Speaker
from kb.store.chats import Chat


@dataclass(frozen=True, slots=True)
class Rules:
    """What a platform allows, in milliseconds."""

    first_reply_ms: int = 30_000
    reply_ms: int = 60_000
    key_facts_ms: int = 60_000
    help_ms: int = 30_000


def clocks(kept: Chat, rules: Rules) -> tuple[Clock, ...]:
    """Every clock of a conversation, in the order in which they were started."""
    found = [clock for session in _sessions(kept) for clock in _of_session(session, rules)]
    found += (Clock(ClockKind.HELP, one.asked_ms, one.due_ms, _helped_ms(kept, one)) for one in kept.helps)
    return tuple(sorted(found, key=lambda clock: clock.started_ms))


def _helped_ms(kept: Chat, one: Help) -> int | None:
    """When the lead answered, or the conversation was closed over it."""
    given_up = kept.given_up_ms(one)
    return one.answered_ms if given_up is None else given_up


def telling(found: Sequence[Clock]) -> tuple[Clock, ...]:
    """The clocks that say how a conversation stands: the last of each kind."""
    last = {clock.kind: clock for clock in found}
    return tuple(clock for clock in found if last[clock.kind] is clock)


def due_ms(found: Sequence[Clock]) -> int | None:
    """When the first of the clocks that still run is due; None where none runs."""
    return min((clock.due_ms for clock in found if clock.ended_ms is None), default=None)


def breached(clock: Clock, now_ms: int) -> bool:
    """Whether it ended too late, or runs on though it was due."""
    return (now_ms if clock.ended_ms is None else clock.ended_ms) > clock.due_ms


def urgency(due: int | None, active_ms: int) -> tuple[int, int]:
    """Sorts a queue: what is due first stands first; where nothing is due, who spoke last."""
    return (0, due) if due is not None else (1, -active_ms)


@dataclass(frozen=True, slots=True)
class _Session:
    messages: Sequence[Message]  # the first is the buyer's
    closed_ms: int | None
    confirmed_ms: int | None


def _sessions(kept: Chat) -> Iterator[_Session]:
    """The conversation cut at its closings; what was said after one and before the buyer spoke again is of no session."""
    rest = kept.conversation.messages
    for closed in (*kept.closings, None):
        said = tuple(m for m in rest if closed is None or m.at_ms <= closed)
        rest = rest[len(said) :]
        while said and said[0].turn.speaker is not Speaker.BUYER:
            said = said[1:]
        if said:
            begun = said[0].at_ms
            confirmed = (at for at in kept.confirmations if at >= begun and (closed is None or at <= closed))
            yield _Session(said, closed, next(confirmed, None))


def _of_session(session: _Session, rules: Rules) -> Iterator[Clock]:
    begun = session.messages[0].at_ms
    ended = session.closed_ms if session.confirmed_ms is None else session.confirmed_ms
    yield Clock(ClockKind.KEY_FACTS, begun, begun + rules.key_facts_ms, ended)
    for number, (start, end) in enumerate(_waits(session)):
        kind, allowed = (ClockKind.REPLY, rules.reply_ms) if number else (ClockKind.FIRST_REPLY, rules.first_reply_ms)
        yield Clock(kind, start, start + allowed, end)


def _waits(session: _Session) -> Iterator[tuple[int, int | None]]:
    """Each run of the buyer's messages: when it began, and when somebody replied or closed (None: not yet)."""
    start: int | None = None
    for message in session.messages:
        if message.turn.speaker is Speaker.AGENT:
            if start is not None:
                yield start, message.at_ms
            start = None
        elif start is None:
            start = message.at_ms
    if start is not None:
        yield start, session.closed_ms
