"""What offers need while the service runs: models, each shop's rules as they are on the shelf, and what was offered."""

from __future__ import annotations

import threading

from bot.offered import Offered
from bot.trained import Trained
from kb.shard import Shard
from kb.store.folder import DataFolder
from kb.upsell.book import Book


class Upsells:
    """Opened once per process, with the service."""

    def __init__(self, folder: DataFolder) -> None:
        self.trained = Trained(folder, self._warm)
        self.offered = Offered()
        self._books: dict[str, tuple[Shard, Book]] = {}
        self._guard = threading.Lock()

    def prepare(self, slug: str, shard: Shard) -> None:
        """A shard has come on the shelf: its rules hold at once, and what takes longer is done in the background."""
        self.book(slug, shard)
        self.trained.want(slug)

    def _warm(self, slug: str) -> None:
        if found := self._books.get(slug):
            found[1].warm()

    def book(self, slug: str, shard: Shard) -> Book:
        """The rules and goods of the shard that answers, and of no other."""
        with self._guard:
            found = self._books.get(slug)
            if found is None or found[0] is not shard:
                found = self._books[slug] = shard, Book(shard.offers, shard.catalog.products)
            return found[1]
