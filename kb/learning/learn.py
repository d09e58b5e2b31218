"""Learning from what agents do: what is proposed now, what the gold set says of it, and acting on it.

events and leads → `kb.learning.propose` → proposals → `kb.learning.trial` → verdicts → a trainer, or the command line →
phrasings of the origin "feedback", written like every other edit and taken back like every other phrasing. A proposal that was
decided, either way, never returns.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass

from kb.edit import save_taught, taught
from kb.embed import Engine
from kb.errors import Conflict, EngineFailed, Invalid, NotFound
from kb.learning.propose import LEAST_SUPPORT, agreed, count, propose
from kb.learning.trial import Gate, Judged, Trial, Verdict
from kb.model import Decision, Gold, Proposal
from kb.shard import Shard
from kb.store.change import Change
from kb.store.merchant import MerchantStore


@dataclass(frozen=True, slots=True)
class Learning:
    """What one shop could learn at this moment. Read it anew for every request: agents go on working."""

    store: MerchantStore
    engine: Engine | None
    shard: Shard
    platform: str
    pending: tuple[Proposal, ...]  # best supported first
    witnesses: tuple[Gold, ...]

    @classmethod
    def of(
        cls,
        store: MerchantStore,
        engine: Engine | None,
        shard: Shard,
        *,
        platform: str = "",
        trusted: Set[str] = frozenset(),
        least: int = LEAST_SUPPORT,
    ) -> Learning:
        """`shard` is the shop's current one; `trusted` are the ids of trainers' keys, whose single word is enough."""
        ballots = count(store.telling_events(), store.leads())
        decided = {decision.proposal.id for decision in store.decisions()}
        pending = propose(ballots, shard.entries, decided, trusted, least)
        witnesses = agreed(ballots, {entry.id: entry for entry in shard.entries})
        return cls(store, engine, shard, platform, tuple(pending), tuple(witnesses))

    def judged(self, limit: int) -> list[Judged]:
        """The best supported proposals with their verdicts; all are open while the model cannot be used."""
        proposals = self.pending[:limit]
        if not proposals:
            return []
        try:
            return self._gate().judge(proposals)
        except EngineFailed:
            return [Judged(proposal, Verdict.OPEN) for proposal in proposals]

    def accept(self, ids: Iterable[str], actor: str) -> int:
        """Teach what a person chose, in one transaction; returns how many were new.

        Raises Invalid when the gold set shows that all these together do harm, NotFound for what was never proposed,
        Conflict when somebody dismissed it or changed the entry meanwhile, EngineFailed when it cannot be tried.
        Accepting twice is accepting once.
        """
        chosen = self._chosen(ids, accepted=True)
        if not chosen:
            return 0
        gate = self._gate()
        if gate.gold and (trial := gate.trial(chosen)).lost:
            raise Invalid(_harm(trial), remedy="请分开采纳，忽略有害的那些；确实要加，请到“知识条目”里改这一条。")
        self._teach(gate, chosen, actor)
        return len(chosen)

    def accept_harmless(self, actor: str, limit: int) -> list[Judged]:
        """Teach all of the best supported proposals that the gold set lets pass, and nothing else; returns all
        verdicts."""
        if not self.pending:
            return []
        gate = self._gate()
        judged = gate.judge(self.pending[:limit])
        passed = [one.proposal for one in judged if one.verdict is Verdict.HARMLESS]
        if passed:
            self._teach(gate, passed, actor)
        return judged

    def dismiss(self, ids: Iterable[str], actor: str) -> int:
        """Never propose these again; returns how many were new. Raises NotFound and Conflict like `accept`."""
        chosen = self._chosen(ids, accepted=False)
        self.store.apply(Change(decisions=[Decision(proposal, False, actor) for proposal in chosen]))
        return len(chosen)

    def _gate(self) -> Gate:
        return Gate.open(self.store, self.engine, self.shard, self.platform, self.witnesses)

    def _teach(self, gate: Gate, chosen: Sequence[Proposal], actor: str) -> None:
        # The entries that were tried, with the versions they had: an edit since then is a conflict.
        save_taught(self.store, self.engine, taught(gate.snapshot.entries, chosen), chosen, actor)

    def _chosen(self, ids: Iterable[str], *, accepted: bool) -> list[Proposal]:
        """The proposals of these ids that still wait; those that were decided the same way are passed over."""
        pending = {proposal.id: proposal for proposal in self.pending}
        decided = {decision.proposal.id: decision.accepted for decision in self.store.decisions()}
        chosen = []
        for wanted in dict.fromkeys(ids):
            if wanted in pending:
                chosen.append(pending[wanted])
            elif wanted not in decided:
                raise NotFound("没有这条学习建议。", remedy="它可能已经过时，请刷新后再看。")
            elif decided[wanted] is not accepted:
                raise Conflict("这条建议已经被别人处理过。", remedy="请刷新后再看。")
        return chosen


def _harm(trial: Trial) -> str:
    examples = "、".join(f"“{text[:30]}”" for text in trial.lost[:3])
    return f"评测里原来答得好的消息会变差，没有采纳：{examples}。"
