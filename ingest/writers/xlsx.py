"""Workbooks through XlsxWriter: every cell a text, the same pages always the same bytes."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Sequence
from typing import Any

from ingest.quote import quote
from ingest.sheet import column_letter, safe
from ingest.writers.page import Guide, Header, Page
from kb.errors import TooLarge

_CREATED = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)  # a clock in the file would make equal knowledge unequal bytes
_LONGEST_CELL = 32_767  # characters, of any spreadsheet
_MAX_ROWS = 100_000  # what the importer reads
_MESSAGE = 250  # characters of a note beside a list
_FONT = {"font_name": "Microsoft YaHei", "font_size": 10, "valign": "top"}
_TEXT = {**_FONT, "num_format": "@", "text_wrap": True}
_HEAD = {**_FONT, "bold": True, "font_color": "#FFFFFF", "border": 1, "border_color": "#FFFFFF", "valign": "vcenter"}


def write_workbook(pages: Sequence[Page], guide: Guide | None = None) -> bytes:
    """The pages as an xlsx file. Raises TooLarge for what no spreadsheet can hold."""
    import xlsxwriter  # here, not above: it takes 0.1 s to import, which a service that exports nothing need not pay

    out = io.BytesIO()
    book = xlsxwriter.Workbook(
        out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    )
    book.set_properties({"created": _CREATED, "title": pages[0].name if pages else "", "comments": "huashu 话术"})
    formats = {
        "text": book.add_format(_TEXT),
        "head": book.add_format({**_HEAD, "bg_color": "#1F6F54"}),
        "required": book.add_format({**_HEAD, "bg_color": "#B4511E"}),
        "example": book.add_format({**_TEXT, "italic": True, "font_color": "#7F7F7F", "bg_color": "#F2F2F2"}),
        "title": book.add_format({**_FONT, "bold": True, "font_size": 14}),
        "note": book.add_format({**_FONT, "text_wrap": True}),
    }
    for page in pages:
        _write_page(book, page, formats)
    if guide:
        _write_guide(book, guide, formats)
    book.close()
    return out.getvalue()


def _write_page(book: Any, page: Page, formats: dict[str, Any]) -> None:
    if len(page.rows) >= _MAX_ROWS:
        raise TooLarge(f"“{page.name}”有 {len(page.rows):,} 行，一张表最多 {_MAX_ROWS:,} 行。")
    sheet = book.add_worksheet(page.name)
    last = len(page.rows)
    for index, header in enumerate(page.headers):
        sheet.set_column(index, index, header.width, formats["text"])
        sheet.write_string(0, index, quote(safe(header.text)), formats["required" if header.required else "head"])
        _offer_choices(sheet, index, header)
    sheet.set_row(0, 24)
    for number, row in enumerate(page.rows, start=1):
        form = formats["example" if number <= page.examples else "text"]
        for index, text in enumerate(row):
            if text:
                sheet.write_string(number, index, _cell(text, page, number, index), form)
            elif number <= page.examples:
                sheet.write_blank(number, index, None, form)
    sheet.freeze_panes(1, page.frozen)
    if page.headers and not page.examples:
        sheet.autofilter(0, 0, max(last, 1), len(page.headers) - 1)
    # Codes are texts on purpose; a green corner on each would look like a mistake.
    sheet.ignore_errors({"number_stored_as_text": f"A1:{column_letter(len(page.headers))}{max(last, 1000) + 1}"})


def _offer_choices(sheet: Any, index: int, header: Header) -> None:
    if header.choices:
        error = {"error_title": header.text[:32], "error_message": "请从列表里选一个：" + "、".join(header.choices)}
        rule = {"validate": "list", "source": list(header.choices), "show_error": header.only, **error}
        sheet.data_validation(1, index, _MAX_ROWS, index, rule)


def _cell(text: str, page: Page, row: int, column: int) -> str:
    text = quote(safe(text))
    if len(text) > _LONGEST_CELL:
        where = f"“{page.name}”第{row + 1}行 {column_letter(column)}列"
        raise TooLarge(
            f"{where}有 {len(text):,} 个字，Excel 一格最多 {_LONGEST_CELL:,} 个。",
            remedy="请改为导出 csv（huashu export --format csv），或先把这一条拆短。",
        )
    return text


def _write_guide(book: Any, guide: Guide, formats: dict[str, Any]) -> None:
    sheet = book.add_worksheet(guide.name)
    sheet.hide_gridlines(2)
    sheet.set_column(0, 0, 22)
    sheet.set_column(1, 1, 8)
    sheet.set_column(2, 2, 60)
    sheet.set_column(3, 4, 34)
    sheet.write_string(0, 0, guide.title, formats["title"])
    for number, note in enumerate(guide.notes, start=1):
        sheet.merge_range(number, 0, number, 4, note, formats["note"])
        sheet.set_row(number, 16 * (1 + len(note) // 80))
    top = len(guide.notes) + 2
    for index, text in enumerate(guide.headers):
        sheet.write_string(top, index, text, formats["head"])
    for number, row in enumerate(guide.rows, start=top + 1):
        for index, text in enumerate(row):
            sheet.write_string(number, index, quote(text), formats["text"])
