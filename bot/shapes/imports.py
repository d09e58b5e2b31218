"""The record of imports, and the imports that are under way."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from bot.jobs import Job, State
from bot.shapes.base import Reply
from ingest.pace import Stage
from kb.errors import HuashuError
from kb.store.change import ImportRecord


class ImportOut(Reply):
    id: str
    at: int
    file: str
    kind: str
    added: int
    changed: int
    unchanged: int
    retired: int
    problems: int
    by: str
    batch: str = Field(description="同一个文件的几条记录同一批，撤销时一起撤销")
    undoable: bool = Field(description="还能撤销：最近 20 次里改动过内容、没有撤销过的；后来又改过其中内容时仍会被拒绝")
    undone_at: int | None = Field(description="什么时候撤销的，没有撤销过为 null")
    undone_by: str

    @classmethod
    def of(cls, record: ImportRecord, *, undoable: bool) -> ImportOut:
        return cls(
            id=record.id,
            at=record.at,
            file=record.file,
            kind=record.kind,
            added=record.added,
            changed=record.changed,
            unchanged=record.unchanged,
            retired=record.retired,
            problems=record.problems,
            by=record.actor,
            batch=record.batch,
            undoable=undoable,
            undone_at=record.undone_at or None,
            undone_by=record.undone_by,
        )


class ImportsOut(Reply):
    imports: list[ImportOut]


class UndoneOut(Reply):
    """An import that was undone: the generation that is live now, and the records that it took back."""

    generation: int
    undone: list[ImportOut]


class FailureOut(Reply):
    """Why a job did not do what it was meant to; the same words as a problem document's."""

    code: str = Field(examples=["HS-415"])
    title: str
    detail: str
    remedy: str

    @classmethod
    def of(cls, error: HuashuError) -> FailureOut:
        return cls(code=error.code, title=error.title, detail=error.message, remedy=error.advice)


class JobOut(Reply):
    """An import that goes on by itself: ask again every second or so until `ended_at` is set."""

    id: str
    file: str
    by: str
    state: State
    stage: Stage | None = Field(description="正在做的一步；还没开始为 null")
    done: int = Field(description="已生成向量的文本数")
    total: int = Field(description="要生成向量的文本数")
    rate: float | None = Field(description="每秒多少条文本，最近二十秒的；还说不出为 null")
    eta_s: float | None = Field(description="生成向量还要多少秒；还说不出为 null")
    queued_at: float
    started_at: float | None
    ended_at: float | None
    report: dict[str, Any] | None = Field(description="完成后的导入报告，同 POST /v1/imports 的回复")
    problem: FailureOut | None = Field(description="失败或取消的原因")

    @classmethod
    def of(cls, job: Job) -> JobOut:
        ended_at = job.ended_at  # first: what is read after it belongs to an end that is told
        rate, left = job.pace.rate, job.pace.left_s
        return cls(
            id=job.id,
            file=job.file,
            by=job.actor,
            state=job.state,
            stage=job.stage,
            done=job.pace.done,
            total=job.pace.total,
            rate=None if rate is None else round(rate, 1),
            eta_s=None if left is None else round(left, 1),
            queued_at=job.queued_at,
            started_at=job.started_at,
            ended_at=ended_at,
            report=job.report,
            problem=None if job.error is None else FailureOut.of(job.error),
        )


class JobsOut(Reply):
    jobs: list[JobOut]
