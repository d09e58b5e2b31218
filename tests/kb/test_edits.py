"""What was changed in an answer: enough to have the sent text again, nothing of a buyer, and never longer than the text."""

from __future__ import annotations

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cost import cost
from kb.events.edits import diff, nearest, rebuild
from kb.language.mask import mask

PHONE = "13912345678"
texts = st.text(
    st.sampled_from('亲发货48小时内1 ,。\n👍🏽a{}\\"') | st.characters(exclude_categories=["Cs"]), max_size=60
)


@given(texts, texts)
@example("亲，48小时内发货", "")
@example("", "")
@example("电话" + PHONE, "电话" + PHONE + "，加急")
def test_the_masked_text_comes_back_and_the_script_is_short(shown: str, sent: str) -> None:
    script = diff(shown, sent)
    assert rebuild(shown, script) == mask(sent)
    assert len(script) <= len(json.dumps(mask(sent), ensure_ascii=False)) + 40


@given(texts, texts, st.integers(0, 60))
def test_a_word_put_in_is_all_that_is_kept(before: str, word: str, place: int) -> None:
    shown, sent = before, before[:place] + word + before[place:]
    kept = [op for op in json.loads(diff(shown, sent))["ops"] if isinstance(op, str)]
    assert rebuild(shown, diff(shown, sent)) == mask(sent)
    assert len("".join(kept)) <= len(mask(sent))


def test_a_script_reads_as_what_was_done() -> None:
    ops = json.loads(diff("亲，48小时内发货的哦", "亲，今天下午就发货的哦，放心"))["ops"]
    assert ops == [2, "今天下午就", -5, 4, "，放心"]


def test_specks_between_changes_are_told_with_them() -> None:
    ops = json.loads(diff("一二三四五六七八九十", "一二甲四乙六七八九十"))["ops"]
    assert ops == [2, "甲四乙", -3, 5]


def test_another_text_of_the_same_length_is_not_taken_for_it() -> None:
    script = diff("亲，明天发货", "亲，后天发货")
    with pytest.raises(ValueError):
        rebuild("亲，明天到货", script)


def test_what_an_agent_typed_about_a_buyer_is_not_kept() -> None:
    script = diff("稍后联系您", f"稍后打{PHONE}联系您")
    assert PHONE not in script and rebuild("稍后联系您", script) == "稍后打[手机号]联系您"


def test_the_answer_that_was_most_likely_changed() -> None:
    assert nearest(["七天无理由退货", "48小时内发货"], "24小时内发货哦") == "48小时内发货"
    assert nearest([], "x") == ""


def test_the_longest_texts_take_no_time() -> None:
    assert cost(lambda: diff("发货退款" * 2500, "退款到账" * 2500)) < 0.1
    script = diff("发货退款" * 2500, "退款到账" * 2500)
    assert rebuild("发货退款" * 2500, script) == "退款到账" * 2500
