"""Who goes first. Python runs one thread at a time, so that an index built ahead of need beside one that somebody waits for
makes both take twice as long; the one that nobody waits for yet can stand aside instead.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager


def at_once() -> None:
    """The pause of work that somebody waits for: none."""


class Precedence:
    """Which shops somebody waits for now. Threads may share it."""

    def __init__(self) -> None:
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
        """Return when nobody waits for another shop, or somebody for this very one. Nearly free where nobody waits."""
        if self._awaited:
            with self._changed:
                self._changed.wait_for(lambda: not self._awaited or slug in self._awaited)
