"""Question sheets: phrasings, answers, continuation rows, windows, and what is wrong with a row."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from ingest.draft import Draft
from ingest.importer import read_file
from ingest.kinds.faq import split_scene
from kb.model import Entry, EntryKind, Polarity

Make = Callable[..., bytes]
Read = Callable[..., Draft]
HEADER = ["编号", "问题", "相似问", "反例", "答案"]


@pytest.fixture
def read(make_csv: Make) -> Read:
    return lambda rows, header=HEADER: read_file(make_csv([header, *rows]), "常见问题.csv")


def entries(draft: Draft) -> list[Entry]:
    return [each.entry for sheet in draft.sheets for each in sheet.entries]


def codes(draft: Draft) -> list[tuple[str, str, int, str]]:
    return [(p.severity, p.code, p.row, p.column) for p in draft.problems]


def texts(entry: Entry) -> Sequence[tuple[str, str]]:
    return [(str(p.polarity), p.text) for p in entry.phrasings]


def test_a_row_becomes_an_entry(read: Read) -> None:
    draft = read([["Q1", "怎么退货", "能退吗；想退掉", "怎么换货", " 亲，七天内\r\n可以退 哦 "]])
    (entry,) = entries(draft)
    assert (entry.kind, entry.key, entry.question) == (EntryKind.FAQ, "Q1", "怎么退货")
    assert texts(entry) == [("+", "能退吗"), ("+", "想退掉"), ("-", "怎么换货")]
    assert [answer.text for answer in entry.answers] == ["亲，七天内\r\n可以退 哦"]
    assert str(entry.source) == "常见问题.csv › Sheet1 › A2"
    assert (entry.version, entry.id, bool(entry.row_hash)) == (0, "", True)
    assert draft.problems == []


def test_without_a_number_the_question_is_the_key(read: Read) -> None:
    (entry,) = entries(read([["", "怎么退货？", "", "", "可以"]]))
    assert entry.key == "怎么退货"


def test_an_answer_is_required(read: Read) -> None:
    draft = read([["Q1", "怎么退货", "", "", ""], ["Q2", "怎么换货", "", "", "可以"]])
    assert codes(draft) == [("error", "answer_missing", 2, "E")]
    assert draft.problems[0].text == "第2行 E列：缺少答复，请补上"
    assert [entry.key for entry in entries(draft)] == ["Q2"]
    assert draft.sheets[0].skipped == 1


def test_a_question_is_required(read: Read) -> None:
    draft = read([["Q1", "", "", "", "可以"], ["Q2", "？？", "", "", "可以"]])
    assert codes(draft) == [("error", "question_missing", 2, "B"), ("error", "question_missing", 3, "B")]


def test_rows_without_a_question_continue_the_one_above(read: Read) -> None:
    draft = read(
        [
            ["Q1", "怎么退货", "能退吗", "", "可以"],
            ["", "", "想退掉", "", ""],
            ["Q1", "", "不要了", "", "亲，可以的"],
            ["Q2", "怎么换货", "", "", "可以换"],
        ]
    )
    first, second = entries(draft)
    assert [text for _, text in texts(first)] == ["能退吗", "想退掉", "不要了"]
    assert [answer.text for answer in first.answers] == ["可以", "亲，可以的"]
    assert second.key == "Q2"
    assert draft.problems == []


def test_a_row_above_may_get_its_answer_from_the_next(read: Read) -> None:
    draft = read([["Q1", "怎么退货", "", "", ""], ["", "", "", "", "可以"]])
    assert draft.problems == []
    assert entries(draft)[0].answers[0].text == "可以"


def test_an_answer_without_a_question_does_not_join_silently(read: Read) -> None:
    """A stray answer once became a second published answer of the row above, with no word said."""
    draft = read([["Q1", "怎么退货", "", "", "可以"], ["", "", "", "", "孤儿答案"]])
    assert codes(draft) == [("warning", "answer_joined", 3, "E")]


@pytest.mark.parametrize("header", [("买家问", "客服答"), ("顾客问", "客服回答"), ("买家常问", "怎么答")])
def test_headers_as_merchants_write_them(header: tuple[str, str]) -> None:
    draft = read_file(f"{','.join(header)}\n包邮吗,满99包邮\n".encode(), "问答.csv")
    assert [len(sheet.entries) for sheet in draft.sheets] == [1]


def test_an_empty_row_of_remarks_is_skipped_with_a_word(read: Read) -> None:
    header = [*HEADER, "分类"]
    rows = [["Q1", "怎么退货", "", "", "可以", ""], ["一、物流类", "", "", "", "", ""], ["Q3", "", "", "", "", "物流"]]
    assert codes(read(rows, header)) == [("warning", "row_skipped", 3, ""), ("warning", "row_skipped", 4, "")]


def test_a_repeated_key_is_an_error_on_the_later_row(read: Read) -> None:
    draft = read([["Q1", "怎么退货", "", "", "可以"], ["Q1", "怎么换货", "", "", "可以"]])
    assert codes(draft) == [("error", "duplicate_key", 3, "A")]
    assert "第2行" in draft.problems[0].text
    assert len(entries(draft)) == 1


def test_a_repeated_question_without_numbers_is_a_repeated_key(read: Read) -> None:
    draft = read([["", "怎么退货", "", "", "可以"], ["", "怎么退货？", "", "", "不行"]])
    assert codes(draft) == [("error", "duplicate_key", 3, "B")]
    assert draft.problems[0].text.startswith("第3行 B列：标准问题和第2行重复")


def test_the_same_question_under_two_keys_is_a_warning(read: Read) -> None:
    draft = read([["Q1", "怎么退货", "", "", "可以"], ["Q2", "怎么退货？", "", "", "不行"]])
    assert codes(draft) == [("warning", "question_repeated", 3, "B")]
    assert len(entries(draft)) == 2


def test_a_phrasing_of_two_entries_names_the_other_row(read: Read) -> None:
    draft = read([["Q1", "怎么退货", "能退吗\n想退", "", "可以"], ["Q2", "怎么退款", "退钱\n想退？", "", "可以"]])
    assert codes(draft) == [("warning", "phrasing_shared", 3, "C")]
    assert "第2行（怎么退货）" in draft.problems[0].text
    assert draft.problems[0].value == "想退？"


def test_a_phrasing_that_is_another_question_is_shared_too(read: Read) -> None:
    draft = read([["Q1", "怎么退货", "怎么换货", "", "可以"], ["Q2", "怎么换货", "", "", "可以"]])
    assert codes(draft) == [("warning", "phrasing_shared", 3, "B")]


def test_a_counter_example_may_be_another_entrys_question(read: Read) -> None:
    draft = read([["Q1", "怎么退货", "", "怎么换货", "可以"], ["Q2", "怎么换货", "", "怎么退货", "可以"]])
    assert draft.problems == []
    assert entries(draft)[0].phrasings[0].polarity is Polarity.NEGATIVE


def test_repetitions_inside_an_entry_are_dropped_silently(read: Read) -> None:
    draft = read([["Q1", "怎么退货", "怎么退货？\n能退吗\n能退吗！\n？？", "", "可以"]])
    assert texts(entries(draft)[0]) == [("+", "能退吗")]
    assert draft.problems == []


def test_personal_data_is_masked_in_questions_and_only_reported_in_answers(read: Read) -> None:
    draft = read([["Q1", "电话13800138000对吗", "打13800138000；能退吗", "", "请打13800138000"]])
    (entry,) = entries(draft)
    assert entry.question == "电话[手机号]对吗"
    assert texts(entry)[0] == ("+", "打[手机号]")
    assert entry.answers[0].text == "请打13800138000"
    assert codes(draft) == [("warning", "personal_data", 2, column) for column in "BEC"]
    assert not any("13800138000" in p.value + p.text for p in draft.problems)


def test_scene_and_category(read: Read) -> None:
    assert split_scene("售前-尺码") == ("售前", "尺码")
    assert split_scene("售前/充电器") == ("售前", "充电器")
    assert split_scene("售后") == ("售后", "")
    assert split_scene("物流") == ("", "物流")
    header = ["场景", "分类", "问题", "答案"]
    rows = [
        ["售前", "尺码", "甲", "1"],
        ["", "售后-退款", "乙", "1"],
        ["物流", "", "丙", "1"],
        ["售中-催发", "", "丁", "1"],
    ]
    found = [(e.scene, e.category) for e in entries(read(rows, header))]
    assert found == [("售前", "尺码"), ("售后", "退款"), ("物流", ""), ("售中", "催发")]


def test_windows(read: Read) -> None:
    header = ["问题", "答案", "生效时间", "失效时间", "有效期"]
    draft = read(
        [
            ["甲", "1", "2026-11-01 00:00:00", "2026-11-11", ""],
            ["乙", "1", "2026-11-11", "2026-11-01", ""],
            ["丙", "1", "11.11", "", ""],
            ["丁", "1", "", "", "2026-11-01 至 2026-11-02"],
            ["戊", "1", "", "", "双十一期间"],
            ["己", "1", "", "长期有效", ""],
        ],
        header,
    )
    assert [(e.question, e.window.start, e.window.end) for e in entries(draft)] == [
        ("甲", 1793462400, 1794412800),
        ("丁", 1793462400, 1793635200),
        ("己", None, None),
    ]
    assert codes(draft) == [
        ("error", "window_reversed", 3, "D"),
        ("error", "date_unreadable", 4, "C"),
        ("error", "date_unreadable", 6, "E"),
    ]


def test_garbled_cells_are_reported_and_kept() -> None:
    data = "问题,答案,备注\n怎么退货,可以的亲,内部\n怎么换货,也可以的亲,内部\n".encode()
    draft = read_file(data.replace("货,可".encode(), "货".encode()[:1] + ",可".encode()), "常见问题.csv")
    assert codes(draft) == [("warning", "garbled", 2, "A")]
    assert "乱码" in draft.problems[0].text
    assert len(entries(draft)) == 2


def test_secret_columns_are_never_read(read: Read) -> None:
    draft = read([["怎么退货", "可以", "hunter2"]], ["问题", "答案", "密码"])
    assert "hunter2" not in repr(draft)


def test_a_repeated_header_and_a_note_are_passed_over(read: Read) -> None:
    draft = read([["Q1", "怎么退货", "", "", "可以"], HEADER, ["备注：以上由运营部整理", "", "", "", ""]])
    assert draft.problems == []
    assert (draft.sheets[0].rows, draft.sheets[0].skipped) == (3, 2)


def test_a_header_without_rows_says_so(read: Read) -> None:
    assert codes(read([])) == [("warning", "sheet_empty", 0, "")]


def test_rows_of_two_sheets_know_of_each_other(make_xlsx: Make) -> None:
    head = ["编号", "问题", "相似问", "答案"]
    draft = read_file(
        make_xlsx(
            {
                "甲": [head, ["Q1", "怎么退货", "能退吗", "可以"]],
                "乙": [head, ["Q1", "x", "", "y"], ["Q2", "能退吗", "", "y"]],
            }
        ),
        "表.xlsx",
    )
    assert [(p.sheet, p.code) for p in draft.problems] == [("乙", "duplicate_key"), ("乙", "phrasing_shared")]
    assert "工作表“甲”第2行" in draft.problems[0].text
