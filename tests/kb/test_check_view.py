"""The forms of a text and the way back to what was typed."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kb.check.view import View, as_read, solid

TEXT = st.text(max_size=40) | st.text(alphabet="加微薇❤Ｖｖ①❸壹\u200b\ufe0f .亻言ﾅ㎡½\n，", max_size=20)


@given(TEXT)
def test_every_character_of_a_form_came_from_one_that_was_typed(text: str) -> None:
    view = View(text)
    for form in (view.plain, view.tight, view.digits, view.solid):
        assert len(form.text) == len(form.starts) == len(form.ends)
        assert all(0 <= a < b <= len(text) for a, b in zip(form.starts, form.ends, strict=True))
        assert list(form.starts) == sorted(form.starts) and list(form.ends) == sorted(form.ends)


@given(TEXT)
def test_a_shops_knowledge_and_a_draft_are_read_alike(text: str) -> None:
    assert View(text).solid.text == solid(text)
    assert View(text).plain.text == as_read(text)


@given(TEXT, TEXT)
def test_what_stands_before_does_not_change_what_is_read(before: str, text: str) -> None:
    assert View(before + text).plain.text == View(before).plain.text + View(text).plain.text


@given(TEXT)
def test_digits_stand_where_the_numerals_stood(text: str) -> None:
    view = View(text)
    assert len(view.digits.text) == len(view.tight.text) and view.digits.starts == view.tight.starts


def test_disguises_are_seen_through() -> None:
    assert View("Ｖ Ｘ：ⓐ①❷").plain.text == "v x:a12"
    assert View("薇*❤️.🅥").tight.text == "薇心v"
    assert View("蕞 朂 苐 徵").tight.text == "最最第微"
    assert View("亻言").tight.text == "信"
    assert View("壹叁捌零〇幺").digits.text == "138001"
    assert View("а\u0301оѕ").plain.text == "aos"  # Cyrillic
    read = View("a，微\u200b 信").tight
    assert read.span(*(read.text.index("微"), read.text.index("信") + 1)) == (2, 6)


def test_a_character_taken_apart_that_reads_as_two_keeps_the_way_back() -> None:
    tight = View("留扌机号").tight
    assert tight.text == "留手机号" and len(tight.starts) == len(tight.ends) == 4
    assert tight.span(1, 3) == (1, 3)
