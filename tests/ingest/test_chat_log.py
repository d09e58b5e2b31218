"""Chat logs become one row per message under one fixed header, whatever the platform writes."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.gate import Format
from ingest.readers import read
from ingest.readers.chat import HEADER, role_of
from ingest.readers.parse import parse

AT = "2026-11-01 10:00:00"


def rows(content: str, name: str = "聊天.txt") -> list[tuple[str, ...]]:
    (sheet,) = read(content.encode(), name)
    assert sheet.rows[0].cells == HEADER == ("会话", "时间", "发送者", "角色", "内容")
    return [(str(row.number), *row.cells) for row in sheet.rows[1:]]


@pytest.mark.parametrize(
    "head",
    [
        "{who} {at}\n{text}", "{who}({at}):\n{text}", "{who}（{at}）：{text}", "({at}) {who}: {text}", "[{at}] {who}: {text}",
        "{at} {who}\n{text}", "{at} {who}：{text}", "{who} [{at}]\n{text}", "{at}\t{who}\t{text}", "{at},{who},{text}",
    ],
)  # fmt: skip
def test_every_way_of_heading_a_message(head: str) -> None:
    content = "\n".join(
        head.format(at=AT, who=who, text=text) for who, text in [("tb123", "在吗"), ("客服小美", "在的呢")]
    )
    found = [row[1:] for row in rows(content)]
    assert found == [("1", AT, "tb123", "", "在吗"), ("1", AT, "客服小美", "客服", "在的呢")]


@pytest.mark.parametrize(
    ("who", "account", "times"),
    [
        ("毛球旗舰店", "客服小毛", 1),
        ("毛球旗舰店", "小毛", 2),
        ("毛球日记", "客服01", 2),
        ("毛球旗舰店", "客服小毛", 3),
    ],
)
def test_the_account_behind_a_shops_name_is_no_part_of_what_was_said(who: str, account: str, times: int) -> None:
    found = rows("".join(f"{AT} tb1:\n冻干几个月能吃{i}\n{AT} {who}:{account}\n3个月{i}以上\n" for i in range(times)))
    assert [row[3:] for row in found[1::2]] == [(f"{who}:{account}", "客服", f"3个月{i}以上") for i in range(times)]


def test_what_a_buyer_or_a_desk_says_in_its_first_line_stays() -> None:
    assert rows(f"{AT} tb1: 客服在吗\n有货吗\n{AT} 毛球旗舰店: 在的呢亲\n有货")[0][-1] == "客服在吗\n有货吗"
    assert rows(f"{AT} tb1: 在吗\n有货吗\n{AT} 毛球旗舰店: 有的\n放心拍")[1][-1] == "有的\n放心拍"


@pytest.mark.parametrize(
    "at", ["2026/11/1 10:00:00", "2026-11-01T10:00", "2026年11月1日 上午10:00", "2026.11.1 9:05:03", "10:00:00"]
)
def test_every_way_of_writing_the_time(at: str) -> None:
    assert rows(f"小王 {at}\n在吗\n小李 {at}\n在\n")[0][2] == at.replace("T", " ")


def test_messages_of_several_lines_keep_them() -> None:
    assert rows(f"小王 {AT}\n您好\n  请问：有货吗\n\n店铺:小美 {AT}\n有\n")[0] == (
        "1",
        "1",
        AT,
        "小王",
        "",
        "您好\n  请问：有货吗",
    )


def test_rules_and_titles_divide_sessions() -> None:
    content = f"会话：A1\n小王 {AT}\n在吗\n小李 {AT}\n在\n==========\n小赵 {AT}\n你好\n会话ID: B7\n小钱 {AT}\n嗨\n"
    assert [row[1] for row in rows(content)] == ["A1", "A1", "2", "B7"]


def test_roles_are_said_only_by_the_name() -> None:
    assert [role_of(name) for name in ("青萝旗舰店:小美", "客服01", "买家", "用户3801", "tb123", "")] == [
        "客服", "客服", "买家", "买家", "", "",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "content",
    [
        "时间,发送者,内容\n2026-11-01 10:00:00,小王,在吗\n2026-11-01 10:00:09,客服,在\n",
        "标题,内容,开始\n双11,满减,2026-11-01 00:00:00\n双12,满减,2026-12-12 00:00:00\n",
        "2026-11-01 10:00:00,A1,3,9\n2026-11-01 10:00:00,A2,3,9\n",
    ],
)
def test_tables_with_times_stay_tables(content: str) -> None:
    for name in ("表.csv", "表.txt"):
        (sheet,) = read(content.encode(), name)
        assert sheet.rows[0].cells == tuple(content.splitlines()[0].split(","))


def test_one_line_with_a_time_is_no_log() -> None:
    (sheet,) = read("问：几点发货\n答：每天\n活动 2026-11-01 10:00:00\n开始\n".encode(), "问答.txt")
    assert sheet.name == "正文"


NAME = st.text("小王美丽旗舰店abc", min_size=1, max_size=8)
TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=30).map("说".__add__)


@settings(max_examples=60)
@given(st.lists(st.tuples(NAME, TEXT), min_size=2, max_size=8))
def test_any_log_comes_back_message_for_message(said: list[tuple[str, str]]) -> None:
    content = "".join(f"{who} {AT}\n{text}\n\n" for who, text in said)
    (sheet,) = parse(Format.TEXT, content.encode(), "聊天.txt")
    assert [(row.cells[2], row.cells[4]) for row in sheet.rows[1:]] == said


def test_sessions_in_json_lines() -> None:
    turns = [
        {"role": "customer", "messages": ["在吗", "急"]},
        {"role": "agent", "text": "在", "time": AT, "name": "小美"},
    ]
    lines = "\n".join(json.dumps({"session": name, "turns": turns}, ensure_ascii=False) for name in ("甲", "乙"))
    found = rows(lines, "会话.jsonl")
    assert found[:2] == [("1", "甲", "", "customer", "买家", "在吗\n急"), ("1", "甲", AT, "小美", "客服", "在")]
    assert found[2][:2] == ("2", "乙")
