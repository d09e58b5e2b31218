"""Notices: a title, a text, a window, and whether everybody must have read it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest

from ingest.draft import Draft
from ingest.importer import read_file
from kb.model import Entry, EntryKind

Make = Callable[..., bytes]
Read = Callable[..., Draft]
MIDNIGHT = int(dt.datetime(2026, 11, 1, tzinfo=dt.timezone(dt.timedelta(hours=8))).timestamp())


@pytest.fixture
def read(make_xlsx: Make) -> Read:
    header = ["标题", "内容", "生效时间", "失效时间", "是否必读", "类型"]
    return lambda *rows: read_file(make_xlsx({"活动通知": [header, *rows]}), "活动通知.xlsx")


def entries(draft: Draft) -> list[Entry]:
    return [each.entry for each in draft.sheets[0].entries]


def test_a_notice(read: Read) -> None:
    (entry,) = entries(read(["双11", "满300减50", dt.datetime(2026, 11, 1), dt.date(2026, 11, 11), "是", "大促"]))
    assert (entry.kind, entry.key, entry.question) == (EntryKind.NOTICE, "双11", "双11")
    assert entry.answers[0].text == "满300减50"
    # A cell that shows a day only ends with that day; one that shows midnight means midnight.
    assert (entry.window.start, entry.window.end) == (MIDNIGHT, MIDNIGHT + 11 * 86400)
    assert (entry.must_read, entry.category) == (True, "大促")


def test_open_ended(read: Read) -> None:
    first, second = entries(
        read(["甲", "x", "2026-11-01 00:00:00", None, "否", ""], ["乙", "x", "", "长期有效", "", ""])
    )
    assert (first.window.start, first.window.end) == (MIDNIGHT, None)
    assert (second.window.start, second.window.end, second.must_read) == (None, None, False)


def test_what_is_wrong_is_said(read: Read) -> None:
    draft = read(
        ["", "内容", "", "", "", ""],
        ["标题甲", "", "", "", "", ""],
        ["标题乙", "x", "双11当天", "", "", ""],
        ["标题丙", "x", "", "", "看情况", ""],
        ["标题丙", "y", "", "", "", ""],
        ["请找13800138000", "y", "", "", "", ""],
    )
    assert [(p.severity, p.code, p.row, p.column) for p in draft.problems] == [
        ("error", "title_missing", 2, "A"),
        ("error", "content_missing", 3, "B"),
        ("error", "date_unreadable", 4, "C"),
        ("warning", "flag_unreadable", 5, "E"),
        ("warning", "personal_data", 7, "A"),
        ("error", "duplicate_key", 6, "A"),
    ]
    assert [entry.question for entry in entries(draft)] == ["标题丙", "请找[手机号]"]
    assert draft.sheets[0].skipped == 4
