"""Every figure equals an independent implementation: pytrec_eval, ir_measures, or brute force."""

from __future__ import annotations

import math
import random
import warnings
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # the oracles' own deprecations are not ours
    import ir_measures
    import pytrec_eval

from eval.metrics import WRONG, auroc, coverage, ece, hit_at, ndcg_at, percentile, reciprocal_rank

KEYS = [f"K{number:02d}" for number in range(15)]
rankings = st.lists(st.sampled_from(KEYS), unique=True, max_size=15).map(tuple)
golds = st.frozensets(st.sampled_from(KEYS), min_size=1, max_size=4)
asked = st.lists(st.tuples(rankings, golds), min_size=1, max_size=8)
scores = st.lists(st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.9, 1.0]), min_size=1, max_size=12)
probabilities = st.floats(0, 1)


def as_run(ranked: tuple[str, ...]) -> dict[str, float]:
    return {key: float(-rank) for rank, key in enumerate(ranked)}


@settings(deadline=None)
@given(asked)
def test_hit_and_mrr_equal_ir_measures(pairs: list[tuple[tuple[str, ...], frozenset[str]]]) -> None:
    qrels = {str(number): dict.fromkeys(gold, 1) for number, (_, gold) in enumerate(pairs)}
    run = {str(number): as_run(ranked) for number, (ranked, _) in enumerate(pairs)}
    wanted = [ir_measures.Success @ 1, ir_measures.Success @ 3, ir_measures.Success @ 5, ir_measures.RR @ 10]
    theirs = ir_measures.calc_aggregate(wanted, qrels, run)
    n = len(pairs)
    for k, measure in zip((1, 3, 5), wanted, strict=False):
        assert sum(hit_at(k, *pair) for pair in pairs) / n == pytest.approx(theirs[measure], abs=1e-9)
    ours = sum(reciprocal_rank(*pair) for pair in pairs) / n
    assert ours == pytest.approx(theirs[wanted[-1]], abs=1e-9)


@settings(deadline=None)
@given(rankings, golds)
def test_each_query_equals_pytrec_eval(ranked: tuple[str, ...], gold: frozenset[str]) -> None:
    judge = pytrec_eval.RelevanceEvaluator({"q": dict.fromkeys(gold, 1)}, {"success.1,3,5", "recip_rank"})
    theirs = judge.evaluate({"q": as_run(ranked[:10])})["q"] if ranked else {}
    for k in (1, 3, 5):
        assert hit_at(k, ranked, gold) == theirs.get(f"success_{k}", 0.0)
    assert reciprocal_rank(ranked, gold) == pytest.approx(theirs.get("recip_rank", 0.0), abs=1e-9)


@settings(deadline=None)
@given(rankings, golds)
def test_ndcg_equals_pytrec_eval(ranked: tuple[str, ...], gold: frozenset[str]) -> None:
    judge = pytrec_eval.RelevanceEvaluator({"q": dict.fromkeys(gold, 1)}, {"ndcg_cut.1,3,10"})
    theirs = judge.evaluate({"q": as_run(ranked)})["q"] if ranked else {}
    for k in (1, 3, 10):
        assert ndcg_at(k, ranked, gold) == pytest.approx(theirs.get(f"ndcg_cut_{k}", 0.0), abs=1e-9)


def test_ndcg_without_gold_is_nothing() -> None:
    assert ndcg_at(3, KEYS, frozenset()) == 0.0


def test_the_eleventh_place_counts_for_nothing() -> None:
    assert reciprocal_rank(KEYS, {KEYS[9]}) == 1 / 10
    assert reciprocal_rank(KEYS, {KEYS[10]}) == 0.0


@settings(deadline=None)
@given(scores, scores)
def test_auroc_equals_counting_every_pair(positives: list[float], negatives: list[float]) -> None:
    won = sum((p > n) + (p == n) / 2 for p, n in product(positives, negatives))
    assert auroc(positives, negatives) == pytest.approx(won / (len(positives) * len(negatives)), abs=1e-12)


@pytest.mark.parametrize("groups", [([], [0.5]), ([0.5], []), ([], [])])
def test_auroc_of_an_empty_group_is_undefined(groups: tuple[list[float], list[float]]) -> None:
    with pytest.raises(ValueError, match="at least one positive and one negative"):
        auroc(*groups)


@settings(deadline=None)
@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=300), st.integers(1, 100))
def test_percentile_is_the_nearest_rank(values: list[float], percent: int) -> None:
    # Integers only: 0.99 · 100 must be rank 99, whatever floats make of it.
    rank = -(-percent * len(values) // 100)
    assert percentile(values, percent) == sorted(values)[rank - 1]


@settings(deadline=None)
@given(st.lists(st.tuples(probabilities, st.booleans()), min_size=1, max_size=40))
def test_ece_equals_its_definition(outcomes: list[tuple[float, bool]]) -> None:
    total = 0.0
    for number in range(10):
        # The same edges as linspace's; 3 · 0.1 and 0.3 are different floats.
        low, high = number * 0.1 if number else -1.0, (number + 1) * 0.1 if number < 9 else 1.0
        inside = [(p, right) for p, right in outcomes if low < p <= high]
        if inside:
            confidence = math.fsum(p for p, _ in inside) / len(inside)
            accuracy = sum(right for _, right in inside) / len(inside)
            total += len(inside) / len(outcomes) * abs(accuracy - confidence)
    assert ece([p for p, _ in outcomes], [right for _, right in outcomes]) == pytest.approx(total, abs=1e-9)


def test_ece_of_known_cases() -> None:
    assert ece([1.0, 1.0, 0.0], [True, True, False]) == 0.0
    assert ece([1.0, 0.0], [False, True]) == 1.0
    assert ece([0.75] * 4, [True, True, True, False]) == 0.0
    assert ece([0.2, 0.9], [True, True], bins=1) == pytest.approx(0.45)


@pytest.mark.parametrize("outcomes", [([], []), ([0.5], []), ([0.5], [True, False])])
def test_ece_needs_an_outcome_for_each_probability(outcomes: tuple[list[float], list[bool]]) -> None:
    with pytest.raises(ValueError, match="one outcome for each"):
        ece(*outcomes)


TOLD = st.lists(
    st.tuples(st.sampled_from([0.1, 0.3, 0.5, 0.5001, 0.7, 0.9, 0.99]), st.booleans()), min_size=1, max_size=60
)


@given(TOLD, st.integers(0, 20), st.randoms(use_true_random=False))
def test_coverage_is_that_of_the_best_threshold(
    told: list[tuple[float, bool]], silent: int, chance: random.Random
) -> None:
    """Brute force: every probability as a threshold; the messages that got no answer count as unanswered."""
    count = len(told) + silent
    best = 0.0
    for edge, _ in told:
        shown = [right for probability, right in told if probability >= edge]
        if shown.count(False) / len(shown) <= WRONG:
            best = max(best, len(shown) / count)
    assert coverage([p for p, _ in told], [r for _, r in told], count) == pytest.approx(best)
    chance.shuffle(told)
    assert coverage([p for p, _ in told], [r for _, r in told], count) == pytest.approx(best)


def test_coverage_of_the_sure_of_the_unsure_and_of_nothing() -> None:
    assert coverage([0.9] * 19 + [0.2], [True] * 19 + [False], 20) == 1.0  # 1 wrong of 20
    assert coverage([0.9] * 19 + [0.2], [False] * 19 + [True], 20) == 0.0
    assert coverage([0.9, 0.8], [True, False], 4) == 0.25
    assert coverage([], [], 5) == 0.0
