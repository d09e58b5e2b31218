"""What is kept of an order's number."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kb.language.tail import cut, labelled, tail_of


@given(st.text(max_size=30))
def test_never_more_than_four_plain_characters_and_cutting_twice_cuts_once(number: str) -> None:
    tail = tail_of(number)
    assert len(tail) <= 4 and tail.isalnum() is bool(tail) and tail.isascii()
    assert tail_of(tail) == tail and cut(labelled(tail)) == labelled(tail)
    assert len(cut(number)) <= 6


def test_it_is_the_end_of_the_number_however_that_is_written() -> None:
    for number in ("260911-000012344471", "2609 1100 0012 3444 71", "订单号:26091144-71。", "4471"):
        assert tail_of(number) == "4471"
    assert (labelled("4471"), labelled(""), cut("尾号SO-4471"), cut("SO-4471")) == ("尾号4471", "", "尾号4471", "4471")
