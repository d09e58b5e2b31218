"""The end of a card that its page left open: the page was closed, the computer switched off, the agent went on.

The server's end has an id made of the card alone, so that a sweep repeated after a crash adds nothing, and it says only
`ignored`, so that whatever a page still tells later says more, or the same with more right.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from kb.events.life import OURS, card_of, lives
from kb.model import Event, EventKind

GRACE_S = 60  # for the page to say it itself, when the next suggestion is already known
TIMEOUT_S = 1800


class Left(StrEnum):
    """Why a card ended without anybody deciding about it (reasons of `ignored`)."""

    SUPERSEDED = "superseded"  # the same conversation's next suggestion was shown
    CLOSED = "closed"  # the conversation was closed
    TIMEOUT = "timeout"


@dataclass(frozen=True, slots=True)
class Open:
    """A card without an end; `next_at`: when its conversation's next suggestion was shown (unix seconds)."""

    shown: Event
    next_at: int | None = None


def end_of(left: Open, now: int, timeout_s: int = TIMEOUT_S) -> Event | None:
    """The end that is due by now, dated when it became so; None while the page may still speak."""
    late = left.shown.at + timeout_s
    if left.next_at is not None and left.next_at <= late:
        return ended(left.shown, Left.SUPERSEDED, left.next_at) if now >= left.next_at + GRACE_S else None
    return ended(left.shown, Left.TIMEOUT, late) if now >= late else None


def ended(shown: Event, reason: Left, at: int) -> Event:
    """The server's end of a card."""
    return Event(
        id=end_id(shown),
        kind=EventKind.IGNORED,
        suggestion=shown.suggestion,
        entry=shown.entry,
        rank=shown.rank,
        probability=shown.probability,
        generation=shown.generation,
        conversation=shown.conversation,
        reason=reason,
        at=at,
    )


def end_id(event: Event) -> str:
    """The same for the same card, whoever asks and whenever: 128 bits over suggestion and what it showed."""
    return OURS + hashlib.blake2b("\x00".join(card_of(event)).encode(), digest_size=16).hexdigest()


def close_open(events: Iterable[Event], now: int, timeout_s: int = TIMEOUT_S) -> list[Event]:
    """The ends that are due for all that was shown: what `kb.store.events` finds by SQL, said plainly."""
    told = list(events)
    shown = [event for event in told if event.kind is EventKind.SHOWN]
    left = [Open(life.shown, _next(life.shown, shown)) for life in lives(told).values() if life.shown and life.open]
    return [end for one in left if (end := end_of(one, now, timeout_s))]


def _next(before: Event, shown: Iterable[Event]) -> int | None:
    """When the next suggestion was shown: of the same conversation, or where there is none of the same agent."""
    same = (
        event
        for event in shown
        if event.conversation == before.conversation
        and (before.conversation or event.actor == before.actor)
        and event.suggestion != before.suggestion
    )
    mine = before.at, before.suggestion  # whole seconds: of two in the same one, the ids decide which is the later
    return min((event.at for event in same if (event.at, event.suggestion) > mine), default=None)
