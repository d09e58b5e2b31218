"""How much of a line a conversation says: the laws; its numbers stand against plain loops in test_features."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.language.cover import cover

TEXTS = st.text("发票开专退货a7 ，？\n\ud800😀", max_size=9)
LINES = st.lists(TEXTS, max_size=6)


@given(TEXTS, LINES, st.data())
def test_it_is_a_share_and_more_words_never_say_less(talk: str, lines: list[str], data: st.DataObject) -> None:
    owner = np.array([data.draw(st.integers(0, 3)) for _ in lines], np.int64)
    found, more = cover(talk, lines, owner), cover(talk + data.draw(TEXTS), lines, owner)
    assert found.shape == (len(lines),) and found.dtype == np.float32
    assert ((found >= 0) & (found <= 1) & (more >= found)).all()


@given(LINES.filter(any))
def test_a_line_that_is_said_is_said_wholly(lines: list[str]) -> None:
    found = cover(lines[0], lines, np.arange(len(lines)))
    assert found[0] == pytest.approx(float(any(c.isalnum() for c in lines[0])))


@given(TEXTS, LINES, st.randoms(use_true_random=False))
def test_the_order_of_lines_is_nothing(talk: str, lines: list[str], chance: object) -> None:
    order = np.array(sorted(range(len(lines)), key=lambda _: chance.random()), np.int64)  # type: ignore[attr-defined]
    moved = cover(talk, [lines[i] for i in order], np.arange(len(lines))[order] if len(lines) else order)
    assert np.allclose(moved, cover(talk, lines, np.arange(len(lines)))[order] if len(lines) else 0, atol=1e-6)


def test_what_every_candidate_has_tells_little() -> None:
    lines = ["怎么开专票", "怎么开普票", "怎么退货"]
    found = cover("怎么 专", lines, np.arange(3))
    assert found[0] > found[1] > 0 and found[1] < 0.5


def test_pieces_of_several_turns_are_put_together() -> None:
    (found,) = cover("我如果先买 后面还能开专票吗", ["先买后开专票"], np.zeros(1, np.int64))
    assert found > 0.6


def test_of_a_long_text_only_the_beginning_is_read() -> None:
    owner = np.zeros(1, np.int64)
    assert cover("发票", ["发票" + "长" * 98 + "尾巴" * 5000], owner) == cover("发票", ["发票" + "长" * 98], owner)
