"""The vector index against brute force in double precision: cosines around the centre, the prior, masks, bare shops."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from kb.dense import DenseIndex

Floats = NDArray[np.float64]
DIM = 8
SEEDS = st.integers(0, 2**32 - 1)


def unit(rows: Floats) -> NDArray[np.float32]:
    """Unit rows as half floats hold them: what an index gets and what it can hold."""
    found = rows / np.linalg.norm(rows, axis=-1, keepdims=True)
    return np.asarray(found, np.float16).astype(np.float32)


def cone(generator: np.random.Generator, count: int) -> NDArray[np.float32]:
    """Vectors as a model makes them: crowded around one direction."""
    return unit(generator.standard_normal((count, DIM)) * 0.3 + np.arange(1, DIM + 1))


# -- the oracle


def middle(rows: Floats, background: Floats | None) -> Floats:
    if background is None:
        return np.mean(rows, axis=0)
    return (rows.sum(axis=0) + 100 * background) / (len(rows) + 100)


def cosine(row: Floats, query: Floats, centre: Floats) -> float:
    """Of row and query as seen from the centre; whoever stands on the centre counts as a thousandth away."""
    here, there = row - centre, query - centre
    length = max(float(np.linalg.norm(here)), 1e-3) * max(float(np.linalg.norm(there)), 1e-3)
    return min(1.0, max(-1.0, float(here @ there) / length))


def cosines(rows: NDArray[np.float32], query: NDArray[np.float32], background: NDArray[np.float32] | None) -> Floats:
    exact = rows.astype(float)
    centre = middle(exact, None if background is None else background.astype(float))
    return np.array([cosine(row, query.astype(float), centre) for row in exact])


# -- similarities


@given(st.integers(2, 40), st.booleans(), SEEDS)
def test_likeness_is_the_cosine_around_the_centre(count: int, known: bool, seed: int) -> None:
    generator = np.random.default_rng(seed)
    rows, query = cone(generator, count), cone(generator, 1)[0]
    background = cone(generator, 1)[0] if known else None
    index = DenseIndex(rows, background)
    positions = generator.integers(count, size=7)  # any order, any twice
    found = index.similarities(query, positions)
    assert found.dtype == np.float32 and (np.abs(found) <= 1).all()
    assert found == pytest.approx(cosines(rows, query, background)[positions], abs=1e-3)


def test_a_shop_larger_than_a_chunk_has_one_centre() -> None:
    generator = np.random.default_rng(7)
    rows, query = cone(generator, 20_000), cone(generator, 1)[0]
    found = DenseIndex(rows).similarities(query, np.arange(20_000))
    assert found == pytest.approx(cosines(rows, query, None), abs=2e-3)


def test_what_all_questions_share_says_nothing() -> None:
    """In a cone every raw cosine is above 0.9; around the centre strangers are far and only the asked one is near."""
    generator = np.random.default_rng(1)
    rows = cone(generator, 200)
    assert (rows @ rows[0]).min() > 0.9
    found = DenseIndex(rows).similarities(rows[0], np.arange(200))
    assert found[0] == pytest.approx(1, abs=1e-3) and abs(float(np.median(found[1:]))) < 0.2


def test_a_small_shop_is_seen_from_the_background_and_a_large_one_from_its_own_middle() -> None:
    generator = np.random.default_rng(2)
    shop = unit(generator.standard_normal((4000, DIM)) + np.eye(DIM)[0] * 3)
    background, query = unit(np.eye(DIM)[1]), shop[0]
    moved = [np.abs(_around(rows, query, background) - _around(rows, query, None)).mean() for rows in (shop[:4], shop)]
    assert moved[0] > 0.3 and moved[1] < 0.05
    from_background = [cosine(row, query.astype(float), background.astype(float)) for row in shop[:4].astype(float)]
    assert _around(shop[:4], query, background) == pytest.approx(np.array(from_background), abs=0.05)


def _around(rows: NDArray[np.float32], query: NDArray[np.float32], background: NDArray[np.float32] | None) -> Floats:
    return DenseIndex(rows, background).similarities(query, np.arange(len(rows))).astype(float)


# -- nearest


@given(st.integers(1, 40), st.integers(1, 50), st.booleans(), st.booleans(), SEEDS)
def test_nearest_is_brute_force(count: int, k: int, masked: bool, known: bool, seed: int) -> None:
    generator = np.random.default_rng(seed)
    rows, query = cone(generator, count), cone(generator, 1)[0]
    background = cone(generator, 1)[0] if known else None
    allowed = generator.random(count) < 0.6 if masked else np.ones(count, bool)
    found = DenseIndex(rows, background).nearest(query, k, allowed if masked else None)
    assert len(found) == len(set(found.tolist())) == min(k, int(allowed.sum()))
    assert allowed[found].all()
    exact = rows.astype(float)
    towards = query.astype(float) - middle(exact, None if background is None else background.astype(float))
    scores = exact @ towards / max(float(np.linalg.norm(towards)), 1e-3)
    best = np.sort(scores[allowed])[::-1][:k]
    # By score, not by place: single precision may turn two that are all but equal.
    assert scores[found] == pytest.approx(best, abs=1e-4)


def test_nobody_allowed_nobody_found() -> None:
    rows = cone(np.random.default_rng(1), 20)
    assert DenseIndex(rows).nearest(rows[0], 5, np.zeros(20, bool)).tolist() == []


@pytest.mark.parametrize("place", [0, 7, 8, 63, 64, 99])
def test_one_allowed_among_many_is_found_wherever_it_stands(place: int) -> None:
    rows = cone(np.random.default_rng(1), 100)
    allowed = np.zeros(100, bool)
    allowed[place] = True
    assert DenseIndex(rows).nearest(rows[50], 5, allowed).tolist() == [place]


# -- bare shops and odd vectors

ROW = cone(np.random.default_rng(3), 1)[0]
OTHER = cone(np.random.default_rng(4), 1)[0]


@pytest.mark.parametrize(
    "background", [None, OTHER, ROW, np.zeros(DIM, np.float32)], ids=["none", "other", "same", "zero"]
)
@pytest.mark.parametrize(
    "query", [ROW, OTHER, -ROW, np.zeros(DIM, np.float32)], ids=["same", "other", "opposite", "zero"]
)
@pytest.mark.parametrize("count", [1, 5])
def test_one_row_or_the_same_again_and_again(
    count: int, query: NDArray[np.float32], background: NDArray[np.float32] | None
) -> None:
    rows = np.repeat(ROW[None], count, axis=0)
    index = DenseIndex(rows, background)
    found = index.similarities(query, np.arange(count))
    assert np.isfinite(found).all() and len(set(found.tolist())) == 1
    assert found == pytest.approx(cosines(rows, query, background), abs=2e-3)
    assert sorted(index.nearest(query, 9).tolist()) == list(range(count))


def test_a_shop_of_one_question_knows_it_again_where_the_background_is_known() -> None:
    index = DenseIndex(ROW[None], OTHER)
    assert index.similarities(ROW, np.array([0]))[0] == pytest.approx(1, abs=1e-3)
    assert index.similarities(OTHER, np.array([0]))[0] < 0.1


@pytest.mark.parametrize("background", [None, OTHER])
def test_an_empty_index_is_no_error(background: NDArray[np.float32] | None) -> None:
    index = DenseIndex(np.zeros((0, DIM), np.float32), background)
    nowhere = np.zeros(0, np.int64)
    assert (len(index), index.rows.shape) == (0, (0, DIM))
    assert index.nearest(ROW, 3).tolist() == [] and index.similarities(ROW, nowhere).tolist() == []
    assert DenseIndex(ROW[None]).similarities(ROW, nowhere).tolist() == []


@given(st.integers(1, 30), SEEDS)
def test_rows_are_kept_to_the_bit_whatever_the_centre_is(count: int, seed: int) -> None:
    rows = cone(np.random.default_rng(seed), count)
    first = DenseIndex(rows)
    assert first.rows.tobytes() == rows.astype("<f2").tobytes()
    again = DenseIndex(first.rows, OTHER)
    assert again.rows.tobytes() == first.rows.tobytes()
