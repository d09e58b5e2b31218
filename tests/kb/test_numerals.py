"""Chinese numerals become digits where they count, and only there."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kb.language.numerals import DIGITS, SCALES, arabic, read

NUMERALS = "".join(DIGITS) + "".join(SCALES) + "半"
TALK = st.text(
    st.sampled_from("一二三四五六七八九十百千万零〇两半第个件天斤块米级多来的了吗退货1.2 号起统下"), max_size=20
)


def written(number: int) -> str:
    """The school's way to write a number below 10⁸, an independent oracle for `read`."""
    if number >= 10_000:
        high, low = divmod(number, 10_000)
        gap = "零" if low and low < 1000 else ""
        return f"{written(high)}万{gap}{written(low) if low else ''}"
    text, gap = "", False
    for scale, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, number = divmod(number, scale)
        if digit:
            text += ("零" if gap else "") + "零一二三四五六七八九"[digit] + name
            gap = False
        else:
            gap = bool(text) and bool(number)
    return text


@given(st.integers(1, 99_999_999))
@example(10)
@example(105)
@example(10_001)
@example(20_300)
@example(1_000_300)
def test_reading_undoes_writing(number: int) -> None:
    assert read(written(number)) == number
    if number > 9:
        assert arabic(f"满{written(number)}元") == f"满{number}元"


@given(TALK)
@example("二三级四五天")
@example("一百一十一件")
@example("半一百")
@example("〇〇〇两件")
def test_twice_is_once(text: str) -> None:
    once = arabic(text)
    assert arabic(once) == once


@given(st.one_of(TALK, st.text(max_size=40)))
def test_only_numerals_are_touched(text: str) -> None:
    """What is neither numeral nor digit stays, in its order: no character of a Chinese word is dropped."""

    def rest(of: str) -> str:
        return re.sub(rf"[{NUMERALS}0-9./]", "", of)

    assert rest(arabic(text)) == rest(text)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("七天无理由", "7天无理由"),
        ("两件", "2件"),
        ("一百", "100"),
        ("二十四小时", "24小时"),
        ("一百九十九", "199"),
        ("一百一", "110"),
        ("两百五十六个g", "256个g"),
        ("一米五", "1.5米"),
        ("半年", "0.5年"),
        ("二三级", "2/3级"),
        ("三四岁", "3/4岁"),
        ("第一件", "第1件"),
        ("第二个", "第2个"),
        ("八加一二八", "八加128"),
        ("三十多岁", "30多岁"),
        ("一个月", "1个月"),
    ],
)
def test_what_counts(said: str, meant: str) -> None:
    assert arabic(said) == meant


@pytest.mark.parametrize(
    "text",
    "一起买 万一坏了 十分满意 一下 三星手机 统一发货 一般几天到 双十一 买一个 一次性 千万别 星期三天 几十件 十二三岁 "
    "百分百 一直 一块买".split(),
)
def test_what_counts_nothing_stays(text: str) -> None:
    assert arabic(text) == text
