"""Bought together: the figures are those of the formula, counted by hand; order and chance change nothing."""

from __future__ import annotations

import random
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import gamma

from kb.baskets import LARGEST, bought_together
from kb.model import Basket

ITEMS = st.lists(st.sets(st.sampled_from("甲乙丙丁戊己"), max_size=5), max_size=30)


def baskets(*held: object) -> list[Basket]:
    return [Basket(str(number), tuple(sorted(items))) for number, items in enumerate(held)]  # type: ignore[call-overload]


@given(ITEMS)
def test_every_figure_is_what_counting_by_hand_gives(held: list[set[str]]) -> None:
    together = bought_together(baskets(*held), least=1)
    full = [items for items in held if items]
    assert together.baskets == len(full)
    pairs = {pair for items in full for pair in combinations(sorted(items), 2)}
    assert {tuple(sorted((a, p.item))) for a, found in together.partners.items() for p in found} == pairs
    for a, found in together.partners.items():
        for partner in found:
            both = sum({a, partner.item} <= items for items in full)
            alone, other = (sum(item in items for items in full) for item in (a, partner.item))
            expected = alone * other / len(full)
            assert partner.count == both
            assert partner.support == pytest.approx(both / len(full))
            assert partner.lift == pytest.approx((both + 0.5) / (expected + 0.5))
            assert partner.at_least == pytest.approx(gamma.ppf(0.05, both + 0.5, scale=1 / (expected + 0.5)))
            assert partner.at_least < partner.lift


@given(ITEMS, st.randoms(use_true_random=False))
def test_the_order_of_baskets_means_nothing(held: list[set[str]], rng: random.Random) -> None:
    moved = held.copy()
    rng.shuffle(moved)
    assert bought_together(baskets(*held)) == bought_together(baskets(*moved))


def test_one_basket_is_no_pair_and_chance_ranks_below_habit() -> None:
    once = bought_together(baskets("甲乙", *["丙"] * 200))
    assert once.partners == {}
    habit = [*["甲乙"] * 30, *["甲丙"] * 2, "丙", *["丁"] * 100]
    assert [p.item for p in bought_together(baskets(*habit)).partners["甲"]] == ["乙", "丙"]


def test_a_pair_seen_twice_does_not_outrank_one_seen_often() -> None:
    """Plain lift would: two rare items met twice of two times each."""
    held = [*["稀奇"] * 2, *["茶杯"] * 40, *["茶"] * 20, *["杯"] * 20, *["其"] * 300]
    found = bought_together(baskets(*held)).partners
    assert found["茶"][0].at_least > found["稀"][0].at_least


def test_emptied_baskets_count_nowhere_and_a_wholesale_order_makes_no_pairs() -> None:
    crate = {f"货{n}" for n in range(LARGEST + 1)}
    together = bought_together(baskets((), "甲乙", "甲乙", crate, crate))
    assert (together.baskets, together.bought["货1"]) == (4, 2)
    assert set(together.partners) == {"甲", "乙"}


def test_no_baskets_no_figures() -> None:
    together = bought_together([])
    assert (together.baskets, together.bought, together.partners) == (0, {}, {})
