"""Every few seconds the cards that their pages left open get their end, in every shop.

What is due is worked out anew from what is stored, so nothing is lost with the process: the first round after a start
ends what became due while the service was down.
"""

from __future__ import annotations

import logging
import threading
import time

from kb.errors import Busy
from kb.store.folder import DataFolder

_log = logging.getLogger(__name__)
EVERY_S = 10.0
FIRST_S = 2.0  # after a start: agents are waiting for their shops to be loaded


class Ending:
    """A thread that sweeps all shops of a data folder. `start` once, `close` before the folder is."""

    def __init__(self, folder: DataFolder, timeout_s: int) -> None:
        self._folder = folder
        self._timeout_s = timeout_s
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._failing: set[str] = set()

    def start(self) -> None:
        self._thread = threading.Thread(target=self._run, name="ending", daemon=True)
        self._thread.start()

    def close(self, patience_s: float) -> None:
        self._stopping.set()
        if self._thread:
            self._thread.join(patience_s)

    def sweep(self, now: int) -> int:
        """One round; returns how many cards were ended. A shop that cannot be read does not stop the others."""
        ended = 0
        for merchant in self._folder.hub.merchants():
            if self._stopping.is_set():
                break
            try:
                ended += self._folder.merchant(merchant.slug).end_open(now, self._timeout_s)
                self._failing.discard(merchant.slug)
            except Exception as error:  # damage shows as anything; the next round tries again
                self._note(merchant.slug, error)
        return ended

    def _run(self) -> None:
        rest = FIRST_S
        while not self._stopping.wait(rest):
            rest = EVERY_S
            try:
                self.sweep(int(time.time()))
            except Exception:  # the hub cannot be read just now
                _log.exception("open cards were not ended")

    def _note(self, slug: str, error: Exception) -> None:
        closing = self._stopping.is_set() and isinstance(error, Busy)
        if slug not in self._failing and not closing:  # once, not in every round
            _log.error("open cards of shop %s were not ended", slug, exc_info=error)
        self._failing.add(slug)
