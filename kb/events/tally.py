"""Whether the record is complete: how many cards were shown, what became of them, what is still open."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from kb.events.life import ENDS, is_offer, lives
from kb.model import Event, EventKind

_PASSED = (EventKind.IGNORED, EventKind.REJECTED)


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts of a span. `events` counts records by kind, everything else cards: `shown` = `ended` + `open`.

    `ends` and `reasons` are those of shown cards; `reasons` of what was ignored or rejected ("" where none was given).
    `offers` are the cards among them that were offers (加购推荐): how many were shown, and how they ended.
    `unshown` are uses of what no suggestion had shown: answers found by typed search, and product facts.
    """

    events: Mapping[EventKind, int]
    shown: int
    viewed: int
    ended: int
    ends: Mapping[EventKind, int]
    reasons: Mapping[str, int]
    unshown: int
    offers: Mapping[str, int]

    @property
    def open(self) -> int:
        return self.shown - self.ended

    @property
    def complete(self) -> float:
        """The share of what was shown whose end is known; 1.0 where nothing was."""
        return self.ended / self.shown if self.shown else 1.0


def tally(events: Iterable[Event]) -> Tally:
    """Count what became of the cards that were shown in these events."""
    told = list(events)
    found = list(lives(told).values())
    shown = [life for life in found if life.shown]
    offers = [life for life in shown if life.shown and is_offer(life.shown)]
    taken = Counter(life.end.kind for life in offers if life.end)
    ends = [life.end for life in shown if life.end]
    kinds = Counter(event.kind for event in told)
    fates = Counter(end.kind for end in ends)
    return Tally(
        events={kind: kinds[kind] for kind in EventKind},
        shown=len(shown),
        viewed=sum(life.viewed is not None for life in shown),
        ended=len(ends),
        ends={kind: fates[kind] for kind in reversed(ENDS)},
        reasons=dict(sorted(Counter(end.reason for end in ends if end.kind in _PASSED).items())),
        unshown=sum(life.shown is None and life.end is not None and life.end.kind not in _PASSED for life in found),
        offers={"shown": len(offers), **{kind: taken[kind] for kind in reversed(ENDS)}},
    )
