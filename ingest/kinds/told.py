"""What is said of running text beside its findings: how each notice was understood, and which paragraphs are left out."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from ingest.columns.fields import SheetKind
from ingest.draft import SheetDraft
from ingest.kinds.values import CHINA
from ingest.places import beginnings
from ingest.problem import Problems
from ingest.sheet import Sheet
from kb.model import Entry, Window

_MOST_LEFT = 30  # paragraphs named one by one
_LEFT = "这一段既不像问答也不像通知，没有导入。是问答请写成“问：…”和“答：…”，是通知请在上面加一行标题"


def with_places(draft: SheetDraft, sheet: Sheet) -> SheetDraft:
    """A sheet of running text with the words that tell its places, and how its notices were understood: no column of the
    merchant's own says when they hold."""
    problems = Problems(sheet.name)
    if draft.kind is SheetKind.NOTICE:
        for each in draft.entries:
            row = each.entry.source.row if each.entry.source else 0
            problems.warn("notice_read", f"读成一条通知，{_understood(each.entry)}，请核对", row=row)
    return replace(draft, problems=(*draft.problems, *problems.found), begins=beginnings(sheet))


def left_out(sheet: Sheet) -> SheetDraft:
    """The paragraphs that are neither question nor notice, each with its place."""
    problems = Problems(sheet.name)
    for row in sheet.rows[:_MOST_LEFT]:
        problems.warn("text_left", _LEFT, row=row.number)
    if more := len(sheet.rows) - _MOST_LEFT:
        problems.warn("text_left", f"另有 {more} 段文字也没有导入") if more > 0 else None
    return SheetDraft(sheet.name, problems=tuple(problems.found), begins=beginnings(sheet))


def _understood(entry: Entry) -> str:
    return f"{_when(entry.window)}，{'必读' if entry.must_read else '不是必读'}"


def _when(window: Window) -> str:
    start, end = window.start and _shown(window.start), window.end and _shown(window.end, end=True)
    if not end:
        return f"从 {start} 起一直有效" if start else "没有读出起止时间，一直有效"
    return f"{start} 至 {end} 有效" if start else f"{end} 前有效"


def _shown(moment: int, *, end: bool = False) -> str:
    """A moment of China time; a day that ends with it is called by its own date."""
    at = dt.datetime.fromtimestamp(moment, CHINA)
    if end and at.time() == dt.time():
        return f"{at - dt.timedelta(days=1):%Y-%m-%d} 24:00"
    return f"{at:%Y-%m-%d %H:%M}"
