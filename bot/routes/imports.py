"""A merchant's file through HTTP: preview, commit, and the record of what was imported."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, UploadFile

from bot.access import TrainerShop
from bot.shapes.imports import ImportOut, ImportsOut
from ingest import importer

router = APIRouter(prefix="/v1", tags=["训练师"])

Kind = Literal["auto", "product", "faq", "phrase", "notice"]


@router.post("/imports", summary="导入商家的表：先预览，再提交；有错误时须说明只导入没有问题的行")
def import_file(
    shop: TrainerShop,
    file: UploadFile,
    mode: Literal["preview", "commit"] = "preview",
    partial: Annotated[bool, Query(description="有错误时仍导入没有问题的行")] = False,
    draft: Annotated[bool, Query(description="新条目先存为草稿")] = False,
    sheet: Annotated[Kind, Query(description="表的种类；auto 由表头判断")] = "auto",
) -> dict[str, Any]:
    with shop.import_turn():
        data, name = file.file.read(), file.filename or "未命名"
        if mode == "preview":
            return importer.preview(shop.store, data, name, kind=sheet, engine=shop.engine).to_json()
        report = importer.commit(
            shop.store,
            shop.engine,
            data,
            name,
            kind=sheet,
            partial=partial,
            as_draft=draft,
            actor=shop.grant.label,
        )
        shop.publish()
        return report.to_json()


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
