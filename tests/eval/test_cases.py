"""The file formats of a measurement are a public contract; a line that breaks it is named."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from eval.cases import Case, check_gold, parse_turn, read_faq, read_queries, read_refuse
from kb.errors import BadFile
from kb.model import Speaker, Turn

FAQ = {
    "id": "K1",
    "question": "多久发货",
    "phrasings": ["什么时候发"],
    "answer": "48 小时内",
    "scene": "售前",
}
QUERY = {"qid": "q1", "query": "那什么时候发呢", "gold": ["K1"]}
REFUSE = {"query": "哈哈", "gold": [], "none": "chitchat"}
Reader = Callable[[Path], object]


def lines(path: Path, *rows: object) -> Path:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "queries.jsonl"


def test_a_full_faq_line_is_read(file: Path) -> None:
    (faq,) = read_faq(lines(file, FAQ))
    assert (faq.id, faq.question, faq.phrasings) == ("K1", "多久发货", ("什么时候发",))
    assert (faq.answer, faq.scene) == ("48 小时内", "售前")


def test_a_bare_faq_line_is_enough_and_unknown_keys_are_ignored(file: Path) -> None:
    (faq,) = read_faq(lines(file, {"id": "K1", "question": "多久发货", "n_paraphrases": 3, "answer": None}))
    assert (faq.phrasings, faq.answer, faq.scene) == ((), "", "")


def test_blank_phrasings_are_dropped(file: Path) -> None:
    (faq,) = read_faq(lines(file, {**FAQ, "phrasings": ["", " ", "几天发"]}))
    assert faq.phrasings == ("几天发",)


def test_a_query_keeps_its_conversation_oldest_first(file: Path) -> None:
    context = ["客户: 在吗", "客服：在的亲", "买家:有货吗", "商家： 有: 三件\n包邮 "]
    (case,) = read_queries(lines(file, {**QUERY, "context": context, "needs_context": True, "note": 1}))
    assert case == Case(
        qid="q1",
        query="那什么时候发呢",
        turns=(
            Turn(Speaker.BUYER, "在吗"),
            Turn(Speaker.AGENT, "在的亲"),
            Turn(Speaker.BUYER, "有货吗"),
            Turn(Speaker.AGENT, "有: 三件\n包邮"),
        ),
        gold=frozenset({"K1"}),
        needs_context=True,
    )
    assert case.answerable


def test_needs_context_is_unknown_when_the_set_does_not_say(file: Path) -> None:
    (case,) = read_queries(lines(file, QUERY))
    assert case.needs_context is None


def test_refuse_lines_without_a_qid_are_numbered(file: Path) -> None:
    first, second, third = read_refuse(lines(file, REFUSE, {"query": ""}, {**REFUSE, "qid": "m7"}))
    assert (first.qid, second.qid, third.qid) == ("refuse-1", "refuse-2", "m7")
    assert (first.none, second.none) == ("chitchat", "")
    assert not first.answerable


def test_turns_without_a_known_speaker_are_not_guessed() -> None:
    assert parse_turn("在吗") is None
    assert parse_turn("客户在吗") is None
    assert parse_turn("路人: 在吗") is None
    assert parse_turn(" 客户 ：") == Turn(Speaker.BUYER, "")


@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_a_bom_windows_line_ends_and_blank_lines_do_not_matter(file: Path, bom: bytes, end: bytes) -> None:
    row = json.dumps(QUERY, ensure_ascii=False).encode()
    file.write_bytes(bom + row + end + end + row.replace(b"q1", b"q2"))
    assert [case.qid for case in read_queries(file)] == ["q1", "q2"]


def test_a_line_separator_inside_a_string_does_not_cut_the_line(file: Path) -> None:
    # U+2028 is legal in JSON strings; str.splitlines() would cut here.
    (case,) = read_queries(lines(file, {**QUERY, "query": "发货\u2028吗"}))
    assert case.query == "发货\u2028吗"


def test_an_empty_file_holds_nothing(file: Path) -> None:
    file.write_bytes(b"")
    assert read_queries(file) == ()
    assert read_faq(file) == ()
    assert read_refuse(file) == ()


@pytest.mark.parametrize(
    ("reader", "row", "complaint"),
    [
        (read_faq, {"question": "多久"}, "缺少“id”"),
        (read_faq, {"id": "K1"}, "缺少“question”"),
        (read_faq, {"id": " ", "question": "多久"}, "“id”是空的"),
        (read_faq, {**FAQ, "phrasings": "几天发"}, "“phrasings”应是文字的列表"),
        (read_faq, {**FAQ, "phrasings": [3]}, "“phrasings”应是文字"),
        (read_queries, {"qid": "q", "gold": ["K1"]}, "缺少“query”"),
        (read_queries, {"query": "多久", "gold": ["K1"]}, "缺少“qid”"),
        (read_queries, {**QUERY, "qid": 3}, "“qid”应是文字"),
        (read_queries, {**QUERY, "gold": []}, "“gold”是空的"),
        (read_queries, {"qid": "q", "query": "多久"}, "“gold”是空的"),
        (read_queries, {**QUERY, "gold": "K1"}, "“gold”应是文字的列表"),
        (read_queries, {**QUERY, "needs_context": "yes"}, "“needs_context”应是 true 或 false"),
        (read_queries, {**QUERY, "context": ["在吗"]}, "“context”的每一句应以“客户:”或“客服:”开头"),
        (read_queries, ["q1", "多久"], "应是一个 JSON 对象"),
        (read_refuse, {**REFUSE, "gold": ["K1"]}, "拒答问题的“gold”应是空的"),
    ],
)
def test_a_line_that_breaks_the_contract_is_named(file: Path, reader: Reader, row: object, complaint: str) -> None:
    file.write_text("\n" + json.dumps(row, ensure_ascii=False), encoding="utf-8")
    with pytest.raises(BadFile) as caught:
        reader(file)
    assert caught.value.message.startswith(f"queries.jsonl 第 2 行：{complaint}")


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        (b'{"qid": "q1", ', "不是合格的 JSON"),
        (b"[" * 100_000, "不是合格的 JSON"),
        (b"1" * 5_000, "不是合格的 JSON"),  # Python refuses to read an int of more than 4,300 digits
        ('{"query": "多久"}'.encode("gbk"), "不是 UTF-8 编码"),
        ('{"query": "多久"}'.encode("utf-16"), "不是 UTF-8 编码"),
        (b'{"qid": "q1", "query": "\\ud83d", "gold": ["K1"]}', "“query”里有不完整的字符"),
    ],
)
def test_bytes_that_are_not_a_json_object_are_named(file: Path, line: bytes, complaint: str) -> None:
    file.write_bytes(json.dumps(QUERY).encode() + b"\n" + line)
    with pytest.raises(BadFile) as caught:
        read_queries(file)
    assert caught.value.message == f"queries.jsonl 第 2 行：{complaint}"


@pytest.mark.parametrize(
    ("reader", "row", "key", "name"),
    [(read_faq, FAQ, "id", "K1"), (read_queries, QUERY, "qid", "q1"), (read_refuse, REFUSE, "qid", "m1")],
)
def test_an_id_that_occurs_twice_is_named_with_both_places(
    file: Path, reader: Reader, row: dict[str, object], key: str, name: str
) -> None:
    row = {**row, key: name}
    with pytest.raises(BadFile) as caught:
        reader(lines(file, row, row))
    assert caught.value.message == (f"queries.jsonl 第 2 行：“{key}”{name} 重复了，前面已出现在 queries.jsonl 第 1 行")


def test_a_missing_file_is_a_bad_file(file: Path) -> None:
    with pytest.raises(BadFile, match=r"queries\.jsonl：打不开"):
        read_queries(file)


def test_gold_must_be_known(file: Path) -> None:
    cases = read_queries(lines(file, QUERY, {**QUERY, "qid": "q2", "gold": ["K9", "K1", "K8"]}))
    check_gold(cases, {"K1", "K8", "K9"})
    with pytest.raises(BadFile) as caught:
        check_gold(cases, {"K1"})
    assert caught.value.message == "queries.jsonl 第 2 行：“gold”里的 K8、K9 不在知识库里"
