"""Plain text: a chat log, a table, or questions and answers; told apart by what most lines are."""

from __future__ import annotations

import re

from ingest.readers import chat, csv
from ingest.readers.block import Block
from ingest.readers.encoding import decode
from ingest.readers.limits import MAX_ROWS
from ingest.readers.prose import asks_openly, document_sheets
from ingest.sheet import Sheet, tidy
from kb.errors import BadFile, TooLarge

_TABLE_SHARE = 0.6  # of the lines with the same number of columns; prose with a comma here and there stays below
_LONGEST_HEADER = 15
_SENTENCE = re.compile(r"[，。！？,!?；;：:]")


def read_text(data: bytes, name: str) -> list[Sheet]:
    """The sheets of a text file; none for a blank one. Raises BadFile or TooLarge."""
    text = decode(data, name)
    lines = text.splitlines()
    if len(lines) > MAX_ROWS:
        raise TooLarge(f"文件“{name}”超过 {MAX_ROWS:,} 行。")
    if sheet := chat.sheet_of_lines(lines):
        return [sheet]
    blocks = _blocks(lines)
    # A question mark of the writer's own (问：…) is surer than commas, and less sure than tabs.
    if csv.tabular(text, "\t") >= _TABLE_SHARE or (csv.tabular(text) >= _TABLE_SHARE and not asks_openly(blocks)):
        return csv.table_of(text, name)
    try:
        return document_sheets(blocks, [], name)
    except BadFile:
        if blocks and not _is_header(blocks[0].text):
            raise
        return csv.table_of(text, name)


def _blocks(lines: list[str]) -> list[Block]:
    blocks: list[Block] = []
    gap = True
    for number, line in enumerate(lines, start=1):
        if text := tidy(line):
            blocks.append(Block(number, text, gap=gap))
        gap = not text
    return blocks


def _is_header(line: str) -> bool:
    """Whether a first line may head a table of one column (快捷短语, and a phrase on each line)."""
    return len(line) <= _LONGEST_HEADER and not _SENTENCE.search(line)
