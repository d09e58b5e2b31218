"""Every interval equals an independent implementation: scipy, statsmodels, or the matrices that the closed form stands for."""

from __future__ import annotations

import math
import warnings
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import linalg, stats

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from statsmodels.stats.proportion import confint_proportions_2indep

from eval.uplift.bootstrap import bootstrap_t
from eval.uplift.effect import critical, difference, mean_of, newcombe
from eval.uplift.sample import Sample, sample


def singles(y: np.ndarray) -> Sample:
    return sample(np.asarray(y, float))


def drawn(seed: int, n: int) -> np.ndarray:
    return np.random.default_rng(seed).lognormal(3, 1, n)


seeds, sizes = st.integers(0, 10_000), st.integers(2, 60)


@settings(deadline=None, max_examples=40)
@given(seeds, sizes, sizes)
def test_over_single_conversations_it_is_welchs_interval(seed: int, n: int, m: int) -> None:
    a, b = drawn(seed, n), drawn(seed + 1, m) + 5
    ours, theirs = difference(singles(a), singles(b)), stats.ttest_ind(a, b, equal_var=False)
    span = theirs.confidence_interval(0.95)
    np.testing.assert_allclose((ours.low, ours.high), (span.low, span.high), rtol=1e-9)
    assert ours.p == pytest.approx(theirs.pvalue, rel=1e-9) and ours.df == pytest.approx(theirs.df, rel=1e-9)


def by_matrices(sizes: np.ndarray, y: np.ndarray) -> tuple[float, float]:
    """CR2 variance and Bell–McCaffrey df of a mean, from the n × n matrices of the paper."""
    n, start = int(sizes.sum()), np.r_[0, np.cumsum(sizes)]
    ones = np.ones((n, 1))
    annihilator = np.eye(n) - ones @ ones.T / n
    columns, variance = [], 0.0
    left = y - y.mean()
    for first, last in pairwise(start):
        block = np.real(linalg.fractional_matrix_power(annihilator[first:last, first:last], -0.5))
        weights = block @ ones[first:last] / n
        variance += float((weights[:, 0] @ left[first:last]) ** 2)
        columns.append(annihilator[:, first:last] @ weights[:, 0])
    gram = np.column_stack(columns).T @ np.column_stack(columns)
    return variance, float(np.trace(gram) ** 2 / np.trace(gram @ gram))


@settings(deadline=None, max_examples=25)
@given(seeds, st.lists(st.integers(1, 7), min_size=2, max_size=7))
def test_clusters_have_the_cr2_variance_and_bell_mccaffreys_df(seed: int, sizes: list[int]) -> None:
    y = drawn(seed, sum(sizes))
    units = np.repeat(np.arange(len(sizes)), sizes)
    found = mean_of(sample(y, None, units))
    variance, df = by_matrices(np.array(sizes), y)
    assert found.variance == pytest.approx(variance, rel=1e-7) and found.df == pytest.approx(df, rel=1e-7)


def test_equal_clusters_are_a_t_test_of_their_means() -> None:
    y = drawn(1, 120)
    units = np.repeat(np.arange(12), 10)
    means = y.reshape(12, 10).mean(axis=1)
    ours = difference(sample(y[:60], None, units[:60]), sample(y[60:], None, units[60:]))
    span = stats.ttest_ind(means[:6], means[6:], equal_var=False).confidence_interval()
    assert (ours.low, ours.high) == pytest.approx((span.low, span.high), rel=1e-9)


def test_an_average_order_is_near_its_jackknife() -> None:
    rng = np.random.default_rng(4)
    x = rng.integers(0, 3, 400).astype(float)
    y = x * rng.lognormal(4, 0.5, 400)
    one = mean_of(Sample(y, x))
    without = (y.sum() - y) / (x.sum() - x)
    jackknife = 399 / 400 * ((without - without.mean()) ** 2).sum()
    assert one.value == y.sum() / x.sum()
    assert one.variance == pytest.approx(jackknife, rel=0.02)


@pytest.mark.parametrize(
    ("hits", "n", "other", "m"), [(0, 40, 5, 60), (3, 30, 9, 31), (56, 70, 48, 80), (9, 10, 3, 10)]
)
def test_few_events_have_newcombes_interval(hits: int, n: int, other: int, m: int) -> None:
    theirs = confint_proportions_2indep(hits, n, other, m, method="newcomb", correction=False)
    assert newcombe(hits, n, other, m) == pytest.approx(theirs, abs=1e-9)


def test_newcombes_own_example() -> None:
    """Newcombe 1998, table II, example (a), method 10: 56/70 against 48/80."""
    assert newcombe(56, 70, 48, 80) == pytest.approx((0.0524, 0.3339), abs=5e-5)


def test_few_events_are_told_from_many() -> None:
    few, many = np.r_[np.ones(3), np.zeros(97)], np.r_[np.ones(30), np.zeros(70)]
    found = difference(singles(few), singles(many))
    assert (found.low, found.high) == pytest.approx(newcombe(3, 100, 30, 100))
    assert difference(singles(many), singles(many)).high == pytest.approx(
        stats.ttest_ind(many, many, equal_var=False).confidence_interval().high
    )


def test_a_relative_change_is_the_log_interval_of_a_risk_ratio() -> None:
    hits, n, other, m = 240, 1_000, 200, 1_100
    a, b = (np.r_[np.ones(k), np.zeros(size - k)] for k, size in ((hits, n), (other, m)))
    value, low, high = difference(singles(a), singles(b)).relative()
    theirs = confint_proportions_2indep(hits, n, other, m, compare="ratio", method="log", correction=False)
    assert value == pytest.approx((hits / n) / (other / m) - 1)
    assert (low, high) == pytest.approx((theirs[0] - 1, theirs[1] - 1), abs=2e-3)


@settings(deadline=None, max_examples=30)
@given(seeds, sizes, sizes)
def test_swapping_the_arms_turns_the_interval_round(seed: int, n: int, m: int) -> None:
    a, b = singles(drawn(seed, n)), singles(drawn(seed + 1, m))
    there, back = difference(a, b), difference(b, a)
    assert (there.low, there.high) == pytest.approx((-(back.high or 0), -(back.low or 0)))
    assert there.sign == -back.sign


@pytest.mark.parametrize("y", [[], [1.0], [math.nan, 2.0]])
def test_nothing_is_known_of_fewer_than_two(y: list[float]) -> None:
    found = difference(singles(np.array(y)), singles(np.arange(5.0)))
    assert (found.low, found.high, found.p, found.sign) == (None, None, None, 0)
    assert found.relative() == (None, None, None)


def test_an_outcome_that_never_varies_has_no_interval_and_no_p() -> None:
    found = difference(singles(np.full(50, 7.5)), singles(np.full(50, 7.5)))
    assert (found.low, found.p) == (None, None)


def test_rows_without_an_observation_do_not_count() -> None:
    known = difference(singles(np.array([1.0, 4, 2])), singles(np.array([2.0, 9])))
    more = difference(singles(np.array([1.0, math.nan, 4, 2])), singles(np.array([math.nan, 2.0, 9])))
    assert (more.low, more.treated.n) == (pytest.approx(known.low), 3)


def plain_bootstrap_t(a: np.ndarray, b: np.ndarray, rng: np.random.Generator) -> tuple[float, float]:
    value, se = a.mean() - b.mean(), math.sqrt(a.var() / len(a) + b.var() / len(b))
    t = []
    for _ in range(3_000):
        p, q = rng.choice(a, len(a)), rng.choice(b, len(b))
        t.append((p.mean() - q.mean() - value) / math.sqrt(p.var() / len(p) + q.var() / len(q)))
    low, high = np.quantile(t, [0.025, 0.975])
    return value - high * se, value - low * se


def test_the_bootstrap_is_the_plain_one_done_faster() -> None:
    rng = np.random.default_rng(8)
    a, b = (np.where(rng.random(500) < 0.3, rng.lognormal(4, 1, 500), 0) for _ in range(2))
    ours, theirs = bootstrap_t(singles(a), singles(b), 1, 4_000), plain_bootstrap_t(a, b, rng)
    assert ours == pytest.approx(theirs, abs=0.08 * (theirs[1] - theirs[0]))


def test_the_bootstrap_is_seeded_and_blind_to_the_order_of_rows() -> None:
    a, b = drawn(1, 300), drawn(2, 200)
    once = bootstrap_t(singles(a), singles(b), 5)
    assert bootstrap_t(singles(a[::-1].copy()), singles(b), 5) == once != bootstrap_t(singles(a), singles(b), 6)


def test_groups_of_many_units_give_the_interval_of_the_units(monkeypatch: pytest.MonkeyPatch) -> None:
    a, b = singles(drawn(1, 1_500)), singles(drawn(2, 1_500))
    single = np.mean([bootstrap_t(a, b, seed, 1_000) for seed in range(4)], axis=0)
    monkeypatch.setattr("eval.uplift.bootstrap.GROUPS", 300)
    grouped = np.mean([bootstrap_t(a, b, seed, 1_000) for seed in range(4)], axis=0)
    assert tuple(grouped) != tuple(single)
    np.testing.assert_allclose(grouped, single, atol=0.05 * (single[1] - single[0]))


def test_the_bootstrap_says_nothing_where_nothing_varies() -> None:
    assert bootstrap_t(singles(np.zeros(9)), singles(drawn(1, 9)), 1) == (None, None)


def test_a_critical_value_is_students() -> None:
    assert critical(math.inf) == pytest.approx(1.959964, abs=1e-6) and critical(10) == pytest.approx(2.228139, abs=1e-6)
