"""One written conversation while it is played: what happens next, and when.

A script waits where a reply stands in it. Whoever replies first counts: a person at the sidebar, or, where nobody has
claimed the chat, the colleague with the written words. Left alone, the buyer asks again and then leaves.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any

from cli.shift.talk import Line, Talk
from kb.model import Speaker

REPLY_S = (8.0, 40.0)  # what a colleague takes; a first reply is due after 30
_PATIENCE_S = (50.0, 75.0)  # until a buyer asks again, and again until one leaves
# Until a chat is closed, by who serves it: a person needs time for a last word and for the key facts.
_LINGER_S = {"person": 90.0, "colleague": 12.0, "nobody": 45.0}
_AGAIN = ("在吗", "人呢", "？", "还在吗")


class Act(Enum):
    """What the player is to do."""

    BUYER = auto()
    REPLY = auto()
    CLOSE = auto()


@dataclass(frozen=True, slots=True)
class Seen:
    """What the queue says of a conversation: a person serves it, and nothing a buyer said is unanswered."""

    person: bool = False
    answered: bool = False


@dataclass(slots=True)
class Chat:
    """A talk being played under an id of its own. Times are seconds of the player's clock."""

    talk: Talk
    id: str
    draw: random.Random
    colleague: bool  # answers where no person does
    due: float  # of the next thing that happens by itself
    place: int = 0
    said: int = 0
    asked_again: bool = False
    waiting: bool = field(default=False, init=False)  # for a reply
    give_up: float = field(default=0.0, init=False)

    @property
    def line(self) -> Line | None:
        return self.talk.lines[self.place] if self.place < len(self.talk.lines) else None

    def next(self, now: float, seen: Seen) -> Act | None:
        """What is to be done now, if anything; `done` takes it down."""
        if self.waiting and seen.answered:
            self._replied(now)
        if self.waiting:
            return self._while_waiting(now, seen)
        if self.line is None:
            return Act.CLOSE if now >= self.due + self._linger(seen) else None
        return Act.BUYER if now >= self.due else None

    def done(self, act: Act, now: float) -> None:
        """It was done: a message was sent. (After CLOSE nothing comes.)"""
        self.said += 1
        if act is Act.REPLY:
            self._replied(now)
        elif self.waiting:  # asked again
            self.asked_again, self.give_up = True, now + self.draw.uniform(*_PATIENCE_S)
        else:
            self.place += 1
            self._after_buyer(now)

    def text(self, act: Act) -> str:
        if act is Act.BUYER and self.waiting:
            return self.draw.choice(_AGAIN)
        return self.line.text if self.line else ""

    def message(self, act: Act) -> dict[str, Any]:
        """The body of the message (MessageIn); buyer, platform and order are told whenever the buyer speaks."""
        speaker = Speaker.AGENT if act is Act.REPLY else Speaker.BUYER
        body: dict[str, Any] = {"id": f"{self.id}.{self.said}", "speaker": str(speaker), "text": self.text(act)}
        return body if act is Act.REPLY else body | dict(self._context())

    def _context(self) -> Mapping[str, Any]:
        talk = self.talk
        cards = [line.product for line in talk.lines[: self.place + 1] if line.product]
        told: dict[str, Any] = {
            "buyer": talk.buyer,
            "platform": talk.platform,
            "product": (cards or [talk.product])[-1],
        }
        told |= {"order": dict(talk.order), "tags": list(talk.tags)}
        return {name: value for name, value in told.items() if value}

    def _while_waiting(self, now: float, seen: Seen) -> Act | None:
        if not seen.person and self.colleague and now >= self.due:
            return Act.REPLY
        if now < self.give_up:
            return None
        if not self.asked_again:
            return Act.BUYER
        return None if seen.person else Act.CLOSE

    def _replied(self, now: float) -> None:
        self.waiting, self.asked_again = False, False
        self.place += 1
        self.due = now + (self.line.wait_s if self.line else 0)

    def _after_buyer(self, now: float) -> None:
        if self.line and self.line.speaker is Speaker.AGENT:
            self.waiting, self.due = True, now + self.draw.uniform(*REPLY_S)
            self.give_up = now + self.draw.uniform(*_PATIENCE_S)
        else:
            self.due = now + (self.line.wait_s if self.line else 0)

    def _linger(self, seen: Seen) -> float:
        """Seconds from the last written word to the end."""
        return _LINGER_S["person" if seen.person else "colleague" if self.colleague else "nobody"]
