"""Answers for a state of the order: read from what merchants write, chosen where it holds, doubted where nobody knows."""

from __future__ import annotations

from dataclasses import replace
from itertools import product as combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.fitting import decided, fitting, untold
from kb.language.order_states import WORDS, read_states, state_cell
from kb.model import (
    Answer,
    Band,
    Condition,
    Logistics,
    Order,
    OrderState,
    Payment,
    Query,
    Refund,
)
from kb.search import search
from making import BagEngine, faq, shard_of

STATES = st.frozensets(st.sampled_from(list(WORDS)), max_size=6)
ORDERS = st.builds(
    Order,
    payment=st.none() | st.sampled_from(Payment),
    logistics=st.none() | st.sampled_from(Logistics),
    refund=st.none() | st.sampled_from(Refund),
)


@given(STATES)
def test_a_cell_of_states_comes_back(states: frozenset[OrderState]) -> None:
    assert read_states(state_cell(states)) == (states, ())


@pytest.mark.parametrize(
    ("cell", "states"),
    [
        ("未发货", {Logistics.WAITING}), ("发货后", {Logistics.SHIPPED, Logistics.DELIVERING, Logistics.SIGNED}),
        ("已付款、未发货", {Payment.PAID, Logistics.WAITING}), ("退款中", {Refund.ASKED}), ("全部", set()), ("", set()), ("/", set()),
        ("待付款/已付款", {Payment.UNPAID, Payment.PAID}), ("确认收货", {Logistics.SIGNED}),
    ],
)  # fmt: skip
def test_states_as_merchants_write_them(cell: str, states: set[OrderState]) -> None:
    assert read_states(cell) == (states, ())


def test_an_unknown_word_is_given_back() -> None:
    assert read_states("已付款、心情好") == ({Payment.PAID}, ("心情好",))


@given(STATES, ORDERS, st.booleans())
def test_which_answer_is_right_by_trying_every_world(
    states: frozenset[OrderState], order: Order, general_first: bool
) -> None:
    """The oracle fills in what is not told in every possible way: right in all worlds is sure, in none is wrong."""
    worlds = [
        {p, lo, r}
        for p, lo, r in combinations(
            [order.payment] if order.payment else list(Payment),
            [order.logistics] if order.logistics else list(Logistics),
            [order.refund] if order.refund else list(Refund),
        )
    ]
    kinds = [frozenset(s for s in states if isinstance(s, kind)) for kind in (Payment, Logistics, Refund)]
    told = [(order.payment, kinds[0]), (order.logistics, kinds[1]), (order.refund, kinds[2])]
    right = [all(not wanted or wanted & world for wanted in kinds) for world in worlds]
    only, general = Answer("c", "仅此", Condition(states=states)), Answer("g", "一般")
    both = [general, only] if general_first else [only, general]
    query = Query("怎么退", order=order)
    alone = fitting([only], query)
    assert (alone is None) is not any(right)
    if any(wanted and state is None for state, wanted in told) and alone:
        assert fitting(both, query) is general and untold(only, query)  # not told, even where every world would do
    elif states and all(right):
        assert fitting(both, query) is only and not untold(only, query)


def test_a_conditioned_answer_that_holds_says_so_and_one_that_may_hold_is_not_trusted() -> None:
    waiting = Answer("w", "还没发货，直接退款", Condition(states=frozenset({Logistics.WAITING})))
    entry = replace(faq("1", "怎么退款", ""), answers=(waiting,))
    shard, engine = shard_of([entry, faq("2", "包邮吗", "包邮")]), BagEngine()

    def first(order: Order | None) -> object:
        found = search(shard, Query("怎么退款", order=order), engine)
        return found.hits[0] if found.hits and found.hits[0].entry.key == "1" else None

    sure = search(shard, Query("怎么退款", order=Order(logistics=Logistics.WAITING)), engine).hits[0]
    assert sure.band is Band.DIRECT
    assert [reason.code for reason in decided(waiting, Query("怎么退款"))] == ["order_state"]
    doubted = search(shard, Query("怎么退款"), engine).hits
    mine = next(hit for hit in doubted if hit.entry.key == "1")
    assert mine.band is not Band.DIRECT and mine.reasons[0].code == "order_unknown"
    assert "待发货" in mine.reasons[0].text
    assert first(Order(logistics=Logistics.SIGNED)) is None


def test_of_one_entry_the_general_answer_is_trusted_where_the_state_is_not_told() -> None:
    signed = Answer("s", "签收后走退货", Condition(states=frozenset({Logistics.SIGNED})))
    entry = replace(faq("1", "怎么退款", "在订单里申请"), answers=(signed, Answer("g", "在订单里申请")))
    shard, engine = shard_of([entry]), BagEngine()
    texts = [
        search(shard, Query("怎么退款", order=order), engine).hits[0].answer
        for order in (None, Order(logistics=Logistics.SIGNED), Order(logistics=Logistics.SHIPPED))
    ]
    assert [answer and answer.id for answer in texts] == ["g", "s", "g"]
    assert search(shard, Query("怎么退款"), engine).hits[0].band is Band.DIRECT
