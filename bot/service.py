"""What is alive while the service runs: the data folder, the engine, the shelf."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

from bot.settings import Settings
from kb.embed import Engine, load_engine
from kb.errors import EngineFailed
from kb.model import Mode
from kb.shelf import Shelf
from kb.store.folder import DataFolder

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class Service:
    """Opened once per process; `ready` is set when every shop can answer without building its index first."""

    folder: DataFolder
    shelf: Shelf
    trouble: str
    ready: threading.Event

    @classmethod
    def open(cls, settings: Settings) -> Self:
        """Open the data folder and the model; a model that fails degrades the service instead of stopping it."""
        engine: Engine | None = None
        trouble = ""
        try:
            engine = load_engine(settings.engine)
        except EngineFailed as error:
            trouble = error.message
            _log.error("embedding engine %s failed: %s", settings.engine, error.message)
        folder = DataFolder(settings.data)
        return cls(folder, Shelf(folder, engine), trouble, threading.Event())

    @property
    def mode(self) -> Mode:
        return Mode.HYBRID if self.shelf.engine else Mode.LEXICAL

    def warm(self) -> threading.Thread:
        """Build every shop's index in the background, then embed what an earlier engine left without vectors."""
        thread = threading.Thread(target=self._warm, name="warm", daemon=True)
        thread.start()
        return thread

    def _warm(self) -> None:
        slugs = [merchant.slug for merchant in self.folder.hub.merchants()]
        for slug in slugs:
            self._try(slug, self.shelf.refresh)
        self.ready.set()
        for slug in slugs:
            self._try(slug, self.shelf.fill_vectors)

    def _try(self, slug: str, work: Callable[[str], object]) -> None:
        try:
            work(slug)
        except Exception:  # one damaged shop must not keep the others from being served
            _log.exception("shop %s could not be loaded", slug)

    def close(self) -> None:
        self.folder.close()
