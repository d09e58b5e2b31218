"""replay: every buyer's message of old conversations through the live path, and what became of it beside the agent's real reply.

What suggests is given from outside (the service's own `suggest`, see `cli.live_path`): of a room that knows no HTTP.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from eval.hit.logs import Session, Spoken
from eval.hit.match import Match, matched
from eval.hit.pace import Pace
from kb.model import Band, Speaker, Turn
from kb.vectorise import Progress

SHOWN = 3
_TURNS = 50  # that a request may hold


@dataclass(frozen=True, slots=True)
class Offer:
    """A suggested text as the agent would copy it."""

    key: str
    text: str
    probability: float
    band: Band


@dataclass(frozen=True, slots=True)
class Suggested:
    """What was suggested for a message, and the milliseconds it took."""

    offers: tuple[Offer, ...]
    took_ms: float


Suggest: TypeAlias = Callable[[Sequence[Turn], str], Suggested]


@dataclass(frozen=True, slots=True)
class Moment:
    """One buyer's message. `reply` is what the agent really said next: None where the buyer went on or nobody replied."""

    session: str
    number: int  # of the message in its session, from 1
    text: str
    suggested: Suggested
    reply: str | None
    took_s: float | None
    match: tuple[int, Match] | None
    saved_s: float

    @property
    def offered(self) -> bool:
        return bool(self.suggested.offers)

    @property
    def direct(self) -> bool:
        return self.offered and self.suggested.offers[0].band is Band.DIRECT


@dataclass(frozen=True, slots=True)
class Replay:
    """The moments of all sessions in their order; what it was done with is the caller's to say."""

    moments: tuple[Moment, ...]
    sessions: int


def replay(sessions: Sequence[Session], suggest: Suggest, pace: Pace, progress: Progress | None = None) -> Replay:
    """Ask for a suggestion at each buyer's message, with all that was said before it."""
    moments: list[Moment] = []
    for done, session in enumerate(sessions, 1):
        moments += _moments(session, suggest, pace)
        if progress:
            progress(done, len(sessions))
    return Replay(tuple(moments), len(sessions))


def _moments(session: Session, suggest: Suggest, pace: Pace) -> Iterator[Moment]:
    turns = [one.turn for one in session.spoken]
    number = 0
    for place, one in enumerate(session.spoken):
        if one.turn.speaker is not Speaker.BUYER:
            continue
        number += 1
        found = suggest(turns[max(place - _TURNS, 0) : place], one.turn.text)
        texts = [offer.text for offer in found.offers[:SHOWN]]
        said = _replies(session.spoken[place + 1 :])
        best = _best(said, texts)
        reply = "\n".join(one.turn.text for one in said) if said else None
        took = _took(one, said)
        saved = pace.saved(reply, texts, best[0] if best else None, took) if reply is not None else 0.0
        yield Moment(session.id, number, one.turn.text, found, reply, took, best, saved)


def _replies(after: Sequence[Spoken]) -> list[Spoken]:
    """What the agent said next, in one or several messages, before the buyer spoke again."""
    end = next((i for i, one in enumerate(after) if one.turn.speaker is Speaker.BUYER), len(after))
    return list(after[:end])


def _best(said: Sequence[Spoken], texts: Sequence[str]) -> tuple[int, Match] | None:
    """The best match of the reply as a whole, or of any of its messages."""
    if not said:
        return None
    whole = ["".join(one.turn.text for one in said)] if len(said) > 1 else []
    found = [one for text in (*whole, *(one.turn.text for one in said)) if (one := matched(text, texts))]
    return min(found, key=lambda one: (list(Match).index(one[1]), one[0]), default=None)


def _took(asked: Spoken, said: Sequence[Spoken]) -> float | None:
    if not said or asked.at is None or said[-1].at is None:
        return None
    return max(said[-1].at - asked.at, 0.0)
