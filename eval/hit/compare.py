"""Two runs over the same messages: what changed, how sure that is, and which messages were won and lost.

Everything is paired: a message that is hard for one is hard for the other, so the difference of each message is looked at.

interval   percentile bootstrap of the mean difference, messages resampled (Efron 1979), seeded
p          two-sided paired permutation test: under "no difference" each message's difference could as well have the other
           sign (Fisher 1935). Exact where differences are −1, 0 and 1 (then it is McNemar's exact test), else by 10,000 draws
           with the observed one counted in (Phipson and Smyth 2010), so that p is never 0.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import stats  # type: ignore[import-untyped,unused-ignore]

from eval import interval, metrics
from eval.hit.figures import parted
from eval.hit.outcome import Outcome, Run
from eval.hit.slices import SORTS
from kb.errors import Invalid

SEED = 20261122
_DRAWS = 10_000
_BATCH = 500

Score: TypeAlias = Callable[[Outcome], float | None]  # None: the figure is not about this message


@dataclass(frozen=True, slots=True)
class Pair:
    """One message in both runs."""

    a: Outcome
    b: Outcome


@dataclass(frozen=True, slots=True)
class Difference:
    """One figure in both runs over the same n messages; `change` is b − a with its interval; up is not always better."""

    name: str
    n: int
    a: float
    b: float
    low: float
    high: float
    p: float

    @property
    def change(self) -> float:
        return self.b - self.a


@dataclass(frozen=True, slots=True)
class Comparison:
    """`wins` are answered right at first by b only, `losses` by a only; `alone` counts messages in one run only."""

    differences: tuple[Difference, ...]
    by: dict[str, dict[str, Difference]]  # sort of slice → slice → hit@1
    wins: tuple[Pair, ...]
    losses: tuple[Pair, ...]
    pairs: tuple[Pair, ...]
    alone: int


def _of_answerable(score: Callable[[Outcome], float]) -> Score:
    return lambda one: score(one) if one.asked.answerable else None


SCORES: dict[str, Score] = {
    "hit@1": _of_answerable(lambda one: float(one.rank == 1)),
    "hit@3": _of_answerable(lambda one: float(one.rank is not None and one.rank <= 3)),
    "hit@5": _of_answerable(lambda one: float(one.rank is not None and one.rank <= 5)),
    "mrr@10": _of_answerable(lambda one: metrics.reciprocal_rank(one.asked.ranked, one.asked.case.gold)),
    "ndcg@10": _of_answerable(lambda one: metrics.ndcg_at(10, one.asked.ranked, one.asked.case.gold)),
    "direct": lambda one: float(one.direct),
    "direct_wrong_of_all": lambda one: float(one.direct and not one.right),
}


def compare(a: Run, b: Run, seed: int = SEED) -> Comparison:
    """Raises Invalid where the runs have no message in common, or disagree about what is right."""
    pairs = paired(a, b)
    differences = tuple(found for name in SCORES if (found := difference(name, pairs, seed)))
    by = {sort: _by(pairs, sort, seed) for sort in SORTS}
    return Comparison(
        differences,
        {sort: parts for sort, parts in by.items() if len(parts) > 1},
        tuple(pair for pair in pairs if pair.b.right and not pair.a.right),
        tuple(pair for pair in pairs if pair.a.right and not pair.b.right),
        pairs,
        len(a.outcomes) + len(b.outcomes) - 2 * len(pairs),
    )


def paired(a: Run, b: Run) -> tuple[Pair, ...]:
    """The messages of both runs, by qid, in the order of the first."""
    theirs = {one.qid: one for one in b.outcomes}
    pairs = tuple(Pair(one, theirs[one.qid]) for one in a.outcomes if one.qid in theirs)
    if not pairs:
        raise Invalid("两次评测没有相同的消息（qid），不能比较。", remedy="请对同一组消息各跑一次再比较。")
    for pair in pairs:
        ours, other = pair.a.asked.case, pair.b.asked.case
        if (ours.query, ours.gold) != (other.query, other.gold):
            raise Invalid(
                f"消息 {pair.a.qid} 在两次评测里不是同一条，或标准答案不同。", remedy="请对同一组消息各跑一次再比较。"
            )
    return pairs


def difference(name: str, pairs: Sequence[Pair], seed: int = SEED) -> Difference | None:
    """One figure of the pairs it is about; None where there is none."""
    score = SCORES[name]
    both = [(x, y) for pair in pairs if (x := score(pair.a)) is not None and (y := score(pair.b)) is not None]
    if not both:
        return None
    a, b = np.array(both, float).T
    return Difference(
        name, len(a), math.fsum(a) / len(a), math.fsum(b) / len(b), *bounds(b - a, seed), sign_flip(b - a, seed)
    )


def bounds(changes: NDArray[np.float64], seed: int = SEED) -> tuple[float, float]:
    """The paired bootstrap interval of the mean change, 95 %."""
    low, high = interval.mean([float(value) for value in changes], seed)
    return (low or 0.0), (high or 0.0)  # there is at least one, so both are known


def sign_flip(changes: NDArray[np.float64], seed: int = SEED) -> float:
    """p of the two-sided paired permutation test of the mean change being 0."""
    moved = changes[changes != 0]
    if not len(moved):
        return 1.0
    sizes = np.sort(np.abs(moved))  # all that chance has to put signs to; neither order nor sides change a digit
    if (sizes == 1).all():
        return float(stats.binomtest(int((moved > 0).sum()), len(moved), 0.5).pvalue)
    rng = np.random.default_rng(seed)
    seen = abs(math.fsum(moved)) * (1 - 1e-12)  # a tie in another order of summing is a tie
    hits = 0
    for _ in range(_DRAWS // _BATCH):
        signs = rng.integers(0, 2, (_BATCH, len(moved)), dtype=np.int8) * 2 - 1
        hits += int((np.abs(signs @ sizes) >= seen).sum())
    return (hits + 1) / (_DRAWS + 1)


def _by(pairs: Sequence[Pair], sort: str, seed: int) -> dict[str, Difference]:
    """hit@1 by slice, as the first run names them."""
    of_a = {pair.a.qid: pair for pair in pairs}
    parts = parted([pair.a for pair in pairs], sort)
    found = {name: difference("hit@1", [of_a[one.qid] for one in part], seed) for name, part in parts.items()}
    return {name: one for name, one in found.items() if one is not None}
