"""What is pushed to the pages: each event serialised once, numbered, kept for a while, and offered to whoever may see it.

A client that comes back tells the last number it saw and gets what it missed, or is told to fetch everything again
(`reset`) where that is gone. One that does not read fast enough loses its queue and is told the same: memory never grows.
Events come from worker threads; subscribers live on the event loop.
"""

from __future__ import annotations

import asyncio
import secrets
import threading
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

from kb.errors import Busy

KEPT = 5_000  # events: at 100 a second what was said in the last 50 s
LINES = 2_000  # at once
OWN = 100  # of them with one key or person: a team may share a key, and none may take every line
QUEUED = 500  # events that may wait for one client


def wire(id: str, name: str, data: str) -> bytes:
    """One event as the specification writes it; `data` is on one line."""
    return f"id: {id}\nevent: {name}\ndata: {data}\n\n".encode()


@dataclass(frozen=True, slots=True)
class Told:
    """An event before it is numbered: of one shop; for one agent (and those who oversee), or for all of the shop's."""

    shop: str
    name: str
    data: str  # JSON on one line
    agent: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """One event as it goes over the line."""

    number: int
    shop: str
    agent: str
    wire: bytes


@dataclass(frozen=True, slots=True)
class Sight:
    """Whose eyes a client has: the shops it may see, who it is, and whether it sees what is another agent's too."""

    shops: frozenset[str]
    agent: str
    oversees: bool

    def sees(self, event: Event) -> bool:
        return event.shop in self.shops and (not event.agent or self.oversees or event.agent == self.agent)


@dataclass(slots=True, eq=False)
class Subscriber:
    """One open line. All of it is used on the event loop."""

    sight: Sight
    epoch: str
    seen: int
    began: str  # id of the last event before the first that is offered
    waiting: deque[Event] = field(default_factory=deque)
    lost: bool = False
    ready: asyncio.Event = field(default_factory=asyncio.Event)

    def offer(self, events: Iterable[Event]) -> None:
        for event in events:
            if event.number > self.seen:
                self.seen = event.number
                if self.sight.sees(event):
                    self.waiting.append(event)
        if len(self.waiting) > QUEUED:
            self.lose()
        if self.waiting or self.lost:
            self.ready.set()

    def lose(self) -> None:
        """What waits is dropped; the client has to fetch everything anew."""
        self.waiting.clear()
        self.lost = True
        self.ready.set()

    def take(self) -> bytes:
        """All that waits, as one piece."""
        pieces = [wire(f"{self.epoch}-{self.seen}", "reset", "{}")] if self.lost else []
        pieces += [event.wire for event in self.waiting if self.sight.sees(event)]
        self.waiting.clear()
        self.lost = False
        self.ready.clear()
        return b"".join(pieces)


class Stream:
    """All lines of a service."""

    def __init__(self, kept: int = KEPT) -> None:
        self.epoch = secrets.token_hex(4)  # of this process: numbers of another one mean nothing
        self.closed = False
        self._kept: deque[Event] = deque(maxlen=kept)
        self._number = 0
        self._lock = threading.Lock()
        self._subscribers: set[Subscriber] = set()
        self._loop: asyncio.AbstractEventLoop | None = None

    def __len__(self) -> int:
        return len(self._subscribers)

    def check_room(self, agent: str) -> None:
        """Raises Busy when there are so many lines, or so many of this key's or person's, that one more would be felt by
        the others."""
        own = sum(one.sight.agent == agent for one in self._subscribers)
        if len(self._subscribers) >= LINES or own >= OWN:
            raise Busy("打开的页面太多了。", remedy="请关掉不用的页面；几秒后会自动重连。")

    def publish(self, *told: Told) -> None:
        """From any thread. Events that are published together arrive together."""
        with self._lock:
            events = [self._numbered(one) for one in told]
            self._kept.extend(events)
            if self._loop is not None and not self.closed:
                self._loop.call_soon_threadsafe(self._deliver, events)

    def subscribe(self, sight: Sight, last: str = "") -> Subscriber:
        """A new line, on the event loop; `last` is the id of the last event that its client has seen. Raises Busy."""
        self.check_room(sight.agent)  # many who asked at once were all told that there is room
        self._loop = asyncio.get_running_loop()
        with self._lock:
            missed = self._missed(last)
            subscriber = Subscriber(sight, self.epoch, self._number, last if missed and last else self.here)
            self._subscribers.add(subscriber)
        if missed is None:
            subscriber.lose()
        else:
            subscriber.waiting.extend(event for event in missed if sight.sees(event))
            if len(subscriber.waiting) > QUEUED:
                subscriber.lose()
        return subscriber

    def leave(self, subscriber: Subscriber) -> None:
        self._subscribers.discard(subscriber)

    def close(self) -> None:
        """End every line; on the event loop. The server waits for them otherwise."""
        self.closed = True
        for subscriber in self._subscribers:
            subscriber.ready.set()

    @property
    def here(self) -> str:
        """The id of what has been published so far."""
        return f"{self.epoch}-{self._number}"

    def _numbered(self, told: Told) -> Event:
        self._number += 1
        return Event(self._number, told.shop, told.agent, wire(self.here, told.name, told.data))

    def _deliver(self, events: list[Event]) -> None:
        for subscriber in self._subscribers:
            subscriber.offer(events)

    def _missed(self, last: str) -> list[Event] | None:
        """What came after an event; nothing for a client that is new, None where it cannot be told any more."""
        if not last:
            return []
        epoch, _, number = last.partition("-")
        if epoch != self.epoch or not number.isdecimal() or int(number) > self._number:
            return None
        oldest = self._kept[0].number if self._kept else self._number + 1
        if int(number) < oldest - 1:
            return None
        return [event for event in self._kept if event.number > int(number)]
