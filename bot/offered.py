"""Which offers a conversation has had. In memory for quickness; what was shown is in the record of events, and is read from
there the first time that a conversation is seen, so that a restart forgets nothing that an agent has seen."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from kb.upsell.offer import Offer, read_reason

_MOST = 20_000  # conversations that are remembered
Mark = tuple[int, str]  # how often the agent had spoken, and the last time what: the same while a buyer is not answered


@dataclass(slots=True)
class Had:
    """The offers of one conversation: of which products, and in each stage which, and when. None: before a restart."""

    products: set[str] = field(default_factory=set)
    stages: dict[str, tuple[str, Mark | None]] = field(default_factory=dict)
    declined: bool = False  # the buyer said no, though the turns that are sent now may no longer hold it

    def spent(self, mark: Mark) -> frozenset[str]:
        """The stages that have had theirs. An offer beside a message that nobody has answered yet may stay."""
        return frozenset(stage for stage, (_, made) in self.stages.items() if made != mark)

    def barred(self, mark: Mark) -> frozenset[str]:
        """The products that have had their turn."""
        staying = {product for product, made in self.stages.values() if made == mark}
        return frozenset(self.products - staying)


class Offered:
    """The conversations of all shops. Threads may share it."""

    def __init__(self) -> None:
        self._had: OrderedDict[tuple[str, str], Had] = OrderedDict()
        self._guard = threading.Lock()

    def had(self, shop: str, conversation: str, shown: Callable[[str], Sequence[str]]) -> Had:
        """What a conversation has had; `shown` tells the reasons of the offers in its record."""
        with self._guard:
            if found := self._had.get((shop, conversation)):
                self._had.move_to_end((shop, conversation))
                return found
        had = Had()
        for stage, product in map(read_reason, shown(conversation)):
            if stage:
                had.products.add(product)
                had.stages[stage] = product, None
        with self._guard:
            found = self._had.setdefault((shop, conversation), had)
            while len(self._had) > _MOST:
                self._had.popitem(last=False)
            return found

    def note(self, had: Had, offer: Offer, mark: Mark) -> None:
        """An offer was made."""
        product = offer.product or offer.name
        with self._guard:
            had.products.add(product)
            had.stages[offer.stage] = product, mark
