"""The whole analysis of a trial, in the order in which it may be believed: first whether the split and the assignment are
what they should be, then what changed, then for whom and for how long. Where the first fails, nothing else is computed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from eval.interval import UNKNOWN, Bounds
from eval.rows.rows import Rows
from eval.uplift import qini as ranking
from eval.uplift.anytime import PLANNED, Look, looks
from eval.uplift.balance import Balance, check_balance
from eval.uplift.bootstrap import bootstrap_t
from eval.uplift.cuped import Cuped, cuped
from eval.uplift.days import Calendar, calendar, unit_table
from eval.uplift.effect import Effect
from eval.uplift.guard import Guard, guards
from eval.uplift.metric import CONVERSION, GAINS, Metric
from eval.uplift.novelty import Novelty, novelty
from eval.uplift.ratio import REFUSED, RatioCheck, check_ratio, steady
from eval.uplift.segments import Cut, by_segment
from eval.uplift.trial import Trial, trial_of
from eval.uplift.verdict import State, Verdict, verdict
from kb.vectorise import Progress

SEED = 20261122
WORTH = 0.01  # a change of the conversion worth knowing: 1 percentage point
CURVE = 100  # points of a Qini curve that are kept


@dataclass(frozen=True, slots=True)
class Plan:
    """What was agreed before anybody looked at the outcome.

    `shares`: what each arm was to get; `margins`: how much worse each guardrail may get; `worth`: the smallest change
    worth knowing; `planned`: conversations at which daily intervals are narrowest; `once`: this is the one look that was planned;
    `refuse`: say nothing where the assignment is not random, else only warn; `score`: a column that ranks conversations.
    """

    control: str = ""
    experiment: str = ""
    shares: Mapping[str, float] | None = None
    margins: Mapping[str, float] = field(default_factory=dict)
    worth: float = WORTH
    planned: int = PLANNED
    once: bool = False
    refuse: bool = True
    score: str = ""
    seed: int = SEED


@dataclass(frozen=True, slots=True)
class Measured:
    """One measure of one arm against the control group: Welch's interval, bootstrap-t for money, CUPED where it can be.

    `look`: what whoever looked every day knows at the end; None without days.
    """

    metric: Metric
    arm: str
    effect: Effect
    bootstrap: Bounds = UNKNOWN
    cuped: Cuped | None = None
    look: Look | None = None

    @property
    def once_only(self) -> bool:
        """Does the ordinary interval leave 0 out, and the one for daily looking not?"""
        return bool(self.effect.sign) and (self.look is None or self.look.low <= 0 <= self.look.high)


@dataclass(frozen=True, slots=True)
class Ranked:
    """How well a score finds those who are moved: Qini coefficient, AUUC, and the Qini curve."""

    qini: float | None
    auuc: float | None
    curve: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Analysis:
    """All that is known of a trial; of a refused one only `ratio` and `balance`."""

    trial: Trial
    plan: Plan
    ratio: RatioCheck
    balance: Balance
    verdict: Verdict
    measured: tuple[Measured, ...] = ()
    days: Calendar | None = None
    steady: float | None = None  # p of the same shares on all days
    looks: tuple[Look, ...] = ()
    novelty: Novelty | None = None
    guards: tuple[Guard, ...] = ()
    cuts: tuple[Cut, ...] = ()
    exposed: Measured | None = None
    ranked: Ranked | None = None

    @property
    def refused(self) -> bool:
        return self.verdict.state is State.REFUSED

    @property
    def suspect(self) -> bool:
        """Is the assignment not what it should be?"""
        return self.ratio.broken or self.balance.refused

    @property
    def ramped(self) -> bool:
        """Did the arms' shares change on the way?"""
        return self.steady is not None and self.steady < REFUSED

    def of(self, metric: Metric, arm: str = "") -> Measured | None:
        """One measure of an arm; of all treatments together where none is named."""
        wanted = arm or self.trial.compared()[0]
        return next((one for one in self.measured if one.metric is metric and one.arm == wanted), None)


def analyse(rows: Rows, plan: Plan | None = None, *, progress: Progress | None = None) -> Analysis:
    """Check, then estimate. Raises Invalid where it cannot be told what is compared with what."""
    plan = plan or Plan()
    trial = trial_of(rows, control=plan.control, experiment=plan.experiment)
    ratio = check_ratio(trial.unit_counts(), plan.shares)
    balance = check_balance(trial, plan.seed)
    if plan.refuse and (ratio.broken or balance.refused):
        return Analysis(trial, plan, ratio, balance, Verdict(State.REFUSED))
    return _estimated(trial, plan, ratio, balance, progress)


def _estimated(trial: Trial, plan: Plan, ratio: RatioCheck, balance: Balance, progress: Progress | None) -> Analysis:
    main, days = trial.compared()[0], calendar(trial)
    metrics = [metric for metric in GAINS if metric.known(trial.rows)]
    wanted = [(metric, arm) for arm in trial.compared() for metric in metrics]
    measured = []
    for done, (metric, arm) in enumerate(wanted, start=1):
        one = measure(trial, metric, arm, plan.seed)
        seen = daily(trial, metric, arm, days, plan.planned) if days else ()
        measured.append(replace(one, look=seen[-1] if seen else None))
        if progress:
            progress(done, len(wanted) + 1)
    first = metrics[0]
    seen = daily(trial, first, main, days, plan.planned) if days else ()
    found = Analysis(
        trial,
        plan,
        ratio,
        balance,
        verdict(
            measured[0].effect,
            seen[-1] if seen else None,
            worth=plan.worth if first is CONVERSION else abs(measured[0].effect.control.value) * 0.05,
            once=plan.once,
            planned=plan.planned,
        ),
        tuple(measured),
        days,
        steady(unit_table(trial, days)) if days else None,
        seen,
        novelty(trial, first, main, days) if days else None,
        guards(trial, main, plan.margins),
        by_segment(trial, first, main),
        _exposed(trial, first, main),
        _ranked(trial, plan.score),
    )
    if progress:
        progress(len(wanted) + 1, len(wanted) + 1)
    return found


def measure(trial: Trial, metric: Metric, arm: str, seed: int) -> Measured:
    """One measure of one arm by every method that fits it."""
    money = metric.unit == "元"
    samples = (trial.sample(metric, arm), trial.sample(metric, trial.control)) if money else None
    bounds = bootstrap_t(*samples, seed) if samples else UNKNOWN
    return Measured(metric, arm, trial.effect(metric, arm), bounds, cuped(trial, metric, arm))


def daily(trial: Trial, metric: Metric, arm: str, days: Calendar, planned: int) -> tuple[Look, ...]:
    """What was known of a measure at the end of each day."""
    sides = (arm, trial.control)
    treated, control = (trial.sample(metric, side) for side in sides)
    when = tuple(days.of_units(trial, trial.in_arm(side)) for side in sides)
    return tuple(looks(treated, control, (when[0], when[1]), days.names, planned))


def _exposed(trial: Trial, metric: Metric, arm: str) -> Measured | None:
    """Only conversations in which the treatment could act; None where all of them were, or nobody says."""
    if not trial.rows.knows("exposed"):
        return None
    mask = trial.rows.number("exposed") == 1
    if mask.all() or not mask.any():
        return None
    effect = trial.effect(metric, arm, mask)
    return Measured(metric, arm, effect) if effect.known else None


def _ranked(trial: Trial, score: str) -> Ranked | None:
    """The score's curves over all treatments together."""
    if not score:
        return None
    y, treated = trial.rows.number("converted"), (trial.order() > 0).astype(float)
    by = trial.rows.number(score)
    x, gain = ranking.qini_curve(y, by, treated)
    step = max(1, len(x) // CURVE)
    points = [*range(0, len(x), step), len(x) - 1]
    curve = tuple((float(x[i]), float(gain[i])) for i in dict.fromkeys(points))
    return Ranked(ranking.qini(y, by, treated), ranking.auuc(y, by, treated), curve)
