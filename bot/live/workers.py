"""The threads that make suggestions for whoever writes: a few, so that a rush makes a queue and not a crowd."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from bot.live.burst import Bursts, Key

_log = logging.getLogger(__name__)
THREADS = 2  # the model leaves the interpreter while it works; a third would only make the others wait


class Workers:
    """Asks about conversations as `Bursts` says; `ask` runs on these threads."""

    def __init__(self, ask: Callable[[str, str], None], threads: int = THREADS) -> None:
        self._ask = ask
        self._bursts = Bursts()
        self._changed = threading.Condition()
        self._closed = False
        self._threads = [threading.Thread(target=self._run, name="suggest", daemon=True) for _ in range(threads)]
        for thread in self._threads:
            thread.start()

    def heard(self, shop: str, conversation: str) -> None:
        with self._changed:
            self._bursts.heard((shop, conversation), time.monotonic())
            self._changed.notify()

    def close(self, patience_s: float) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        for thread in self._threads:
            thread.join(patience_s)

    def _run(self) -> None:
        while (key := self._next()) is not None:
            try:
                self._ask(*key)
            except Exception:  # a suggestion is missing; the next message makes another, and the page can ask itself
                _log.exception("no suggestion for a conversation of %s", key[0])

    def _next(self) -> Key | None:
        with self._changed:
            while not self._closed:
                now = time.monotonic()
                if (key := self._bursts.due(now)) is not None:
                    self._changed.notify()  # there may be more that is due
                    return key
                self._changed.wait(self._bursts.next_s(now))
        return None
