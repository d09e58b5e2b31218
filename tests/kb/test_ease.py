"""The item-to-item model beside two independent ways to the same weights, and what it promises of its scores."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from kb.baskets import bought_together
from kb.model import Basket
from kb.upsell import ease
from kb.upsell.ease import fit, fit_with

ITEMS = list("abcdefgh")
Baskets = list[tuple[str, ...]]

baskets = st.lists(
    st.lists(st.sampled_from(ITEMS), min_size=1, max_size=6, unique=True).map(lambda names: tuple(sorted(names))),
    min_size=1,
    max_size=25,
)


def dense(held: Baskets) -> tuple[list[str], NDArray[np.float64], NDArray[np.float64]]:
    """Names, incidence (baskets, items), weight of each basket."""
    names = sorted({item for basket in held for item in basket})
    found = np.array([[float(name in basket) for name in names] for basket in held])
    return names, found, np.array([len(basket) ** -0.5 for basket in held])


@settings(max_examples=30, deadline=None)
@given(baskets, st.sampled_from([0.5, 10.0, 200.0]))
def test_each_column_is_a_ridge_regression_on_all_other_items(held: Baskets, ridge: float) -> None:
    names, found, weight = dense(held)
    model = fit_with(held, ridge, 0.0)
    assert model.items == tuple(names)
    got = model.weights.toarray()
    for column in range(len(names)):
        others = [place for place in range(len(names)) if place != column]
        assert got[column, column] == 0
        if not others:
            continue
        # min Σ_b w_b (x_bj − Σ_i x_bi B_ij)² + λ Σ_i B_ij², by least squares over rows that say the penalty
        rows = np.vstack([np.sqrt(weight)[:, None] * found[:, others], np.sqrt(ridge) * np.eye(len(others))])
        wanted = np.concatenate([np.sqrt(weight) * found[:, column], np.zeros(len(others))])
        solved, *_ = np.linalg.lstsq(rows, wanted, rcond=None)
        np.testing.assert_allclose(got[others, column], solved, atol=2e-5)


@settings(max_examples=25, deadline=None)
@given(baskets)
def test_the_closed_form_of_the_paper_gives_the_same(held: Baskets) -> None:
    _, found, weight = dense(held)
    inverse = np.linalg.inv(found.T @ (weight[:, None] * found) + ease.RIDGE * np.eye(found.shape[1]))
    wanted = -inverse / np.diag(inverse)[None, :]
    np.fill_diagonal(wanted, 0)
    np.testing.assert_allclose(fit_with(held, ease.RIDGE, 0.0).weights.toarray(), wanted, atol=2e-6)


@settings(max_examples=25, deadline=None)
@given(baskets, st.lists(st.sampled_from([*ITEMS, "never sold"]), max_size=4), st.sampled_from([0.0, 0.3]))
def test_scores_are_the_weights_of_what_is_held_and_popularity(held: Baskets, basket: list[str], blend: float) -> None:
    names, found, _ = dense(held)
    model = fit_with(held, ease.RIDGE, blend)
    known = [place for place, name in enumerate(names) if name in basket]
    wanted = model.weights.toarray()[known].sum(axis=0) + blend * found.mean(axis=0)
    wanted[known] = -np.inf
    np.testing.assert_allclose(model.scores(basket), wanted, atol=1e-5)
    best = model.best(basket, 3)
    assert not {item for item, _ in best} & set(basket)
    assert [score for _, score in best] == sorted((score for _, score in best), reverse=True)
    assert len(best) == min(3, len(names) - len(known))


@settings(max_examples=25, deadline=None)
@given(baskets)
def test_evidence_is_what_the_baskets_say(held: Baskets) -> None:
    model = fit_with(held, ease.RIDGE, 0.0)
    told = bought_together([Basket(str(place), items) for place, items in enumerate(held)], least=3)
    for one in model.items:
        partners = {partner.item: partner for partner in told.partners.get(one, ())}
        for other in model.items:
            proof = model.evidence(one, other)
            if one == other:
                continue
            assert (proof is None) == (other not in partners)
            if proof is not None:
                assert (proof.both, proof.of) == (partners[other].count, told.bought[one])
                assert proof.at_least == pytest.approx(partners[other].at_least)
    assert model.evidence("never sold", model.items[0]) is None


def test_the_same_baskets_are_the_same_model_and_none_are_an_empty_one() -> None:
    rng = np.random.default_rng(7)
    held = [tuple(rng.choice(ITEMS, size=rng.integers(1, 5), replace=False)) for _ in range(300)]
    one, two = fit(held), fit(held)
    assert one.blend == two.blend and one.items == two.items
    assert (one.weights != two.weights).nnz == 0
    assert fit([]).best(["a"], 5) == [] and fit([()]).items == ()


def test_blend_is_chosen_by_baskets_that_the_weights_have_not_seen() -> None:
    """Where everybody buys the bag and nothing else has to do with anything, popularity is all there is to know."""
    rng = np.random.default_rng(3)
    many = [f"item{number}" for number in range(40)]
    held = [("bag", *rng.choice(many, size=2, replace=False)) for _ in range(400)]
    assert fit(held).best(["item1"], 1)[0][0] == "bag"
    apart = [(f"left{number}", f"right{number}") for number in rng.integers(0, 30, 400)]
    assert fit(apart).blend == 0.0  # of equals the smallest


def test_only_the_heaviest_partners_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(5)
    held = [tuple(sorted(rng.choice(ITEMS, size=3, replace=False))) for _ in range(80)]
    whole = fit_with(held, ease.RIDGE, 0.0).weights.toarray()
    monkeypatch.setattr(ease, "KEPT", 3)
    kept = fit_with(held, ease.RIDGE, 0.0).weights.toarray()
    for row, full in zip(kept, whole, strict=True):
        assert (row != 0).sum() == 3
        assert set(np.flatnonzero(row)) == set(np.argsort(-np.abs(full))[:3])


def test_what_is_bought_least_is_left_out_of_a_huge_assortment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ease, "MOST_ITEMS", 2)
    model = fit_with([("a", "b"), ("a", "b"), ("a", "c")], ease.RIDGE, 0.0)
    assert model.items == ("a", "b")
    assert model.best(["c"], 5)  # of what it does not know it says only what is popular
