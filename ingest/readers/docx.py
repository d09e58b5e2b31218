"""Word documents: their tables as they are, their paragraphs as questions and answers."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator

import docx
from docx.document import Document
from docx.oxml.ns import qn
from docx.table import Table
from docx.text.paragraph import Paragraph

from ingest.readers.block import Block
from ingest.readers.limits import MAX_CELLS, MAX_COLUMNS, MAX_ROWS, MAX_SHEETS
from ingest.readers.prose import document_sheets
from ingest.readers.questions import with_header
from ingest.sheet import Row, Sheet, make_row, tidy
from kb.errors import BadFile, HuashuError, TooLarge

_HEADING = re.compile(r"(?:heading|标题)\s*(\d)", re.IGNORECASE)
_TITLE = re.compile(r"title|标题|subtitle|副标题", re.IGNORECASE)
_BOLD_LEVEL = 9  # a short paragraph all in bold is the lowest heading there is
_LONGEST_BOLD = 40
_SAVE_AS = "请用 Word 或 WPS 打开后另存为 docx，再导入。"


def read_document(data: bytes, name: str) -> list[Sheet]:
    """A sheet for each table, and one for the questions in the text. Raises BadFile or TooLarge."""
    try:
        document = docx.Document(io.BytesIO(data))
        tables, blocks = _body(document, name)
    except (HuashuError, MemoryError):
        raise
    except Exception as error:  # python-docx and lxml end in KeyError, AttributeError, XMLSyntaxError and more
        raise BadFile(f"文件“{name}”打不开，可能已损坏。", remedy=_SAVE_AS) from error
    return document_sheets(blocks, tables, name)


def _body(document: Document, name: str) -> tuple[list[Sheet], list[Block]]:
    tables: list[Sheet] = []
    blocks: list[Block] = []
    # Once for all: asking a paragraph for its style searches all styles, which is most of the work of a long document.
    levels = {style.style_id: _style_level(style.name or "") for style in document.styles}
    number = 0
    for part in document.iter_inner_content():
        if isinstance(part, Table):
            if rows := _table_rows(part, name):
                tables.append(Sheet(f"表格{len(tables) + 1}", with_header(rows)))
        elif text := part.text.strip():
            number += 1
            level = levels.get(part._p.style or "", 0) or _bold_level(part, text)
            blocks.extend(_blocks(part, text, number, level))
        if len(tables) > MAX_SHEETS:
            raise TooLarge(f"文件“{name}”里有太多表格，上限是 {MAX_SHEETS} 个。")
        if number > MAX_ROWS:
            raise TooLarge(f"文件“{name}”超过 {MAX_ROWS:,} 段。")
    return tables, blocks


def _blocks(paragraph: Paragraph, text: str, number: int, level: int) -> Iterator[Block]:
    """The lines of a paragraph: 问 and 答 often stand in one, with a soft break between."""
    numbered = paragraph._p.pPr is not None and paragraph._p.pPr.numPr is not None
    for index, line in enumerate(text.split("\n")):
        if line := tidy(line):
            yield Block(number, line, level, gap=not index, numbered=numbered and not index)


def _style_level(style: str) -> int:
    if match := _HEADING.match(style):
        return int(match[1])
    return 1 if _TITLE.fullmatch(style) else 0


def _bold_level(paragraph: Paragraph, text: str) -> int:
    if len(text) > _LONGEST_BOLD:
        return 0
    runs = [run for run in paragraph.runs if run.text.strip()]
    return _BOLD_LEVEL if runs and all(run.bold for run in runs) else 0


def _table_rows(table: Table, name: str) -> tuple[Row, ...]:
    rows = []
    cells = 0
    for number, line in enumerate(table._tbl.tr_lst, start=1):
        texts: list[str] = []
        for cell in line.tc_lst:
            below = cell.vMerge == "continue"  # part of the cell above
            texts.append("" if below else tidy("\n".join(_cell_lines(cell))))
            texts.extend([""] * min(cell.grid_span - 1, MAX_COLUMNS))
            if len(texts) > MAX_COLUMNS:
                raise TooLarge(f"文件“{name}”的表格太宽，上限是 {MAX_COLUMNS} 列。")
        cells += len(texts)
        if number > MAX_ROWS or cells > MAX_CELLS:
            raise TooLarge(f"文件“{name}”的表格太大，请拆成几份。")
        if row := make_row(number, texts):
            rows.append(row)
    return tuple(rows)


def _cell_lines(cell: object) -> Iterator[str]:
    for paragraph in cell.iterchildren(qn("w:p")):  # type: ignore[attr-defined]
        yield paragraph.text
