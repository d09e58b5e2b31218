"""A trial: rows, which arm is the control, and what was assigned. Checked once, so that whoever estimates need not."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from eval.rows.rows import CONTROL, Flags, Floats, Ints, Rows
from eval.uplift.effect import Effect, difference
from eval.uplift.metric import Metric
from eval.uplift.sample import Sample, sample
from ingest.problem import short
from kb.errors import Invalid
from kb.language.mask import mask as masked

ANY = "*"  # all treatments together, where there are several
CONTROLS = (CONTROL, "对照组", "对照", "0")  # what a control group is called where nobody says


@dataclass(frozen=True, slots=True)
class Trial:
    """`units[i]`: code of what row i was assigned with; `clustered`: some unit has several rows; `crossed`: units that were
    left out since they met both arms and the rows say so, `crossed_rows`: their rows."""

    rows: Rows
    control: str
    treatments: tuple[str, ...]
    units: Ints
    clustered: bool
    crossed: int = 0
    crossed_rows: int = 0

    def in_arm(self, arm: str) -> Flags:
        column = self.rows.text("arm")
        return ~column.is_(self.control) if arm == ANY else column.is_(arm)

    def sample(self, metric: Metric, arm: str, mask: Flags | None = None) -> Sample:
        """The units of an arm; `mask`: only of these rows."""
        y, x = metric.sums(self.rows)
        return self.sample_of(y, x, arm, mask)

    def sample_of(self, y: Floats, x: Floats | None, arm: str, mask: Flags | None = None) -> Sample:
        chosen = self.in_arm(arm) if mask is None else self.in_arm(arm) & mask
        return sample(y[chosen], None if x is None else x[chosen], self.units[chosen] if self.clustered else None)

    def effect(self, metric: Metric, arm: str, mask: Flags | None = None) -> Effect:
        """The difference between an arm and the control group."""
        return difference(self.sample(metric, arm, mask), self.sample(metric, self.control, mask))

    def compared(self) -> tuple[str, ...]:
        """The treatments, and where there are several all of them together first."""
        return self.treatments if len(self.treatments) == 1 else (ANY, *self.treatments)

    def unit_counts(self) -> dict[str, int]:
        """Units in each arm, the control group first."""
        arms = self.rows.text("arm")
        counts = np.bincount(arms.codes[self.firsts()], minlength=len(arms.names))
        return {arm: int(counts[arms.names.index(arm)]) for arm in (self.control, *self.treatments)}

    def firsts(self) -> Flags:
        """The first row of each unit."""
        first = np.zeros(len(self.rows), bool)
        first[np.unique(self.units, return_index=True)[1]] = True
        return first

    def order(self) -> Ints:
        """The arm of each row: 0 the control group, then the treatments."""
        arms = self.rows.text("arm")
        places = {arm: place for place, arm in enumerate((self.control, *self.treatments))}
        return np.array([places.get(name, 0) for name in arms.names])[arms.codes]


def trial_of(rows: Rows, *, control: str = "", experiment: str = "") -> Trial:
    """The trial in these rows. Raises Invalid where it cannot be told what is compared with what."""
    rows = _one_experiment(rows, experiment)
    arms = rows.arms()
    control = control or next((name for name in CONTROLS if name in arms), "")
    if control not in arms:
        raise Invalid(
            f"没有对照组{f'“{control}”' if control else ''}，现有的组：{'、'.join(arms)}。",
            remedy="请用 --control 写明哪一组是对照组。",
        )
    if len(arms) < 2:
        raise Invalid(
            f"只有一个组“{arms[0]}”，没有可以比较的。",
            remedy="请导出试验的全部会话，包括对照组；实验刚开始时，等两组都有会话再算。",
        )
    units = rows.text("unit").codes.astype(np.int64)
    trial = Trial(rows, control, tuple(arm for arm in arms if arm != control), units, _repeated(units))
    both = _units_in_two_arms(trial)
    return _without(trial, both) if len(both) else trial


def _one_experiment(rows: Rows, experiment: str) -> Rows:
    there = rows.text("experiment").used()
    if experiment and experiment not in there:
        raise Invalid(f"没有试验“{experiment}”。", remedy=f"现有的试验：{'、'.join(there) or '（没有写）'}。")
    if not experiment and len(there) > 1:
        raise Invalid("文件里有多个试验，不能混在一起算。", remedy=f"请用 --experiment 选一个：{'、'.join(there)}。")
    return rows.where(rows.text("experiment").is_(experiment)) if experiment and len(there) > 1 else rows


def _repeated(units: Ints) -> bool:
    return bool((np.bincount(units) > 1).any())


def _units_in_two_arms(trial: Trial) -> Ints:
    """Codes of units with rows in more than one arm."""
    if not trial.clustered:
        return np.empty(0, np.int64)
    arm = trial.order()
    size = int(trial.units.max()) + 1
    least, most = np.full(size, np.iinfo(np.int64).max), np.full(size, -1)
    np.minimum.at(least, trial.units, arm)
    np.maximum.at(most, trial.units, arm)
    return np.flatnonzero((most >= 0) & (least != most))


def _without(trial: Trial, both: Ints) -> Trial:
    """The trial without whole units that changed arm, where each of their rows says that it is contaminated (a changed share).

    Whose arm a new share changes is drawn by lot as the arms were, so leaving them out favours neither arm.
    """
    rows, mixed = trial.rows, np.isin(trial.units, both)
    _refuse_undeclared(trial, np.unique(trial.units[mixed & (rows.number("contaminated") != 1)]))
    left, units = rows.where(~mixed), trial.units[~mixed]
    if len(left.arms()) < 1 + len(trial.treatments):
        raise Invalid(
            f"{len(both)} 个分配单位中途换过组，去掉它们以后只剩下：{'、'.join(left.arms()) or '没有会话'}，没有可以比较的。",
            remedy="请另开一个实验，从头到尾不改比例；店铺少时尤其如此。",
        )
    return replace(
        trial, rows=left, units=units, clustered=_repeated(units), crossed=len(both), crossed_rows=int(mixed.sum())
    )


def _refuse_undeclared(trial: Trial, both: Ints) -> None:
    if len(both):
        names = trial.rows.text("unit").names
        shown = "、".join(short(masked(names[code]), 20) for code in both[:3])
        raise Invalid(
            f"{len(both)} 个分配单位同时出现在两个组里（{shown}），分不清它们属于哪一组。",
            remedy="请检查 unit 列：一个单位从头到尾只能在一个组；中途换过组的，请去掉，或把它所有的行写上 contaminated = 1。",
        )
