"""What a quick look saves changes nothing: each is held against doing the work in full."""

from __future__ import annotations

import gc
import json
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ingest.collector import young_collected_only
from ingest.columns.fields import SheetKind
from ingest.columns.rows import _repeats_header
from ingest.columns.table import Column, Table, Use
from ingest.draft import SheetDraft
from ingest.drafting import draft_sheets
from ingest.kinds import texts
from ingest.kinds.handover import _CREDENTIAL, tells_credential
from ingest.kinds.rowhash import entry_hash
from ingest.sheet import Row, Sheet
from kb.language.platforms import read_platforms
from kb.language.text import clean
from kb.model import Answer, Condition, Entry, EntryKind, Phrasing, Polarity, Window

CELL = st.sampled_from(
    ["", "", "Q1", "怎么退货", "怎么退货？", "退貨運費誰出", "亲，48小时内发货哦～", "电话13812345678", "账号abc 密码：hunter2",
     "能退吗；想退掉", "/", "客户您好", "乱\ufffd码", "备注：以上", "【示例】怎么洗", "标准问题"]
)  # fmt: skip
GRID = st.lists(st.lists(CELL, min_size=5, max_size=5), min_size=1, max_size=8)
HEADER = ["编号", "标准问题", "相似问", "反例", "答复"]
MORE = ["场景", "分类", "平台", "适用商品", "生效时间", "失效时间", "快捷码"]


def drafted(header: Sequence[str], grid: Sequence[Sequence[str]]) -> SheetDraft:
    rows = [Row(1, tuple(header)), *(Row(number, tuple(row)) for number, row in enumerate(grid, 2) if any(row))]
    (draft,) = draft_sheets("问答.xlsx", [Sheet("问答", tuple(rows))], SheetKind.FAQ)
    return draft


@settings(max_examples=150)
@given(GRID)
def test_a_column_that_is_not_there_says_what_a_blank_one_says(grid: list[list[str]]) -> None:
    bare = drafted(HEADER, grid)
    wide = drafted([*HEADER, *MORE], [[*row, *[""] * len(MORE)] for row in grid])
    assert wide.columns != bare.columns
    assert replace(wide, columns=bare.columns) == bare


TELLING = st.text(
    st.sampled_from("账帐号户用名登录陆密码口令钥保验证授权动态 :：=是为帳賬戶碼驗證ſKｐpPaAsSwWoOrRdDtTkKeEnNcCuU12 "), max_size=16
)  # fmt: skip
WORDS = st.sampled_from(
    [
        "密码",
        "密 碼",
        "账号",
        "登陆",
        "口令",
        "动态码",
        "授权码",
        "用户名",
        "ＰＡＳＳ",
        "paſſword",
        "toKen",
        "login",
        "cookie",
    ]
)


@settings(max_examples=400)
@given(st.one_of(TELLING, st.builds("{}{}{}".format, WORDS, st.sampled_from(["：", "是", " ", "= "]), TELLING)))
@example("初始密码 123456")
@example("secret：x")
def test_no_credential_is_missed_by_the_first_look(text: str) -> None:
    assert tells_credential(text) == bool(_CREDENTIAL.search(clean(text)))


@given(st.lists(CELL, min_size=1, max_size=5).filter(any), st.lists(CELL, min_size=5, max_size=5))
def test_a_repeated_header_is_one_of_at_least_two_cells_that_all_repeat_it(cells: list[str], names: list[str]) -> None:
    header, filled = dict(enumerate(names)), [(index, text) for index, text in enumerate(cells) if text]
    expected = len(filled) > 1 and all(header[index] == " ".join(text.split()) for index, text in filled)
    assert _repeats_header(Row(2, tuple(cells)), header) is expected


def test_a_blank_platform_is_read_as_a_blank_would_be() -> None:
    assert read_platforms("") == read_platforms(" \u3000") == (frozenset(), ())


PIECE = st.text(st.sampled_from('发货"\\\n\u2028é😀1a'), max_size=4)
WINDOW = st.sampled_from([Window(), Window(1, 2), Window(None, 5)])
ANSWER = st.builds(Answer, st.just(""), PIECE, st.builds(Condition, st.frozensets(PIECE, max_size=2)), WINDOW)


@given(st.lists(ANSWER, max_size=3), st.lists(PIECE, max_size=3), PIECE, WINDOW)
def test_hashes_of_rows_stay_what_they_were(said: list[Answer], asked: list[str], text: str, window: Window) -> None:
    """The hash is in every shop's file: another way to write it would make every row of every sheet look changed."""
    entry = Entry(
        id="", key=text, kind=EntryKind.FAQ, question=text, answers=tuple(said), window=window, version=0,
        phrasings=tuple(Phrasing("", each, Polarity.POSITIVE) for each in asked),
    )  # fmt: skip
    moved = replace(entry, answers=entry.answers[::-1], phrasings=entry.phrasings[::-1])
    assert entry_hash(entry) == entry_hash(moved) == _hash_in_full(entry)


def _hash_in_full(entry: Entry) -> str:
    import hashlib

    answers = [
        [a.text, sorted(a.condition.platforms), sorted(a.condition.products)]
        + ([[a.window.start, a.window.end]] if a.window != Window() else [])
        for a in entry.answers
    ]
    whole = [
        "faq", entry.key, entry.question, sorted([p.text, "+"] for p in entry.phrasings), sorted(answers, key=json.dumps),
        "", "", "", [entry.window.start, entry.window.end], False,
    ]  # fmt: skip
    text = json.dumps(whole, ensure_ascii=False, separators=(",", ":"))
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def test_a_sheet_has_a_column_where_one_of_the_fields_is_meant() -> None:
    columns = (Column(0, "问题", Use.FIELD, "question"), Column(1, "材质", Use.FACT, "answer"))
    table = Table("f", "s", SheetKind.FAQ, 1, columns, ())
    assert table.has("answer", "question") and not table.has("answer") and not table.has()


@pytest.mark.parametrize("rows", [1, 300])
def test_nothing_of_a_file_stays_behind_when_it_is_drafted(rows: int) -> None:
    thresholds = gc.get_threshold()
    drafted(HEADER, [[f"Q{number}", f"问题{number}", "", "", "可以"] for number in range(rows)])
    assert texts.fold.cache_info().currsize == 0
    assert gc.get_threshold() == thresholds


def test_imports_that_overlap_leave_the_collector_as_the_first_found_it() -> None:
    before = gc.get_threshold()
    first, second = young_collected_only(), young_collected_only()
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    assert gc.get_threshold()[2] > before[2], "the second is still at work"
    second.__exit__(None, None, None)
    assert gc.get_threshold() == before
