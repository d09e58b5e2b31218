"""A changed row over a trainer's work: the sheet decides what it has a column for, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from ingest.compare.changeset import Changeset, compare, known
from ingest.importer import read_file
from kb.model import Answer, Condition, Entry, EntryKind, Origin, Phrasing, Window

Make = Callable[..., bytes]
Again = Callable[..., Changeset]
JD, TMALL = Condition(frozenset({"京东"})), Condition(frozenset({"天猫"}))
SUMMER = Window(100, 200)
ME = Origin.TRAINER
OLD = Entry(
    id="e_1",
    key="Q1",
    kind=EntryKind.FAQ,
    question="怎么退货",
    phrasings=(Phrasing("p_1", "能退吗"),),
    answers=(Answer("a_1", "可以"),),
    scene="售后",
    category="退换",
    shortcut="th",
    window=SUMMER,
    must_read=True,
    origin=Origin.TRAINER,
    row_hash="another",
    version=3,
)


@pytest.fixture
def again(make_csv: Make) -> Again:
    """The changeset of a sheet over stored entries."""

    def compared(
        head: Sequence[str], *rows: Sequence[str], stored: Entry = OLD, name: str = "常见问题.csv"
    ) -> Changeset:
        draft = read_file(make_csv([head, *rows]), name)
        found = compare(draft.sheets[0], known([stored], []))
        assert found is not None
        return found

    return compared


def test_what_the_sheet_has_no_column_for_stays(again: Again) -> None:
    (new,) = again(["编号", "问题", "答案"], ["Q1", "如何退货", "不可以"]).entries
    assert (new.question, [a.text for a in new.answers]) == ("如何退货", ["不可以"])
    assert (new.scene, new.category, new.shortcut, new.window, new.must_read) == ("售后", "退换", "th", SUMMER, True)
    assert new.phrasings == OLD.phrasings


def test_a_blank_cell_in_a_column_that_is_there_is_what_the_sheet_says(again: Again) -> None:
    head = ["编号", "问题", "相似问", "答案", "场景", "分类", "快捷编码", "有效期"]
    (new,) = again(head, ["Q1", "怎么退货", "", "不可以", "", "", "", ""]).entries
    assert (new.scene, new.category, new.shortcut, new.window, new.phrasings) == ("", "", "", Window(), ())


def test_a_scene_in_the_category_column_counts_and_a_category_alone_leaves_the_scene(again: Again) -> None:
    head = ["编号", "问题", "答案", "分类"]
    (both,) = again(head, ["Q1", "怎么退货", "不可以", "售前-尺码"]).entries
    assert (both.scene, both.category) == ("售前", "尺码")
    (alone,) = again(head, ["Q1", "怎么退货", "不可以", "尺码"]).entries
    assert (alone.scene, alone.category) == ("售后", "尺码")


def test_each_side_of_the_validity_is_the_sheets_where_it_has_a_column(again: Again) -> None:
    changes = again(["编号", "问题", "答案", "失效时间"], ["Q1", "怎么退货", "不可以", "2026-12-01 00:00:00"])
    (new,) = changes.entries
    assert new.window.start == 100
    assert new.window.end is not None
    assert new.window.end != 200


def test_two_sides_that_do_not_meet_are_said(again: Again) -> None:
    changes = again(["编号", "问题", "答案", "生效时间"], ["Q1", "怎么退货", "不可以", "2026-11-01 00:00:00"])
    assert changes.entries[0].window.end == 200
    assert [p.code for p in changes.problems] == ["trainer_edit_overwritten", "window_reversed"]


def test_a_script_keeps_the_question_and_the_group_that_a_trainer_gave_it(again: Again) -> None:
    script = replace(OLD, key="hi", kind=EntryKind.SCRIPT, question="在吗", answers=(Answer("a_1", "您好"),))
    (new,) = again(["快捷短语编码", "快捷短语"], ["hi", "您好呀"], stored=script, name="快捷短语.csv").entries
    assert (new.question, new.phrasings, new.category, new.shortcut) == ("在吗", OLD.phrasings, "退换", "hi")


def test_a_notice_stays_a_must_until_the_sheet_says_otherwise(again: Again) -> None:
    notice = replace(OLD, key="双11", kind=EntryKind.NOTICE, question="双11", answers=(Answer("a_1", "满减"),))
    (new,) = again(["标题", "内容"], ["双11", "满300减40"], stored=notice, name="活动通知.csv").entries
    assert (new.must_read, new.window) == (True, SUMMER)
    head = ["标题", "内容", "是否必读"]
    (told,) = again(head, ["双11", "满300减40", "否"], stored=notice, name="活动通知.csv").entries
    assert told.must_read is False


def test_a_new_counter_example_wins_over_the_merchants_own_phrasing_of_before(again: Again) -> None:
    (new,) = again(["编号", "问题", "反例", "答案"], ["Q1", "怎么退货", "能退吗", "可以"]).entries
    assert [(p.text, p.polarity) for p in new.phrasings] == [("能退吗", "-")]


def answers(again: Again, *texts: str, stored: Sequence[Answer]) -> tuple[Answer, ...]:
    head = ["编号", "问题", *(f"答案{n + 1}" for n in range(len(texts)))]
    (new,) = again(head, ["Q1", "怎么退货", *texts], stored=replace(OLD, answers=tuple(stored))).entries
    return new.answers


def test_the_sheets_texts_replace_the_general_answers_and_leave_the_conditional_ones(again: Again) -> None:
    jd, timed = Answer("a_2", "京东自营可以", JD, origin=ME), Answer("a_3", "夏天可以", window=SUMMER, origin=ME)
    first, *rest = answers(again, "不可以", stored=[Answer("a_1", "可以"), jd, timed])
    assert (first.text, first.condition, first.window, first.id[:2]) == ("不可以", Condition(), Window(), "a_")
    assert first.id != "a_1"
    assert rest == [jd, timed]


def test_two_stored_answers_of_one_text_stay_two(again: Again) -> None:
    twins = (Answer("a_1", "可以", TMALL, origin=ME), Answer("a_2", "可以", JD, origin=ME))
    assert answers(again, "可以", stored=twins) == twins
    assert answers(again, "可以", "也可以", stored=twins)[:2] == twins


def test_an_answer_for_a_time_that_stood_first_still_stands_first(again: Again) -> None:
    timed = Answer("a_2", "夏天可以", window=SUMMER, origin=ME)
    found = answers(again, "不可以", stored=[timed, Answer("a_1", "可以")])
    assert (found[0], found[1].text) == (timed, "不可以")


def test_a_text_stored_for_one_platform_only_becomes_general_when_the_general_one_goes(again: Again) -> None:
    jd = Answer("a_2", "不可以", JD, origin=ME)
    found = answers(again, "不可以", stored=[Answer("a_1", "可以"), jd])
    assert found[0] == jd
    assert [(a.text, a.condition) for a in found[1:]] == [("不可以", Condition())]


def test_a_general_answer_that_stays_keeps_its_id(again: Again) -> None:
    kept = Answer("a_1", "可以")
    assert answers(again, "可以", "也可以", stored=[kept])[0] == kept


def test_importing_the_merged_row_once_more_changes_nothing(again: Again) -> None:
    sheet = (["编号", "问题", "答案"], ["Q1", "怎么退货", "不可以"])
    (merged,) = again(*sheet).entries
    assert again(*sheet, stored=merged).entries == ()
