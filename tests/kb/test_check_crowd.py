"""Shops looked through together are found to say what each of them is found to say alone."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from kb.check.crowd import SEATS, Crowd, rows
from kb.check.marks import Marks
from kb.check.neighbours import Neighbours
from kb.check.salted import NONE, Digests, held

SLUGS = [f"s{n}" for n in range(SEATS + 3)]  # more than sit at one table
Some = st.lists(st.integers(0, 12), max_size=8)  # few values, so that shops share many


def digests(numbers: list[int]) -> Digests:
    return np.unique(np.array(numbers, np.uint64))


def marks(generation: int, products: Digests, sentences: Digests) -> Marks:
    return Marks(generation, frozenset(), {}, products, sentences)


def alike(some: list[NDArray[np.bool_]]) -> list[list[bool]]:
    return sorted(row.tolist() for row in some)


@given(st.lists(st.tuples(st.sampled_from(SLUGS), st.none() | st.tuples(Some, Some)), max_size=40), Some)
def test_whatever_comes_and_goes_the_tables_find_what_a_loop_over_the_shops_finds(
    steps: list[tuple[str, tuple[list[int], list[int]] | None]], asked: list[int]
) -> None:
    neighbours, plain = Neighbours(), dict[str, tuple[Digests, Digests]]()
    for generation, (slug, told) in enumerate(steps):
        if told is None:
            neighbours.put(slug, None)
            plain.pop(slug, None)
        else:
            plain[slug] = digests(told[0]), digests(told[1])
            neighbours.put(slug, marks(generation, *plain[slug]))
    assert set(neighbours.marks) == set(plain)
    text = np.array(asked, np.uint64)
    tables = neighbours.tables
    for ours in [*plain, "nobody"]:
        seat = next(((i, t.seats[ours]) for i, t in enumerate(tables) if ours in t.seats), None)
        for part, crowds in enumerate(([t.products for t in tables], [t.sentences for t in tables])):
            loop = [held(text, each[part]) for slug, each in plain.items() if slug != ours]
            assert alike(rows(crowds, text, seat)) == alike([row for row in loop if row.any()])


def test_a_table_seats_so_many_and_a_seat_that_was_left_is_taken_again() -> None:
    neighbours = Neighbours()
    for slug in SLUGS:
        neighbours.put(slug, marks(1, digests([1]), NONE))
    assert [len(table.seats) for table in neighbours.tables] == [SEATS, 3]
    neighbours.put("s0", None)
    neighbours.put("new", marks(1, digests([2]), NONE))
    first = neighbours.tables[0]
    assert first.seats["new"] == 0 and len(set(first.seats.values())) == SEATS
    assert len(first.products.digests) == SEATS  # nothing of the shop that left is left


def test_nothing_is_held_by_nobody() -> None:
    places, seats = Crowd.empty().holders(np.array([1, 2], np.uint64))
    assert len(places) == len(seats) == 0
