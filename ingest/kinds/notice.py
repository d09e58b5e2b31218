"""Notice sheets (活动通知): a title, a text, and from when until when it holds."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from ingest.columns.table import Cell, Table
from ingest.draft import EntryDraft
from ingest.kinds.period import Year
from ingest.kinds.rowhash import entry_hash
from ingest.kinds.texts import masked_question, read_window, sheet_year, warn_of_personal_data
from ingest.kinds.values import parse_flag
from ingest.problem import Problems
from ingest.sheet import Row
from kb.language.text import fold
from kb.model import Answer, Entry, EntryKind

_MUST = re.compile(r"必[读看阅]|必须[读看阅]|务必|须知悉|强制|全员阅读|重要")
_MAY = re.compile(r"非必|不必|无需|不用|选读|可不|非强制|不重要")
_CAMPAIGN = re.compile(r"促销|大促|活动|满减|特惠|满\d+元?[减送]|\d折|立减|秒杀|聚划算|双1[12]|优惠")
_MOST_OVERLAPS = 3  # told of one notice


def draft_notices(table: Table, rows: Sequence[Row], problems: Problems) -> tuple[list[EntryDraft], int]:
    """The notices of a sheet without their ids, and how many rows were left out."""
    year = sheet_year(table, rows)
    drafts = [draft for row in rows if (draft := _draft(table, row, year, problems))]
    _warn_of_overlaps([draft.entry for draft in drafts], problems)
    return drafts, len(rows) - len(drafts)


def _draft(table: Table, row: Row, year: Year, problems: Problems) -> EntryDraft | None:
    column = table.letter("title")
    title = masked_question(table.text(row, "title"), problems, row=row.number, column=column)
    content = table.text(row, "content")
    if not fold(title):
        problems.error("title_missing", "缺少标题，请补上", row=row.number, column=column)
        return None
    if not content:
        problems.error("content_missing", "缺少内容，请补上", row=row.number, column=table.letter("content"))
        return None
    window = read_window(table, row, year, problems)
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
    """What the column says, in whatever words; without one, what the title says (【必读】)."""
    text = table.text(row, "must_read")
    if not text:
        return bool(_MUST.search(table.text(row, "title"))) and not _MAY.search(table.text(row, "title"))
    flag = parse_flag(text)
    if flag is not None or _MAY.search(text) or _MUST.search(text):
        return bool(_MUST.search(text) and not _MAY.search(text)) if flag is None else flag
    problems.warn(
        "flag_unreadable",
        "“是否必读”要填是或否，这里先当作否",
        row=row.number,
        column=table.letter("must_read"),
        value=text,
    )
    return False


def _warn_of_overlaps(entries: Sequence[Entry], problems: Problems) -> None:
    """Two campaigns at one time: which price holds, nobody can tell from the sheet. Said on the later row."""
    campaigns = sorted((e for e in entries if _is_campaign(e)), key=lambda e: e.window.start or 0)
    running: list[Entry] = []
    for entry in campaigns:
        running = [other for other in running if (other.window.end or 0) > (entry.window.start or 0)]
        for other in running[:_MOST_OVERLAPS]:
            first, second = sorted((entry, other), key=_row)
            problems.warn(
                "campaigns_overlap",
                f"和第{_row(first)}行“{first.question[:30]}”的活动时间重叠，请核对优惠能不能叠加、客服以哪个为准",
                row=_row(second),
                value=second.question,
            )
        running.append(entry)


def _is_campaign(entry: Entry) -> bool:
    """Whether a notice is about prices for a time; by its category where it has one."""
    bounded = entry.window.start is not None and entry.window.end is not None
    about = entry.category or f"{entry.question} {entry.answers[0].text}"
    return bounded and bool(_CAMPAIGN.search(about))


def _row(entry: Entry) -> int:
    return entry.source.row if entry.source else 0
