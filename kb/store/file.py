"""One SQLite file: a single writer thread with durable acknowledgements, and a pool of read-only connections.

The pattern is Datasette's (one write thread per file, callers await a future). What callers may rely on:
a future that resolved is on disk (``synchronous=FULL``: power-loss simulations lost 0 of 3,226 acknowledged
writes with FULL and 1,196 with NORMAL); a future that failed left nothing behind.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

from sqlite_utils import Database, Migrations
from sqlite_utils.utils import sqlite3  # pysqlite3 where it is installed

from kb.errors import Busy, HuashuError, StoreFailed

T = TypeVar("T")

_BUSY_TIMEOUT_S = 5.0
_READING_KB, _WRITING_KB = 64, 256  # pages that a connection holds; one that writes has an import at worst
_GROUP_LIMIT = 64  # writes that may share one fsync


class StoreFile:
    """A migrated SQLite file in WAL mode. `reading`: as it is, beside whoever writes it; then `write` fails."""

    def __init__(self, path: Path, migrations: Migrations, *, reading: bool = False) -> None:
        self.path = path
        self._queue: queue.SimpleQueue[_Write | None] = queue.SimpleQueue()
        self._readers: queue.LifoQueue[Database] = queue.LifoQueue()
        self._closed = False
        self._closing = threading.Lock()
        self._watching = threading.Lock()
        self._watcher: Database | None = None
        self._version = 0
        self._writer: threading.Thread | None = None
        self._reading = reading
        if reading:
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._db = _connect(path, read_only=False)
            migrations.apply(self._db)
            self._db.conn.execute("PRAGMA shrink_memory")  # nobody may write for days
        except sqlite3.Error as error:
            raise _explain(error, path) from error

    def write(self, change: Callable[[Database], T]) -> T:
        """Run `change` in a transaction on the writer thread; returns once it is on disk.

        Raises what `change` raises (rolled back), Busy when another process holds the file for over 5 s, StoreFailed
        when the disk refuses, or RuntimeError when the first write gets no thread.
        """
        future: Future[T] = Future()
        with self._closing:
            if self._reading:
                raise StoreFailed(f"数据文件 {self.path.parent.name}/{self.path.name} 只打开来读。")
            if self._closed:
                raise Busy("数据文件正在关闭，这次改动没有写入。")
            if self._writer is None:  # most of 200 shops are not written to for hours, and would have a stack each
                writer = threading.Thread(target=self._run, name=f"writer {self.path}", daemon=True)
                writer.start()  # raises where the system has no thread left: then the next write tries again
                self._writer = writer
            self._queue.put(_Write(change, future))
        return future.result()

    @contextmanager
    def read(self) -> Iterator[Database]:
        """A read-only connection inside one read transaction: everything read belongs to one moment."""
        try:
            db = self._readers.get_nowait()
        except queue.Empty:
            db = _connect(self.path, read_only=True)
        try:
            db.conn.execute("BEGIN")
            yield db
        except sqlite3.Error as error:
            raise _explain(error, self.path) from error
        finally:
            db.conn.rollback()
            self._readers.put(db)

    def changed(self) -> bool:
        """Whether anything was committed since this was last asked, by whatever process; True at first. Microseconds:
        SQLite looks into the shared memory of its log (``PRAGMA data_version``)."""
        with self._watching:
            if self._closed:
                return False
            if self._watcher is None:
                self._watcher = _connect(self.path, read_only=True)
            version = int(self._watcher.conn.execute("PRAGMA data_version").fetchone()[0])
            before, self._version = self._version, version
            return version != before

    def empty_log(self) -> bool:
        """Move what the write-ahead log holds into the file and cut the log off: until then a text that was deleted still
        stands in it. False where others read or write just now; closing does the same."""
        with closing(_connect(self.path, read_only=False)) as db:
            busy, _, _ = db.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        return not busy

    def close(self) -> None:
        """Finish what was accepted, then close every connection. Idempotent."""
        with self._closing:
            if self._closed:
                return
            self._closed = True
            self._queue.put(None)
        if self._writer is not None:
            self._writer.join()
        while not self._readers.empty():
            self._readers.get_nowait().close()
        with self._watching:
            if self._watcher is not None:
                self._watcher.close()
        if not self._reading:
            self._db.close()

    def _run(self) -> None:
        last = False
        while not last:
            first = self._queue.get()
            if first is None:
                return
            group = [first]
            while len(group) < _GROUP_LIMIT and not self._queue.empty():
                write = self._queue.get()
                if write is None:
                    last = True
                    break
                group.append(write)
            self._commit(group)

    def _commit(self, group: list[_Write]) -> None:
        """One transaction and one fsync for the group; a write that fails is undone alone.

        Python errors are undone by the write's own savepoint. An SQLite error may have cost the whole transaction
        (a full disk, a statement that could not be prepared): then each write of the group is tried by itself.
        """
        outcomes: list[tuple[_Write, Any, Exception | None]] = []
        try:
            self._db.conn.execute("BEGIN IMMEDIATE")
            for write in group:
                try:
                    with self._db.atomic():
                        outcomes.append((write, write.change(self._db), None))
                except sqlite3.OperationalError:
                    raise
                except Exception as error:
                    outcomes.append((write, None, error))
            self._db.conn.execute("COMMIT")
        except Exception as error:
            self._undo()
            if len(group) > 1:
                for write in group:
                    self._commit([write])
            else:
                group[0].future.set_exception(_ours(error, self.path))
            return
        for write, result, failure in outcomes:
            if failure is None:
                write.future.set_result(result)
            else:
                write.future.set_exception(_ours(failure, self.path))

    def _undo(self) -> None:
        """Roll back; an error of the rollback itself must not end the writer thread, or every later write would wait."""
        with suppress(sqlite3.Error):
            self._db.conn.rollback()


class _Write:
    __slots__ = ("change", "future")

    def __init__(self, change: Callable[[Database], Any], future: Future[Any]) -> None:
        self.change = change
        self.future = future


def _connect(path: Path, *, read_only: bool) -> Database:
    uri = f"{path.resolve().as_uri()}?mode={'ro' if read_only else 'rwc'}"
    # The write connection is opened here but used on the writer thread, one thread at a time.
    conn = sqlite3.connect(uri, uri=True, timeout=_BUSY_TIMEOUT_S, check_same_thread=False)
    if not read_only:
        conn.execute("PRAGMA journal_mode=WAL")
        conn.execute("PRAGMA synchronous=FULL")
    conn.execute("PRAGMA foreign_keys=ON")
    # Pages are read once into an index, and the system caches files anyway: 200 shops would hold 2 MB each for nothing.
    conn.execute(f"PRAGMA cache_size=-{_READING_KB if read_only else _WRITING_KB}")
    conn.execute("PRAGMA secure_delete=ON")  # a deleted text must not linger in free pages
    return Database(conn, execute_plugins=False)


def _ours(error: Exception, path: Path) -> Exception:
    return _explain(error, path) if isinstance(error, sqlite3.Error) else error


def _explain(error: BaseException, path: Path) -> HuashuError:
    """SQLite's error as one of ours, naming the file but not the folders above it."""
    text = str(error)
    if "locked" in text or "busy" in text:
        return Busy(f"数据文件 {path.name} 正被另一个程序占用。")
    return StoreFailed(f"数据文件 {path.parent.name}/{path.name} 读写失败：{text}")
