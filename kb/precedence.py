"""Who goes first. Python runs one thread at a time, so that what is done ahead of need beside what somebody waits for makes
both take twice as long, and each turn of the one costs the other 5 ms; what nobody waits for yet can stand aside instead.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager


def at_once() -> None:
    """The pause of work that somebody waits for: none."""


_PATIENCE_S = 0.05


class Precedence:
    """Which shops somebody waits for now: for an answer, or for the index that it needs. Threads may share it."""

    def __init__(self, patience_s: float = _PATIENCE_S) -> None:
        """`patience_s`: how long to stand aside at a time. A service that is asked without a pause must get its shops too."""
        self._patience_s = patience_s
        self._awaited: Counter[str] = Counter()
        self._changed = threading.Condition()

    @contextmanager
    def awaiting(self, slug: str) -> Iterator[None]:
        """While this lasts, somebody waits for the shop."""
        with self._changed:
            self._awaited[slug] += 1
            self._changed.notify_all()
        try:
            yield
        finally:
            with self._changed:
                self._awaited[slug] -= 1
                if not self._awaited[slug]:
                    del self._awaited[slug]
                self._changed.notify_all()

    def give_way(self, slug: str) -> None:
        """Return when nobody waits for another shop, or somebody for this very one; at the latest when patience is over.
        Nearly free where nobody waits."""
        if self._awaited:
            with self._changed:
                self._changed.wait_for(lambda: not self._awaited or slug in self._awaited, self._patience_s)
