"""What long work owes the threads that answer agents meanwhile: short turns of the interpreter, and no long pauses.

A low priority is for the model alone, which works without the interpreter. On a busy computer a thread of low priority that
holds the interpreter is itself kept from the processor, and everybody waits for it.

Measured with an import of 20,000 rows and an agent asking ten times a second (docs/benchmarks.md): a thread that computes
in Python keeps the interpreter 5 ms at a time, and an answer needs it about twenty times; and the garbage collector looked
through the import's half a million objects again and again, up to 240 ms each time, while everybody stood still.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress

from ingest.collector import young_collected_only
from kb.embed import Engine, Vectors

_TURN_S = 0.0005
_NICE = 10

_lock = threading.Lock()
_at_work = 0
_usual_turn = 0.0


@contextmanager
def giving_way() -> Iterator[None]:
    """Around long work on any thread: others get the interpreter ten times as often, and the oldest generation of
    objects is not searched for garbage until all such work has ended; the young ones are, as always."""
    _begin()
    try:
        with young_collected_only():
            yield
    finally:
        _end()


def stand_back() -> None:
    """On Linux a thread has a priority of its own: from now on, whoever answers an agent goes before this one."""
    if sys.platform == "linux":
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICE)


class Unhurried:
    """An engine whose work is done on a thread of low priority; for long work, to be closed at its end."""

    def __init__(self, engine: Engine) -> None:
        self.fingerprint, self.dim = engine.fingerprint, engine.dim
        self._engine = engine
        self._aside = ThreadPoolExecutor(1, "embed", stand_back)

    def embed(self, texts: Sequence[str]) -> Vectors:
        """As the engine's own, and raises what that raises."""
        return self._aside.submit(self._engine.embed, texts).result()

    def hear(self, texts: Sequence[str]) -> Vectors:
        """As `embed`."""
        return self._aside.submit(self._engine.hear, texts).result()

    def close(self) -> None:
        self._aside.shutdown()


@contextmanager
def unhurried(engine: Engine | None) -> Iterator[Engine | None]:
    """The engine for long work; None where there is none."""
    if engine is None:
        yield None
        return
    with closing(Unhurried(engine)) as aside:
        yield aside


def _begin() -> None:
    global _at_work, _usual_turn
    with _lock:
        _at_work += 1
        if _at_work == 1:
            _usual_turn = sys.getswitchinterval()
            sys.setswitchinterval(_TURN_S)


def _end() -> None:
    global _at_work
    with _lock:
        _at_work -= 1
        if not _at_work:
            sys.setswitchinterval(_usual_turn)
