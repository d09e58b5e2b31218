"""Who plays: buyers come as the day says, a few at once, and a colleague answers some of them, never a person's."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from cli.shift.chat import Act, Chat, Seen
from cli.shift.day import Day
from cli.shift.desk import Desk, Unreachable
from cli.shift.talk import Talk
from kb.errors import Conflict

_LOOK_S = 1.0  # between two looks at the queue, by the wall clock
_STEP_S = 0.2
_RETRY_S = 2.0
_PREFIX = "play-"  # of the ids of conversations
_COLLEAGUE = 0.6  # share of the conversations that the colleague takes

Key = tuple[str, str]  # shop, conversation


@dataclass(frozen=True, slots=True)
class Plan:
    """How a shift is played. The same seed brings the same buyers in the same order; `speed` 2 halves all pauses."""

    open_at_once: int = 6
    speed: float = 1.0
    seed: int = 20261144  # the first buyers come to all three shops: a late parcel, and goods to which an offer fits
    day: Day = field(default_factory=Day)


@dataclass(slots=True)
class Player:
    """One shift at one service. `run` id keeps its conversations apart from those of earlier shifts."""

    desk: Desk
    talks: Sequence[Talk]
    plan: Plan
    run_id: str
    clock: Callable[[], float] = time.monotonic
    chats: dict[Key, Chat] = field(default_factory=dict, init=False)
    seen: dict[Key, Seen] = field(default_factory=dict, init=False)
    mine: set[str] = field(default_factory=set, init=False)  # ids under which the service knows the colleague
    _draw: random.Random = field(init=False)
    _deck: Iterator[tuple[int, Talk]] = field(init=False)
    _coming: Iterator[float] = field(init=False)
    _next: float = field(init=False)

    def __post_init__(self) -> None:
        self._draw = random.Random(self.plan.seed)  # noqa: S311 (a play, no secret)
        self._deck = _shuffled(self.talks, random.Random(self.plan.seed + 1))  # noqa: S311
        self._coming = self.plan.day.arrivals(random.Random(self.plan.seed + 2))  # noqa: S311
        self._next = next(self._coming)

    def play(self, stop: threading.Event) -> None:
        """Until told to stop; a service that does not answer is asked again. Raises what it refuses with."""
        began, looked, cleared = self.clock(), float("-inf"), False
        while not stop.wait(_STEP_S / max(self.plan.speed, 1)):
            wall = self.clock()
            try:
                if not cleared:
                    self.clear()
                    cleared = True
                if wall - looked >= _LOOK_S:
                    self.look()
                    looked = wall
                self.step((wall - began) * self.plan.speed)
            except Unreachable:
                stop.wait(_RETRY_S)
        self.desk.leave()

    def clear(self) -> None:
        """Close what an earlier shift left open when it was stopped."""
        for row in self.desk.queue():
            if row["id"].startswith(_PREFIX):
                self.desk.close(row["shop"], row["id"])

    def look(self) -> None:
        """What people did meanwhile: claimed, answered, closed."""
        rows = {(row["shop"], row["id"]): row for row in self.desk.queue()}
        for key in [key for key in self.chats if key in self.seen and key not in rows]:
            self._forget(key)  # a person closed it
        self.seen |= {key: self._seen(row) for key, row in rows.items() if key in self.chats}

    def step(self, now: float) -> None:
        """Everything that is due at this second of the shift."""
        while now >= self._next:
            if len(self.chats) < self.plan.open_at_once:
                self._open(now)
            self._next = next(self._coming)  # who finds all places taken goes elsewhere
        for key, chat in list(self.chats.items()):
            if act := chat.next(now, self.seen.get(key, Seen())):
                self._do(key, chat, act, now)

    def _open(self, now: float) -> None:
        number, talk = next(self._deck)
        draw = random.Random(self._draw.random())  # noqa: S311
        name = f"{_PREFIX}{self.run_id}-{number}"
        self.chats[talk.shop, name] = Chat(talk, name, draw, draw.random() < _COLLEAGUE, now)

    def _do(self, key: Key, chat: Chat, act: Act, now: float) -> None:
        if act is Act.CLOSE:
            self.desk.close(*key)
            self._forget(key)
        elif act is Act.BUYER or self._serves(key):
            with suppress(Conflict):  # a first try, unanswered, was taken after all, with the words drawn then
                self.seen[key] = self._seen(self.desk.say(*key, chat.message(act)))
            chat.done(act, now)

    def _serves(self, key: Key) -> bool:
        """Whether the colleague may answer: what a person serves is the person's."""
        try:
            self.mine.add(self.desk.claim(*key))
        except Conflict:  # since the last look
            self.seen[key] = Seen(person=True)
            return False
        return True

    def _seen(self, row: dict[str, Any]) -> Seen:
        agent = row["agent"] or ""
        return Seen(person=bool(agent) and agent not in self.mine, answered=not row["unanswered"])

    def _forget(self, key: Key) -> None:
        self.chats.pop(key, None)
        self.seen.pop(key, None)


def _shuffled(talks: Sequence[Talk], draw: random.Random) -> Iterator[tuple[int, Talk]]:
    """The talks in rounds without end, each round in an order of its own, numbered throughout."""
    number = 0
    while True:
        for talk in draw.sample(talks, len(talks)):
            yield number, talk
            number += 1
