"""Quick-phrase exports: answers without questions, under codes that may be missing or shared."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ingest.draft import Draft
from ingest.importer import read_file
from kb.model import Entry, EntryKind

Make = Callable[..., bytes]
Read = Callable[..., Draft]


@pytest.fixture
def read(make_csv: Make) -> Read:
    header = ["快捷短语编码", "快捷短语", "快捷短语分组"]
    return lambda *rows: read_file(make_csv([header, *rows], "gbk"), "快捷短语.csv")


def entries(draft: Draft) -> list[Entry]:
    return [each.entry for each in draft.sheets[0].entries]


def test_a_phrase_is_an_answer_under_its_code(read: Read) -> None:
    (entry,) = entries(read(["fh", "亲，48小时内\n发出,请放心/:087", "物流"]))
    assert (entry.kind, entry.key, entry.shortcut, entry.category) == (EntryKind.SCRIPT, "fh", "fh", "物流")
    assert (entry.question, entry.phrasings) == ("", ())
    assert entry.answers[0].text == "亲，48小时内\n发出,请放心/:087"


def test_a_code_and_a_group_may_be_missing(read: Read) -> None:
    first, second = entries(read(["", "在的亲", ""], ["hi", "您好"]))
    assert (first.key[:2], first.shortcut, first.category) == ("h:", "", "未分组")
    assert second.category == "未分组"


def test_an_empty_phrase_is_skipped_with_a_word(read: Read) -> None:
    draft = read(["fh", "", "物流"], ["hi", "您好", ""])
    assert [(p.severity, p.code, p.row, p.column) for p in draft.problems] == [("warning", "phrase_missing", 2, "B")]
    assert len(entries(draft)) == 1


def test_a_shared_code_keeps_both_phrases(read: Read) -> None:
    draft = read(["hi", "您好", ""], ["hi", "在的", ""])
    assert [entry.shortcut for entry in entries(draft)] == ["hi", "hi"]
    assert len({entry.key for entry in entries(draft)}) == 2
    assert [p.code for p in draft.problems] == ["code_shared", "code_shared"]


def test_the_same_phrase_twice_is_once(read: Read) -> None:
    draft = read(["hi", "您好", ""], ["hi", "您好", ""])
    assert len(entries(draft)) == 1
    assert [p.code for p in draft.problems] == ["phrase_repeated"]


def test_a_phrase_that_sounds_like_a_note_is_a_phrase(read: Read) -> None:
    draft = read(["", "以上商品都有现货的亲", ""], ["", "备注已经帮您加好了", ""])
    assert len(entries(draft)) == 2
    assert draft.problems == []


def test_the_shops_own_number_stays_with_a_word(read: Read) -> None:
    draft = read(["dh", "售后电话 0571-88888888", ""])
    assert entries(draft)[0].answers[0].text == "售后电话 0571-88888888"
    assert [p.code for p in draft.problems] == ["personal_data"]


# -- the variants that agents really have


HEADER = ["快捷短语编码", "快捷短语", "快捷短语分组"]


@pytest.mark.parametrize("encoding", ["gbk", "utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("header", [HEADER, ["快捷编码", *HEADER[1:]], HEADER[:2], HEADER[1:2]])
def test_every_export_gives_the_same_texts(make_csv: Make, header: list[str], encoding: str) -> None:
    texts = ["亲,您好/:087", "第一行\n第二行/:^_^", "看这里 https://example.com/a?b=1,2 哦~", "/:-F在的", "/:087"]
    rows = [["", text, ""][:3] if len(header) == 3 else ["", text] if len(header) == 2 else [text] for text in texts]
    draft = read_file(make_csv([header, *rows], encoding), "快捷短语.csv")
    assert [entry.answers[0].text for entry in entries(draft)] == texts
    assert [entry.category for entry in entries(draft)] == ["未分组"] * len(texts)
    assert draft.problems == []


def test_a_workbook_of_another_desk_with_its_title_row_twice(make_xlsx: Make) -> None:
    head = ["快捷编码", "快捷短语", "快捷短语分组"]
    rows = [["默认表单"], head, ["hi", " 您好/:087 ", "问候"], head, ["", "在的亲", None], head[:2], ["zj", "再见"]]
    draft = read_file(make_xlsx({"默认表单": rows}), "导出.xlsx")
    assert [(e.shortcut, e.answers[0].text, e.category) for e in entries(draft)] == [
        ("hi", "您好/:087", "问候"),
        ("", "在的亲", "未分组"),
        ("zj", "再见", "未分组"),
    ]
    assert (draft.problems, draft.sheets[0].skipped) == ([], 2)
