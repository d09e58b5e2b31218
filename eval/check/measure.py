"""The check held against what is known: false alarms on clean sends, planted pastes that are caught, and its own time."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from eval import interval
from eval.check.facts import wrong_facts
from eval.check.sends import Send, clean_sends, planted_sends
from eval.check.shops import watch_over
from eval.report import Figure
from kb.check.context import Context
from kb.check.finding import Concern, Finding, Severity
from kb.check.told import Told
from kb.check.watch import Draft, Watch
from kb.vectorise import Progress

_OF_FACTS = {Concern.FACT, Concern.BANNED, Concern.WRONG_SHOP, Concern.ABSOLUTE, Concern.PROMISE, Concern.MEDICAL}


@dataclass(frozen=True, slots=True)
class Outcome:
    """One send and what was found in it, and how long that took."""

    send: Send
    found: tuple[Finding, ...]
    took_ms: float

    @property
    def blocked(self) -> bool:
        return any(one.severity is Severity.BLOCK for one in self.found)

    @property
    def caught(self) -> bool:
        """Whether what was planted was found where it stands: something of another shop, or a fact that is none of ours."""
        start, end = self.send.planted
        kinds = _OF_FACTS if self.send.kind.startswith("fact ") else {Concern.WRONG_SHOP}
        return any(f.concern in kinds and f.start < end and start < f.end for f in self.found)


@dataclass(frozen=True, slots=True)
class CheckReport:
    """Outcomes of clean sends, of those with a paste of another shop, and of those with a wrong fact of the shop's own."""

    clean: tuple[Outcome, ...]
    planted: tuple[Outcome, ...]
    facts: tuple[Outcome, ...] = ()

    def figures(self) -> dict[str, Figure]:
        """Shares with 95 % intervals: of clean sends that are blocked or flagged at all, of planted ones that are caught."""
        found = {
            "false_block": _share([one.blocked for one in self.clean]),
            "false_alarm": _share([bool(one.found) for one in self.clean]),
            "caught": _share([one.caught for one in self.planted]),
        }
        for kind in sorted({one.send.kind for one in self.planted}):
            found[f"caught {kind}"] = _share([one.caught for one in self.planted if one.send.kind == kind])
        if self.facts:
            found["wrong facts"] = _share([one.caught for one in self.facts])
        for kind in sorted({one.send.kind for one in self.facts}):
            found[f"wrong {kind}"] = _share([one.caught for one in self.facts if one.send.kind == kind])
        return found

    def times_ms(self) -> dict[str, float]:
        """Median, 95th percentile and longest of a check, of all sends."""
        took = sorted(one.took_ms for one in (*self.clean, *self.planted, *self.facts))
        return {"p50": _at(took, 0.5), "p95": _at(took, 0.95), "max": took[-1]} if took else {}


def measure(
    shops: Sequence[Told],
    clean: int,
    planted: int,
    now: int,
    progress: Progress | None = None,
    *,
    facts: int = 0,
    context: Context | None = None,
) -> CheckReport:
    """Check so many clean sends of the shops' own, so many with a paste of another, and so many with a wrong fact."""
    watch = watch_over(shops, context)
    for told in shops:  # a shop's own side is made at its first check
        watch.check(told.slug, Draft("亲，在的", now=now))
    sends = [*clean_sends(shops, clean, now), *planted_sends(shops, planted, now), *wrong_facts(shops, facts, now)]
    outcomes = []
    for send in sends:
        outcomes.append(_outcome(watch, send, now))
        if progress:
            progress(len(outcomes), len(sends))
    pasted = clean + planted
    return CheckReport(tuple(outcomes[:clean]), tuple(outcomes[clean:pasted]), tuple(outcomes[pasted:]))


def _outcome(watch: Watch, send: Send, now: int) -> Outcome:
    began = time.perf_counter()
    found = watch.check(send.slug, Draft(send.text, now=now))
    return Outcome(send, found, (time.perf_counter() - began) * 1000)


def _share(verdicts: Sequence[bool]) -> Figure:
    many, whole = sum(verdicts), len(verdicts)
    return Figure(many / whole if whole else None, whole, *interval.proportion(many, whole))


def _at(sorted_values: Sequence[float], share: float) -> float:
    return sorted_values[min(int(len(sorted_values) * share), len(sorted_values) - 1)]
