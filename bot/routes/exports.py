"""Sheets to download: blank templates, and the shop's own knowledge in them."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Path, Response

from bot.access import TrainerShop
from bot.shapes.exports import ExportKind, TemplateKind, Workbook
from ingest.columns.fields import KIND_LABELS, SheetKind
from ingest.export import export_xlsx, knowledge_of
from ingest.template import template

router = APIRouter(prefix="/v1", tags=["训练师"])

_WORKBOOK: dict[int | str, dict[str, Any]] = {
    200: {"description": "xlsx 文件", "content": {Workbook.media_type: {"schema": Workbook.schema}}}
}


@router.get("/templates/{kind}", summary="下载空白模板，附填写说明", response_class=Workbook, responses=_WORKBOOK)
def download_template(kind: Annotated[TemplateKind, Path(description="表的种类")], _shop: TrainerShop) -> Response:
    sheet = SheetKind(kind)
    return _attachment(template(sheet), f"{KIND_LABELS[sheet]}模板.xlsx")


@router.get(
    "/export/{kind}", summary="导出店铺的知识，和模板同样的列，改好可以再导入", response_class=Workbook, responses=_WORKBOOK
)  # fmt: skip
def download_export(kind: Annotated[ExportKind, Path(description="表的种类")], shop: TrainerShop) -> Response:
    sheet = SheetKind(kind)
    with shop.import_turn():
        content = export_xlsx(knowledge_of(shop.store), [sheet])
    return _attachment(content, f"{shop.merchant.name}-{KIND_LABELS[sheet]}.xlsx")


def _attachment(content: bytes, name: str) -> Response:
    # Both forms of RFC 6266: a plain name for what reads no other, the real one in UTF-8.
    disposition = f"attachment; filename=\"huashu.xlsx\"; filename*=UTF-8''{quote(name, safe='')}"
    return Workbook(content, headers={"Content-Disposition": disposition, "Cache-Control": "no-store"})
