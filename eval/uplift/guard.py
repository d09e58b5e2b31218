"""Guardrails: a gain in orders is none when refunds, complaints or waiting get worse by more than was agreed.

Non-inferiority (CONSORT extension, Piaggio et al., JAMA 308, 2012): a guardrail holds when the whole 95 % interval of its
change lies below the margin. Not having seen harm is not enough: with few conversations that is UNCLEAR, not HOLDS.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from eval.uplift.effect import Effect
from eval.uplift.metric import GUARDS, Metric
from eval.uplift.trial import Trial


class State(StrEnum):
    """What is known of a guardrail."""

    HOLDS = "holds"
    BROKEN = "broken"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class Guard:
    """A guardrail's change, the margin agreed, and whether it holds."""

    metric: Metric
    effect: Effect
    margin: float
    state: State


def guards(trial: Trial, arm: str, margins: Mapping[str, float]) -> tuple[Guard, ...]:
    """Every guardrail that the rows know; `margins` by key, in the guardrail's unit (shares as fractions)."""
    known = [metric for metric in GUARDS if metric.known(trial.rows)]
    return tuple(_guard(trial, metric, arm, margins.get(metric.key, metric.margin or 0.0)) for metric in known)


def _guard(trial: Trial, metric: Metric, arm: str, margin: float) -> Guard:
    effect = trial.effect(metric, arm)
    return Guard(metric, effect, margin, state_of(effect, margin))


def state_of(effect: Effect, margin: float) -> State:
    """HOLDS below the margin, BROKEN beyond it, else UNCLEAR. An outcome that never occurred has not got worse."""
    if effect.low is None or effect.high is None:
        nothing = (
            effect.treated.value == effect.control.value == 0 and min(effect.treated.units, effect.control.units) > 1
        )
        return State.HOLDS if nothing and _rule_of_three(effect) < margin else State.UNCLEAR
    if effect.high < margin:
        return State.HOLDS
    return State.BROKEN if effect.low > margin else State.UNCLEAR


def _rule_of_three(effect: Effect) -> float:
    """What the rate may be all the same when it was never seen among n: 3/n (Hanley and Lippman-Hand, JAMA 249, 1983)."""
    return 3 / effect.treated.n
