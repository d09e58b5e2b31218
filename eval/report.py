"""From what was asked to one report: seven figures with intervals, for all cases and for each slice.

The JSON is a public contract: {"hit@1": {"value", "n", "ci95": [low, high]}, …, "slices": {…}, …}.
Over the answerable cases: hit@1, hit@3, hit@5, mrr@10. Over both sorts: refusal_auroc (does P(answerable)
tell them apart?), the latencies, and coverage (how many could be answered unseen with at most 5 % wrong). Numbers
are rounded where they are shown, nowhere before.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from rich.table import Table
from rich.text import Text

from eval import interval, metrics
from eval.cases import Case

DIGITS = 6
LABELS = {
    "hit@1": "hit@1 首条命中",
    "hit@3": "hit@3 前三命中",
    "hit@5": "hit@5 前五命中",
    "mrr@10": "mrr@10 首中倒数名次",
    "refusal_auroc": "refusal_auroc 拒答区分度",
    "coverage": "coverage 错误率 5 % 内可直接回答的比例",
    "latency_ms_p50": "latency_ms_p50 延迟中位（毫秒）",
    "latency_ms_p99": "latency_ms_p99 延迟 p99（毫秒）",
    "ece": "ece 校准误差",
    "direct": "direct 标为可直接用",
    "direct_wrong": "direct_wrong 可直接用里的错误",
    "refused_direct": "refused_direct 该拒答却标为可直接用",
    "ndcg@3": "ndcg@3 前三排序质量",
    "ndcg@10": "ndcg@10 前十排序质量",
}
SLICES = {"single-turn": "单轮 single-turn", "needs_context": "需上下文 needs_context"}


@dataclass(frozen=True, slots=True)
class Asked:
    """What came back for one case: entry keys best first, and 0.0 as probability when nothing was found."""

    case: Case
    ranked: tuple[str, ...]
    top_probability: float
    latency_ms: float
    answerable: bool
    told_answerable: float | None = None  # P(some entry answers); None: the top probability stands for it

    def __post_init__(self) -> None:
        # A NaN would spoil every rank and percentile silently, and is not JSON.
        if not (math.isfinite(self.top_probability) and math.isfinite(self.latency_ms)):
            raise ValueError(f"{self.case.qid}: probability and latency must be finite numbers")


@dataclass(frozen=True, slots=True)
class Figure:
    """A value over n observations with its 95 % interval; None where it is not defined."""

    value: float | None
    n: int
    low: float | None = None
    high: float | None = None

    def __str__(self) -> str:
        if self.value is None:
            return f"— n={self.n}"
        span = "" if self.low is None or self.high is None else f" [{self.low:.2f}, {self.high:.2f}]"
        return f"{self.value:.3f}{span} n={self.n}"

    def to_json(self) -> dict[str, object]:
        return {"value": _rounded(self.value), "n": self.n, "ci95": [_rounded(self.low), _rounded(self.high)]}


@dataclass(frozen=True, slots=True)
class HitrateReport:
    """The figures of all cases, of each slice, and what was measured with what."""

    figures: dict[str, Figure]
    slices: dict[str, dict[str, Figure]]
    about: dict[str, str | int | float] = field(default_factory=dict)
    by: dict[str, dict[str, dict[str, Figure]]] = field(default_factory=dict)  # sort of slice → slice → figures

    def to_json(self) -> dict[str, object]:
        """One object, ready for json.dumps."""
        slices = {name: _json(figures) for name, figures in self.slices.items()}
        by = {sort: {name: _json(figures) for name, figures in parts.items()} for sort, parts in self.by.items()}
        return {**_json(self.figures), "slices": slices, **({"by": by} if by else {}), "about": dict(self.about)}


def build(
    asked: Sequence[Asked], *, seed: int = 0, about: Mapping[str, str | int | float] | None = None
) -> HitrateReport:
    """Measure; `about` is what the caller knows beside it (mode, engine, version, size of the knowledge)."""
    good = [one for one in asked if one.answerable]
    graded = {f"ndcg@{k}": ndcg(good, k, seed) for k in (3, 10)}
    figures = {**measure(asked, seed), "ece": calibration(asked), **graded}
    slices = {name: measure(part, seed) for name, part in slice_up(asked).items()}
    answerable = sum(one.answerable for one in asked)
    counts = {"answerable": answerable, "refuse": len(asked) - answerable, "seed": seed}
    return HitrateReport(figures, slices, {**counts, **(about or {})})


def slice_up(asked: Sequence[Asked]) -> dict[str, list[Asked]]:
    """Single-turn and context-dependent cases apart; nothing when the set does not tell them apart."""
    if all(one.case.needs_context is None for one in asked):
        return {}
    parts: dict[str, list[Asked]] = {name: [] for name in SLICES}
    for one in asked:
        parts["needs_context" if one.case.needs_context else "single-turn"].append(one)
    return {name: part for name, part in parts.items() if part}


def measure(asked: Sequence[Asked], seed: int) -> dict[str, Figure]:
    """The seven figures of the contract, in its order, and coverage."""
    good = [one for one in asked if one.answerable]
    return {
        **{f"hit@{k}": hit_rate(good, k) for k in (1, 3, 5)},
        "mrr@10": mrr(good, seed),
        "refusal_auroc": refusal(asked, seed),
        **{f"latency_ms_p{percent}": latency(asked, percent) for percent in (50, 99)},
        "coverage": covered(asked),
    }


def hit_rate(good: Sequence[Asked], k: int) -> Figure:
    hits = sum(metrics.hit_at(k, one.ranked, one.case.gold) for one in good)
    return Figure(_ratio(hits, len(good)), len(good), *interval.proportion(hits, len(good)))


def mrr(good: Sequence[Asked], seed: int) -> Figure:
    return average([metrics.reciprocal_rank(one.ranked, one.case.gold) for one in good], seed)


def ndcg(good: Sequence[Asked], k: int, seed: int) -> Figure:
    return average([metrics.ndcg_at(k, one.ranked, one.case.gold) for one in good], seed)


def average(values: Sequence[float], seed: int) -> Figure:
    # fsum: exact, so the order of the cases cannot move the last digit.
    return Figure(_ratio(math.fsum(values), len(values)), len(values), *interval.mean(values, seed))


def refusal(asked: Sequence[Asked], seed: int) -> Figure:
    """AUROC of P(some entry answers): answerable cases should score above those to refuse."""
    told = [one.top_probability if one.told_answerable is None else one.told_answerable for one in asked]
    good = [value for value, one in zip(told, asked, strict=True) if one.answerable]
    bad = [value for value, one in zip(told, asked, strict=True) if not one.answerable]
    if not good or not bad:
        return Figure(None, 0)
    return Figure(metrics.auroc(good, bad), len(asked), *interval.auroc(good, bad, seed))


def covered(asked: Sequence[Asked]) -> Figure:
    """The share of all cases whose first hit could be sent unseen if at most 5 % of those may be wrong."""
    shown = [one for one in asked if one.ranked]
    right = [one.ranked[0] in one.case.gold for one in shown]
    if not shown:
        return Figure(None, 0)
    return Figure(metrics.coverage([one.top_probability for one in shown], right, len(asked)), len(asked))


def latency(asked: Sequence[Asked], percent: int) -> Figure:
    times = [one.latency_ms for one in asked]
    if not times:
        return Figure(None, 0)
    return Figure(metrics.percentile(times, percent), len(times), *interval.percentile(times, percent))


def calibration(asked: Sequence[Asked]) -> Figure:
    """ECE of the first hit's probability, where there is a first hit; on a refuse case it is always wrong.

    No interval: the bootstrap of an ECE is biased upwards and often misses the value itself.
    """
    shown = [one for one in asked if one.ranked]
    if not shown:
        return Figure(None, 0)
    right = [one.ranked[0] in one.case.gold for one in shown]
    return Figure(metrics.ece([one.top_probability for one in shown], right), len(shown))


def to_table(report: HitrateReport) -> Table:
    """The report for a terminal: a row for each figure, a column for all cases and one for each slice."""
    table = Table("指标 metric", "全部 all", *(SLICES.get(name, name) for name in report.slices))
    columns = [report.figures, *report.slices.values()]
    for name in report.figures:
        # Text, not str: rich would read "[…]" as markup.
        cells = [Text(str(column[name]) if name in column else "") for column in columns]
        table.add_row(Text(LABELS.get(name, name)), *cells)
    return table


def _json(figures: Mapping[str, Figure]) -> dict[str, object]:
    return {name: figure.to_json() for name, figure in figures.items()}


def _ratio(total: float, n: int) -> float | None:
    return total / n if n else None


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, DIGITS)
