"""Markdown: tables as they are, headings and paragraphs as questions and answers."""

from __future__ import annotations

import re

from ingest.readers.block import Block
from ingest.readers.encoding import decode
from ingest.readers.limits import MAX_COLUMNS, MAX_ROWS
from ingest.readers.prose import document_sheets
from ingest.readers.questions import with_header
from ingest.sheet import Row, Sheet, make_row, tidy
from kb.errors import TooLarge

_HEADING = re.compile(r" {0,3}(#{1,6})[ \t]+(.+)")
_UNDERLINE = re.compile(r" {0,3}(=+|-+)[ \t]*")
_RULE = re.compile(r"\|?:?-{2,}:?(?:\|:?-{2,}:?)*\|?")  # of a line without its blanks
_BAR = re.compile(r"(?<!\\)\|")
_MARKS = " #*_`\t"


def read_markdown(data: bytes, name: str) -> list[Sheet]:
    """A sheet for each table, and one for the questions in the text. Raises BadFile or TooLarge."""
    lines = decode(data, name).splitlines()
    if len(lines) > MAX_ROWS:
        raise TooLarge(f"文件“{name}”超过 {MAX_ROWS:,} 行。")
    tables, rest = _tables(lines, name)
    return document_sheets(_blocks(rest), tables, name)


def _tables(lines: list[str], name: str) -> tuple[list[Sheet], list[str]]:
    """The tables, and the lines without them (blank ones in their place, so that numbers stay)."""
    tables: list[Sheet] = []
    rest = list(lines)
    at = 1
    while at < len(lines):
        if "|" not in lines[at] or "|" not in lines[at - 1] or not _RULE.fullmatch("".join(lines[at].split())):
            at += 1
            continue
        end = next((i for i in range(at + 1, len(lines)) if "|" not in lines[i]), len(lines))
        rows = [_row(number, lines[number - 1], name) for number in (at, *range(at + 2, end + 1))]
        tables.append(Sheet(f"表格{len(tables) + 1}", with_header(tuple(filter(None, rows)))))
        rest[at - 1 : end] = [""] * (end - at + 1)
        at = end + 1
    return [table for table in tables if table.rows], rest


def _row(number: int, line: str, name: str) -> Row | None:
    cells = [tidy(cell.replace("\\|", "|").replace("<br>", "\n")) for cell in _BAR.split(line.strip().strip("|"))]
    if len(cells) > MAX_COLUMNS:
        raise TooLarge(f"文件“{name}”第 {number} 行有 {len(cells)} 列，上限是 {MAX_COLUMNS} 列。")
    return make_row(number, cells)


def _blocks(lines: list[str]) -> list[Block]:
    blocks: list[Block] = []
    gap = True
    for number, line in enumerate(lines, start=1):
        text = tidy(line)
        if not text:
            gap = True
        elif blocks and not gap and blocks[-1].number == number - 1 and (match := _UNDERLINE.fullmatch(line)):
            blocks[-1] = Block(number - 1, _bare(blocks[-1].text), 1 if match[1][0] == "=" else 2, gap=True)
        else:
            heading = _HEADING.fullmatch(line.rstrip())
            level = len(heading[1]) if heading else 0
            blocks.append(Block(number, _bare(heading[2]) if heading else text, level, gap=gap))
            gap = bool(heading)
    return blocks


def _bare(text: str) -> str:
    return tidy(text.strip(_MARKS))
