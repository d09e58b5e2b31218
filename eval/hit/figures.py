"""The figures of a run: for all of it, for each slice, along the abstention curve, and by how sure the answers were told."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from eval import interval
from eval.hit.hitrate import SEED
from eval.hit.outcome import Outcome, Run
from eval.hit.slices import SORTS
from eval.paper.plot import Bin
from eval.report import Asked, Figure, HitrateReport, build, calibration, hit_rate, measure, mrr, ndcg

_BINS = 10


def report_of(run: Run) -> HitrateReport:
    """All figures of a run: those of `eval.report`, how 可直接用 fares, and the same for each slice."""
    report = build(run.asked, seed=SEED, about=run.about)
    figures = {**report.figures, **trusted(run.outcomes)}
    return replace(report, figures=figures, by=by_slice(run.outcomes))


def by_slice(outcomes: Sequence[Outcome]) -> dict[str, dict[str, dict[str, Figure]]]:
    """Sort of slice → slice, largest first → figures. A sort that does not divide the set says nothing and is left out."""
    found: dict[str, dict[str, dict[str, Figure]]] = {}
    for sort in SORTS:
        parts = parted(outcomes, sort)
        if len(parts) > 1:
            found[sort] = {name: _few(part) for name, part in parts.items()}
    return found


def parted(outcomes: Sequence[Outcome], sort: str) -> dict[str, list[Outcome]]:
    """The outcomes by their slice of one sort, the largest first."""
    parts: dict[str, list[Outcome]] = defaultdict(list)
    for one in outcomes:
        if name := one.slices.get(sort):
            parts[name].append(one)
    return dict(sorted(parts.items(), key=lambda item: (-len(item[1]), item[0])))


def figure_of(outcomes: Sequence[Outcome], name: str) -> Figure | None:
    """One figure of some outcomes by its name in the report; None where there is no such figure."""
    asked = [one.asked for one in outcomes]
    good = [one for one in asked if one.answerable]
    if name in ("ndcg@3", "ndcg@10"):
        return ndcg(good, int(name[5:]), SEED)
    if name == "ece":
        return calibration(asked)
    return trusted(outcomes).get(name) or measure(asked, SEED).get(name)


def trusted(outcomes: Sequence[Outcome]) -> dict[str, Figure]:
    """`direct`: the share of messages whose first answer is offered as 可直接用. `direct_wrong`: the share of those that are
    wrong. `refused_direct`: the share of must-refuse messages to which one was offered all the same.
    """
    direct = [one for one in outcomes if one.direct]
    refuse = [one for one in outcomes if not one.asked.answerable]
    return {
        "direct": _share(len(direct), len(outcomes)),
        "direct_wrong": _share(sum(not one.right for one in direct), len(direct)),
        "refused_direct": _share(sum(one.direct for one in refuse), len(refuse)),
    }


def abstention(asked: Sequence[Asked]) -> list[tuple[float, float, float]]:
    """(coverage, share wrong, threshold): if first answers were sent unseen from each probability on, what share of all
    messages would get one, and how many of those were wrong. One point for each probability that was told, surest first.

    Selective classification, El-Yaniv and Wiener 2010.
    """
    shown = [one for one in asked if one.ranked]
    if not shown:
        return []
    told = np.array([one.top_probability for one in shown])
    order = np.argsort(-told, kind="stable")
    wrong = np.cumsum(np.array([one.ranked[0] not in one.case.gold for one in shown])[order])
    last = np.flatnonzero(np.r_[np.diff(told[order]) != 0, True])
    return [(float((i + 1) / len(asked)), float(wrong[i] / (i + 1)), float(told[order][i])) for i in last]


def reliability(asked: Sequence[Asked]) -> list[Bin]:
    """First answers in ten equal bins of told probability (as in `eval.metrics.ece`), with Wilson intervals; empty ones left out."""
    bins: dict[int, list[Asked]] = defaultdict(list)
    for one in asked:
        if one.ranked:
            bins[max(int(np.ceil(one.top_probability * _BINS)) - 1, 0)].append(one)
    return [_bin(bins[place]) for place in sorted(bins)]


def _bin(part: Sequence[Asked]) -> Bin:
    right = sum(one.ranked[0] in one.case.gold for one in part)
    told = sum(one.top_probability for one in part) / len(part)
    return Bin(told, right / len(part), len(part), *interval.proportion(right, len(part)))


def _few(outcomes: Sequence[Outcome]) -> dict[str, Figure]:
    good = [one.asked for one in outcomes if one.asked.answerable]
    found = {
        "hit@1": hit_rate(good, 1),
        "hit@3": hit_rate(good, 3),
        "mrr@10": mrr(good, SEED),
        "ndcg@10": ndcg(good, 10, SEED),
    }
    return {**found, **trusted(outcomes)}


def _share(count: int, n: int) -> Figure:
    return Figure(count / n if n else None, n, *interval.proportion(count, n))
