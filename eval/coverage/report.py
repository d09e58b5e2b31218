"""The coverage report: what share of usual questions a shop answers, what is missing, and what to ask the merchant first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from eval.coverage.cover import Cover, Covered, cover, coverage
from eval.coverage.gaps import Gap, gaps
from eval.coverage.usual import Trade, trades, trades_of
from ingest.problem import short
from kb.embed import Engine
from kb.errors import Invalid
from kb.language.mask import mask
from kb.shard import Shard

QUESTIONS = 12
_NAMED = 3  # products named in a question to the merchant
_LONGEST_VALUE = 40  # characters of a fact's value in the report
_DOUBT = 0.5  # what a doubtful question may gain, beside an open one


@dataclass(frozen=True, slots=True)
class Ask:
    """A question to the merchant; `gain` is how often buyers ask for what it would answer."""

    text: str
    gain: float
    usual: str = ""  # id of the usual question it answers; "" for attributes


@dataclass(frozen=True, slots=True)
class CoverageReport:
    """What a shop can answer; `asks` are all questions to the merchant, the most useful first."""

    trades: tuple[Trade, ...]
    covered: tuple[Covered, ...]
    gaps: tuple[Gap, ...]
    asks: tuple[Ask, ...]

    @property
    def coverage(self) -> float:
        return coverage(self.covered)

    def coverage_after(self, count: int = QUESTIONS) -> float:
        """The coverage once the merchant has answered the first `count` questions."""
        told = {ask.usual for ask in self.asks[:count]}
        answered = sum(c.usual.often for c in self.covered if c.state is Cover.ANSWERED or c.usual.id in told)
        return answered / sum(c.usual.often for c in self.covered)

    def of(self, state: Cover) -> list[Covered]:
        """The questions of one state, the most asked first."""
        return sorted((c for c in self.covered if c.state is state), key=lambda c: (-c.usual.often, c.usual.id))

    def to_json(self) -> dict[str, object]:
        return {
            "trades": [trade.code for trade in self.trades],
            "coverage": round(self.coverage, 4),
            "coverage_after": round(self.coverage_after(), 4),
            "questions": [
                {
                    "id": c.usual.id,
                    "question": c.usual.question,
                    "state": str(c.state),
                    "probability": round(c.probability, 3),
                    "entry": c.entry.key if c.entry else "",
                    "fact": c.fact.name if c.fact else "",
                }
                for c in self.covered
            ],
            "gaps": [
                {"attribute": g.code, "label": g.label, "asked": g.asked, "missing": [p.key for p in g.missing]}
                for g in self.gaps
            ],
            "asks": [{"text": a.text, "gain": round(a.gain, 3)} for a in self.asks[:QUESTIONS]],
        }

    def text(self) -> str:
        """The report for a terminal."""
        count, share = len(self.of(Cover.ANSWERED)), f"{self.coverage:.0%}"
        lines = [
            f"常见问题覆盖率 {share}（{len(self.covered)} 个买家常问的问题，能答 {count} 个；"
            f"行业：{'、'.join(trade.label for trade in self.trades)}）"
        ]
        if told := self.of(Cover.TOLD):
            lines.append("交接表里已有答案、还没有话术（不必再问商家，照着写一条就行）：")
            lines += [f"  · {c.usual.question} → {_fact(c)}" for c in told]
        if doubtful := self.of(Cover.DOUBTFUL):
            lines.append("拿不准，请看一眼是不是答得上：")
            lines += [f"  · {c.usual.question} → {_name(c)}" for c in doubtful]
        if still := self.of(Cover.OPEN):
            lines.append("还答不上：" + "、".join(c.usual.question for c in still))
        if self.gaps:
            lines.append("买家常问、商品表里缺的：")
            lines += [f"  · {gap.label}：{gap.asked} 款里 {len(gap.missing)} 款没有" for gap in self.gaps]
        if self.asks:
            asked = self.asks[:QUESTIONS]
            lines.append(f"先问商家这 {len(asked)} 个问题（答完覆盖率 {share} → {self.coverage_after():.0%}）：")
            lines += [f"  {number}. {ask.text}" for number, ask in enumerate(asked, start=1)]
        return "\n".join(lines)


def report(shard: Shard, engine: Engine | None, trade: str = "") -> CoverageReport:
    """Ask a shop all that buyers usually ask. `trade` is the code of its trade; "": by its products.

    Costs about 250 searches: two seconds. Raises Invalid for an unknown trade.
    """
    chosen = _trades(shard, trade)
    covered = cover(shard, engine, (usual for each in chosen for usual in each.questions))
    missing = gaps(shard.catalog.products, chosen)
    return CoverageReport(tuple(chosen), tuple(covered), tuple(missing), tuple(_asks(covered, missing)))


def _trades(shard: Shard, trade: str) -> list[Trade]:
    if not trade:
        return trades_of(shard.catalog.products)
    known = trades()
    if trade not in known:
        raise Invalid(f"不认识行业“{trade[:40]}”，可以是 {'、'.join(known)}。")
    return [known["general"], *([known[trade]] if trade != "general" else [])]


def _asks(covered: Sequence[Covered], missing: Sequence[Gap]) -> list[Ask]:
    asks = [
        Ask(c.usual.to_merchant, c.usual.often * (1.0 if c.state is Cover.OPEN else _DOUBT), c.usual.id)
        for c in covered
        if c.state not in (Cover.ANSWERED, Cover.TOLD)
    ]
    asks += [Ask(_of_gap(gap), gap.often * gap.share) for gap in missing]
    return sorted(asks, key=lambda ask: -ask.gain)  # stable: usual questions before attributes, each in its order


def _of_gap(gap: Gap) -> str:
    names = "、".join(product.name for product in gap.missing[:_NAMED])
    if len(gap.missing) == gap.asked:
        return f"商品表里没有“{gap.label}”，请补上这一列（如 {names}）。"
    more = f"等 {len(gap.missing)} 款" if len(gap.missing) > _NAMED else ""
    return f"{names}{more}的“{gap.label}”是什么？"


def _fact(covered: Covered) -> str:
    """What the form says, as it may be shown to anybody, and in which cell."""
    fact = covered.fact
    if fact is None:
        return ""
    return f"{fact.name}：{short(mask(fact.value), _LONGEST_VALUE)}" + (f"（{fact.source}）" if fact.source else "")


def _name(covered: Covered) -> str:
    entry = covered.entry
    if entry is None:
        return "商品表"
    return f"“{entry.question or entry.shortcut or entry.category}”"
