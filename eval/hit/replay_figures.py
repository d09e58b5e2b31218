"""The figures of a replay, and of two replays of the same sessions beside each other.

Messages of one conversation are not independent, so whole conversations are resampled (cluster bootstrap, Field and Welsh 2007)
and, for p, whole conversations change sides (paired permutation test).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from eval import interval
from eval.hit.compare import Difference, sign_flip
from eval.hit.match import Match
from eval.hit.replay import Moment, Replay
from eval.metrics import percentile
from eval.report import Figure

SEED = 20261122

Value: TypeAlias = Callable[[Moment], float | None]  # None: the figure is not about this moment


def _of_replied(value: Callable[[Moment], float]) -> Value:
    return lambda one: value(one) if one.reply is not None else None


def _matched(how: Match) -> Value:
    return _of_replied(lambda one: float(one.match is not None and one.match[1] is how))


VALUES: dict[str, Value] = {
    "offered": lambda one: float(one.offered),
    "direct": lambda one: float(one.direct),
    "in three": _of_replied(lambda one: float(one.match is not None)),
    **{f"match {how}": _matched(how) for how in Match},
    "saved": _of_replied(lambda one: one.saved_s),
}


@dataclass(frozen=True, slots=True)
class _Sums:
    """By session: the sum of a figure's values, and how many there are; shape (sessions,)."""

    total: NDArray[np.float64]
    count: NDArray[np.float64]

    @property
    def mean(self) -> float | None:
        return float(self.total.sum() / self.count.sum()) if self.count.sum() else None


def figures(replay: Replay, seed: int = SEED) -> dict[str, Figure]:
    """Shares and seconds of all moments with 95 % intervals, and the milliseconds that a suggestion took."""
    found = {name: _figure(_sums(replay.moments, name), seed) for name in VALUES}
    times = [one.suggested.took_ms for one in replay.moments]
    for percent in (50, 99) if times else ():
        found[f"took p{percent}"] = Figure(percentile(times, percent), len(times), *interval.percentile(times, percent))
    return found


def differences(a: Replay, b: Replay, seed: int = SEED) -> tuple[Difference, ...]:
    """b − a of each figure over the same moments."""
    return tuple(one for name in VALUES if (one := _difference(name, a, b, seed)))


def _difference(name: str, a: Replay, b: Replay, seed: int) -> Difference | None:
    ours, theirs = _sums(a.moments, name), _sums(b.moments, name)
    if ours.mean is None or theirs.mean is None:
        return None
    change = theirs.total - ours.total
    low, high = _bounds(_Sums(change, ours.count), seed) if change.any() else (0.0, 0.0)
    p = sign_flip(change, seed)
    return Difference(name, int(ours.count.sum()), ours.mean, theirs.mean, low or 0.0, high or 0.0, p)


def _figure(sums: _Sums, seed: int) -> Figure:
    return Figure(sums.mean, int(sums.count.sum()), *_bounds(sums, seed))


def _bounds(sums: _Sums, seed: int) -> interval.Bounds:
    """Percentile bootstrap of the mean over resampled sessions. Where every session says the same, which no resample can
    differ from: Wilson's interval of a share over as many sessions.
    """
    kept = sums.count > 0
    total, count = sums.total[kept], sums.count[kept]
    if not len(total):
        return interval.UNKNOWN
    if not total.any() or np.array_equal(total, count):
        return interval.proportion(len(total) if total.any() else 0, len(total))
    rng = np.random.default_rng(seed)
    means = []
    for _ in range(interval.RESAMPLES // interval.BATCH):
        drawn = rng.integers(0, len(total), (interval.BATCH, len(total)))
        means.append(total[drawn].sum(axis=1) / count[drawn].sum(axis=1))
    low, high = np.quantile(np.concatenate(means), [interval.TAIL, 1 - interval.TAIL])
    return float(low), float(high)


def _sums(moments: Sequence[Moment], name: str) -> _Sums:
    value = VALUES[name]
    places = {session: i for i, session in enumerate(dict.fromkeys(one.session for one in moments))}
    total, count = np.zeros(len(places)), np.zeros(len(places))
    for one in moments:
        if (told := value(one)) is not None:
            total[places[one.session]] += told
            count[places[one.session]] += 1
    return _Sums(total, count)
