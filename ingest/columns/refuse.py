"""Sheets that are recognised and politely refused: orders, handover forms, and what nobody understands."""

from __future__ import annotations

from functools import lru_cache

from ingest.columns.fields import (
    FIELDS,
    HANDOVER_ENOUGH,
    HANDOVER_HEADERS,
    HANDOVER_LABELS,
    HANDOVER_SURE,
    KIND_LABELS,
    ORDER_HEADERS,
    SheetKind,
)
from ingest.columns.header import Guess, headers_seen, plain
from ingest.sheet import Row, Sheet

_HEADER_ROWS = 30
_FORM_ROWS = 60
_LONGEST_NAME = 30
_IMPORTABLE = "能导入的有商品表、问答表、快捷短语和活动通知"


def refusal(sheet: Sheet, guess: Guess | None) -> str:
    """Why a recognised sheet is not imported; "" for any other. Quotes nothing of the sheet."""
    if _is_order(sheet, guess):
        return f"这是一张订单表，订单暂不能导入，已跳过。{_IMPORTABLE}。"
    if _is_handover(sheet):
        return (
            "这是一张店铺交接表，交接表暂不能导入，已跳过，表里的账号密码没有读取。"
            "请把买家会问到的内容整理成问答表再导入。"
        )
    return ""


def _is_order(sheet: Sheet, guess: Guess | None) -> bool:
    # An order's columns include a product's, so a complete guess is looked at alone; otherwise any row may be it.
    rows = [guess.row] if guess and not guess.missing else sheet.rows[:_HEADER_ROWS]
    return any(_names(row) & _folded(ORDER_HEADERS) for row in rows)


def _is_handover(sheet: Sheet) -> bool:
    rows = sheet.rows[:_FORM_ROWS]
    if any(set(pair) <= _names(row) for row in rows[:_HEADER_ROWS] for pair in HANDOVER_HEADERS):
        return True
    first = {plain(text) for row in rows if len(text := next(filter(None, row.cells))) <= _LONGEST_NAME}
    sure = first & _folded(HANDOVER_SURE)
    return bool(sure) and len(sure | first & _folded(HANDOVER_LABELS)) >= HANDOVER_ENOUGH


def _names(row: Row) -> set[str]:
    return {plain(cell) for cell in row.cells if cell and len(cell) <= _LONGEST_NAME}


def not_understood(sheet: Sheet, guess: Guess | None, kind: SheetKind | None) -> str:
    """What was seen in a sheet of no known kind, and what is needed."""
    if guess and (kind or guess.matched > 1):
        missing = "、".join(f"“{field.label}”" for field in guess.missing)
        return (
            f"第{guess.row.number}行看起来是{KIND_LABELS[guess.kind]}的表头，但缺少{missing}一列，"
            "请补上这一列或改好列名后再导入。"
        )
    seen = headers_seen(sheet.rows)
    found = f"看到的列是：{seen}。" if seen else ""
    return f"看不出这是什么表。{found}{_needs(kind)}"


def _needs(kind: SheetKind | None) -> str:
    needs = (
        f"{KIND_LABELS[k]}要有" + "和".join(f"“{field.label}”" for field in FIELDS[k] if field.required)
        for k in ([kind] if kind else FIELDS)
    )
    return "；".join(needs) + "。"


@lru_cache(maxsize=8)
def _folded(names: tuple[str, ...]) -> frozenset[str]:
    return frozenset(map(plain, names))
