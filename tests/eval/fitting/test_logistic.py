"""The two convex fits: weights that were planted, no better point nearby, and the gradient against differences."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.optimize import check_grad

from eval.fitting import logistic as fitting
from eval.fitting.logistic import RIDGE, RIDGE_CHOICE, Weights, choice, logistic

Matrix = NDArray[np.float64]
SEEDS = st.integers(0, 2**32 - 1)


# -- planted worlds


def outcomes(count: int, seed: int = 3) -> tuple[Matrix, NDArray[np.bool_]]:
    """Rows that are right with P = σ(2a + ½b − c − 0.7)."""
    generator = np.random.default_rng(seed)
    values = generator.standard_normal((count, 3)) * [1.0, 10.0, 0.1]
    chance = 1 / (1 + np.exp(-(values @ [2.0, 0.05, -10.0] - 0.7)))
    return values, generator.random(count) < chance


def choices(
    count: int, none: float = 1.0, seed: int = 5, weights: tuple[float, ...] = (1.5, 0.4, -1.0)
) -> tuple[Matrix, NDArray[np.bool_], NDArray[np.int64]]:
    """Messages with one to six candidates, of which one or none is chosen by a conditional logit."""
    generator = np.random.default_rng(seed)
    rows, right, message = [], [], []
    for number in range(count):
        values = generator.standard_normal((generator.integers(1, 7), 3))
        odds = np.exp(np.r_[values @ weights, none])
        chosen = generator.choice(len(odds), p=odds / odds.sum())
        rows.append(values)
        right.append(np.arange(len(values)) == chosen)
        message.append(np.full(len(values), number))
    return np.concatenate(rows), np.concatenate(right), np.concatenate(message)


# -- the losses, in plain loops


def logistic_loss(values: Matrix, right: NDArray[np.bool_], weight: Matrix, bias: float, weights: Matrix) -> float:
    scaled = weight / weight.sum() * 1000
    total = 0.0
    for row, yes, w in zip(values, right, scaled, strict=True):
        score = float(row @ weights + bias)
        total += w * np.logaddexp(0.0, -score if yes else score)
    return total + 0.5 * RIDGE * float(((weights * values.std(axis=0)) ** 2).sum())


def order_loss(
    values: Matrix, right: NDArray[np.bool_], message: NDArray[np.int64], weight: Matrix, weights: Matrix
) -> float:
    """Of messages with a right candidate: which one."""
    scale = values.std(axis=0)
    numbers = [*dict.fromkeys(message.tolist())]
    answered = [bool(right[message == number].any()) for number in numbers]
    scaled = weight / weight[answered].sum() * 1000
    total = 0.0
    for number, w, yes in zip(numbers, scaled, answered, strict=True):
        if yes:
            odds = np.exp(values[message == number] @ weights)
            total -= w * np.log(odds[right[message == number]].sum() / odds.sum())
    return total + 0.5 * RIDGE_CHOICE * float(((weights * scale) ** 2).sum())


def none_loss(
    values: Matrix, right: NDArray[np.bool_], message: NDArray[np.int64], weight: Matrix, none: float, weights: Matrix
) -> float:
    """Of all messages: the right one, or none."""
    total = 0.0
    for number, w in zip(dict.fromkeys(message.tolist()), weight, strict=True):
        ours = message == number
        odds = np.exp(values[ours] @ weights)
        meant = odds[right[ours]].sum() if right[ours].any() else np.exp(none)
        total -= w * np.log(meant / (odds.sum() + np.exp(none)))
    return total


def no_better_nearby(loss: Callable[[float, Matrix], float], found: Weights, seed: int, growing: int = 3) -> None:
    """The optimum against brute force: among its neighbours the fitted point has the lowest penalised loss."""
    best = loss(found.bias, found.weights)
    generator = np.random.default_rng(seed)
    for size in (1e-3, 1e-2, 0.1, 1.0):
        for _ in range(40):
            step = generator.standard_normal(4) * size
            moved = found.weights + step[1:]
            moved[:growing] = np.maximum(moved[:growing], 0.0)
            assert loss(found.bias + step[0], moved) >= best - 1e-3


def alike(one: Weights, other: Weights) -> None:
    """Equal but for where the optimiser stopped."""
    assert one.bias == pytest.approx(other.bias, abs=2e-3)
    assert one.weights == pytest.approx(other.weights, abs=2e-3)


# -- logistic


def test_planted_weights_come_back_and_none_is_negative() -> None:
    values, right = outcomes(6000)
    free = logistic(values, right, np.ones(len(right)), growing=0)
    assert free.weights * [1, 20, 0.1] == pytest.approx([2, 1, -1], abs=0.25)
    assert free.bias == pytest.approx(-0.7, abs=0.15)
    kept = logistic(values, right, np.ones(len(right)))
    assert kept.weights[2] == 0.0 and (kept.weights[:2] > 0).all()


def test_only_the_first_weights_are_kept_from_falling() -> None:
    values, right = outcomes(2000)
    turned = values[:, ::-1]
    assert logistic(turned, right, np.ones(2000), growing=1).weights[0] == 0.0
    assert logistic(values, right, np.ones(2000), growing=2).weights[2] < 0


@pytest.mark.parametrize("growing", [None, 0, 2])
def test_no_logistic_nearby_is_better(growing: int | None) -> None:
    values, right = outcomes(300)
    weight = np.random.default_rng(1).random(300)
    found = logistic(values, right, weight, growing)

    def loss(bias: float, weights: Matrix) -> float:
        return logistic_loss(values, right, weight, bias, weights)

    no_better_nearby(loss, found, 1, 3 if growing is None else growing)


def test_a_weight_counts_as_so_many_messages() -> None:
    values, right = outcomes(200)
    twice = np.where(np.arange(200) < 50, 2.0, 1.0)
    repeated = np.r_[np.arange(200), np.arange(50)]
    by_weight = logistic(values, right, twice)
    by_copies = logistic(values[repeated], right[repeated], np.ones(250))
    assert by_weight.bias == pytest.approx(by_copies.bias, abs=0.02)
    assert by_weight.weights == pytest.approx(by_copies.weights, abs=0.02)  # the ridge sees another spread
    alike(logistic(values, right, 7 * twice), by_weight)


# -- conditional logit


@pytest.mark.parametrize("none", [-1.0, 1.0])
def test_planted_choices_come_back_with_the_score_of_none(none: float) -> None:
    gentle = 10.0  # a pull under which planted weights can come back; the head's own is stronger
    values, right, message = choices(8000, none)
    found = choice(values, right, message, np.ones(8000), gentle)
    assert found.weights[2] == 0.0
    assert found.weights[0] / found.weights[1] == pytest.approx(1.5 / 0.4, rel=0.25)
    values, right, message = choices(8000, none, weights=(1.5, 0.4, 0.8))
    found = choice(values, right, message, np.ones(8000), gentle)
    assert found.bias == pytest.approx(none, abs=0.15)
    assert found.weights == pytest.approx([1.5, 0.4, 0.8], abs=0.12)


def no_better_choice(
    values: Matrix, right: NDArray[np.bool_], message: NDArray[np.int64], weight: Matrix, seed: int
) -> None:
    """Neither other weights order better, nor another score of none tells better, than those that were found."""
    found = choice(values, right, message, weight)
    no_better_nearby(lambda _, weights: order_loss(values, right, message, weight, weights), found, seed)
    best = none_loss(values, right, message, weight, found.bias, found.weights)
    for step in (-1.0, -0.1, -1e-2, 1e-2, 0.1, 1.0):
        assert none_loss(values, right, message, weight, found.bias + step, found.weights) >= best - 1e-6


@pytest.mark.parametrize("seed", range(3))
def test_no_choice_nearby_is_better(seed: int) -> None:
    values, right, message = choices(150, seed=seed)
    no_better_choice(values, right, message, np.random.default_rng(seed).random(150) + 0.1, seed)


def test_several_right_candidates_share_one_message() -> None:
    values, right, message = choices(150, seed=8)
    no_better_choice(values, right | (values[:, 0] > 1), message, np.ones(150), 8)


def test_messages_that_nothing_answers_have_no_say_in_the_order() -> None:
    values, right, message = choices(200, seed=4)
    weight = np.ones(200)
    found = choice(values, right, message, weight)
    rows = np.random.default_rng(1).standard_normal((60, 3)) * 3
    more = np.r_[message, 1000 + np.repeat(np.arange(20), 3)]
    other = choice(np.r_[values, rows], np.r_[right, np.zeros(60, bool)], more, np.ones(220))
    assert other.weights == pytest.approx(found.weights, rel=0.1) and other.bias > found.bias


def test_where_nothing_is_ever_right_nothing_is_learned() -> None:
    values, right, message = choices(9, seed=2)
    found = choice(values, np.zeros_like(right), message, np.ones(9))
    assert (found.weights == 0).all() and found.bias > 10


class _Stop(Exception):
    pass


@settings(max_examples=25)
@given(SEEDS, st.integers(1, 30))
def test_the_gradient_of_the_choice_is_that_of_its_loss(seed: int, count: int) -> None:
    """What the optimiser is told, against differences of it; and the loss itself against the plain loops."""
    generator = np.random.default_rng(seed)
    values, right, message = choices(count, seed=seed)
    if generator.random() < 0.5:
        right = right | (generator.random(len(right)) < 0.2)
    weight = generator.random(count) + 0.1
    told: list[Any] = []

    def catch(loss: Any, start: Matrix, **_: object) -> None:
        told.extend((loss, start))
        raise _Stop

    if not right.any():
        return
    with pytest.MonkeyPatch.context() as patch, pytest.raises(_Stop):
        patch.setattr(fitting, "minimize", catch)
        choice(values, right, message, weight)
    loss, start = told
    scale = values.std(axis=0) + 1e-9
    for _ in range(3):
        beta = start + generator.standard_normal(3) * 2
        wanted = order_loss(values, right, message, weight, beta / scale)
        assert loss(beta)[0] == pytest.approx(wanted, rel=1e-6, abs=1e-6)
        error = check_grad(lambda b: loss(b)[0], lambda b: loss(b)[1], beta)
        assert error < 1e-3 * (1 + np.linalg.norm(loss(beta)[1]))


def test_huge_scores_neither_overflow_nor_stall() -> None:
    values, right, message = choices(60)
    found = choice(values * 1e6, right, message, np.ones(60))
    assert np.isfinite(found.weights).all() and np.isfinite(found.bias)
    same = choice(values, right, message, np.ones(60))
    assert found.weights * 1e6 == pytest.approx(same.weights, abs=1e-3)
    assert found.bias == pytest.approx(same.bias, abs=1e-3)


@pytest.mark.parametrize("answered", [True, False])
def test_where_always_or_never_is_right_none_follows(answered: bool) -> None:
    values, _, message = choices(60)
    first = np.r_[True, message[1:] != message[:-1]]
    found = choice(values, first & answered, message, np.ones(60))
    chance = np.exp(values @ found.weights)
    of_none = np.exp(found.bias) / (np.exp(found.bias) + np.add.reduceat(chance, np.flatnonzero(first)))
    assert (of_none < 0.05).all() if answered else (of_none > 0.95).all()


@given(SEEDS)
@settings(max_examples=20)
def test_the_order_of_messages_and_of_candidates_is_nothing(seed: int) -> None:
    values, right, message = choices(40, seed=seed)
    weight = np.random.default_rng(seed).random(40) + 0.1
    turned = choice(values[::-1], right[::-1], message[::-1], weight[::-1])
    alike(turned, choice(values, right, message, weight))


def test_a_feature_that_never_varies_does_no_harm() -> None:
    values, right, message = choices(200)
    constant = np.column_stack([values, np.full(len(values), 3.0)])
    found, same = choice(constant, right, message, np.ones(200)), choice(values, right, message, np.ones(200))
    assert np.isfinite(found.weights).all()
    assert found.weights[:3] == pytest.approx(same.weights, abs=0.05)


# -- the result


def test_a_fit_as_data_keeps_names_and_order() -> None:
    found = Weights(-0.12345678, np.array([1.0, 2.5]))
    assert found.to_json(("a", "b"), bias="none") == {"none": -0.123457, "weights": {"a": 1.0, "b": 2.5}}
    with pytest.raises(ValueError):
        found.to_json(("a",))
    rows = np.array([[1.0, 2.0]])
    assert found.relevance(rows)[0] == 6.0 and found.score(rows)[0] == pytest.approx(6 - 0.12345678)
