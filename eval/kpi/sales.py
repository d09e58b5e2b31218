"""Which payment follows which session, and what of it came back.

The parts of one order (定金, 尾款) are one sale, at the moment of its first payment. A sale belongs to the last session of its
conversation (else of its buyer) that began before it, if it was paid within `attribution` of the buyer's last message there;
one that belongs to none is silent (静默). A refund is subtracted when it came within `refund` of the payment, and never more than
was paid; a later one is counted beside.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from eval.kpi.log import Log, Money
from eval.kpi.rules import Rules
from eval.kpi.sessions import Session
from kb.model import OutcomeKind


@dataclass(frozen=True, slots=True)
class Sale:
    """One paid order, in fen."""

    shop: str
    order: str
    buyer: str
    conversation: str
    paid_ms: int
    fen: int
    refunded: int = 0  # in time
    refunded_late: int = 0
    items: int = 0  # pieces; 0: not known
    products: tuple[str, ...] = ()
    session: Session | None = None

    @property
    def net(self) -> int:
        return self.fen - self.refunded

    @property
    def along(self) -> bool | None:
        """Whether something was sold along: a second product, or a second piece where products are not known. None: not known."""
        if self.products:
            return len(set(self.products)) > 1
        return self.items > 1 if self.items else None


def sales(log: Log, found: Sequence[Session], rules: Rules) -> tuple[Sale, ...]:
    """Every sale of a log, with the session it belongs to, in the order of payment."""
    money = _once(log.money)
    sold = _paid(one for one in money if one.kind is OutcomeKind.PAYMENT)
    chats: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
    for key, sale in sold.items():  # in the order of payment
        chats[sale.shop, sale.conversation].append(key)
    for refund in sorted((one for one in money if one.kind is OutcomeKind.REFUND), key=lambda one: one.at_ms):
        found_key = _refunded(refund, sold, chats[refund.shop, refund.conversation] if refund.conversation else ())
        if found_key is not None:
            sold[found_key] = _less(sold[found_key], refund, rules)
    sessions = _Sessions(found)
    placed = [replace(sale, session=sessions.of(sale, rules.attribution_ms)) for sale in sold.values()]
    return tuple(sorted(placed, key=lambda sale: (sale.paid_ms, sale.shop, sale.order)))


def _once(money: Iterable[Money]) -> list[Money]:
    """Each outcome once by its id."""
    told: dict[tuple[str, str], Money] = {}
    for number, one in enumerate(money):
        told.setdefault((one.shop, one.id or f"#{number}"), one)
    return list(told.values())


def _paid(payments: Iterable[Money]) -> dict[tuple[str, str], Sale]:
    sold: dict[tuple[str, str], Sale] = {}
    for number, one in enumerate(sorted(payments, key=lambda one: one.at_ms)):
        key = (one.shop, one.order or one.id or f"#{number}")
        if (known := sold.get(key)) is None:
            sold[key] = Sale(
                one.shop,
                key[1],
                one.buyer,
                one.conversation,
                one.at_ms,
                one.fen,
                items=one.items,
                products=one.products,
            )
        else:  # another part of the same order's price
            sold[key] = replace(
                known,
                fen=known.fen + one.fen,
                buyer=known.buyer or one.buyer,
                conversation=known.conversation or one.conversation,
                items=max(known.items, one.items),
                products=known.products or one.products,
            )
    return sold


def _refunded(
    refund: Money, sold: dict[tuple[str, str], Sale], chat: Sequence[tuple[str, str]]
) -> tuple[str, str] | None:
    """The sale a refund is of: by order; without one, the latest of its conversation that was paid before."""
    if refund.order:
        named = (refund.shop, refund.order)
        return named if named in sold else None
    return next((key for key in reversed(chat) if sold[key].paid_ms <= refund.at_ms), None)


def _less(sale: Sale, refund: Money, rules: Rules) -> Sale:
    back = min(refund.fen, sale.fen - sale.refunded - sale.refunded_late)
    if refund.at_ms - sale.paid_ms > rules.refund_ms:
        return replace(sale, refunded_late=sale.refunded_late + back)
    return replace(sale, refunded=sale.refunded + back)


class _Sessions:
    """Sessions of each conversation and each buyer, to find the one that a payment follows."""

    def __init__(self, found: Sequence[Session]) -> None:
        self._of: dict[tuple[str, str, str], list[Session]] = defaultdict(list)
        for one in found:  # in the order in which they began
            self._of["conversation", one.shop, one.conversation].append(one)
            self._of["buyer", one.shop, one.buyer].append(one)

    def of(self, sale: Sale, attribution_ms: int) -> Session | None:
        named = [("conversation", sale.conversation), ("buyer", sale.buyer)]
        for kind, name in named:
            mine = self._of.get((kind, sale.shop, name), []) if name else []
            place = bisect_right([one.begun_ms for one in mine], sale.paid_ms)
            if place and sale.paid_ms - mine[place - 1].asked_ms <= attribution_ms:
                return mine[place - 1]
        return None
