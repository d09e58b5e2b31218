"""The head: laws for any weights that its file may hold, an independent reckoning, and the shipped file."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from importlib.resources import files

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.errors import EngineFailed
from kb.features import HYBRID_FEATURES, Measured
from kb.head import (
    ANSWERABLE_FEATURES,
    CONFIDENCE_FEATURES,
    GROWING,
    Head,
    Linear,
    answerable_features,
    confidence_features,
    head_from,
    load_head,
)
from kb.language.conversation import Said
from kb.model import Band, Mode
from making import plain_head

FEATURES = ("a", "b", "c")
WEIGHT = st.floats(0, 20)
ANY = st.floats(-20, 20)
SAID = Said("什么时候发货", "什么时候发货", "户:什么时候发货", 1.9, True)


def measured(values: np.ndarray, near: np.ndarray) -> Measured:  # type: ignore[type-arg]
    count = len(values)
    return Measured(np.asarray(values, float), np.arange(count), np.asarray(near, np.float32), np.zeros(count, bool))


@st.composite
def linears(draw: st.DrawFn, names: tuple[str, ...]) -> Linear:
    growing = [draw(WEIGHT) for _ in range(GROWING[names])]
    return Linear(np.array(growing + [draw(ANY) for _ in names[len(growing) :]]), draw(ANY))


@st.composite
def heads(draw: st.DrawFn) -> Head:
    return Head(
        FEATURES,
        np.array([draw(WEIGHT) for _ in FEATURES]),
        draw(ANY),
        draw(linears(CONFIDENCE_FEATURES)),
        draw(linears(ANSWERABLE_FEATURES)),
        direct=0.8,
        reference=0.4,
        silence=0.2,
    )


@st.composite
def messages(draw: st.DrawFn) -> Measured:
    count = draw(st.integers(1, 6))
    likeness = st.lists(st.floats(-1, 1, width=32), min_size=count, max_size=count)
    rows = st.lists(st.lists(st.floats(-1, 1), min_size=3, max_size=3), min_size=count, max_size=count)
    return measured(np.array(draw(rows)), np.array(draw(likeness)))


SAIDS = st.builds(
    Said, st.text(max_size=60), st.text(max_size=60), st.text(max_size=60), st.floats(0, 7), st.booleans()
)


@given(heads(), messages(), SAIDS, st.integers(0, 5), st.lists(st.floats(0, 2), min_size=4, max_size=4))
def test_a_candidate_that_gets_better_never_stands_lower_and_the_first_never_gets_less_probable(
    head: Head, before: Measured, said: Said, which: int, gains: list[float]
) -> None:
    which %= len(before.values)
    values, near = before.values.copy(), before.near.copy()
    values[which] += gains[:3]
    near[which] = min(near[which] + gains[3], 1)
    after = replace(before, values=values, near=near)
    assert head.relevance(after.values)[which] >= head.relevance(before.values)[which]
    better_than = head.relevance(before.values)[which] >= head.relevance(before.values)
    assert (head.relevance(after.values)[which] >= head.relevance(after.values))[better_than].all()
    # Of the others this is no law: what the first is trusted is taken from them, and nothing is told more than the first.
    relevance = head.relevance(before.values)
    alone = relevance[which] == relevance.max() and (relevance == relevance.max()).sum() == 1
    assert not alone or head.probability(after, said)[which] >= head.probability(before, said)[which] - 1e-9
    assert head.answers(after, said) >= head.answers(before, said) - 1e-9


@given(heads(), messages(), SAIDS, st.integers(0, 5), st.floats(0, 2))
def test_a_rival_that_gets_better_never_makes_the_first_more_probable(
    head: Head, before: Measured, said: Said, which: int, gain: float
) -> None:
    which %= len(before.values)
    values = before.values.copy()
    values[which] += gain
    relevance = head.relevance(before.values)
    first = int(np.argmax(np.where(np.arange(len(values)) == which, -np.inf, relevance)))
    # Once it is overtaken it is one of the others, of whom this is no law: they share what the new first leaves, which may be
    # much where that one is hardly trusted.
    if len(values) > 1 and relevance[first] >= head.relevance(values)[which]:
        after = head.probability(replace(before, values=values), said)[first]
        assert after <= head.probability(before, said)[first] + 1e-9


@given(heads(), messages(), SAIDS)
def test_probabilities_are_probabilities_and_the_order_of_candidates_is_nothing(
    head: Head, before: Measured, said: Said
) -> None:
    chances = head.probability(before, said)
    assert ((chances >= 0) & (chances <= 1)).all() and 0 <= head.answers(before, said) <= 1
    turned = Measured(before.values[::-1], before.best_line, before.near[::-1], before.negative_wins)
    assert np.allclose(head.probability(turned, said)[::-1], chances, atol=1e-9)
    assert head.answers(turned, said) == pytest.approx(head.answers(before, said), abs=1e-9)


@given(messages(), SAIDS, st.lists(st.floats(-5, 5), min_size=6, max_size=6), st.floats(-5, 5))
def test_the_later_steps_see_what_their_formulas_say(
    before: Measured, said: Said, scores: list[float], none: float
) -> None:
    """Plain loops over plain floats."""
    relevance = scores[: len(before.values)]
    total = sum(map(math.exp, relevance)) + math.exp(none)
    near = [-math.log(1.02 - float(value)) for value in before.near]
    alike = [(0.0, value) if said.talk != said.own else (value, 0.0) for value in near]
    length = math.log(1 + min(len(said.own), 40))
    found = confidence_features(np.array(relevance), none, before, said)
    for i, row in enumerate(found.tolist()):
        share = math.exp(relevance[i]) / total
        rivals = relevance[:i] + relevance[i + 1 :] or [none]
        expected = [
            max(-8.0, min(8.0, math.log(share) - math.log1p(-share))),
            max(-5.0, min(5.0, relevance[i] - max(rivals))),
            *alike[i],
            said.content,
            float(said.asking),
            length,
            float(said.talk != said.own),
        ]
        assert dict(zip(CONFIDENCE_FEATURES, row, strict=True)) == pytest.approx(
            dict(zip(CONFIDENCE_FEATURES, expected, strict=True)), abs=1e-6
        )
    some = math.log(total - math.exp(none)) - none
    nearest = [max(own for own, _ in alike), max(talk for _, talk in alike)]
    expected = [
        max(-8.0, min(8.0, some)),
        *nearest,
        said.content,
        float(said.asking),
        float(said.asking and said.talk != said.own),
        length,
        math.log(1 + min(len(said.talk), 120)) if said.talk != said.own else 0.0,
        float(said.talk != said.own),
    ]
    row = answerable_features(np.array(relevance), none, before, said).tolist()
    assert dict(zip(ANSWERABLE_FEATURES, row, strict=True)) == pytest.approx(
        dict(zip(ANSWERABLE_FEATURES, expected, strict=True)), abs=1e-6
    )


def test_scores_beyond_all_bounds_still_give_probabilities() -> None:
    head = plain_head(Mode.HYBRID)
    for scale in (0.0, 1e3, 1e6, -1e6):
        values = np.outer([1.0, 0.5, 0.0], np.full(len(head.features), scale))
        chances = head.probability(measured(values, np.ones(3)), SAID)
        assert np.isfinite(chances).all() and np.isfinite(head.answers(measured(values, np.ones(3)), SAID))


def test_many_rivals_make_a_likeness_worth_less() -> None:
    """The same candidate alone, and among nine that look like it: trust is shared."""
    head = plain_head(Mode.HYBRID)
    chances = []
    for count in (1, 2, 10):
        values = np.full((count, len(head.features)), 0.9)
        chances.append(head.probability(measured(values, np.full(count, 0.9)), SAID)[0])
    assert chances == sorted(chances, reverse=True) and len(set(chances)) == 3


def test_who_asks_nothing_is_trusted_less_where_the_head_learned_so() -> None:
    head = head_from(DATA, ("a", "b"))
    one = measured(np.array([[0.9, 0.9]]), np.array([0.9]))
    idle = replace(SAID, content=0.0, asking=False)
    assert head.probability(one, idle)[0] < head.probability(one, SAID)[0]
    assert head.answers(one, idle) < head.answers(one, SAID)


# -- the file

TRUST = {"weights": dict.fromkeys(CONFIDENCE_FEATURES, 1.0), "bias": 0.0}
SOME = {"weights": dict.fromkeys(ANSWERABLE_FEATURES, 1.0), "bias": 0.0}
DATA = {
    "weights": {"a": 1.0, "b": 0.0},
    "none": 1.0,
    "confidence": TRUST,
    "answerable": SOME,
    "direct": 0.5,
    "reference": 0.2,
    "silence": 0.1,
}


def test_a_file_that_fits_is_a_head() -> None:
    head = head_from(DATA, ("a", "b"))
    assert (head.features, head.none) == (("a", "b"), 1.0)
    assert (head.direct, head.reference, head.silence) == (0.5, 0.2, 0.1)
    assert head.relevance(np.array([[2.0, 9.0]])).tolist() == [2.0]
    assert [head.band(p) for p in (0.0, 0.19, 0.2, 0.49, 0.5, 1.0)] == [
        *[Band.UNSURE] * 2,
        *[Band.REFERENCE] * 2,
        *[Band.DIRECT] * 2,
    ]


@pytest.mark.parametrize(
    "wrong",
    [
        {"weights": {"b": 1.0, "a": 1.0}},  # another order would give each feature another's weight
        {"weights": {"a": 1.0}},
        {"weights": {"a": -1e-6, "b": 1.0}},
        {"confidence": {**TRUST, "weights": {"share": 1.0}}},
        {"confidence": {**TRUST, "weights": {**dict.fromkeys(CONFIDENCE_FEATURES, 1.0), "near": -1.0}}},
        {"confidence": {**TRUST, "weights": dict.fromkeys(reversed(CONFIDENCE_FEATURES), 1.0)}},
        {"answerable": TRUST},
        {"answerable": {**SOME, "weights": {**dict.fromkeys(ANSWERABLE_FEATURES, 1.0), "some": -1.0}}},
    ],
)
def test_a_head_of_other_features_or_of_falling_weights_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(EngineFailed, match=r"head\.json"):
        head_from({**DATA, **wrong}, ("a", "b"))


@pytest.mark.parametrize("missing", sorted(DATA))
def test_a_head_from_before_is_refused_and_not_guessed_at(missing: str) -> None:
    with pytest.raises(EngineFailed):
        head_from({name: value for name, value in DATA.items() if name != missing}, ("a", "b"))


def test_what_no_candidate_shows_may_speak_against_an_answer() -> None:
    for step, names in (("confidence", CONFIDENCE_FEATURES), ("answerable", ANSWERABLE_FEATURES)):
        weights = {name: 1.0 if i < GROWING[names] else -1.0 for i, name in enumerate(names)}
        head = head_from({**DATA, step: {"weights": weights, "bias": 0.0}}, ("a", "b"))
        assert getattr(head, step).weights[-1] == -1.0


@pytest.mark.parametrize("mode", list(Mode))
def test_the_shipped_head_fits_the_code(mode: Mode) -> None:
    head = load_head(mode)
    assert 0 < head.reference <= head.direct < 1
    assert (head.features == HYBRID_FEATURES) is (mode is Mode.HYBRID)


def test_the_shipped_head_says_where_it_comes_from() -> None:
    data = json.loads(files("kb").joinpath("head.json").read_text(encoding="utf-8"))
    assert {"engine", "sets", "seed", "folds", "fitted_by"} <= set(data["provenance"])
