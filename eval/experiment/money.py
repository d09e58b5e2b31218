"""What a conversation came to: which payments count as its own, and which refunds are taken off them.

A payment counts when it was made within the window after the conversation began. A refund counts when it is of an order that
counts, or names no order, within the longer window that a refund takes; together they are never more than was paid, since a
refund of something bought earlier is no loss of this conversation. Sums are in fen until the row is written.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from kb.model import Outcome, OutcomeKind

DAY_S = 86_400


@dataclass(frozen=True, slots=True)
class Window:
    """For how long after a conversation began what was paid, and what was refunded, is still its own."""

    days: float = 4.0
    refund_days: float = 19.0  # the same, and 15 days to receive it, to send it back and to be paid

    def paid_until(self, at: int) -> int:
        return at + round(self.days * DAY_S)

    def refunded_until(self, at: int) -> int:
        return at + round(self.refund_days * DAY_S)


USUAL = Window()


@dataclass(frozen=True, slots=True)
class Money:
    """`orders` that were paid, the sums in fen, pieces, and whether anything was refunded at all."""

    orders: int = 0
    paid: int = 0
    refunded: int = 0
    items: int = 0
    refund: bool = False

    @property
    def net(self) -> int:
        return self.paid - self.refunded


def attributed(outcomes: Iterable[Outcome], at: int, window: Window, pieces: Mapping[str, int]) -> Money:
    """The money of a conversation that began at `at` (unix seconds). `pieces`: goods of an order by its digest; an order
    that is in no imported order list counts as one."""
    known = list(outcomes)
    payments = [one for one in known if one.kind is OutcomeKind.PAYMENT and at <= one.at < window.paid_until(at)]
    orders = {one.order or one.id for one in payments}
    refunds = [
        one.amount
        for one in known
        if one.kind is OutcomeKind.REFUND
        and at <= one.at < window.refunded_until(at)
        and (not one.order or one.order in orders)
    ]
    paid = sum(one.amount for one in payments)
    refunded = min(sum(refunds), paid)
    return Money(len(orders), paid, refunded, sum(pieces.get(order, 1) for order in orders), bool(refunds and payments))
