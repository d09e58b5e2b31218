"""Notice sheets (活动通知): a title, a text, and from when until when it holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ingest.columns.table import Cell, Table
from ingest.draft import EntryDraft
from ingest.kinds.rowhash import entry_hash
from ingest.kinds.texts import masked_question, read_window, warn_of_personal_data
from ingest.kinds.values import parse_flag
from ingest.problem import Problems
from ingest.sheet import Row
from kb.language.text import fold
from kb.model import Answer, Entry, EntryKind


def draft_notices(table: Table, rows: Sequence[Row], problems: Problems) -> tuple[list[EntryDraft], int]:
    """The notices of a sheet without their ids, and how many rows were left out."""
    drafts = [draft for row in rows if (draft := _draft(table, row, problems))]
    return drafts, len(rows) - len(drafts)


def _draft(table: Table, row: Row, problems: Problems) -> EntryDraft | None:
    column = table.letter("title")
    title = masked_question(table.text(row, "title"), problems, row=row.number, column=column)
    content = table.text(row, "content")
    if not fold(title):
        problems.error("title_missing", "缺少标题，请补上", row=row.number, column=column)
        return None
    if not content:
        problems.error("content_missing", "缺少内容，请补上", row=row.number, column=table.letter("content"))
        return None
    window = read_window(table, row, problems)
    if window is None:
        return None
    warn_of_personal_data(content, problems, row=row.number, column=table.letter("content"))
    key = table.text(row, "key")
    entry = Entry(
        id="",
        key=key or fold(title),
        kind=EntryKind.NOTICE,
        question=title,
        answers=(Answer("", content),),
        category=table.text(row, "category"),
        window=window,
        must_read=_must_read(table, row, problems),
        source=table.source(row.number, table.letter("key") if key else column),
        version=0,
    )
    places = {fold(title): Cell(row.number, column, title)}
    return EntryDraft(replace(entry, row_hash=entry_hash(entry)), places)


def _must_read(table: Table, row: Row, problems: Problems) -> bool:
    text = table.text(row, "must_read")
    flag = parse_flag(text)
    if flag is None:
        problems.warn(
            "flag_unreadable",
            "“是否必读”要填是或否，这里先当作否",
            row=row.number,
            column=table.letter("must_read"),
            value=text,
        )
    return bool(flag)
