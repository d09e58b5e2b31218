"""A merchant's file through HTTP: preview, commit, as a job or while the caller waits; the record, and undo."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Form, Path, Query, UploadFile

from bot.access import OneShop, Shop
from bot.jobs import Job
from bot.shapes.exports import WORKBOOK, Workbook
from bot.shapes.imports import ImportOut, ImportsOut, JobOut, JobsOut, UndoneOut
from bot.yielding import giving_way, unhurried
from ingest import importer
from ingest.columns.correction import Corrections, read_corrections
from ingest.gate import display_name
from ingest.mark import marked
from ingest.pace import Stage, unwatched
from kb.language.mask import mask
from kb.store.audit import Deed, digest
from kb.vectorise import Progress, Stopped, never

router = APIRouter(prefix="/v1", tags=["训练师"])

Kind = Literal["auto", "product", "faq", "phrase", "notice", "handover", "order", "offer", "chat"]
ImportId = Annotated[str, Path(max_length=64)]


ColumnMapping = Annotated[
    str,
    Form(description='列的含义（JSON）：{"sheets": {"Sheet1": {"columns": {"C": "answer"}}}}；提交（commit）后记住'),
]


@dataclass(frozen=True, slots=True)
class Wanted:
    """How a file is to be imported."""

    mode: Literal["preview", "commit"] = "preview"
    partial: Annotated[bool, Query(description="有错误时仍导入没有问题的行")] = False
    draft: Annotated[bool, Query(description="新条目先存为草稿")] = False
    retire: Annotated[bool, Query(description="下架以前由同名文件导入、这次表里已删除的内容")] = False
    retire_most: Annotated[bool, Query(description="这样的内容大部分都没有了（most_removed）时，确认仍要下架")] = False
    sheet: Annotated[Kind, Query(description="表的种类；auto 由表头判断")] = "auto"
    mapping: ColumnMapping = ""


Options = Annotated[Wanted, Depends()]


@router.post("/imports", summary="导入商家的表：先预览，再提交；有错误时须说明只导入没有问题的行")
def import_file(shop: OneShop, file: UploadFile, wanted: Options) -> dict[str, Any]:
    mapping, data, name = read_corrections(wanted.mapping), file.file.read(), file.filename or "未命名"
    with shop.import_turn():
        report = _import(shop, data, name, wanted, mapping)
    if report["committed"]:
        shop.note(summary=f"{report['file']}：{report['message']}", after=digest(data))
    else:
        shop.unchanged()
    return report


@router.post(
    "/imports/marked",
    summary="把商家的表标好问题交还：有疑问的格子上色并附批注，另有问题清单；不写入",
    response_class=Workbook,
    responses=WORKBOOK,
)
def mark_file(
    shop: OneShop,
    file: UploadFile,
    sheet: Annotated[Kind, Query(description="表的种类；auto 由表头判断")] = "auto",
    mapping: ColumnMapping = "",
) -> Workbook:
    corrections = read_corrections(mapping)
    with shop.import_turn():
        data, name = file.file.read(), file.filename or "未命名"
        report = importer.preview(shop.store, data, name, kind=sheet, mapping=corrections, everything=True)
        copy = marked(data, name, report)
    return Workbook.attached(copy, f"{report.file.rpartition('.')[0] or report.file}-核对.xlsx")


@router.get("/imports", summary="导入记录")
def list_imports(shop: OneShop) -> ImportsOut:
    undoable = shop.store.undoable()
    return ImportsOut(
        imports=[ImportOut.of(record, undoable=record.batch in undoable) for record in shop.store.imports()]
    )


@router.post("/imports/{import_id}/undo", summary="撤销一次导入：整个文件恢复到导入之前；后来又改过的不能撤销")
def undo_import(import_id: ImportId, shop: OneShop) -> UndoneOut:
    with giving_way():
        shop.store.undo(import_id, actor=shop.grant.label)
        generation = shop.publish()
    batch = shop.store.batch_of(import_id)
    shop.note(import_id, "、".join(dict.fromkeys(record.file for record in batch)))
    return UndoneOut(generation=generation, undone=[ImportOut.of(record, undoable=False) for record in batch])


@router.post("/imports/jobs", status_code=202, summary="在后台导入：立刻返回任务，进度另查；参数同 POST /v1/imports")
def start_job(shop: OneShop, file: UploadFile, wanted: Options) -> JobOut:
    data, name, mapping = file.file.read(), file.filename or "未命名", read_corrections(wanted.mapping)

    def work(job: Job) -> dict[str, Any]:
        report = _import(
            shop, data, name, wanted, mapping, at=job.enter, progress=job.pace.at, stopped=job.stopping.is_set
        )
        if report["committed"]:
            shop.record(
                Deed(
                    "import.commit",
                    shop.merchant.slug,
                    job.id,
                    f"{report['file']}：{report['message']}",
                    after=digest(data),
                )
            )
        return report

    job = shop.jobs.start(mask(display_name(name)), shop.grant.label, len(data), work)
    if wanted.mode == "commit":
        shop.note(job.id, job.file, after=digest(data))
    else:
        shop.unchanged()
    return JobOut.of(job)


@router.get("/imports/jobs", summary="这家店最近的导入任务，新的在前；服务重启后从头记")
def list_jobs(shop: OneShop) -> JobsOut:
    return JobsOut(jobs=[JobOut.of(job) for job in shop.jobs.latest()])


@router.get("/imports/jobs/{job_id}", summary="一个导入任务的进度和结果")
def show_job(job_id: ImportId, shop: OneShop) -> JobOut:
    return JobOut.of(shop.jobs.named(job_id))


@router.delete("/imports/jobs/{job_id}", summary="取消导入任务；正在写入或已经结束的照旧")
def cancel_job(job_id: ImportId, shop: OneShop) -> JobOut:
    shop.note(job_id)
    return JobOut.of(shop.jobs.cancel(job_id))


def _import(
    shop: Shop,
    data: bytes,
    name: str,
    wanted: Wanted,
    mapping: Corrections,
    *,
    at: Callable[[Stage], None] = unwatched,
    progress: Progress = unwatched,
    stopped: Stopped = never,
) -> dict[str, Any]:
    if wanted.mode == "preview":
        return importer.preview(
            shop.store,
            data,
            name,
            kind=wanted.sheet,
            mapping=mapping,
            engine=shop.engine,
            retire=wanted.retire,
            retire_most=wanted.retire_most,
            at=at,
            stopped=stopped,
        ).to_json()
    with unhurried(shop.engine) as engine:
        report = importer.commit(
            shop.store,
            engine,
            data,
            name,
            kind=wanted.sheet,
            mapping=mapping,
            partial=wanted.partial,
            as_draft=wanted.draft,
            retire=wanted.retire,
            retire_most=wanted.retire_most,
            actor=shop.grant.label,
            at=at,
            progress=progress,
            stopped=stopped,
        )
    shop.publish()
    return report.to_json()
