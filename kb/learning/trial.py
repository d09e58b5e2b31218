"""The gate of learning: proposals act only after the gold set shows no harm.

A throw-away shard with the proposed phrasings answers the same messages as the present one, and the answers are paired:
a message that was answered right must still be (hit@1), one that must be refused and was left alone must still be.
No gain makes up for a loss, so a lesson cannot pay for its damage with its neighbours' success.

Proposals are tried in groups: all together; where something is lost, those of the entries involved and the others apart,
then each half, always beside what has passed (group testing, Dorfman 1943). Whatever passes has passed *together*, and a
day without harm costs one trial, not one for each.
"""

from __future__ import annotations

import time
from collections import ChainMap, defaultdict
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Self

from kb.edit import taught
from kb.embed import NO_ENGINE, Engine, Remembering
from kb.errors import EngineFailed
from kb.language.conversation import prepared, understand
from kb.language.text import bare
from kb.model import Band, Gold, Hit, Polarity, Proposal, Query
from kb.search import heard, search
from kb.shard import Shard
from kb.store.merchant import MerchantStore, Snapshot
from kb.vectorise import missing_vectors

MOST_TRIALS = 32
_MOST_WITNESSES = 200  # agreed messages, the latest; the gold set itself is always asked whole
_TOLD = 5  # lost messages named


class Verdict(StrEnum):
    """What the gold set says of a proposal."""

    HARMLESS = "harmless"  # 无害: nothing is answered worse with it
    HARMFUL = "harmful"  # 有害
    OPEN = "open"  # 待确认: no gold message could tell; a trainer decides


@dataclass(frozen=True, slots=True)
class Trial:
    """Counts over the gold messages, before and after. `lost` are messages, witnesses too, that are answered worse (the
    first five); `involved` the ids of the entries that answer them now, or should."""

    answerable: int
    right_before: int
    right_after: int
    refused: int
    offered_before: int
    offered_after: int
    lost: tuple[str, ...] = ()
    involved: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Judged:
    """A proposal with its verdict and the trial that it rests on, if one was held."""

    proposal: Proposal
    verdict: Verdict
    trial: Trial | None = None


@dataclass(frozen=True, slots=True)
class Gate:
    """One shop's present answers to its gold messages, and the means to try other ones."""

    snapshot: Snapshot
    shard: Shard
    engine: Engine | None
    gold: Mapping[str, Sequence[Gold]]  # the gold messages by bare text
    cases: tuple[Gold, ...]  # gold and witnesses
    platform: str
    now: int
    well: Set[str]  # ids of the cases that are answered as they should be today

    @classmethod
    def open(
        cls, store: MerchantStore, engine: Engine | None, shard: Shard, platform: str, witnesses: Sequence[Gold] = ()
    ) -> Self:
        """Ask everything as it is today. `shard` is the shop's current one, to build on.

        Raises EngineFailed where the model fails, or the shop lacks vectors and is searched without it for now.
        """
        memory = Remembering(engine) if engine else None
        fingerprint = engine.fingerprint if engine else NO_ENGINE
        snapshot = store.snapshot(fingerprint)
        base = shard if shard.generation == snapshot.generation else Shard.build(snapshot, fingerprint, shard)
        if engine is not None and base.lines and not base.complete:
            raise EngineFailed("有些问法还没有向量，暂时不能试用。")
        gold: defaultdict[str, list[Gold]] = defaultdict(list)
        for case in store.gold():
            gold[bare(case.text)].append(case)
        others = [case for case in witnesses if bare(case.text) not in gold][-_MOST_WITNESSES:]
        cases = (*(case for same in gold.values() for case in same), *others)
        if memory is not None:  # now, or a failing model would be a search by words, and the gate would judge that
            _hear(memory, cases)
        gate = cls(snapshot, base, memory, dict(gold), cases, platform, int(time.time()), frozenset())
        return replace(gate, well={case.id for case in cases if _well(case, gate._first(base, case))})

    @property
    def telling(self) -> bool:
        """Whether the gold set can show harm at all: something in it is answered well today."""
        return any(case.id in self.well for same in self.gold.values() for case in same)

    def judge(self, proposals: Sequence[Proposal]) -> list[Judged]:
        """A verdict for each, in the order given. All that are harmless are so together."""
        denied = [proposal for proposal in proposals if self.denied(proposal)]
        found = {p.id: Judged(p, Verdict.HARMFUL, self.trial([p])) for p in denied[:MOST_TRIALS]}
        groups = [[p for p in proposals if p not in denied]] if self.telling else []
        kept: list[Proposal] = []
        for _ in range(MOST_TRIALS):
            group = groups.pop() if groups else []
            if not group:
                break
            trial = self.trial([*kept, *group])
            if not trial.lost:
                kept += group
                found |= {p.id: Judged(p, Verdict.HARMLESS, trial) for p in group}
            elif len(group) == 1:
                found[group[0].id] = Judged(group[0], Verdict.HARMFUL, trial)
            else:
                groups += _apart(group, trial.involved)
        return [found.get(p.id) or Judged(p, Verdict.OPEN) for p in proposals]

    def trial(self, proposals: Sequence[Proposal]) -> Trial:
        """All cases with and without these proposals. Raises EngineFailed when the model fails."""
        changed = self._with(proposals)
        first = {case.id: self._first(changed, case) for case in self.cases}
        after = {case.id for case in self.cases if _well(case, first[case.id])}
        worse = [case for case in self.cases if case.id in self.well - after]
        lost = [case.text for p in proposals for case in self.denied(p)] + [case.text for case in worse]
        gold = [case for same in self.gold.values() for case in same]
        must, never = [case.id for case in gold if case.keys], [case.id for case in gold if not case.keys]
        return Trial(
            answerable=len(must),
            right_before=sum(case in self.well for case in must),
            right_after=sum(case in after for case in must),
            refused=len(never),
            offered_before=sum(case not in self.well for case in never),
            offered_after=sum(case not in after for case in never),
            lost=tuple(dict.fromkeys(lost))[:_TOLD],
            involved=self._involved(worse, [first[case.id] for case in worse]),
        )

    def denied(self, proposal: Proposal) -> list[Gold]:
        """The gold messages that are this very text and say the opposite, whatever the search makes of them."""
        key = next((entry.key for entry in self.snapshot.entries if entry.id == proposal.entry), "")
        learns = proposal.polarity is Polarity.POSITIVE
        return [case for case in self.gold.get(bare(proposal.text), ()) if (key in case.keys) is not learns]

    def _involved(self, cases: Sequence[Gold], hits: Sequence[Hit | None]) -> frozenset[str]:
        keys = {key for case in cases for key in case.keys}
        return frozenset(
            [entry.id for entry in self.snapshot.entries if entry.key in keys] + [hit.entry.id for hit in hits if hit]
        )

    def _first(self, shard: Shard, case: Gold) -> Hit | None:
        query = Query(case.text, case.turns, platform=self.platform, now=self.now)
        return next(iter(search(shard, query, self.engine).hits), None)

    def _with(self, proposals: Sequence[Proposal]) -> Shard:
        """The shop as it would be. Nothing of it is stored or put on the shelf."""
        # Another version: a shard takes over the lines of entries whose version it knows.
        changed = {e.id: replace(e, version=e.version + 1) for e in taught(self.snapshot.entries, proposals)}
        entries = tuple(changed.get(entry.id, entry) for entry in self.snapshot.entries)
        vectors = self.snapshot.vectors
        if self.engine is not None:
            new = missing_vectors(self.engine, [p.text for p in proposals], vectors.keys())
            vectors = ChainMap(new, dict(vectors))
        return Shard.build(replace(self.snapshot, entries=entries, vectors=vectors), self.shard.fingerprint, self.shard)


def _hear(engine: Engine, cases: Sequence[Gold]) -> None:
    """Have every message embedded, as the search will ask for it. Raises EngineFailed."""
    said = [understand(prepared(case.text), case.turns) for case in cases]
    try:
        for one in said:
            heard(engine, one)
    except Exception as error:  # a model can fail in any way
        raise EngineFailed(f"语义模型出错：{error}") from error


def _well(case: Gold, first: Hit | None) -> bool:
    """Right first, or, where it must be refused, nothing better than 没有把握."""
    if case.keys:
        return first is not None and first.entry.key in case.keys
    return first is None or first.band is Band.UNSURE


def _apart(group: list[Proposal], involved: Set[str]) -> list[list[Proposal]]:
    """The group in two, the more promising part last: it is tried first."""
    suspects = [proposal for proposal in group if proposal.entry in involved]
    if 0 < len(suspects) < len(group):
        return [suspects, [proposal for proposal in group if proposal.entry not in involved]]
    middle = len(group) // 2
    return [group[middle:], group[:middle]]
