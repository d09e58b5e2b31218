"""When units were assigned: the day of each, for those who look daily and for those who ask whether an effect wears off."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np

from eval.rows.rows import Flags, Ints
from eval.uplift.trial import Trial
from kb.errors import Invalid


@dataclass(frozen=True, slots=True)
class Calendar:
    """The days that occur, in order; `of[i]`: the day of row i as its place among them; `since`: days since the first."""

    names: tuple[str, ...]
    of: Ints
    since: Ints

    def of_units(self, trial: Trial, chosen: Flags) -> Ints:
        """The day of each unit of `trial.sample_of(…, mask=chosen)`, in its order."""
        if not trial.clustered:
            return self.of[chosen]
        return self.of[chosen][np.unique(trial.units[chosen], return_index=True)[1]]


def calendar(trial: Trial) -> Calendar | None:
    """None where no day is told, all is one day, or units go on for several days: then no day's figures stand alone."""
    column = trial.rows.text("day")
    names = column.used()
    if len(names) < 2 or column.is_("").any():
        return None
    places = {name: place for place, name in enumerate(names)}
    of = np.array([places.get(name, 0) for name in column.names])[column.codes]
    if trial.clustered and _last(trial.units, of) != 0:
        return None
    first = date_of(names[0])
    return Calendar(tuple(names), of, np.array([(date_of(name) - first).days for name in names]))


def _last(units: Ints, of: Ints) -> int:
    """The most days that a unit goes on after its first."""
    size = int(units.max()) + 1
    first, last = np.full(size, np.iinfo(np.int64).max), np.full(size, -1)
    np.minimum.at(first, units, of)
    np.maximum.at(last, units, of)
    there = last >= 0
    return int((last[there] - first[there]).max())


def date_of(day: str) -> dt.date:
    """A day as YYYY-MM-DD. Raises Invalid."""
    try:
        return dt.date.fromisoformat(day)
    except ValueError as error:
        raise Invalid(f"日期“{day[:20]}”不是 2026-11-03 这样的写法。", remedy="请检查 day 列。") from error


def day_masks(days: Calendar) -> list[Flags]:
    """The rows of each day."""
    return [days.of == place for place in range(len(days.names))]


def unit_table(trial: Trial, days: Calendar) -> Ints:
    """Units by day and arm."""
    first, arms = trial.firsts(), len(trial.treatments) + 1
    cells = days.of[first] * arms + trial.order()[first]
    return np.bincount(cells, minlength=len(days.names) * arms).reshape(-1, arms)
