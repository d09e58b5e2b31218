"""Threads that write to a service as fast as it acknowledges, until they are told to stop or it is killed under them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqlite_utils.utils import sqlite3


@dataclass
class Rush:
    """What writes, and what was refused: there must be nothing."""

    address: str
    key: str
    name: str
    refused: list[int] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def running(self, *jobs: Callable[[], None]) -> Iterator[None]:
        workers = [threading.Thread(target=job) for job in jobs]
        for worker in workers:
            worker.start()
        try:
            yield
        finally:
            self.over.set()
            for worker in workers:
                worker.join()


def assert_sound(data: Path) -> None:
    """Every database of the folder is intact. Opened by SQLite alone, before our own code has touched it."""
    for path in data.rglob("*.db"):
        with closing(sqlite3.connect(path)) as db:
            assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            assert db.execute("PRAGMA foreign_key_check").fetchall() == []
