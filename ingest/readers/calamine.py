"""Old and foreign workbooks (xls, et, ods) through calamine. Only ever inside the sandbox: it aborts on bad files.

Values only, as the program that saved them computed them. Calamine does not tell how a number is shown, so 25% comes as
0.25 here; an xlsx of the same table keeps it.
"""

from __future__ import annotations

import datetime as dt
import io
import re
from collections.abc import Iterator

from python_calamine import CalamineError, CalamineSheet, PasswordError, SheetTypeEnum, SheetVisibleEnum, load_workbook

from ingest.readers.limits import MAX_CELLS, MAX_COLUMNS, MAX_ROWS, MAX_SHEETS
from ingest.sheet import Row, Sheet, cell_text, make_row, tidy
from kb.errors import BadFile, TooLarge

_SAVE_AS = "请用 Excel 或 WPS 打开后另存为 xlsx，再导入。"
_UNLOCK = "请打开后去掉密码，另存一份再导入。"
# The records that begin a workbook in BIFF5 or BIFF8: BOF, perhaps WRITEPROT, and FILEPASS where it is locked.
_LOCKED = re.compile(rb"\x09\x08[\x08\x10]\x00\x00[\x05\x06]\x05\x00.{4,12}?(?:\x86\x00\x00\x00)?\x2f\x00", re.DOTALL)
_MIDNIGHT = dt.time()


def read_workbook(data: bytes, name: str) -> list[Sheet]:
    """The visible sheets that hold anything. Raises BadFile when the workbook is broken, TooLarge over a bound."""
    try:
        return _read(data, name)
    except PasswordError as error:
        raise BadFile(f"文件“{name}”加了密码。", remedy=_UNLOCK) from error
    except (CalamineError, ValueError, OverflowError, OSError) as error:
        if _LOCKED.search(data):  # calamine calls it an unknown format
            raise BadFile(f"文件“{name}”加了密码。", remedy=_UNLOCK) from error
        raise BadFile(f"文件“{name}”打不开，可能已损坏。", remedy=_SAVE_AS) from error


def _read(data: bytes, name: str) -> list[Sheet]:
    book = load_workbook(io.BytesIO(data))
    visible = [
        about.name
        for about in book.sheets_metadata
        if about.visible == SheetVisibleEnum.Visible and about.typ == SheetTypeEnum.WorkSheet
    ]
    if len(visible) > MAX_SHEETS:
        raise TooLarge(f"文件“{name}”有 {len(visible)} 张工作表，上限是 {MAX_SHEETS} 张。")
    sheets = []
    for title in visible:
        if rows := tuple(_rows(book.get_sheet_by_name(title), f"文件“{name}”的工作表“{tidy(title)}”")):
            sheets.append(Sheet(tidy(title), rows))
    return sheets


def _rows(sheet: CalamineSheet, where: str) -> Iterator[Row]:
    if sheet.start is None or sheet.end is None:
        return
    first, left = sheet.start
    if sheet.end[1] >= MAX_COLUMNS:
        raise TooLarge(f"{where}有 {sheet.end[1] + 1} 列，上限是 {MAX_COLUMNS} 列。")
    if sheet.end[0] >= MAX_ROWS:
        raise TooLarge(f"{where}超过 {MAX_ROWS:,} 行。")
    if sheet.height * sheet.width > MAX_CELLS:
        raise TooLarge(f"{where}的单元格太多，请删除多余的空行空列。")
    for number, cells in enumerate(sheet.iter_rows(), start=first + 1):
        row = make_row(number, [""] * left + [_text(cell) for cell in cells])
        if row is not None:
            yield row


def _text(value: object) -> str:
    if isinstance(value, dt.datetime) and value.time() == _MIDNIGHT:
        value = value.date()  # how a day is stored
    return cell_text(value)
