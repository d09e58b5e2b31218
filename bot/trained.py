"""What goes with what in each shop, learned from its orders in the background: nobody ever waits for it.

A model is of one shop's own baskets and lies in memory only. It is made anew when the shop's baskets have changed: at once
where that takes a moment, else once an hour.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.yielding import giving_way
from kb.store.folder import DataFolder

if TYPE_CHECKING:
    from kb.upsell.ease import Ease

_log = logging.getLogger(__name__)
HOUR_S = 3600.0
_MOMENT_S = 2.0  # what takes no longer is done anew at every change
_LEAST_BASKETS = 20  # fewer say nothing of anything


@dataclass(frozen=True, slots=True)
class _Made:
    """A model, what it was made of, when and in how many seconds."""

    model: Ease | None
    version: int
    at: float
    took_s: float


class Trained:
    """The models of all shops. `start` once, `close` before the folder is; `want` from any thread."""

    def __init__(self, folder: DataFolder, also: Callable[[str], None] = lambda _: None) -> None:
        """`also` is done for each shop on the same thread."""
        self._folder = folder
        self._also = also
        self._made: dict[str, _Made] = {}
        self._wanted: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def model(self, slug: str) -> Ease | None:
        """The shop's model; None until there is one, and where there are too few orders."""
        made = self._made.get(slug)
        return made.model if made else None

    def want(self, slug: str) -> None:
        """The shop's orders may have changed."""
        self._wanted.put(slug)

    def start(self) -> None:
        self._thread = threading.Thread(target=self._run, name="upsell", daemon=True)
        self._thread.start()

    def close(self, patience_s: float) -> None:
        self._stopping.set()
        self._wanted.put("")
        if self._thread:
            self._thread.join(patience_s)

    def make(self, slug: str, *, now: float | None = None) -> bool:
        """Bring a shop's model up to its orders, if that is due; returns whether anything was learned."""
        now = time.monotonic() if now is None else now
        store, made = self._folder.merchant(slug), self._made.get(slug)
        version = store.baskets_version()  # first: what is added while the baskets are read is learned next time
        if made and (made.version == version or (made.took_s > _MOMENT_S and now - made.at < HOUR_S)):
            return False
        began = time.perf_counter()
        with giving_way():
            baskets = [
                basket.items
                for basket in sorted(store.baskets(), key=lambda basket: (basket.at, basket.id))
                if basket.items
            ]
            model = _fitted(baskets) if len(baskets) >= _LEAST_BASKETS else None
        self._made[slug] = _Made(model, version, now, time.perf_counter() - began)
        return True

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                slugs = [self._wanted.get(timeout=HOUR_S)]
            except queue.Empty:
                slugs = list(self._made)
            for slug in slugs:
                self._try(slug)

    def _try(self, slug: str) -> None:
        if not slug or self._stopping.is_set():
            return
        try:
            self._also(slug)
            self.make(slug)
        except Exception:  # offers of this shop go on with what was learned before
            _log.exception("nothing was learned from the orders of %s", slug)


def _fitted(baskets: Sequence[Iterable[str]]) -> Ease:
    from kb.upsell.ease import fit  # here, not above: scipy takes 0.2 s and 20 MB of a service that may have no orders

    return fit(baskets)
