"""What is alive while the service runs: the data folder, the engine, the shelf."""

from __future__ import annotations

import ctypes
import gc
import logging
import queue
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Self

from bot.ending import Ending
from bot.jobs import Jobs
from bot.settings import Settings
from bot.tickets import Tickets
from bot.upselling import Upsells
from bot.yielding import giving_way
from ingest.sandbox import AT_ONCE
from kb.check.context import Context, load_context
from kb.check.told import Told
from kb.check.watch import Watch
from kb.embed import DEFAULT_ENGINE, Cached, Engine, load_engine
from kb.errors import EngineFailed
from kb.learning.propose import LEAST_SUPPORT
from kb.model import Mode
from kb.precedence import at_once
from kb.shard import Shard
from kb.shelf import Shelf
from kb.store.folder import DataFolder
from kb.store.hub import Merchant
from kb.typed.pinyin import pinyin

_log = logging.getLogger(__name__)
LOADED_AT_START = 20  # shops whose indexes are built before the service says that it is ready
_PATIENCE_S = 5  # for a batch of embeddings under way when the service stops; the next start does the others
_ENGINE_TROUBLE = "语义模型不可用，原因见服务日志。"


@dataclass(slots=True)
class Service:
    """Opened once per process; `ready` is set when the first shops can answer without building their index first.

    With a vendor's 200 shops the others follow in the background; one that is asked before its turn is built by who
    asks, within 0.2 s at 1,000 entries, and the background stands aside meanwhile.
    """

    folder: DataFolder
    shelf: Shelf
    watch: Watch
    ending: Ending
    upsells: Upsells
    engine_trouble: str = ""
    least_support: int = LEAST_SUPPORT
    damaged: set[str] = field(default_factory=set)
    ready: threading.Event = field(default_factory=threading.Event)
    _stopping: threading.Event = field(default_factory=threading.Event)
    importing: threading.BoundedSemaphore = field(default_factory=lambda: threading.BoundedSemaphore(AT_ONCE))
    jobs: Jobs = field(default_factory=Jobs)
    tickets: Tickets = field(default_factory=Tickets)
    _unfinished: queue.SimpleQueue[str] = field(default_factory=queue.SimpleQueue)
    _warming: threading.Thread | None = None

    @classmethod
    def open(cls, settings: Settings) -> Self:
        """Open the data folder and the model; a model that fails degrades the service instead of stopping it."""
        engine: Engine | None = None
        trouble = ""
        try:
            loaded = load_engine(settings.engine)
            engine = Cached(loaded) if loaded else None
        except EngineFailed as error:
            trouble = _ENGINE_TROUBLE
            _log.error("embedding engine %s failed: %s", settings.engine, error.message)
        _allow_open_files()
        folder = DataFolder(settings.data)
        taught = engine is not None and settings.engine == DEFAULT_ENGINE
        watch = Watch(folder.hub.check_salt(), _context if taught else lambda: None)
        ending = Ending(folder, settings.events_timeout_s)
        upsells = Upsells(folder)
        return cls(folder, Shelf(folder, engine, _keep), watch, ending, upsells, trouble, settings.least_support)

    @property
    def mode(self) -> Mode:
        return Mode.HYBRID if self.shelf.engine else Mode.LEXICAL

    @property
    def trouble(self) -> str:
        """What keeps the service from its best, in words for anybody: causes and paths are in the log only."""
        damaged = f"{len(self.damaged)} 家店铺的数据读不出来，原因见服务日志。" if self.damaged else ""
        return self.engine_trouble + damaged

    def shard(self, slug: str) -> Shard | None:
        """The index of a shop; None when its data cannot be read. One damaged shop must not stop the others."""
        return self._loaded(slug, self.shelf.shard)

    def _loaded(self, slug: str, load: Callable[[str], Shard]) -> Shard | None:
        try:
            shard = load(slug)
        except Exception as error:  # damage shows as anything: SQLite's errors, or a value that no enum knows
            self._note(slug, error)
            return None
        self.damaged.discard(slug)
        return shard

    def warm(self, rehearse: Callable[[Merchant], None]) -> None:
        """Build every shop's index in the background, then embed what an earlier engine left without vectors. `rehearse` is
        called with the first shop, as soon as that can answer."""
        self._warming = threading.Thread(target=self._warm, args=[rehearse], name="warm", daemon=True)
        self._warming.start()
        self.ending.start()
        self.upsells.trained.start()

    def close(self) -> None:
        self._stopping.set()
        self._unfinished.put("")
        self.jobs.close(_PATIENCE_S)
        self.ending.close(_PATIENCE_S)
        self.upsells.trained.close(_PATIENCE_S)
        if self._warming:
            self._warming.join(_PATIENCE_S)
        self.folder.close()

    def publish(self, slug: str) -> int:
        """Put what was committed on the shelf; returns the generation now served. Texts that came without vectors,
        because the model failed just then, are embedded in the background; until then the shop is searched by words."""
        shard = self.shelf.refresh(slug)
        self._acquaint(slug, shard)
        _settle()
        self.upsells.prepare(slug, shard)
        self._unfinished.put(slug)
        return shard.generation

    def watching(self, slug: str) -> Watch:
        """The watch, which knows this shop as it is on the shelf now. Others come to it as they are published, and in
        the background after a start."""
        shard = self.shelf.shard(slug)
        if self.watch.generation(slug) != shard.generation:
            self._acquaint(slug, shard)
        return self.watch

    def _acquaint(self, slug: str, shard: Shard, pause: Callable[[], None] = at_once) -> None:
        """Let the watch know what the shard knows."""
        shop, catalog = self.folder.hub.merchant(slug), shard.catalog
        known = (shard.entries, catalog.products, shard.profile, shop.platform, catalog)
        self.watch.learn(Told(slug, shop.name, shard.generation, *known), pause)

    def _met(self, slug: str, shard: Shard) -> None:
        """The same ahead of need, and the shop's conversations opened: made at the first word to each of 200 shops, in a
        rush, they held that word up by a second. One shop that cannot be read must not keep the others from it."""
        pause = partial(self.shelf.give_way, slug)
        try:
            self._acquaint(slug, shard, pause)
            pause()
            self.folder.conversations(slug)
            self.upsells.prepare(slug, shard)
        except Exception:
            _log.exception("shop %s is not known to the check, or its conversations cannot be opened", slug)

    def _warm(self, rehearse: Callable[[Merchant], None]) -> None:
        self.watch.prepare()
        for number, merchant in enumerate(self.folder.hub.merchants()):
            if number == LOADED_AT_START:
                self.ready.set()
            worked = time.thread_time()
            if not self._stopping.is_set() and self._ahead(merchant.slug) and number == 0:
                with suppress(Exception):  # whoever asks is told
                    rehearse(merchant)
            if self.ready.is_set():
                # From now on agents work: as long a rest as the work took, without what it stood aside.
                self._stopping.wait(time.thread_time() - worked)
        self.ready.set()
        with giving_way():
            _read_pinyin()
        _keep()
        _settle()
        while not self._stopping.is_set():
            if slug := self._unfinished.get():
                self._finish(slug)

    def _ahead(self, slug: str) -> bool:
        """Have a shop at hand before anybody asks, in short turns; returns whether it can be read."""
        with giving_way():
            shard = self._loaded(slug, self.shelf.prepare)
            if shard is None:
                return False
            self._met(slug, shard)
        self._unfinished.put(slug)
        return True

    def _finish(self, slug: str) -> None:
        """What nobody waits for once a shop is on the shelf: vectors that are wanting, and how its texts were cut, kept."""
        try:
            shard = self.shelf.shard(slug)
            if shard.lines and not shard.complete:
                self.shelf.fill_vectors(slug, self._stopping.is_set)
        except Exception:  # found by words until the next edit or start
            _log.exception("shop %s keeps texts without vectors", slug)
        try:
            with giving_way():
                self.shelf.give_way(slug)
                self.shelf.keep(slug)
        except Exception:  # cut again at the next start
            _log.exception("how the texts of shop %s were cut is not kept", slug)

    def _note(self, slug: str, error: Exception) -> None:
        if slug not in self.damaged:  # once: a page asks for its shops every few seconds
            _log.error("shop %s could not be loaded", slug, exc_info=error)
        self.damaged.add(slug)


def _read_pinyin() -> None:
    """Half a second now rather than at the first letter that an agent types."""
    try:
        pinyin()
    except Exception:  # a broken table: search as one types misses it, nothing else does
        _log.exception("the table of pinyin cannot be read")


def _keep() -> None:
    """Take what lives long, the indexes, out of the garbage collector's rounds: with 100,000 entries one of them
    stopped every answer for 0.4 s, and with 20 shops loaded the first answer of the next one for 0.15 s."""
    gc.collect(1)
    gc.freeze()


def _settle() -> None:
    """Give back what building indexes took (a quarter of the memory of 40 shops)."""
    if sys.platform == "linux":
        with suppress(AttributeError):  # a C library other than glibc
            ctypes.CDLL(None).malloc_trim(0)


def _context() -> Context | None:
    """What reads whole sentences for the check before sending; without it the check goes by words alone."""
    try:
        return load_context()
    except EngineFailed as error:
        _log.warning("the check before sending goes by words alone: %s", error.message)
    except Exception:  # out of memory, say: it is loaded while the service warms up, which must go on
        _log.exception("the check before sending goes by words alone")
    return None


def _allow_open_files() -> None:
    """As many as the system lets us: a shop takes ten (two files, each with a connection that writes and one that reads, the log
    of both and its index), and a usual limit is 1,024."""
    try:
        import resource
    except ImportError:  # Windows, which has no such limit
        return
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
