"""Imports that go on while nobody waits for their reply: queued, run in turn, watched and cancelled.

Jobs live in memory only, since a merchant's raw file may hold passwords and personal data and is never written to disk.
What a restart takes away is the job, not its work: vectors are on disk as they are made, and importing the same file
again goes on from there.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from bot.yielding import giving_way
from ingest.pace import Pace, Stage
from ingest.sandbox import AT_ONCE
from kb.errors import Busy, Cancelled, HuashuError, NotFound
from kb.store.codec import new_id

_log = logging.getLogger(__name__)

WAITING = 20  # in all, and half of them of one shop: nobody locks the others out
WAITING_BYTES = 100_000_000  # of files that wait in memory
KEPT = 100  # ended jobs that can still be asked for
_GONE = "没有这个导入任务。任务不写入磁盘，服务重启后就没有了。"


class State(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(slots=True)
class Job:
    """One file on its way into one shop. Times are Unix seconds; `report` and `error` say how it ended."""

    shop: str
    file: str
    actor: str
    size: int  # bytes that are held until it has ended
    work: Work | None
    id: str = field(default_factory=lambda: new_id("j"))
    state: State = State.QUEUED
    stage: Stage | None = None
    pace: Pace = field(default_factory=Pace)
    queued_at: float = field(default_factory=time.time)
    started_at: float | None = None
    ended_at: float | None = None
    report: dict[str, Any] | None = None
    error: HuashuError | None = None
    stopping: threading.Event = field(default_factory=threading.Event)

    @property
    def ended(self) -> bool:
        return self.ended_at is not None

    def enter(self, stage: Stage) -> None:
        self.stage = stage

    def end(self, state: State, error: HuashuError | None = None) -> None:
        self.error, self.work, self.size = error, None, 0
        self.state = state
        self.ended_at = time.time()  # last: who sees it reads an outcome beside it


Work = Callable[[Job], dict[str, Any]]  # does the job and gives its report


class Jobs:
    """All jobs of a service. A shop's files go in one after the other, in the order in which they came."""

    def __init__(self) -> None:
        self._jobs: dict[str, Job] = {}  # oldest first
        self._changed = threading.Condition()
        self._workers: list[threading.Thread] = []
        self._closed = False

    def of(self, shop: str) -> ShopJobs:
        return ShopJobs(shop, self)

    def close(self, patience_s: float) -> None:
        """Cancel what waits and what runs; returns when all have stopped, or the patience is at an end."""
        with self._changed:
            self._closed = True
            for job in self._jobs.values():
                self._cancel(job)
            self._changed.notify_all()
        until = time.monotonic() + patience_s
        for worker in self._workers:
            worker.join(max(until - time.monotonic(), 0))

    def submit(self, job: Job) -> Job:
        with self._changed:
            self._check_room(job)
            self._jobs[job.id] = job
            self._forget_old()
            if len(self._workers) < AT_ONCE:
                self._workers.append(threading.Thread(target=self._run, name="import", daemon=True))
                self._workers[-1].start()
            self._changed.notify_all()
        return job

    def named(self, shop: str, job_id: str) -> Job:
        with self._changed:
            job = self._jobs.get(job_id)
        if job is None or job.shop != shop:
            raise NotFound(_GONE, remedy="请看导入记录里有没有这次导入；没有就再导入同一个文件，会接着上次的进度。")
        return job

    def latest(self, shop: str) -> list[Job]:
        with self._changed:
            return [job for job in reversed(self._jobs.values()) if job.shop == shop]

    def cancel(self, job: Job) -> Job:
        with self._changed:
            self._cancel(job)
        return job

    def _cancel(self, job: Job) -> None:
        job.stopping.set()
        if job.state is State.QUEUED:
            job.end(State.CANCELLED)

    def _check_room(self, job: Job) -> None:
        waiting = [each for each in self._jobs.values() if each.state is State.QUEUED]
        mine = sum(each.shop == job.shop for each in waiting)
        size = sum(each.size for each in waiting) + job.size
        if self._closed or len(waiting) >= WAITING or mine >= WAITING // 2 or size > WAITING_BYTES:
            raise Busy("排队等着导入的文件太多了。", remedy="请等前面的导完再试；这次没有写入任何内容。")

    def _forget_old(self) -> None:
        ended = [job.id for job in self._jobs.values() if job.ended]
        for job_id in ended[: max(len(ended) - KEPT, 0)]:
            del self._jobs[job_id]

    def _run(self) -> None:
        while (job := self._next()) is not None:
            _do(job)
            with self._changed:
                self._changed.notify_all()  # the shop's next one may begin

    def _next(self) -> Job | None:
        """The first job whose shop has none under way; waits for one. None when the service stops."""
        with self._changed:
            while not self._closed:
                busy = {job.shop for job in self._jobs.values() if job.state is State.RUNNING}
                for job in self._jobs.values():
                    if job.state is State.QUEUED and job.shop not in busy:
                        job.state, job.started_at = State.RUNNING, time.time()
                        return job
                self._changed.wait()
        return None


@dataclass(frozen=True, slots=True)
class ShopJobs:
    """One shop's jobs: a handle that can name no other's."""

    shop: str
    _jobs: Jobs

    def start(self, file: str, actor: str, size: int, work: Work) -> Job:
        """Queue an import of a file of so many bytes. Raises Busy when too many wait."""
        return self._jobs.submit(Job(self.shop, file, actor, size, work))

    def named(self, job_id: str) -> Job:
        """Raises NotFound, alike for a job that never was, is forgotten, or belongs to another shop."""
        return self._jobs.named(self.shop, job_id)

    def latest(self) -> list[Job]:
        """Newest first."""
        return self._jobs.latest(self.shop)

    def cancel(self, job_id: str) -> Job:
        """Stop it before it writes; one that is writing or has ended goes on as it is."""
        return self._jobs.cancel(self.named(job_id))


def _do(job: Job) -> None:
    """Run one job to its end, whatever that is; a worker survives everything."""
    assert job.work is not None  # noqa: S101
    try:
        with giving_way():
            job.report = job.work(job)
    except Cancelled as error:
        job.end(State.CANCELLED, error)
    except HuashuError as error:
        job.end(State.FAILED, error)
    except Exception:
        _log.exception("import job %s of %s failed", job.id, job.shop)
        job.end(State.FAILED, HuashuError(f"服务内部出错，已记录，编号 {job.id}。"))
    else:
        job.end(State.DONE)
