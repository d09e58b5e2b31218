"""Questions at a steady rate, whether or not earlier ones were answered (an open loop), each timed from when it was due.

A client that asks its next question only after the last answer slows down with the service and never sees a queue
("coordinated omission", Tene 2015). Here arrivals are drawn ahead (Poisson), and what waits because all connections are busy
waits on the clock. Errors are counted, and are late in every share.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Protocol

from kb.errors import HuashuError

Asked = tuple[str, str]  # shop, question


class Asker(Protocol):
    """One connection: an answer, or an exception."""

    def suggest(self, shop: str, text: str) -> object: ...


@dataclass(frozen=True, slots=True)
class Load:
    """What one rate brought. Milliseconds from when each question was due to its answer; `lag_ms`: how late the slowest began."""

    rate: float  # questions a second that were asked for
    each_ms: tuple[float, ...]  # of those that were answered, in order of being due
    errors: int
    seconds: float
    lag_ms: float

    @property
    def asked(self) -> int:
        return len(self.each_ms) + self.errors

    @property
    def per_second(self) -> float:
        """Answers a second."""
        return len(self.each_ms) / self.seconds if self.seconds else 0.0


def arrivals(rate: float, seconds: float, seed: int) -> list[float]:
    """When questions are due, seconds from the start: exponential gaps, the same for the same seed."""
    draw = random.Random(seed)  # noqa: S311 (a benchmark's choice, no secret)
    due, at = [], draw.expovariate(rate)
    while at < seconds:
        due.append(at)
        at += draw.expovariate(rate)
    return due


def ask_all(
    connect: Callable[[], Asker], asked: Sequence[Asked], due: Sequence[float], rate: float, clients: int
) -> Load:
    """Ask each question when it is due, by so many connections; one that fails is opened anew. Raises where none can be opened."""
    places, lock = count(), threading.Lock()
    took: list[float | None] = [None] * len(due)
    lags = [0.0] * len(due)
    open_askers = [connect() for _ in range(max(min(clients, len(due)), 1))]
    began = time.perf_counter() + 0.05  # threads stand before the first is due

    def work(asker: Asker) -> None:
        while True:
            with lock:
                place = next(places)
            if place >= len(due):
                return
            at = began + due[place]
            time.sleep(max(at - time.perf_counter(), 0.0))
            lags[place] = time.perf_counter() - at
            try:
                asker.suggest(*asked[place % len(asked)])
                took[place] = (time.perf_counter() - at) * 1000
            except (OSError, HuashuError):
                asker = _again(connect, asker)

    threads = [threading.Thread(target=work, args=(asker,), daemon=True) for asker in open_askers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    answered = tuple(one for one in took if one is not None)
    return Load(rate, answered, len(took) - len(answered), time.perf_counter() - began, max(lags, default=0.0) * 1000)


def _again(connect: Callable[[], Asker], asker: Asker) -> Asker:
    """A new connection; the broken one where the service lets none in, so that the next question fails too and is counted."""
    try:
        return connect()
    except (OSError, HuashuError):
        return asker
