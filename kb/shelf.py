"""The shelf: merchant → its current shard. Readers take a whole shard; a rebuilt one replaces it in one step."""

from __future__ import annotations

import logging
import threading
from collections import defaultdict
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial
from itertools import islice

from kb.embed import NO_ENGINE, Engine
from kb.language.text import text_hash
from kb.precedence import Precedence, at_once
from kb.shard import Shard
from kb.store.folder import DataFolder
from kb.store.tokens import read_tokens, write_tokens
from kb.vectorise import missing_vectors, texts_of

_log = logging.getLogger(__name__)

_FILL = 256  # texts between two saves


class Shelf:
    """Shards of all merchants of a data folder, loaded on first use, rebuilt after a commit."""

    def __init__(self, folder: DataFolder, engine: Engine | None, placed: Callable[[], None] = lambda: None) -> None:
        """`placed` is called whenever a new shard stands on the shelf, before anybody gets it."""
        self.engine = engine
        self._folder = folder
        self._placed = placed
        self._precedence = Precedence()
        self._shards: dict[str, Shard] = {}
        self._behind: set[str] = set()  # shops of which other texts are kept than stand here
        self._building: defaultdict[str, threading.RLock] = defaultdict(threading.RLock)
        self._guard = threading.Lock()

    @property
    def fingerprint(self) -> str:
        """The engine's name for its vectors; "none" when search goes by words alone."""
        return self.engine.fingerprint if self.engine else NO_ENGINE

    def shard(self, slug: str) -> Shard:
        """The current shard of a shop; the first call builds it."""
        return self._shards.get(slug) or self.refresh(slug)

    def refresh(self, slug: str) -> Shard:
        """Bring a shop's shard up to its store. When this returns, every search that starts sees the new one."""
        with self.awaiting(slug):
            return self._current(slug)

    def prepare(self, slug: str) -> Shard:
        """As `shard`, before anybody asks: stands aside while somebody waits for another shop."""
        self.give_way(slug)
        return self._shards.get(slug) or self._current(slug, partial(self.give_way, slug))

    def keep(self, slug: str) -> None:
        """Keep for the next start how the shop's texts were cut, where they are others than those that are kept. For whoever has
        time: 3 ms at 1,000 entries, half a second at 100,000."""
        if slug in self._behind:
            with self._lock_of(slug):
                shard = self._shards[slug]
                write_tokens(self._folder.tokens(slug), shard.analyzer.fingerprint, shard.tokens)
                self._behind.discard(slug)

    def awaiting(self, slug: str) -> AbstractContextManager[None]:
        """Around an answer of this shop that somebody waits for: what is done ahead of need stands aside for it."""
        return self._precedence.awaiting(slug)

    def give_way(self, slug: str) -> None:
        """Stand aside while somebody waits for another shop than this one: for what is done ahead of need beside `prepare`."""
        self._precedence.give_way(slug)

    def fill_vectors(self, slug: str, stopped: Callable[[], bool] = lambda: False) -> int:
        """Embed what the store holds without vectors of this engine (after a change of model, or an edit made while
        the model failed), then put the complete shard on the shelf; returns how many texts were embedded.

        Saved as it goes, so that what an interruption or a failing model (EngineFailed) leaves undone is all that
        the next call has to do. `stopped` is asked between batches.
        """
        if self.engine is None:
            return 0
        store = self._folder.merchant(slug)
        count = 0
        while not stopped():
            known = store.known_hashes(self.fingerprint)
            texts = (text for entry in store.entries() for text in texts_of(entry))
            todo = list(islice((text for text in texts if text_hash(text) not in known), _FILL))
            if not todo:
                break
            found = missing_vectors(self.engine, todo, known)
            store.save_vectors(self.fingerprint, found)
            count += len(found)
        if count:
            _log.info("embedded %d texts of %s for %s", count, slug, self.fingerprint)
            self._rebuild(slug)
        return count

    def _current(self, slug: str, pause: Callable[[], None] = at_once) -> Shard:
        with self._lock_of(slug):  # two refreshes of one shop in turn; readers of the old shard are never held up
            current = self._shards.get(slug)
            if current is not None and current.generation == self._folder.merchant(slug).generation():
                return current
            return self._rebuild(slug, pause)

    def _rebuild(self, slug: str, pause: Callable[[], None] = at_once) -> Shard:
        store = self._folder.merchant(slug)
        with self._lock_of(slug):
            previous = self._shards.get(slug)
            # What the current shard holds is not read again, unless vectors are wanting: those may be there now.
            held = previous.entries if previous is not None and (previous.complete or not self.engine) else ()
            snapshot = store.snapshot(self.fingerprint, held)
            kept = partial(read_tokens, self._folder.tokens(slug))
            shard = Shard.build(snapshot, self.fingerprint, previous, pause, kept)
            if shard.recut:
                self._behind.add(slug)
            self._shards[slug] = shard
            self._placed()
            return shard

    def _lock_of(self, slug: str) -> threading.RLock:
        with self._guard:
            return self._building[slug]
