"""The life of each card that was shown: a fold of events that needs neither their order nor that each comes once.

A life is an element of a join semilattice: the earliest `shown` and `viewed`, the end that says most, and the set of
kinds seen. `join` is associative, commutative and idempotent, so any permutation and repetition of the same events gives
the same lives (a state-based CRDT; Shapiro et al. 2011, *Conflict-free replicated data types*).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from typing import NamedTuple

from kb.model import Event, EventKind

# What ends a life, from what says least to what says most: a later end replaces an earlier one only where it says more.
ENDS = (EventKind.IGNORED, EventKind.REJECTED, EventKind.INSERTED, EventKind.EDITED, EventKind.SENT)
OFFER_RANK = 8  # of the card of an offer (加购推荐): its key on the agent's page, and no place of an answer
OURS = "end:"  # begins the id of an end that the server made; a client's id cannot hold a colon


class Card(NamedTuple):
    """One answer of one suggestion: by its entry, or by its place ("#2") where no entry is named."""

    suggestion: str
    what: str


@dataclass(frozen=True, slots=True)
class Life:
    """What became of one card. `shown` is None where only its use is known: an answer found by typed search."""

    shown: Event | None = None
    viewed: Event | None = None
    end: Event | None = None
    kinds: frozenset[EventKind] = frozenset()

    @property
    def open(self) -> bool:
        """Shown, and nobody has said yet what became of it."""
        return self.shown is not None and self.end is None


def card_of(event: Event) -> Card:
    return Card(event.suggestion, event.entry or f"#{event.rank}")


def lives(events: Iterable[Event]) -> dict[Card, Life]:
    """What became of every card that these events speak of."""
    told: dict[Card, list[Life]] = {}
    for event in events:
        told.setdefault(card_of(event), []).append(_said(event))
    return {card: reduce(join, parts) for card, parts in told.items()}


def join(one: Life, other: Life) -> Life:
    """What both know together."""
    return Life(
        min(filter(None, (one.shown, other.shown)), key=_time, default=None),
        min(filter(None, (one.viewed, other.viewed)), key=_time, default=None),
        max(filter(None, (one.end, other.end)), key=_weight, default=None),
        one.kinds | other.kinds,
    )


def is_offer(event: Event) -> bool:
    """Whether a card is an offer; which one, its `shown` says by its reason."""
    return event.rank == OFFER_RANK and not event.entry


def is_ours(event: Event) -> bool:
    """Whether the server said this, because the page had not."""
    return event.id.startswith(OURS)


def _said(event: Event) -> Life:
    return Life(
        event if event.kind is EventKind.SHOWN else None,
        event if event.kind is EventKind.VIEWED else None,
        event if event.kind in ENDS else None,
        frozenset({event.kind}),
    )


def _time(event: Event) -> tuple[int, str]:
    return event.at, event.id


def _weight(event: Event) -> tuple[int, bool, int, str]:
    """Among equal kinds a page's word counts more than ours, then the later one; ids settle the rest."""
    return ENDS.index(event.kind), not is_ours(event), event.at, event.id
