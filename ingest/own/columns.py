"""The columns of our own sheets: those of the kind's template, and what else an export has to state.

Column 行类型 says that a sheet is ours, of which kind, and of each row what it is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from ingest.columns.fields import FIELDS, KIND_LABELS, SheetKind
from ingest.columns.naming import is_secret, plain
from ingest.columns.table import Column, Table, Use
from ingest.own.long import gather
from ingest.sheet import Row, Sheet

ROW = "row"
_ROW_LABEL = "行类型"
_ROW_HEADER = re.compile(rf"{_ROW_LABEL}[（(](.+)[)）]")
_SEARCH_ROWS = 30

# What a column of a template is called here; the others go by the name of their field.
_RENAMED: Mapping[SheetKind, Mapping[str, str]] = {
    SheetKind.FAQ: {"key": "number"},
    SheetKind.PHRASE: {"key": "shortcut", "phrase": "answer", "group": "category"},
    SheetKind.NOTICE: {"key": "number", "title": "question", "content": "answer"},
}
# All that an entry holds. What the template has no column for stands to the right of it, in this order.
_ENTRY = {
    "number": "编号",
    "question": "标准问题",
    "phrasing": "相似问",
    "negative": "反例",
    "platform": "平台",
    "products": "适用商品",
    "order_state": "适用订单状态",
    "answer_start": "话术生效时间",
    "answer_end": "话术失效时间",
    "scene": "场景",
    "shortcut": "快捷编码",
    "start": "生效时间",
    "end": "失效时间",
    "must_read": "是否必读",
    "kind": "种类",
    "status": "状态",
}
ENTRY_KINDS = tuple(_RENAMED)
# What a product is, before what is known about it.
_PRODUCT = {
    "key": "商品编号",
    "name": "商品名称",
    "sku": "SKU编码",
    "sku_name": "SKU名称",
    "status": "状态",
    "brand": "品牌",
    "category": "类目",
    "model": "型号",
}
# What made a floor is not kept; a span of time has two columns.
_OFFER_LEFT_OUT = ("cost", "margin", "valid")
_PROFILE = {"name": "项目", "value": "内容", "unit": "单位"}

_VITAL: Mapping[SheetKind, tuple[str, ...]] = {
    SheetKind.FAQ: ("question", "phrasing", "answer"),
    SheetKind.PHRASE: ("answer",),
    SheetKind.NOTICE: ("question", "answer"),
    SheetKind.PRODUCT: ("key", "name"),
    SheetKind.HANDOVER: ("name", "value"),
    SheetKind.OFFER: ("way", "products", "partner"),
}

_LINES, _WHOLE = "一行一句", "一格一句"
_ASKS = re.compile(rf"(.+?)(\d*)[（(]({_LINES}|{_WHOLE})[)）]")


class Place(NamedTuple):
    """Where a text of an entry stands: a repeating column has several places, of lines or of one text each.

    A tuple, because an export hashes it once a cell.
    """

    attr: str
    whole: bool = False
    number: int = 0


def row_header(kind: SheetKind) -> str:
    return f"{_ROW_LABEL}（{KIND_LABELS[kind]}）"


@lru_cache(maxsize=len(SheetKind))
def labels(kind: SheetKind) -> Mapping[str, str]:
    """The label of each attribute of a kind's rows, in the order of the sheet."""
    if kind is SheetKind.PRODUCT:
        return _PRODUCT
    if kind is SheetKind.HANDOVER:
        return _PROFILE
    if kind is SheetKind.OFFER:
        return {field.name: field.label for field in FIELDS[kind] if field.name not in _OFFER_LEFT_OUT}
    names = _RENAMED[kind]
    own = {names.get(field.name, field.name): field.label for field in FIELDS[kind] if field.name != "valid"}
    more = {attr: label for attr, label in _ENTRY.items() if attr not in own}
    if kind is not SheetKind.FAQ:
        del more["kind"]  # the sheet says it
    return {**own, **more}


def wanting(table: Table) -> list[str]:
    """The labels of vital columns that this sheet has lost: what it does not say would be wiped out in every row."""
    return [labels(table.kind)[attr] for attr in _VITAL[table.kind] if attr not in table.by_field]


def header_of(kind: SheetKind, place: Place) -> str:
    """What stands above a column of entries."""
    label = labels(kind)[place.attr]
    if place.attr not in ("phrasing", "negative"):
        return label
    return f"{label}{place.number or ''}（{_WHOLE if place.whole else _LINES}）"


def own_kind(sheet: Sheet) -> tuple[SheetKind, Row] | None:
    """The kind and the header row of a sheet that we have written; None for any other."""
    for row in sheet.rows[:_SEARCH_ROWS]:
        for match in filter(None, map(_ROW_HEADER.fullmatch, row.cells)):
            for kind, label in KIND_LABELS.items():
                if label == match[1] and kind in (*ENTRY_KINDS, SheetKind.PRODUCT, SheetKind.HANDOVER, SheetKind.OFFER):
                    return kind, row
    return None


def own_table(file: str, sheet: Sheet, kind: SheetKind, header: Row) -> Table:
    """The sheet below its header; headers are what we have written, remarks on required columns apart."""
    header, rows = gather(sheet, header)
    columns = tuple(_column(kind, index, text) for index, text in enumerate(header.cells) if text)
    return Table(file, sheet.name, kind, header.number, columns, tuple(rows))


def is_whole(column: Column) -> bool:
    """Whether a cell of phrasings is one text, line breaks and all."""
    return _WHOLE in column.header


def _column(kind: SheetKind, index: int, header: str) -> Column:
    if _ROW_HEADER.fullmatch(header):
        return Column(index, header, Use.FIELD, ROW, _ROW_LABEL)
    attr = _attr(kind, header)
    if attr:
        return Column(index, header, Use.FIELD, attr, labels(kind)[attr])
    if is_secret(header):
        return Column(index, header, Use.SECRET)
    return Column(index, header, Use.FACT if kind is SheetKind.PRODUCT else Use.UNUSED)


def _attr(kind: SheetKind, header: str) -> str:
    # A product's facts may be called anything, so there only the very label is ours.
    if kind is SheetKind.PRODUCT:
        wanted = header.removesuffix("*")
        return next((attr for attr, label in labels(kind).items() if label == wanted), "")
    asks = _ASKS.fullmatch(header)
    wanted = plain(asks[1] if asks else header)
    return next((attr for attr, label in labels(kind).items() if plain(label) == wanted), "")
