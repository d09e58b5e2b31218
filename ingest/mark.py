"""The merchant's own file handed back with every doubtful cell coloured, its reason in a comment, and a list of all.

Values only: what was a formula is its result, and every cell is written as a string, so that a text beginning with "="
stays a text on the merchant's computer. Columns and lines of accounts and passwords come back blank. The same file and
findings give the same bytes.
"""

from __future__ import annotations

import datetime as dt
import io
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import xlsxwriter
from xlsxwriter.utility import cell_autofit_width, xl_cell_to_rowcol

from ingest.columns.fields import SECRET_WORDS, SheetKind
from ingest.columns.form import beside_secrets
from ingest.columns.table import Use
from ingest.kinds.handover import tells_credential
from ingest.problem import Problem
from ingest.readers import read
from ingest.report import Report, SheetReport
from ingest.sheet import Row, Sheet, column_letter
from kb.language.mask import mask

_OF_BUYERS = {"chat", "order"}  # what buyers said and where they live is masked here too
_NO_ANSWERS = {*_OF_BUYERS, "product"}  # elsewhere "初始密码 1234" may be what a buyer is told
_LIST = "问题清单"
_HEADINGS = (("工作表", 16), ("位置", 8), ("轻重", 8), ("问题和改法", 80), ("原内容", 40))
_SEVERITIES = {"error": "必须改", "warning": "请核对"}
_LONGEST_CELL = 32_767  # characters, of any spreadsheet
_LONGEST_COMMENT = 1_000
_MOST_COMMENTS = 5_000  # a drawing each; past this a workbook opens slowly, and the list has all reasons anyway
_MOST_GONE = 500
_WIDEST = 60  # characters
_MEASURED = 200  # rows that decide how wide a column is
_LONGEST_LABEL = 12
_LONG_AGO = dt.datetime(2020, 1, 1)
_HIDDEN = "（账号密码不写回）"


def marked(data: bytes, filename: str, report: Report) -> bytes:
    """An xlsx of the file that `report` is about: the list of findings first, then its sheets.

    Raises what `ingest.readers.read` raises.
    """
    sheets = read(data, filename)
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(out, options)
    book.set_properties({"title": f"{report.file} 核对结果", "created": _LONG_AGO})
    formats = _formats(book)
    listed = book.add_worksheet(_unused(_LIST, [sheet.name for sheet in sheets]))
    names: dict[str, Any] = {}
    for sheet in sheets:
        names[sheet.name] = book.add_worksheet(_unused(sheet.name, [page.get_name() for page in book.worksheets()]))
    told = {sheet.sheet: sheet for sheet in report.sheets}
    for sheet in sheets:
        _write_sheet(names[sheet.name], sheet, told.get(sheet.name), formats)
    _write_list(listed, report, {name: page.get_name() for name, page in names.items()}, formats)
    book.close()
    return out.getvalue()


def _formats(book: Any) -> dict[str, Any]:
    cell = {"text_wrap": True, "valign": "top"}
    return {
        "plain": book.add_format(cell),
        "head": book.add_format({**cell, "bold": True, "bg_color": "#DDEBF7", "bottom": 1}),
        "error": book.add_format({**cell, "bg_color": "#FFC7CE", "font_color": "#9C0006", "border": 1}),
        "warning": book.add_format({**cell, "bg_color": "#FFEB9C", "font_color": "#7F6000", "border": 1}),
        "link": book.add_format({**cell, "font_color": "#0563C1", "underline": 1}),
        "title": book.add_format({"bold": True, "font_size": 13}),
    }


# -- the list


def _write_list(page: Any, report: Report, names: Mapping[str, str], formats: Mapping[str, Any]) -> None:
    page.write_string(0, 0, f"{report.file}：{report.message}"[:_LONGEST_CELL], formats["title"])
    page.write_string(
        1, 0, "红色的必须改好才能导入，黄色的请核对；点“位置”可以跳到那一格。改好后把原来的表重新导入即可。"
    )
    for column, (heading, width) in enumerate(_HEADINGS):
        page.set_column(column, column, width)
        page.write_string(2, column, heading, formats["head"])
    row = 3
    for sheet in report.sheets:
        for problem in sheet.problems:
            _write_finding(page, row, problem, names.get(sheet.sheet, ""), formats)
            row += 1
        for gone in sheet.gone[:_MOST_GONE]:
            done = "已下架" if gone.retired else "知识库里还在，如果不再需要请告诉我们下架"
            texts = (sheet.sheet, "", "请核对", f"上次的表里有、这次没有：“{gone.title}”，{done}", gone.source)
            for column, text in enumerate(texts):
                page.write_string(row, column, text, formats["plain"])
            row += 1
    if row == 3:
        page.write_string(row, 0, "没有发现问题。", formats["plain"])
    page.freeze_panes(3, 0)
    page.autofilter(2, 0, max(row - 1, 2), len(_HEADINGS) - 1)


def _write_finding(page: Any, row: int, problem: Problem, name: str, formats: Mapping[str, Any]) -> None:
    page.write_string(row, 0, problem.sheet, formats["plain"])
    place = f"{problem.column or 'A'}{problem.row}" if problem.row else ""
    if place and name:
        quoted = name.replace("'", "''")
        page.write_url(row, 1, f"internal:'{quoted}'!{place}", formats["link"], place)
    else:
        page.write_string(row, 1, place, formats["plain"])
    page.write_string(row, 2, _SEVERITIES[problem.severity], formats[problem.severity])
    page.write_string(row, 3, problem.text[:_LONGEST_CELL], formats["plain"])
    page.write_string(row, 4, problem.value, formats["plain"])


# -- the sheets


def _write_sheet(page: Any, sheet: Sheet, told: SheetReport | None, formats: Mapping[str, Any]) -> None:
    findings = _by_cell(told.problems if told else ())
    secret = {column.index for column in told.columns if column.use is Use.SECRET} if told else set()
    form = not (told and told.columns) or told.kind == SheetKind.HANDOVER  # our own form has columns too
    closed = beside_secrets(sheet) if form else set()
    header = told.header_row if told else 0
    widths: dict[int, int] = {}
    page.set_comments_author("huashu")
    continued = _continued(sheet) if form else {}
    for row in sheet.rows:
        for index, written in enumerate(_shown(row, secret, header, closed, continued.get(row.number), form=form)):
            text = mask(written) if told and told.kind in _OF_BUYERS else written
            if told and told.kind in _NO_ANSWERS and tells_credential(text):
                text = _HIDDEN
            found = findings.get((row.number - 1, index), [])
            look = _worst(found) or ("head" if row.number == header else "plain")
            if text or found:
                page.write_string(row.number - 1, index, text[:_LONGEST_CELL], formats[look])
            if row.number <= header + _MEASURED:
                widths[index] = min(_WIDEST, max(widths.get(index, 8), cell_autofit_width(text[:_WIDEST]) // 7 + 1))
    for index, width in widths.items():
        page.set_column(index, index, width)
    if header:
        page.freeze_panes(header, 0)
    _comment(page, sheet, findings, formats)


def _comment(
    page: Any, sheet: Sheet, findings: Mapping[tuple[int, int], Sequence[Problem]], formats: Mapping[str, Any]
) -> None:
    filled = {(row.number - 1, index) for row in sheet.rows for index in range(len(row.cells))}
    for (row, column), found in list(findings.items())[:_MOST_COMMENTS]:
        if (row, column) not in filled:
            page.write_blank(row, column, None, formats[_worst(found)])
        text = "\n".join(dict.fromkeys(problem.text for problem in found))
        page.write_comment(row, column, text[:_LONGEST_COMMENT], {"x_scale": 2.5, "y_scale": 1.2 + 0.3 * len(found)})


def _by_cell(problems: Sequence[Problem]) -> dict[tuple[int, int], list[Problem]]:
    """The findings by zero-based row and column; one about a whole row stands in its first cell."""
    found: defaultdict[tuple[int, int], list[Problem]] = defaultdict(list)
    for problem in problems:
        if problem.row:
            found[xl_cell_to_rowcol(f"{problem.column or 'A'}{problem.row}")].append(problem)
    return dict(sorted(found.items()))


def _worst(found: Sequence[Problem]) -> str:
    return min((problem.severity for problem in found), default="")


def _continued(sheet: Sheet) -> dict[int, int]:
    """By row number, the column of a label of a credential above: a merged label names the rows below it too."""
    found: dict[int, int] = {}
    label: int | None = None
    for row in sheet.rows:
        here = next((i for i, text in enumerate(row.cells) if _is_secret(text)), None)
        label = here if here is not None or any(row.cells[: (label or 0) + 1]) else label
        if label is not None and here is None:
            found[row.number] = label
    return found


def _shown(
    row: Row, secret: set[int], header: int, closed: set[tuple[int, str]], above: int | None, *, form: bool
) -> list[str]:
    """A row's texts without its secrets: below the header in a column of them; in a form, all beside or below such a label
    and what gives one away in other words."""
    if form:
        label = next((i for i, text in enumerate(row.cells) if _is_secret(text)), above)
        texts = [
            text if label is None or i < label else _without_secret(text, i == label)
            for i, text in enumerate(row.cells)
        ]
        return [
            _HIDDEN if (row.number, column_letter(i)) in closed or tells_credential(text) else text
            for i, text in enumerate(texts)
        ]
    if row.number <= header:
        return list(row.cells)
    return [_HIDDEN if text and i in secret else text for i, text in enumerate(row.cells)]


def _without_secret(text: str, label: bool) -> str:
    """The label of a line stays as far as it holds no value; what stands beside it goes."""
    if not text:
        return ""
    return text if label and len(text) <= _LONGEST_LABEL and not set(text.rstrip(":：")) & set(":：=") else _HIDDEN


def _is_secret(text: str) -> bool:
    return any(word in text.lower() for word in SECRET_WORDS)


# -- names


def _sheet_name(name: str) -> str:
    """A name that a spreadsheet takes: no more than 31 characters and none of []:*?/\\."""
    kept = "".join("_" if char in "[]:*?/\\" else char for char in name).strip("'")[:31]
    return kept or "Sheet"


def _unused(wanted: str, taken: Sequence[str]) -> str:
    lower = {_sheet_name(name).lower() for name in taken}
    names = (_sheet_name(wanted), *(f"{_sheet_name(wanted)[:28]}{i}" for i in range(2, 1_000)))
    return next(name for name in names if name.lower() not in lower)
