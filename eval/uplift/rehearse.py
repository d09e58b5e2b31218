"""Rehearsals: assign the same units anew a thousand times, and count how often each method errs.

What cannot be proved for one experiment can be counted over many: does the interval hold the planted truth 95 times in a
hundred, how often does looking every day find an effect where there is none, how often is an honest assignment refused.
Every rate comes with its own 95 % interval (Wilson).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from eval.interval import Bounds, proportion
from eval.rows.rows import Flags, Floats
from eval.uplift import anytime, balance, ratio
from eval.uplift.covariates import matrix
from eval.uplift.effect import difference
from eval.uplift.sample import Sample
from eval.uplift.trial import Trial
from kb.vectorise import Progress

TIMES = 1_000
DAYS = 28


@dataclass(frozen=True, slots=True)
class Rate:
    """How often something happened among `n` rehearsals."""

    count: int
    n: int

    @property
    def share(self) -> float:
        return self.count / self.n

    @property
    def interval(self) -> Bounds:
        return proportion(self.count, self.n)


def coverage(
    y0: Floats,
    y1: Floats,
    share: float,
    seed: int,
    *,
    redraw: bool,
    times: int = TIMES,
    progress: Progress | None = None,
) -> Rate:
    """How often the interval holds the planted truth, mean(y1 − y0).

    `redraw`: each time other rows are drawn (with replacement) as well as assigned, as a new month would bring other
    buyers. Without it only the assignment is new; then the variance of an effect that is not the same for all is
    counted twice by any interval (Neyman, 1923), which covers a little more than it says.
    """
    rng, truth, size = np.random.default_rng(seed), float((y1 - y0).mean()), len(y0)
    hits = 0
    for done in range(times):
        rows = rng.integers(0, size, size) if redraw else np.arange(size)
        treated = _assigned(rng, size, share)
        found = difference(_singles(y1[rows[treated]]), _singles(y0[rows[~treated]]))
        hits += found.low is not None and found.high is not None and found.low <= truth <= found.high
        if progress:
            progress(done + 1, times)
    return Rate(hits, times)


@dataclass(frozen=True, slots=True)
class Peeking:
    """Among A/A experiments looked at every day, how many were ever called an effect: by each sort of interval."""

    naive: Rate
    always: Rate
    at_end: Rate


def peeking(
    y: Floats, share: float, seed: int, *, days: int = DAYS, times: int = TIMES, progress: Progress | None = None
) -> Peeking:
    """The rows of an experiment without effect, in a new order and newly assigned, looked at after each of `days` days."""
    rng = np.random.default_rng(seed)
    names, when = [str(day) for day in range(days)], np.arange(len(y)) * days // len(y)
    naive = always = end = 0
    for done in range(times):
        drawn, treated = rng.permutation(y), rng.random(len(y)) < share
        seen = anytime.looks(
            _singles(drawn[treated]), _singles(drawn[~treated]), (when[treated], when[~treated]), names, len(y)
        )
        naive += any(look.naive_low > 0 or look.naive_high < 0 for look in seen)
        always += any(look.low > 0 or look.high < 0 for look in seen)
        end += bool(seen) and (seen[-1].naive_low > 0 or seen[-1].naive_high < 0)
        if progress:
            progress(done + 1, times)
    return Peeking(Rate(naive, times), Rate(always, times), Rate(end, times))


def false_refusals(trial: Trial, seed: int, times: int = TIMES, progress: Progress | None = None) -> Rate | None:
    """How often the balance check refuses an assignment that is random; None where it has nothing to look at."""
    rng, known = np.random.default_rng(seed), matrix(trial.rows)
    if not len(known):
        return None
    x = np.concatenate([piece for _, piece in known.pieces()])
    centred, size = x - x.mean(axis=0), len(x)
    white = centred @ balance.inverse_root(centred.T @ centred / (size - 1))
    share = float((trial.order() > 0).mean())
    refused = 0
    for done in range(times):
        treated = _assigned(rng, size, share)
        sums, n = white[treated].sum(axis=0), int(treated.sum())
        statistic = float((sums**2).sum()) * (1 / n + 1 / (size - n))
        refused += balance.tail(statistic, white.shape[1]) < balance.REFUSED
        if progress:
            progress(done + 1, times)
    return Rate(refused, times)


def ratio_alarms(share: float, n: int, seed: int, times: int = TIMES) -> Rate:
    """How often the sample-ratio check speaks up when one arm really gets this share of n units, half being planned."""
    drawn = np.random.default_rng(seed).binomial(n, share, times)
    return Rate(sum(ratio.check_ratio({"a": int(one), "b": n - int(one)}).broken for one in drawn), times)


def _assigned(rng: np.random.Generator, size: int, share: float) -> Flags:
    """A random assignment with a fixed number of treated."""
    treated = np.zeros(size, bool)
    treated[: round(size * share)] = True
    return rng.permutation(treated)


def _singles(y: Floats) -> Sample:
    return Sample(y, np.ones(len(y)))
