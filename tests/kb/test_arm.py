"""Arms: a unit keeps its place, a ramp takes nobody's treatment away, experiments do not know of one another; and shifts."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2_contingency, chisquare, kstest

from kb.errors import Conflict, Invalid
from kb.experiment.arm import arm, place, unit_id
from kb.experiment.experiment import Arm, Experiment, Ramp, Stage, Treatment, Unit
from kb.experiment.shifts import CHINA, USUAL, day_of, read_shifts
from kb.experiment.stages import draft, ramp, start, stop

N = 20_000
UNITS = [f"a/c{number}" for number in range(N)]
shares = st.floats(0, 1, allow_nan=False)
texts = st.text(max_size=30)


def made(
    salt: str = "salt", share: float = 0.5, unit: Unit = Unit.CONVERSATION, id: str = "x", **more: object
) -> Experiment:
    one = draft(id, "", Treatment.UPSELL, unit, ["a", "b"], share, now=100)
    return replace(one, salt=salt, **more)  # type: ignore[arg-type]


# -- the hash


def test_a_place_can_be_recomputed_with_nothing_but_a_hash() -> None:
    """As docs/experiments.md tells a merchant to."""
    for unit in ("a/c1", "k_1/2026-11-03/白班", "店"):
        digits = hashlib.sha256(f"pepper\n{unit}".encode()).hexdigest()[:16]
        assert place("pepper", unit) == pytest.approx(int(digits, 16) / 2**64, abs=2**-52)


def test_places_never_change() -> None:
    """Written down once: another version of the program must assign a running experiment alike."""
    known = {"a/c1": 0.4433693378133058, "k_1/2026-11-03/白班": 0.2618936213841154, "b": 0.4399750532832274}
    assert {unit: place("salt", unit) for unit in known} == known


@given(texts, texts)
def test_a_place_is_in_the_unit_interval(salt: str, unit: str) -> None:
    assert 0 <= place(salt, unit) < 1


@given(texts, texts, shares, shares)
def test_raising_the_share_never_moves_a_treated_unit_to_control(
    salt: str, unit: str, one: float, other: float
) -> None:
    low, high = sorted((one, other))
    experiment = made(salt, ramps=(Ramp(0, low), Ramp(10, high)))
    before, after = arm(experiment, unit, 5), arm(experiment, unit, 15)
    assert (before, after) != (Arm.TREATMENT, Arm.CONTROL)
    assert arm(made(salt, 1.0), unit, 5) is Arm.TREATMENT and arm(made(salt, 0.0), unit, 5) is Arm.CONTROL


def test_places_are_uniform() -> None:
    places = np.array([place("seed 20261122", unit) for unit in UNITS])
    assert kstest(places, "uniform").pvalue > 0.001
    assert chisquare(np.histogram(places, bins=100, range=(0, 1))[0]).pvalue > 0.001


@pytest.mark.parametrize("share", [0.05, 0.5, 0.9])
def test_the_arms_have_the_share_that_was_asked_for(share: float) -> None:
    treated = sum(arm(made("seed 1", share), unit, 100) is Arm.TREATMENT for unit in UNITS)
    assert chisquare([treated, N - treated], [N * share, N * (1 - share)]).pvalue > 0.001


def test_experiments_are_independent_of_one_another() -> None:
    """Ten experiments on the same conversations: each pair's arms are independent."""
    arms = [np.array([place(f"salt {n}", unit) for unit in UNITS]) < 0.5 for n in range(10)]
    values = []
    for first in range(10):
        for second in range(first):
            table = [[np.sum((arms[first] == x) & (arms[second] == y)) for x in (0, 1)] for y in (0, 1)]
            values.append(chi2_contingency(table, correction=False).pvalue)
    assert min(values) > 0.001 / len(values)
    assert kstest(values, "uniform").pvalue > 0.001


def test_two_drafts_never_share_a_salt() -> None:
    assert len({draft("x", "", Treatment.UPSELL, Unit.CONVERSATION, ["a"], 0.5, now=1).salt for _ in range(100)}) == 100


# -- units


def test_units_are_what_is_assigned_as_a_whole() -> None:
    at = int(dt.datetime(2026, 11, 3, 9, tzinfo=CHINA).timestamp())
    about = {"shop": "a", "conversation": "c:1", "agent": "k_1", "at": at}
    assert unit_id(made(), **about) == "a/c:1"
    assert unit_id(made(unit=Unit.AGENT_SHIFT), **about) == "k_1/2026-11-03/白班"
    assert unit_id(made(unit=Unit.AGENT_SHIFT), **{**about, "agent": ""}) == ""
    assert unit_id(made(unit=Unit.MERCHANT), **about) == "a"


# -- shifts


@pytest.mark.parametrize(
    ("moment", "shift"),
    [
        ((2026, 11, 3, 8, 0), "2026-11-03/白班"),
        ((2026, 11, 3, 19, 59), "2026-11-03/白班"),
        ((2026, 11, 3, 20, 0), "2026-11-03/晚班"),
        ((2026, 11, 3, 23, 59), "2026-11-03/晚班"),
        ((2026, 11, 4, 0, 0), "2026-11-03/晚班"),  # after midnight it is still yesterday's
        ((2026, 11, 4, 7, 59), "2026-11-03/晚班"),
        ((2027, 1, 1, 3, 0), "2026-12-31/晚班"),
    ],
)
def test_a_shift_over_midnight_belongs_to_the_day_it_began(moment: tuple[int, ...], shift: str) -> None:
    assert USUAL.of(int(dt.datetime(*moment, tzinfo=CHINA).timestamp())) == shift  # type: ignore[misc,arg-type]


def test_shifts_are_configurable_and_read_back_as_they_are_written() -> None:
    three = read_shifts("早=07:30，中=15:30, 夜=23:30")
    assert read_shifts(str(three)) == three and str(three) == "早=07:30,中=15:30,夜=23:30"
    assert three.of(int(dt.datetime(2026, 11, 4, 7, 29, tzinfo=CHINA).timestamp())) == "2026-11-03/夜"
    assert read_shifts("全天=00:00").of(0) == "1970-01-01/全天"


@pytest.mark.parametrize(
    "text", ["", "白班", "白班=25:00", "白班=08:60", "白班=8", "a=1:00,a=2:00", "a=1:00,b=1:00", "a=1:00;b=2:00"]
)
def test_shifts_that_cannot_be_read_are_refused_with_how_to_write_them(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_shifts(text)
    assert "白班=08:00" in refused.value.advice


@given(st.integers(0, 4_000_000_000))
def test_every_moment_has_one_shift_and_it_began_at_most_a_day_ago(at: int) -> None:
    day, _, name = USUAL.of(at).partition("/")
    assert name in ("白班", "晚班") and day in (day_of(at), day_of(at - 86_400))


# -- stages


def test_an_experiment_goes_from_draft_to_running_to_stopped_and_no_other_way() -> None:
    one = made()
    running = start(one, [], now=200)
    assert (running.stage, running.started_at, running.ramps) == (Stage.RUNNING, 200, (Ramp(200, 0.5),))
    ended = stop(running, now=300)
    assert (ended.stage, ended.stopped_at) == (Stage.STOPPED, 300)
    for wrong in (
        lambda: start(running, [], now=1), lambda: start(ended, [], now=1), lambda: stop(one, now=1), lambda: stop(ended, now=1),
        lambda: ramp(one, 0.6, now=1), lambda: ramp(ended, 0.6, now=1),
    ):  # fmt: skip
        with pytest.raises(Conflict):
            wrong()


def test_a_ramp_is_remembered_with_its_moment() -> None:
    running = start(made(share=0.1), [], now=200)
    wider = ramp(running, 0.5, now=250)
    assert wider.ramps == (Ramp(200, 0.1), Ramp(250, 0.5)) and wider.share == 0.5
    assert [wider.share_at(at) for at in (0, 200, 249, 250, 999)] == [0.1, 0.1, 0.1, 0.5, 0.5]
    assert ramp(wider, 0.5, now=300) is wider
    assert ramp(wider, 0.6, now=10).ramps[-1].at == 250  # a clock that was put back must not rewrite what was


def test_a_shop_has_one_running_experiment_of_a_treatment() -> None:
    running = start(made(id="one"), [], now=1)
    with pytest.raises(Conflict, match="one"):
        start(made(id="two"), [running], now=2)
    start(replace(made(id="three"), treatment=Treatment.ASSIST), [running], now=2)
    start(replace(made(id="four"), shops=("c",)), [running], now=2)


@pytest.mark.parametrize(
    "change",
    [
        {"id": "Ä"}, {"id": ""}, {"id": "x" * 41}, {"shops": []}, {"share": 1.01}, {"share": -0.1}, {"share": float("nan")},
        {"title": "长" * 101}, {"unit": Unit.MERCHANT, "shops": ["a"]},
    ],
)  # fmt: skip
def test_what_cannot_be_an_experiment_is_refused(change: dict[str, object]) -> None:
    good: dict[str, object] = {
        "id": "x", "title": "", "treatment": Treatment.UPSELL, "unit": Unit.CONVERSATION, "shops": ["a"], "share": 0.5, "now": 1
    }  # fmt: skip
    draft(**good)  # type: ignore[arg-type]
    with pytest.raises(Invalid):
        draft(**{**good, **change})  # type: ignore[arg-type]
