"""Sheets to download: blank templates, and the shop's own knowledge in them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path

from bot.access import OneShop
from bot.shapes.exports import WORKBOOK, ExportKind, Workbook
from ingest.columns.fields import KIND_LABELS, SheetKind
from ingest.export import export_xlsx, knowledge_of
from ingest.template import template
from kb.store.audit import digest

router = APIRouter(prefix="/v1", tags=["训练师"])


@router.get("/templates/{kind}", summary="下载空白模板，附填写说明", response_class=Workbook, responses=WORKBOOK)
def download_template(kind: Annotated[SheetKind, Path(description="表的种类")], _shop: OneShop) -> Workbook:
    return Workbook.attached(template(kind), f"{KIND_LABELS[kind]}模板.xlsx")


@router.get(
    "/export/{kind}", summary="导出店铺的知识，和模板同样的列，改好可以再导入", response_class=Workbook, responses=WORKBOOK
)  # fmt: skip
def download_export(kind: Annotated[ExportKind, Path(description="表的种类")], shop: OneShop) -> Workbook:
    sheet = SheetKind(kind)
    with shop.import_turn():
        content = export_xlsx(knowledge_of(shop.store), [sheet])
    shop.note(summary=KIND_LABELS[sheet], after=digest(content))
    return Workbook.attached(content, f"{shop.merchant.name}-{KIND_LABELS[sheet]}.xlsx")
