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


def codes(draft: Draft) -> list[tuple[str, int]]:
    return [(p.code, p.row) for p in draft.problems]


def test_windows_as_people_write_them(make_csv: Make) -> None:
    head = ["活动名称", "活动规则", "活动时间"]
    rows = [["双11", "x", "2026年11月10日20:00:00—11月11日23:59:59"], ["返场", "y", "11月12日—11月13日"]]
    draft = read_file(make_csv([head, *rows]), "通知.csv")
    first, second = entries(draft)
    assert (first.window.start, first.window.end) == (MIDNIGHT + 9 * 86400 + 20 * 3600, MIDNIGHT + 11 * 86400 - 1)
    assert (second.window.start, second.window.end) == (MIDNIGHT + 11 * 86400, MIDNIGHT + 13 * 86400)
    assert draft.problems == []


def test_a_year_nobody_wrote_is_todays_and_is_said(make_csv: Make) -> None:
    draft = read_file(
        make_csv([["标题", "内容", "生效时间", "失效时间"], ["甲", "x", "11月1日", "11月3日24:00"]]), "通知.csv"
    )
    (entry,) = entries(draft)
    year = dt.datetime.now(dt.timezone(dt.timedelta(hours=8))).year
    start = int(dt.datetime(year, 11, 1, tzinfo=dt.timezone(dt.timedelta(hours=8))).timestamp())
    assert (entry.window.start, entry.window.end) == (start, start + 3 * 86400)
    assert [(p.severity, p.code, p.row, p.column) for p in draft.problems] == [("warning", "year_guessed", 2, "D")]
    named = read_file(make_csv([["标题", "内容", "失效时间"], ["甲", "x", "11月3日"]]), "2025年双11通知.csv")
    assert named.problems == []


@pytest.mark.parametrize(
    ("word", "must"),
    [
        ("必读", True),
        ("全员必读", True),
        ("务必阅读", True),
        ("重要", True),
        ("★必看", True),
        ("选读", False),
        ("非必读", False),
    ],
)
def test_words_for_must_read(read: Read, word: str, must: bool) -> None:
    draft = read(["甲", "x", "", "", word, ""])
    assert (entries(draft)[0].must_read, draft.problems) == (must, [])


def test_a_title_may_say_that_it_must_be_read(read: Read) -> None:
    found = entries(
        read(
            ["【必读】双11口径", "x", "", "", "", ""],
            ["【必读】甲", "x", "", "", "否", ""],
            ["乙", "x", "", "", "", ""],
        )
    )
    assert [entry.must_read for entry in found] == [True, False, False]


def test_two_campaigns_at_one_time_are_said_on_the_later_row(read: Read) -> None:
    draft = read(
        ["羊毛季", "满699减50", "2026-11-10", "2026-11-20", "", "大促"],
        ["双11", "满300减50", "2026-11-01", "2026-11-11", "", "大促"],
        ["双12", "满300减50", "2026-12-01", "2026-12-12", "", "大促"],
        ["物流延误", "东北慢两天", "2026-11-01", "2026-11-30", "", "物流"],
        ["常年会员价", "会员9折", "2026-01-01", "", "", "活动"],
    )
    assert codes(draft) == [("campaigns_overlap", 3)]
    assert "第2行“羊毛季”" in draft.problems[0].text


def test_one_that_begins_when_the_other_ends_does_not_overlap(read: Read) -> None:
    rows = [
        ["甲", "满1减1", "2026-11-01", "2026-11-11", "", "活动"],
        ["乙", "满2减1", "2026-11-12", "2026-11-13", "", "活动"],
    ]
    assert codes(read(*rows)) == []
