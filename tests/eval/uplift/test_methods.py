"""The other methods, each beside an oracle: statsmodels, scipy, scikit-uplift's own figures, or plain counting."""

from __future__ import annotations

import json
import math
import warnings
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import statsmodels.api as sm
    from statsmodels.multivariate.manova import MANOVA
    from statsmodels.stats.multitest import multipletests
    from statsmodels.stats.power import NormalIndPower

from eval.rows.rows import ConversationRow, Rows, rows_of
from eval.uplift import anytime, power
from eval.uplift.balance import check_balance
from eval.uplift.correct import benjamini_hochberg, holm
from eval.uplift.cuped import cuped
from eval.uplift.effect import Effect, Mean, difference
from eval.uplift.guard import State, state_of
from eval.uplift.metric import CONVERSION, NET
from eval.uplift.novelty import trend
from eval.uplift.qini import auuc, qini, qini_curve, uplift_curve
from eval.uplift.ratio import STRENGTH, check_ratio
from eval.uplift.sample import Sample, sample
from eval.uplift.segments import by_segment, equality
from eval.uplift.trial import ANY, trial_of
from eval.uplift.verdict import State as Said
from eval.uplift.verdict import verdict
from kb.errors import Invalid

GOLDEN = Path(__file__).with_name("qini_golden.json")


def made(n: int, seed: int = 3, *, leak: float = 0.0, arms: tuple[str, ...] = ("control", "treatment")) -> Rows:
    """An experiment of single conversations. `leak`: how strongly who bought before decides the arm (0: random)."""
    rng = np.random.default_rng(seed)
    rows = []
    for i in range(n):
        before, old = rng.gamma(2, 50), rng.random() < 0.4
        chosen = rng.random() + leak * (before > 100)
        arm = arms[min(int(chosen * len(arms)), len(arms) - 1)]
        bought = rng.random() < 0.2 + 0.001 * before + 0.1 * (arm != "control")
        rows.append(
            ConversationRow(
                f"c{i}", "青萝", "小林", "", f"2026-11-{i * 20 // n + 1:02d}", 0, "e", arm, f"c{i}",
                platform=("淘宝", "京东")[i % 2], buyer="老客" if old else "新客", converted=int(bought),
                paid=round(before + rng.gamma(2, 30), 2) if bought else 0.0, before_paid=round(before, 2),
                before_converted=None if i % 10 == 0 else float(old),
            )
        )  # fmt: skip
    return rows_of(rows)


def test_cuped_with_one_covariate_is_the_slope_of_least_squares() -> None:
    rows = made(400)
    trial = trial_of(Rows(rows.numbers, rows.texts, ("before_paid",)))
    found = cuped(trial, NET, "treatment")
    assert found is not None
    treated = trial.in_arm("treatment").astype(float)
    theirs = sm.OLS(rows.net(), sm.add_constant(np.column_stack([treated, rows.number("before_paid")]))).fit()
    assert found.effect.value == pytest.approx(theirs.params[1], rel=1e-9)
    assert found.effect.se == pytest.approx(theirs.bse[1], rel=0.05)
    assert 0 < found.reduction < 1 and found.effect.se < trial.effect(NET, "treatment").se


def test_cuped_takes_many_covariates_with_unknown_values() -> None:
    trial = trial_of(made(600))
    found = cuped(trial, CONVERSION, "treatment")
    assert found is not None and set(found.covariates) == {"before_converted", "before_paid", "buyer", "platform"}
    assert math.isfinite(found.effect.se)
    bare = trial.rows
    assert cuped(trial_of(Rows(bare.numbers, bare.texts, ())), CONVERSION, "treatment") is None


def test_the_joint_test_is_pillais_trace() -> None:
    rows = made(2_100, arms=("control", "甲", "乙"))
    trial = trial_of(Rows(rows.numbers, rows.texts, ("before_paid", "buyer")))
    found = check_balance(trial, 1)
    x = np.column_stack([rows.number("before_paid"), rows.text("buyer").is_("新客").astype(float)])
    arms = trial.order()
    groups = np.column_stack([np.ones(len(x)), arms == 1, arms == 2]).astype(float)
    tests = MANOVA(x, groups).mv_test([("arms", np.eye(3)[1:])]).results["arms"]["stat"]
    pillai = float(tests.loc["Pillai's trace", "Value"])
    assert found.statistic == pytest.approx((len(x) - 1) * pillai, rel=1e-9)
    assert found.df == 4 and found.p == pytest.approx(stats.chi2.sf(found.statistic, 4))


@pytest.mark.parametrize("n", [600, 2_500])
def test_who_was_not_assigned_at_random_is_refused(n: int) -> None:
    assert not check_balance(trial_of(made(n)), 1).refused
    leaky = check_balance(trial_of(made(n, leak=0.3)), 1)
    assert leaky.refused and leaky.permuted == (n < 2_000)
    assert leaky.differences[0].name == "before_paid" and leaky.differences[0].standardised > 0.2


def test_few_units_are_assigned_anew_and_their_p_is_uniform() -> None:
    small = [check_balance(trial_of(made(60, seed)), 1).p for seed in range(12)]
    assert all(p is not None and p >= 1 / 5_000 for p in small)
    assert 0.2 < np.mean([p or 0 for p in small]) < 0.8


@pytest.mark.parametrize("shares", [{"control": 10.0}, {"x": 1.0}, {"control": 1.0, "treatment": 1.0, "third": 1.0}])
def test_planned_shares_are_of_the_arms_that_there_are(shares: dict[str, float]) -> None:
    with pytest.raises(Invalid, match="数据里的组是：control、treatment"):
        check_ratio({"control": 50, "treatment": 50}, shares)


def test_so_few_units_that_nothing_could_be_refused_are_said_to_be() -> None:
    """Six against six: 924 ways, half of them mirrored, so no p is below 0.001, however confounded. Eight against eight can be refused."""
    for each, blind in ((6, True), (8, False)):
        rows = [
            ConversationRow(
                f"{u}/{i}",
                "店",
                "",
                "",
                "",
                0,
                "e",
                "control" if u < each else "treatment",
                f"u{u}",
                before_paid=float(u >= each) + i,
            )
            for u in range(2 * each)
            for i in range(3)
        ]
        found = check_balance(trial_of(rows_of(rows)), 1)
        assert found.blind is blind and found.refused is not blind


def test_covariates_alike_within_arms_but_not_across_are_told_to_be_far_apart() -> None:
    rows = [
        ConversationRow(
            f"c{i}", "店", "", "", "", 0, "e", ("control", "treatment")[i % 2], f"c{i}", before_paid=10 + 90.0 * (i % 2)
        )
        for i in range(60)
    ]
    found = check_balance(trial_of(rows_of(rows)), 1)
    assert found.refused and found.differences[0].standardised == pytest.approx(2)


def test_money_beyond_all_bounds_has_no_interval() -> None:
    from eval.uplift.bootstrap import bootstrap_t

    huge = Sample(np.array([1e200, 0.0, 1e200]), np.ones(3))
    with np.errstate(all="ignore"):
        assert bootstrap_t(huge, huge, 1) == (None, None)


def test_without_covariates_nothing_is_checked() -> None:
    rows = made(50)
    found = check_balance(trial_of(Rows(rows.numbers, rows.texts, ())), 1)
    assert found.p is None and not found.refused and found.differences == ()


def test_the_ratio_check_is_pearsons_and_finds_52_to_48() -> None:
    counts, shares = {"a": 900, "b": 1_050, "c": 4_000}, {"a": 1.0, "b": 1.0, "c": 4.0}
    theirs = stats.chisquare([900, 1_050, 4_000], np.array([1, 1, 4]) / 6 * 5_950)
    assert check_ratio(counts, shares).p == pytest.approx(theirs.pvalue, rel=1e-9)
    assert check_ratio({"a": 5_200, "b": 4_800}).broken
    assert not check_ratio({"a": 5_060, "b": 4_940}).broken


def test_the_daily_ratio_check_is_a_ratio_of_likelihoods() -> None:
    seen = np.array([5_200, 4_800])
    prior = stats.dirichlet_multinomial(STRENGTH * np.array([0.5, 0.5]), 10_000).logpmf(seen)
    plain = stats.multinomial(10_000, [0.5, 0.5]).logpmf(seen)
    assert check_ratio({"a": 5_200, "b": 4_800}).p_always == pytest.approx(math.exp(plain - prior), rel=1e-6)
    assert check_ratio({"a": 500, "b": 500}).p_always == 1.0
    assert check_ratio({"a": 0, "b": 500_000}).p_always == 0.0


def test_the_reach_is_that_of_the_paper_and_narrowest_where_planned() -> None:
    n, alpha = 5_000, 0.05
    rho = math.sqrt((-2 * math.log(alpha) + math.log(-2 * math.log(alpha) + 1)) / 10_000)
    theirs = math.sqrt(
        2 * (n * rho**2 + 1) / (n**2 * rho**2) * math.log(math.sqrt(n * rho**2 + 1) / alpha)
    ) * math.sqrt(n)
    assert float(anytime.reach(n)) == pytest.approx(theirs, rel=1e-12)
    at = float(anytime.reach(10_000, 10_000))
    assert at < float(anytime.reach(10_000, 3_000)) and at < float(anytime.reach(10_000, 30_000))
    assert at > 1.96


def test_a_look_is_the_analysis_of_what_was_there_on_that_day() -> None:
    rng = np.random.default_rng(2)
    y, x, days = rng.gamma(1, 30, 900), rng.integers(1, 4, 900).astype(float), np.sort(rng.integers(0, 6, 900))
    arms = rng.random(900) < 0.5
    names = [f"d{i}" for i in range(6)]
    parts = [(Sample(y[side], x[side]), days[side]) for side in (arms, ~arms)]
    seen = anytime.looks(parts[0][0], parts[1][0], (parts[0][1], parts[1][1]), names)
    assert [look.day for look in seen] == names
    for place, look in enumerate(seen):
        until = days <= place
        treated, control = (Sample(y[side & until], x[side & until]) for side in (arms, ~arms))
        by_hand = difference(treated, control)
        assert look.value == pytest.approx(by_hand.value) and look.n == x[until].sum()
        assert look.se == pytest.approx(by_hand.se, rel=0.01)
        assert look.low < look.naive_low < look.naive_high < look.high


def test_no_look_before_there_is_enough() -> None:
    few = sample(np.arange(99.0))
    assert anytime.looks(few, sample(np.arange(500.0)), (np.zeros(99, int), np.zeros(500, int)), ["d"]) == []


@settings(deadline=None, max_examples=30)
@given(st.floats(0.02, 0.6), st.floats(0.01, 0.3))
def test_conversations_needed_are_those_of_statsmodels(rate: float, effect: float) -> None:
    spread = math.sqrt((rate * (1 - rate) + (rate + effect) * (1 - rate - effect)) / 2)
    theirs = NormalIndPower().solve_power(effect / spread, alpha=0.05, power=0.8, alternative="two-sided")
    seen = 500  # in each arm, so far
    n = power.needed(spread * math.sqrt(2 / seen), 2 * seen, effect)
    assert n / 2 == pytest.approx(theirs, abs=1.01, rel=2e-3)


def test_needed_grows_with_the_square_and_daily_looking_costs_more() -> None:
    assert power.needed(0.01, 1_000, 0.01) == pytest.approx(4 * power.needed(0.01, 1_000, 0.02), abs=4)
    n = power.needed_always(0.01, 1_000, 0.02)
    assert n > power.needed(0.01, 1_000, 0.02)
    beyond = stats.norm.ppf(0.8)
    found = (float(anytime.reach(n)) + beyond) * 0.01 * math.sqrt(1_000 / n)
    assert found == pytest.approx(0.02, rel=1e-3)


@pytest.mark.parametrize("size", [1, 2, 5, 12])
def test_corrections_are_those_of_statsmodels(size: int) -> None:
    p = [*np.random.default_rng(size).random(size) ** 3, 0.0, 1.0, 0.5, 0.5]
    np.testing.assert_allclose(holm(p), multipletests(p, method="holm")[1], atol=1e-12)
    np.testing.assert_allclose(benjamini_hochberg(p), multipletests(p, method="fdr_bh")[1], atol=1e-12)


def test_the_trend_is_weighted_least_squares() -> None:
    rng = np.random.default_rng(1)
    x, weight = np.arange(14), rng.uniform(1, 5, 14)
    y = 0.02 - 0.001 * x + rng.normal(0, 0.005, 14)
    theirs = sm.WLS(y, sm.add_constant(x), weight).fit()
    assert trend(x, y, weight) == pytest.approx((theirs.params[1], *theirs.conf_int()[1], theirs.pvalues[1]), rel=1e-9)


def test_equality_of_parts_is_cochrans_q() -> None:
    values, errors = np.array([0.1, 0.3, 0.2, 0.05]), np.array([0.05, 0.1, 0.02, 0.04])
    weight = errors**-2.0
    q = float(weight @ (values - np.average(values, weights=weight)) ** 2)
    assert equality(values, np.diag(errors**2)) == pytest.approx((q, stats.chi2.sf(q, 3)), rel=1e-9)


def test_segments_are_cut_tested_and_corrected() -> None:
    cuts = by_segment(trial_of(made(3_000)), CONVERSION, "treatment")
    assert [cut.name for cut in cuts] == ["buyer", "platform"]  # one shop is no cut
    parts = [part for cut in cuts for part in cut.parts]
    assert [part.holm for part in parts] == holm([part.effect.p or 1 for part in parts])
    assert all(part.fdr <= part.holm for part in parts)
    assert not any(cut.differs for cut in cuts)


def test_parts_that_share_units_use_the_units_joint_covariance() -> None:
    """With each unit wholly inside one part, the parts are independent and Wald's test is Cochran's Q."""
    rows = [
        ConversationRow(f"c{i}", ("甲", "乙")[i // 1_500], "", "", "2026-11-01", 0, "e", ("control", "treatment")[i // 30 % 2],
                        f"u{i // 30}", converted=int(i * 7919 % 97 < 30 + 9 * (i // 1_500) * (i // 30 % 2)))
        for i in range(3_000)
    ]  # fmt: skip
    (cut,) = by_segment(trial_of(rows_of(rows)), CONVERSION, "treatment")
    parts = [part.effect for part in cut.parts]
    q, _ = equality(np.array([e.value for e in parts]), np.diag([e.se**2 for e in parts]))
    assert cut.statistic == pytest.approx(q, rel=0.03)


def an_effect(
    low: float | None, high: float | None, treated: float = 0.1, control: float = 0.1, n: float = 500
) -> Effect:
    value = 0.0 if low is None or high is None else (low + high) / 2
    se = 0.0 if low is None or high is None else (high - low) / 3.92
    arms = [Mean(rate, 0.0, n, n, int(n)) for rate in (treated, control)]
    return Effect(arms[0], arms[1], value, se, n, low, high, None)


@pytest.mark.parametrize(
    ("effect", "state"),
    [
        (an_effect(-0.01, 0.019), State.HOLDS),
        (an_effect(-0.01, 0.021), State.UNCLEAR),
        (an_effect(0.01, 0.05), State.UNCLEAR),
        (an_effect(0.021, 0.05), State.BROKEN),
        (an_effect(None, None, 0, 0), State.HOLDS),
        (an_effect(None, None, 0, 0, n=100), State.UNCLEAR),  # none seen among 100 may be 3 % all the same
        (an_effect(None, None, 0.1, 0.2), State.UNCLEAR),
    ],
)
def test_a_guardrail_holds_only_when_harm_is_ruled_out(effect: Effect, state: State) -> None:
    assert state_of(effect, 0.02) is state


def a_look(low: float, high: float) -> anytime.Look:
    return anytime.Look("d", 1_000, 0.0, 0.01, low, high, low, high)


@pytest.mark.parametrize(
    ("effect", "look", "once", "said"),
    [
        (an_effect(0.01, 0.05), a_look(0.001, 0.06), False, Said.GAIN),
        (an_effect(-0.05, -0.01), a_look(-0.06, -0.001), False, Said.LOSS),
        (an_effect(0.01, 0.05), a_look(-0.01, 0.07), False, Said.EARLY_GAIN),
        (an_effect(0.01, 0.05), None, False, Said.EARLY_GAIN),
        (an_effect(0.01, 0.05), a_look(-0.01, 0.07), True, Said.GAIN),
        (an_effect(-0.05, -0.01), None, True, Said.LOSS),
        (an_effect(-0.05, 0.06), None, True, Said.OPEN),
        (an_effect(-0.003, 0.004), None, True, Said.ENOUGH),
        (an_effect(None, None), None, True, Said.OPEN),
    ],
)
def test_no_more_is_said_than_is_known(effect: Effect, look: anytime.Look | None, once: bool, said: Said) -> None:
    found = verdict(effect, look, worth=0.01, once=once)
    assert found.state is said
    assert (found.more is not None) == (
        said in (Said.EARLY_GAIN, Said.EARLY_LOSS) or (said is Said.OPEN and effect.known)
    )


@pytest.mark.parametrize("case", json.loads(GOLDEN.read_text(encoding="utf-8")))
def test_qini_and_auuc_are_scikit_uplifts(case: dict[str, list[float]]) -> None:
    """The figures were made by scikit-uplift 0.5.1; `qini_golden.py` beside them is the script."""
    y, score, treated = (np.array(case[name], float) for name in ("y", "score", "treated"))
    for ours, theirs in ((uplift_curve, "uplift_curve"), (qini_curve, "qini_curve")):
        np.testing.assert_allclose(np.array(ours(y, score, treated)), case[theirs], atol=1e-9)
    assert qini(y, score, treated) == pytest.approx(case["qini"], abs=1e-9)
    assert auuc(y, score, treated) == pytest.approx(case["auuc"], abs=1e-9)


def test_a_score_that_cannot_be_better_than_chance_has_no_coefficient() -> None:
    nobody, treated = np.zeros(6), np.array([1.0, 0, 1, 0, 1, 0])
    assert qini(nobody, np.arange(6.0), treated) is None


def test_what_cannot_be_compared_is_said_plainly() -> None:
    rows = made(40)
    with pytest.raises(Invalid, match="没有对照组“甲”，现有的组：control、treatment"):
        trial_of(rows, control="甲")
    with pytest.raises(Invalid, match="只有一个组"):
        trial_of(rows.where(rows.text("arm").is_("control")))
    with pytest.raises(Invalid, match="没有试验“x”"):
        trial_of(rows, experiment="x")
    mixed = [
        ConversationRow(f"c{i}", "", "", "", "", 0, "e", ("control", "treatment")[i % 2], f"u{i % 3}") for i in range(9)
    ]
    with pytest.raises(Invalid, match="3 个分配单位同时出现在两个组里（u0、u1、u2）"):
        trial_of(rows_of(mixed))
    two = [
        ConversationRow(f"c{i}", "", "", "", "", 0, f"e{i % 2}", ("control", "treatment")[i % 2], f"u{i}")
        for i in range(9)
    ]
    with pytest.raises(Invalid, match="多个试验"):
        trial_of(rows_of(two))


def test_several_treatments_are_told_apart_and_together() -> None:
    trial = trial_of(made(300, arms=("control", "甲", "乙")))
    assert trial.compared() == (ANY, "乙", "甲")
    assert int(trial.in_arm(ANY).sum()) == sum(int(trial.in_arm(arm).sum()) for arm in ("甲", "乙"))
    assert sum(trial.unit_counts().values()) == 300
