"""Chat sheets: who spoke, where a conversation ends, and that nobody's name or number is kept."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatting import CLEANING, HEADER, rows
from ingest.draft import SheetDraft, Talk
from ingest.importer import read_file
from ingest.kinds.chat import anonymous
from kb.model import Speaker

Make = Callable[..., bytes]


def read(make_csv: Make, grid: list[list[str]]) -> SheetDraft:
    [sheet] = read_file(make_csv(grid), "聊天.csv").sheets
    return sheet


def who(talk: Talk) -> str:
    return "".join("服" if turn.speaker is Speaker.AGENT else "买" for turn in talk.turns)


def test_a_log_is_recognised_and_read_as_conversations(make_csv: Make) -> None:
    sheet = read(make_csv, rows(CLEANING))
    assert str(sheet.kind) == "chat" and [who(talk) for talk in sheet.talks] == ["买服买服", "买服买服服", "买服"]
    assert (sheet.talks[1].turns[2].text, sheet.talks[1].row) == ("鞋面能放洗衣机机洗吗", 6)


def test_who_is_in_most_conversations_is_the_desk_when_no_role_is_said(make_csv: Make) -> None:
    sheet = read(make_csv, rows(CLEANING, named=False))
    assert [who(talk) for talk in sheet.talks] == ["买服买服", "买服买服服", "买服"]


@pytest.mark.parametrize(
    ("sender", "role", "speaker"),
    [("暖步旗舰店:小美", "", "服"), ("客服小李", "", "服"), ("tb88", "卖家", "服"), ("小美", "agent", "服"),
     ("买家", "", "买"), ("x", "user", "买")],
)  # fmt: skip
def test_a_role_or_a_senders_name_tells_who_spoke(make_csv: Make, sender: str, role: str, speaker: str) -> None:
    other = ["S1", "", "另一位", "", "鞋子能机洗吗"]
    sheet = read(make_csv, [list(HEADER), other, ["S1", "", sender, role, "不能机洗的"]])
    assert [who(talk)[1] for talk in sheet.talks] == [speaker]


def test_of_two_unknown_people_the_one_with_the_desks_phrases_is_the_desk(make_csv: Make) -> None:
    said = [("甲", "鞋子能机洗吗"), ("乙", "不能的，请问还有其他还可以帮到您的吗"), ("甲", "没有了")]
    sheet = read(make_csv, [list(HEADER), *(["S1", "", name, "", text] for name, text in said)])
    assert [who(talk) for talk in sheet.talks] == ["买服买"]


def test_what_cannot_be_told_apart_is_left_out_and_counted(make_csv: Make) -> None:
    unclear = [["S9", "", "甲", "", "你好呀"], ["S9", "", "乙", "", "鞋子不错"]]
    alone = [["S8", "", "", "买家", "有人吗"]]
    sheet = read(make_csv, [*rows(CLEANING), *unclear, *alone])
    assert (len(sheet.talks), sheet.skipped) == (3, 3)
    assert [p.code for p in sheet.problems] == ["talk_unclear"] and "2 段" in sheet.problems[0].text


def test_without_numbers_a_buyer_or_half_an_hour_of_silence_begins_another_conversation(make_csv: Make) -> None:
    said = [("10:00", "tb_a", "买家", "能机洗吗"), ("10:01", "小美", "客服", "不能哦"), ("10:02", "tb_b", "买家", "包邮吗"),
            ("10:03", "小美", "客服", "包邮的"), ("11:00", "tb_b", "买家", "送鞋垫吗"), ("11:01", "小美", "客服", "送一双")]  # fmt: skip
    sheet = read(make_csv, [list(HEADER), *(["1", f"2026-11-01 {t}:00", *more] for t, *more in said)])
    assert [talk.turns[0].text for talk in sheet.talks] == ["能机洗吗", "包邮吗", "送鞋垫吗"]


def test_robots_systems_and_empty_messages_are_no_turns(make_csv: Make) -> None:
    noise = [
        ["S1", "", "系统", "系统", "会话已转接"],
        ["S1", "", "店小蜜机器人", "", "亲，我是机器人"],
        ["S1", "", "x", "买家", ""],
    ]
    sheet = read(make_csv, [*rows(CLEANING[:1]), *noise])
    assert (len(sheet.talks[0].turns), sheet.skipped) == (4, 3)


CANARIES = ["13812345678", "110101199003074514", "云南路9弄", "张雨晴", "李建国", "tb_moon77", "zhang@example.com"]


def test_nothing_personal_is_kept() -> None:
    import re

    card = "收货人：张雨晴，手机13812345678，地址：上海市浦东新区云南路9弄3号楼201室"
    said = [card, "身份证110101199003074514", "我叫李建国", "tb_moon77您好", "发zhang@example.com", "李建国先生您好"]
    kept = " ".join(anonymous(text, re.compile("tb_moon77")) for text in said)
    assert not [canary for canary in CANARIES if canary in kept], kept


@settings(max_examples=60)
@given(st.text(max_size=300), st.sampled_from(CANARIES[:2]), st.integers(0, 300))
def test_a_number_is_masked_wherever_it_stands(text: str, number: str, at: int) -> None:
    assert number not in anonymous(f"{text[:at]} {number} {text[at:]}")


def test_a_pasted_page_is_not_read() -> None:
    assert anonymous("洗" * 10_000 + "13812345678") == ""
