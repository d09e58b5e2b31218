"""Intervals agree with closed formulas, cover the truth, and survive every small or constant sample."""

from __future__ import annotations

import math
from statistics import NormalDist, fmean, stdev

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eval import interval, metrics

Z = NormalDist().inv_cdf(0.975)
values = st.lists(st.floats(-1e6, 1e6), max_size=30)


def inside(bounds: interval.Bounds, truth: float) -> bool:
    low, high = bounds
    return low is not None and high is not None and low <= truth <= high


@settings(deadline=None)
@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_equals_the_closed_formula(counts: tuple[int, int]) -> None:
    hits, n = counts
    p = hits / n
    centre = (p + Z**2 / (2 * n)) / (1 + Z**2 / n)
    half = Z * math.sqrt(p * (1 - p) / n + Z**2 / (4 * n**2)) / (1 + Z**2 / n)
    wanted = (max(centre - half, 0), min(centre + half, 1))
    assert interval.proportion(hits, n) == pytest.approx(wanted, abs=1e-9)
    assert inside(interval.proportion(hits, n), p)


def test_nothing_observed_has_no_interval() -> None:
    assert interval.proportion(0, 0) == interval.mean([], 0) == interval.percentile([], 99) == (None, None)
    assert interval.auroc([], [0.5], 0) == interval.auroc([0.5], [], 0) == (None, None)


@settings(max_examples=25, deadline=None)
@given(values, st.integers(0, 9))
def test_the_mean_of_any_sample_has_ordered_bounds_within_the_data(sample: list[float], seed: int) -> None:
    low, high = interval.mean(sample, seed)
    if low is not None and high is not None:
        slack = 1e-9 * max(map(abs, sample))
        assert min(sample) - slack <= low <= high <= max(sample) + slack


@pytest.mark.parametrize("n", [1, 2, 3, 100])
def test_constant_data_have_an_interval_of_width_nought(n: int) -> None:
    assert interval.mean([0.1] * n, 0) == (0.1, 0.1)
    assert interval.auroc([0.5] * n, [0.5], 0) == (0.5, 0.5)
    assert interval.auroc([0.9] * n, [0.1] * n, 0) == (1.0, 1.0)
    assert interval.percentile([7.0] * n, 99) == (7.0, 7.0)


def test_neither_a_second_run_nor_another_order_changes_a_digit() -> None:
    rng = np.random.default_rng(1)
    ranks = rng.choice([0.0, 1.0, 1 / 2, 1 / 3], 200).tolist()
    good, bad = rng.random(90).tolist(), rng.random(60).tolist()

    def turned(sample: list[float]) -> list[float]:
        return sample[::-1]

    assert interval.mean(ranks, 3) == interval.mean(ranks, 3) == interval.mean(turned(ranks), 3)
    assert interval.auroc(good, bad, 3) == interval.auroc(turned(good), turned(bad), 3)
    assert interval.auroc(good, bad, 3) != interval.auroc(good, bad, 4)


def test_the_mean_agrees_with_the_normal_interval_on_a_large_sample() -> None:
    rng = np.random.default_rng(2)
    sample = rng.choice([0.0, 1.0, 1 / 2, 1 / 3, 1 / 7], 2000).tolist()
    half = Z * stdev(sample) / math.sqrt(len(sample))
    wanted = (fmean(sample) - half, fmean(sample) + half)
    assert interval.mean(sample, 0) == pytest.approx(wanted, abs=0.1 * half)


def test_auroc_agrees_with_delong() -> None:
    # DeLong et al., 1988: Var = Var(positives' win shares)/m + Var(negatives' loss shares)/n.
    rng = np.random.default_rng(3)
    good = rng.normal(0.8, 1, 400).round(1).tolist()  # one decimal: plenty of ties
    bad = rng.normal(0.0, 1, 300).round(1).tolist()
    wins = [metrics.auroc([p], bad) for p in good]
    losses = [metrics.auroc(good, [n]) for n in bad]
    half = Z * math.sqrt(stdev(wins) ** 2 / len(good) + stdev(losses) ** 2 / len(bad))
    centre = metrics.auroc(good, bad)
    assert interval.auroc(good, bad, 0) == pytest.approx((centre - half, centre + half), abs=0.1 * half)


def test_the_bootstraps_cover_the_truth_nineteen_times_in_twenty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interval, "RESAMPLES", 500)
    rng = np.random.default_rng(4)
    truth = NormalDist().cdf(1 / math.sqrt(2))  # AUROC of N(1, 1) against N(0, 1)
    trials = 300
    means = aurocs = 0
    for trial in range(trials):
        ranks = rng.choice([0.0, 0.5, 1.0], size=60, p=[0.3, 0.3, 0.4])
        means += inside(interval.mean(ranks.tolist(), trial), 0.55)
        good, bad = rng.normal(1, 1, 60), rng.normal(0, 1, 50)
        aurocs += inside(interval.auroc(good.tolist(), bad.tolist(), trial), truth)
    # 0.95 ± three standard errors of 300 trials (0.0126 each)
    assert 0.91 <= means / trials <= 0.99
    assert 0.91 <= aurocs / trials <= 0.99


@pytest.mark.parametrize(("percent", "n"), [(50, 10), (50, 101), (99, 400), (99, 1000)])
def test_order_statistics_cover_the_percentile_with_95_percent(percent: int, n: int) -> None:
    # On 0 … n−1 the bounds are their own ranks; the coverage is then a sum of binomial probabilities.
    low, high = interval.percentile([float(rank) for rank in range(n)], percent)
    assert low is not None and high is not None
    q = percent / 100
    chances = [math.comb(n, k) * q**k * (1 - q) ** (n - k) for k in range(int(low) + 1, int(high) + 1)]
    assert 0.95 <= sum(chances) < 0.98


@settings(deadline=None)
@given(st.lists(st.floats(0, 1e4), min_size=1, max_size=50), st.sampled_from([1, 50, 90, 99]))
def test_a_percentile_lies_within_its_interval(times: list[float], percent: int) -> None:
    assert inside(interval.percentile(times, percent), metrics.percentile(times, percent))


def test_a_small_sample_bounds_p99_by_the_slowest_seen() -> None:
    assert interval.percentile([float(ms) for ms in range(1, 101)], 99) == (97.0, 100.0)
