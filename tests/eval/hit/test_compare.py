"""Two runs beside each other: p and intervals equal independent implementations, and nothing unpaired is compared."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from eval.hit.compare import SCORES, bounds, compare, difference, paired, sign_flip
from eval.hit.compare_paper import compare_paper, said
from eval.hit.outcome import Run
from eval.paper.html import to_html
from kb.errors import Invalid
from kb.model import Band
from runs import outcome, run_of

ranks = st.lists(st.sampled_from([1, 2, 4, None]), min_size=1, max_size=30)


@settings(deadline=None, max_examples=50)
@given(st.lists(st.sampled_from([-1.0, 0.0, 1.0]), min_size=2, max_size=11))
def test_p_of_hits_is_that_of_all_sign_flips(changes: list[float]) -> None:
    values = np.array(changes)
    theirs = stats.permutation_test((values,), np.mean, permutation_type="samples", n_resamples=np.inf)
    assert sign_flip(values) == pytest.approx(theirs.pvalue, abs=1e-9)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_p_of_ranks_is_near_that_of_all_sign_flips(seed: int) -> None:
    values = np.random.default_rng(seed).normal(0.2, 0.5, 12).round(2)
    theirs = stats.permutation_test((values,), np.mean, permutation_type="samples", n_resamples=np.inf)
    # 10,000 draws: three standard errors are at most 0.015.
    assert sign_flip(values) == pytest.approx(theirs.pvalue, abs=0.015)


def test_the_interval_is_scipys_percentile_bootstrap() -> None:
    values = np.random.default_rng(4).choice([-1.0, 0.0, 1.0], 200, p=[0.1, 0.6, 0.3])
    theirs = stats.bootstrap((values,), np.mean, method="percentile", n_resamples=20_000, rng=1).confidence_interval
    assert bounds(values) == pytest.approx((theirs.low, theirs.high), abs=0.015)


def test_under_no_difference_p_is_small_as_often_as_it_says() -> None:
    rng = np.random.default_rng(5)
    found = [sign_flip(rng.choice([-1.0, 0.0, 1.0], 60, p=[0.2, 0.6, 0.2])) for _ in range(400)]
    assert np.mean([p <= 0.05 for p in found]) <= 0.08  # exact, so at most 5 %; 400 draws wobble by 2 points


@settings(deadline=None, max_examples=8)
@given(ranks, st.randoms(use_true_random=False))
def test_changing_sides_changes_the_sign_alone(found: list[int | None], random: Random) -> None:
    other = [*found]
    random.shuffle(other)
    for name in ("hit@1", "ndcg@10"):
        there = difference(name, paired(run_of(found), run_of(other)))
        back = difference(name, paired(run_of(other), run_of(found)))
        assert there and back and (there.change, there.p, there.n) == pytest.approx((-back.change, back.p, back.n))


def test_a_run_beside_itself_has_not_changed() -> None:
    found = compare(run_of([1, 2, None]), run_of([1, 2, None]))
    assert all((one.change, one.low, one.high, one.p) == (0, 0, 0, 1.0) for one in found.differences)
    assert (found.wins, found.losses, found.alone) == ((), (), 0)


def test_figures_are_about_the_messages_they_are_about() -> None:
    run = Run((outcome("a", 1), outcome("b", 3, answerable=False), outcome("c", 2, band=Band.UNSURE)), {})
    pairs = paired(run, run)
    told = {name: difference(name, pairs) for name in SCORES}
    assert {name: (one.n, one.a) for name, one in told.items() if one} == {
        "hit@1": (2, 0.5), "hit@3": (2, 1.0), "hit@5": (2, 1.0), "mrr@10": (2, 0.75),
        "ndcg@10": (2, pytest.approx((1 + 1 / np.log2(3)) / 2)), "direct": (3, pytest.approx(2 / 3)),
        "direct_wrong_of_all": (3, pytest.approx(1 / 3)),
    }  # fmt: skip
    assert difference("hit@1", paired(Run(run.outcomes[1:2], {}), run)) is None


def test_only_the_same_messages_are_compared() -> None:
    found = compare(run_of([1, 2, 3]), run_of([1, 2]))
    assert (len(found.pairs), found.alone) == (2, 1)
    with pytest.raises(Invalid, match="没有相同"):
        compare(run_of([1]), Run((outcome("x", 1),), {}))
    with pytest.raises(Invalid, match="不是同一条"):
        compare(run_of([1]), Run((outcome("q0", 1, query="别的"),), {}))


@pytest.mark.parametrize(("lang", "sure"), [("zh", "不像是偶然"), ("en", "not likely to be chance")])
def test_the_report_says_whether_it_may_be_chance(lang: str, sure: str) -> None:
    a, b = run_of([2] * 12 + [1] * 3 + [1]), run_of([1] * 12 + [1] * 3 + [2])
    found = compare(a, b)
    page = to_html(compare_paper(found, a, b, ("旧", "新"), lang), lang)
    assert sure in page and page == to_html(compare_paper(found, a, b, ("旧", "新"), lang), lang)
    assert len(found.wins) == 12 and len(found.losses) == 1
    assert "p=0.003" in said(found.differences[0], lang)  # 12 of 13: 2 · 14 / 2¹³
    same = compare_paper(compare(a, a), a, a, ("旧", "新"), lang)
    assert sure not in to_html(same, lang)
