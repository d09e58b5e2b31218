"""The shelf: merchant → its current shard. Readers take a whole shard; a rebuilt one replaces it in one step."""

from __future__ import annotations

import logging
import threading
from collections import defaultdict

from kb.embed import NO_ENGINE, Engine
from kb.shard import Shard
from kb.store.folder import DataFolder
from kb.vectorise import missing_vectors, texts_of

_log = logging.getLogger(__name__)


class Shelf:
    """Shards of all merchants of a data folder, loaded on first use, rebuilt after a commit."""

    def __init__(self, folder: DataFolder, engine: Engine | None) -> None:
        self.engine = engine
        self._folder = folder
        self._shards: dict[str, Shard] = {}
        self._building: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
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
        with self._guard:
            lock = self._building[slug]
        with lock:  # two refreshes of one shop in turn; readers of the old shard are never held up
            store = self._folder.merchant(slug)
            current = self._shards.get(slug)
            if current is not None and current.generation == store.generation():
                return current
            shard = Shard.build(store.snapshot(self.fingerprint), self.fingerprint, current)
            self._shards[slug] = shard
            return shard

    def fill_vectors(self, slug: str) -> int:
        """Embed what the store holds without vectors of this engine (after a change of model, or after an edit
        made while the model was missing) and put it on the shelf; returns how many texts were embedded."""
        if self.engine is None:
            return 0
        store = self._folder.merchant(slug)
        texts = [text for entry in store.entries() for text in texts_of(entry)]
        found = missing_vectors(self.engine, texts, store.known_hashes(self.fingerprint))
        if found:
            store.save_vectors(self.fingerprint, found)
            with self._guard:
                lock = self._building[slug]
            with lock:
                current = self._shards.get(slug)
                self._shards[slug] = Shard.build(store.snapshot(self.fingerprint), self.fingerprint, current)
            _log.info("embedded %d texts of %s for %s", len(found), slug, self.fingerprint)
        return len(found)
