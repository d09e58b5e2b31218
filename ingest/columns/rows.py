"""Which rows below a header are data: notes, totals and repeated headers are not."""

from __future__ import annotations

import re

from ingest.columns.fields import SheetKind
from ingest.columns.table import Table, Use
from ingest.columns.template import is_example
from ingest.problem import Problems
from ingest.sheet import Row

_NOTE = re.compile(r"(备注|注|说明|温馨提示|提示)\s*[:：]|以上|注意")
_NOTE_WORDS = {"备注", "注", "说明", "合计", "总计", "小计", "共计"}
_TOTAL_WORDS = {"合计", "总计", "小计", "共计"}
_LONGEST_NAME = 60  # characters; a lone longer text in the name column is a note
# A row may hold nothing but one of these and still be the merchant's own content.
_CONTENT = {
    SheetKind.FAQ: {"question", "phrasing", "negative", "answer"},
    SheetKind.PHRASE: {"phrase"},
    SheetKind.NOTICE: {"title", "content"},
    SheetKind.CHAT: {"text"},
    SheetKind.PRODUCT: {"name", "sku", "colour", "size", "spec"},
    SheetKind.ORDER: {"product", "sku", "name"},
    SheetKind.OFFER: {"partner", "threshold"},
}


def data_rows(table: Table, problems: Problems) -> tuple[list[Row], int]:
    """The rows that hold data, and how many were left out. A garbled cell is warned of; its row stays."""
    header = {column.index: column.header for column in table.columns}
    kept: list[Row] = []
    skipped = 0
    for row in table.rows:
        if is_example(row) or _repeats_header(row, header) or _is_note(table, row, problems):
            skipped += 1
            continue
        _warn_if_garbled(table, row, problems)
        kept.append(row)
    return kept, skipped


def _repeats_header(row: Row, header: dict[int, str]) -> bool:
    """Exports of several pages repeat the header on each."""
    filled = 0
    for index, text in enumerate(row.cells):
        if text:
            if header.get(index) != " ".join(text.split()):
                return False
            filled += 1
    return filled > 1


def _is_note(table: Table, row: Row, problems: Problems) -> bool:
    filled = [(index, text) for index, text in enumerate(row.cells) if text]
    index, text = filled[0]
    of_products = table.kind is SheetKind.PRODUCT
    if of_products and (_bare(text) in _TOTAL_WORDS or (len(filled) == 2 and _announces_note(text))):
        return True
    if len(filled) > 1:
        return False
    too_long = of_products and len(text) > _LONGEST_NAME
    if _is_content(table, index) and not too_long and not (of_products and _announces_note(text)):
        return False
    if not _announces_note(text) and _is_read(table, index):
        problems.warn("row_skipped", "这一行只有一格有内容，当作说明跳过", row=row.number)
    return True


def _announces_note(text: str) -> bool:
    return _bare(text) in _NOTE_WORDS or bool(_NOTE.match(text))


def _bare(text: str) -> str:
    return text.rstrip(":： ")


def _is_content(table: Table, index: int) -> bool:
    wanted = _CONTENT[table.kind]
    return any(column.index == index for name in wanted for column in table.by_field.get(name, ()))


def _is_read(table: Table, index: int) -> bool:
    return any(column.index == index and column.use in (Use.FIELD, Use.FACT) for column in table.columns)


def _warn_if_garbled(table: Table, row: Row, problems: Problems) -> None:
    if not any("\ufffd" in text for text in row.cells):
        return
    for column in table.columns:
        if column.use in (Use.FIELD, Use.FACT) and "\ufffd" in row.cell(column.index):
            text = row.cell(column.index)
            spot = text.index("\ufffd")
            problems.warn(
                "garbled",
                "有乱码（�），原文件在这里已经损坏，导入后请核对这一格",
                row=row.number,
                column=column.letter,
                value=text[max(0, spot - 20) : spot + 20],
            )
