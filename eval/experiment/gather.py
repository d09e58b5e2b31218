"""All that a data folder knows of one shop's part in an experiment."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from eval.experiment.money import DAY_S
from eval.experiment.talk import Talk, talk_of
from kb.experiment.experiment import Experiment
from kb.experiment.exposure import Exposure
from kb.model import Outcome
from kb.store.conversations import ConversationStore
from kb.store.merchant import MerchantStore

BEFORE_S = 30 * DAY_S  # how far back what was known before goes
_FOREVER = 2**62
Progress = Callable[[int, int], None]


def _quiet(done: int, total: int) -> None: ...


@dataclass(frozen=True, slots=True)
class ShopRecord:
    """One shop: what was said, what came of it, and what the experiment touched; `outcomes` and `exposures` by conversation."""

    shop: str
    talks: Sequence[Talk]
    outcomes: Mapping[str, Sequence[Outcome]]
    exposures: Mapping[str, Exposure]
    pieces: Mapping[str, int]  # goods of an order, by its digest
    first_seen: Mapping[str, int]  # when a buyer first spoke, by the digest


def gather(
    experiment: Experiment,
    shop: str,
    store: MerchantStore | None,
    chats: ConversationStore | None,
    progress: Progress = _quiet,
) -> ShopRecord:
    """Read one shop (`kb.store.folder.read_shop`). Conversations that were kept long enough are deleted: of those the
    exposures and the outcomes remain. `progress` is told how many conversations of how many were read."""
    start = experiment.started_at or 0
    stop = _FOREVER if experiment.stopped_at is None else experiment.stopped_at
    since_ms = (start - BEFORE_S) * 1_000
    talks = [talk_of(kept, buyer, start, stop) for kept, buyer in chats.each(since_ms, progress)] if chats else []
    first = _first_seen(talks)
    if store is None:
        return ShopRecord(shop, talks, {}, {}, {}, first)
    exposures = {one.conversation: one for one in store.exposures(experiment.id)}
    pieces = {basket.id: len(basket.items) for basket in store.baskets()}
    return ShopRecord(shop, talks, _by_conversation(store.outcomes()), exposures, pieces, first)


def _by_conversation(outcomes: Iterable[Outcome]) -> Mapping[str, Sequence[Outcome]]:
    found: defaultdict[str, list[Outcome]] = defaultdict(list)
    for one in outcomes:
        found[one.conversation].append(one)
    return found


def _first_seen(talks: Iterable[Talk]) -> dict[str, int]:
    first: dict[str, int] = {}
    for talk in talks:
        moments = [at for at in (talk.earlier, talk.began) if at is not None]
        if talk.buyer and moments:
            first[talk.buyer] = min(first.get(talk.buyer, moments[0]), *moments)
    return first
