"""A merchant's file through HTTP: preview, commit, and the record of what was imported."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from urllib.parse import quote

from fastapi import APIRouter, Query, Response, UploadFile

from bot.access import TrainerShop
from bot.shapes.imports import ImportOut, ImportsOut
from ingest import importer
from ingest.mark import marked

router = APIRouter(prefix="/v1", tags=["训练师"])

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Kind = Literal["auto", "product", "faq", "phrase", "notice", "handover", "order"]


@router.post("/imports", summary="导入商家的表：先预览，再提交；有错误时须说明只导入没有问题的行")
def import_file(
    shop: TrainerShop,
    file: UploadFile,
    mode: Literal["preview", "commit"] = "preview",
    partial: Annotated[bool, Query(description="有错误时仍导入没有问题的行")] = False,
    draft: Annotated[bool, Query(description="新条目先存为草稿")] = False,
    retire: Annotated[bool, Query(description="下架以前由同名文件导入、这次表里已删除的内容")] = False,
    sheet: Annotated[Kind, Query(description="表的种类；auto 由表头判断")] = "auto",
) -> dict[str, Any]:
    with shop.import_turn():
        data, name = file.file.read(), file.filename or "未命名"
        if mode == "preview":
            return importer.preview(shop.store, data, name, kind=sheet, engine=shop.engine, retire=retire).to_json()
        report = importer.commit(
            shop.store,
            shop.engine,
            data,
            name,
            kind=sheet,
            partial=partial,
            as_draft=draft,
            retire=retire,
            actor=shop.grant.label,
        )
        shop.publish()
        return report.to_json()


@router.post(
    "/imports/marked",
    summary="把商家的表标好问题交还：有疑问的格子上色并附批注，另有问题清单；不写入",
    response_class=Response,
    responses={200: {"description": "标好问题的 xlsx", "content": {_XLSX: {}}}},
)
def mark_file(
    shop: TrainerShop,
    file: UploadFile,
    sheet: Annotated[Kind, Query(description="表的种类；auto 由表头判断")] = "auto",
) -> Response:
    with shop.import_turn():
        data, name = file.file.read(), file.filename or "未命名"
        report = importer.preview(shop.store, data, name, kind=sheet, everything=True)
        copy = marked(data, name, report)
    saved_as = quote(f"{report.file.rpartition('.')[0] or report.file}-核对.xlsx")
    return Response(copy, media_type=_XLSX, headers={"content-disposition": f"attachment; filename*=UTF-8''{saved_as}"})


@router.get("/imports", summary="导入记录")
def list_imports(shop: TrainerShop) -> ImportsOut:
    return ImportsOut(
        imports=[
            ImportOut(
                id=r.id,
                at=r.at,
                file=r.file,
                kind=r.kind,
                added=r.added,
                changed=r.changed,
                unchanged=r.unchanged,
                problems=r.problems,
                by=r.actor,
            )
            for r in shop.store.imports()
        ]
    )
