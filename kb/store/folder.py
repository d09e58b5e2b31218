"""The data folder: ``hub.db``, and ``kb.db`` and ``conversations.db`` of each merchant, which one process at a time holds; beside
them ``tokens.txt``, which may go at any time."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType

from filelock import FileLock, Timeout

from kb.errors import Busy
from kb.store.conversations import ConversationStore
from kb.store.hub import Hub
from kb.store.merchant import MerchantStore


def open_hub(root: Path) -> Hub:
    """The hub alone, which needs no lock: a service that runs on the folder takes notice within a second."""
    _make(root)
    return Hub(root / "hub.db")


@contextmanager
def read_shop(root: Path, slug: str) -> Iterator[tuple[MerchantStore | None, ConversationStore | None]]:
    """A shop's files for reading alone, which needs no lock: what a running service has acknowledged by now. None for a file
    that is not there yet."""
    here = root / "merchants" / slug
    with ExitStack() as opened:
        store = chats = None
        if (here / "kb.db").exists():
            opened.callback((store := MerchantStore(here / "kb.db", slug, reading=True)).close)
        if (here / "conversations.db").exists():
            opened.callback((chats := ConversationStore(here / "conversations.db", reading=True)).close)
        yield store, chats


def _make(root: Path) -> None:
    if not root.exists():  # a folder that is there keeps its mode: it may be anybody's
        root.parent.mkdir(parents=True, exist_ok=True)
        root.mkdir(mode=0o700)


class DataFolder:
    """Opens the hub at once and each merchant's file on first use. Use as a context manager, or `close` it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        _make(root)
        # One process owns writing: a second one would serve shards that do not know of the first one's edits.
        self._lock = FileLock(root / "lock", timeout=0)
        try:
            self._lock.acquire()
        except Timeout:
            raise Busy(
                f"数据目录 {root} 正被另一个 huashu 进程使用。",
                remedy="请在训练师页面操作，或先停止正在运行的服务。",
            ) from None
        self._stores: dict[str, MerchantStore] = {}
        self._conversations: dict[str, ConversationStore] = {}
        self._opening = threading.Lock()
        try:
            self.hub = Hub(root / "hub.db")
        except BaseException:
            self._lock.release()
            raise

    def merchant(self, slug: str) -> MerchantStore:
        """The store of a shop that the hub knows. Raises NotFound otherwise."""
        store = self._stores.get(slug)
        if store is None:
            with self._opening:
                store = self._stores.get(slug)
                if store is None:
                    self.hub.merchant(slug)
                    store = MerchantStore(self._file(slug, "kb.db"), slug)
                    self._stores[slug] = store
        return store

    def conversations(self, slug: str) -> ConversationStore:
        """The conversations of a shop that the hub knows. Raises NotFound otherwise."""
        store = self._conversations.get(slug)
        if store is None:
            with self._opening:
                store = self._conversations.get(slug)
                if store is None:
                    self.hub.merchant(slug)
                    store = self._conversations[slug] = ConversationStore(self._file(slug, "conversations.db"))
        return store

    def has_conversations(self, slug: str) -> bool:
        """Whether anything was ever said to the shop: a file that is not there need not be made to be looked at."""
        return slug in self._conversations or self._file(slug, "conversations.db").exists()

    def tokens(self, slug: str) -> Path:
        """Where the shop's texts are kept as they were cut (`kb.store.tokens`)."""
        return self._file(slug, "tokens.txt")

    def _file(self, slug: str, name: str) -> Path:
        return self.root / "merchants" / slug / name

    def close(self) -> None:
        with self._opening:
            for store in self._stores.values():
                store.close()
            for conversations in self._conversations.values():
                conversations.close()
            self._stores.clear()
            self._conversations.clear()
        self.hub.close()
        self._lock.release()

    def __enter__(self) -> DataFolder:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
