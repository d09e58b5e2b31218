"""What was known of a unit before it was assigned: the covariates that CUPED and the balance check need.

For conversations: what the same buyer paid in this shop in the 30 days before, as far as conversations are kept. For agents'
shifts and shops: the mean of the agent's, or the shop's, conversations in the 30 days before the experiment began. Only
what had happened by then counts, so nothing that a treatment did can be among it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import fmean

from eval.experiment.gather import BEFORE_S, ShopRecord
from eval.experiment.money import Money, Window, attributed
from kb.experiment.experiment import Experiment, Unit
from kb.model import Outcome

Before = tuple[float | None, float | None]  # converted, and 元 net
UNKNOWN: Before = (None, None)
_ALWAYS = Window(1e6, 1e6)


@dataclass(frozen=True, slots=True)
class Past:
    """What was known of the units of one experiment: payments by shop and buyer, or means by agent or shop."""

    unit: Unit
    bought: Mapping[tuple[str, str], Sequence[Outcome]] = field(default_factory=dict)
    means: Mapping[str, Before] = field(default_factory=dict)

    def of(self, shop: str, buyer: str, agent: str, at: int) -> Before:
        """Of a conversation that began at `at` (unix seconds)."""
        if self.unit is not Unit.CONVERSATION:
            return self.means.get(shop if self.unit is Unit.MERCHANT else agent, UNKNOWN)
        if not buyer:
            return UNKNOWN
        told = _within(self.bought.get((shop, buyer), ()), at - BEFORE_S, at)
        return float(told.orders > 0), told.net / 100


def past(experiment: Experiment, records: Sequence[ShopRecord], window: Window) -> Past:
    """What the records say of the time before the assignment."""
    if experiment.unit is Unit.CONVERSATION:
        return Past(experiment.unit, bought=_by_buyer(records))
    return Past(experiment.unit, means=_means(experiment, records, window))


def _by_buyer(records: Sequence[ShopRecord]) -> Mapping[tuple[str, str], Sequence[Outcome]]:
    found: defaultdict[tuple[str, str], list[Outcome]] = defaultdict(list)
    for record in records:
        for talk in record.talks:
            if talk.buyer:
                found[record.shop, talk.buyer].extend(record.outcomes.get(talk.id, ()))
    return found


def _means(experiment: Experiment, records: Sequence[ShopRecord], window: Window) -> dict[str, Before]:
    """The mean over the conversations of the 30 days before the start, with what was paid by then."""
    start = experiment.started_at or 0
    found: defaultdict[str, list[Money]] = defaultdict(list)
    for record in records:
        for talk in record.talks:
            key = record.shop if experiment.unit is Unit.MERCHANT else talk.agent
            if key and talk.earlier is not None and start - BEFORE_S <= talk.earlier:
                until = min(window.paid_until(talk.earlier), start)
                found[key].append(_within(record.outcomes.get(talk.id, ()), talk.earlier, until))
    return {
        key: (fmean(one.orders > 0 for one in each), fmean(one.net / 100 for one in each))
        for key, each in found.items()
    }


def _within(outcomes: Iterable[Outcome], since: int, until: int) -> Money:
    """The money of [since, until), whatever the window of a conversation is."""
    return attributed([one for one in outcomes if one.at < until], since, _ALWAYS, {})
