"""Which answer of an entry is right for this buyer: on this platform, about this product, in this state of the order, now.

What a shop is registered as is what people write (Tmall, 淘宝/天猫, nothing at all), so it names every platform that the
buyer may be on. An answer for one of them must not stay unsaid; but one that is right on all of them, or everywhere, is
better. So it is with an order whose state nobody has told.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from functools import lru_cache

from kb.language.order_states import state_cell
from kb.language.platforms import platforms_of
from kb.model import Answer, Logistics, Order, OrderState, Payment, Query, Reason, Refund

_NOT = (0, 0)


def fitting(answers: Sequence[Answer], query: Query) -> Answer | None:
    """The most specific answer whose window and conditions hold, the first of equals; None where none does.

    One for a platform that the buyer may be on but need not (the shop is on several, or its platform is not known), or for a
    state that the order may be in, stands behind one without such a condition.
    """
    asked = platforms_of(query.platform)
    best, best_rank = None, _NOT
    for answer in answers:
        if answer.window.contains(query.now) and (rank := _rank(answer, asked, query)) > best_rank:
            best, best_rank = answer, rank
    return best


def decided(answer: Answer, query: Query) -> Iterator[Reason]:
    """The conditions because of which an answer is the right one here, in words for an agent."""
    condition = answer.condition
    if condition.platforms:
        yield Reason("platform", "适用平台：" + "、".join(sorted(condition.platforms)))
    if condition.products:
        yield Reason("product", f"只限商品：{query.product}")
    if condition.states:
        yield Reason("order_state", "适用订单状态：" + state_cell(condition.states))
    if answer.window.start is not None or answer.window.end is not None:
        yield Reason("window", "在这条话术的有效期内")


def untold(answer: Answer, query: Query) -> str:
    """The states an answer is meant for, in words, where nobody has told whether the order is in one; "" otherwise."""
    states = answer.condition.states
    return state_cell(states) if states and _holds(states, query.order) is None else ""


def _rank(answer: Answer, asked: frozenset[str], query: Query) -> tuple[int, int]:
    """How surely an answer holds (0: it does not), then how many of its conditions narrow it."""
    condition = answer.condition
    wanted = _meant(condition.platforms)
    if (condition.products and query.product not in condition.products) or (asked and wanted and not asked & wanted):
        return _NOT
    in_state = _holds(condition.states, query.order) if condition.states else True
    if in_state is False:
        return _NOT
    surely = (not wanted or (bool(asked) and asked <= wanted)) and in_state is True
    return 1 + surely, bool(wanted) + bool(condition.products) + bool(condition.states)


def _holds(states: Collection[OrderState], order: Order | None) -> bool | None:
    """Whether the order is in one of the states of each kind that is named; None where nobody knows."""
    known = (order.payment, order.logistics, order.refund) if order else (None, None, None)
    wanted = ([state for state in states if isinstance(state, kind)] for kind in (Payment, Logistics, Refund))
    each = [None if now is None else now in any_of for now, any_of in zip(known, wanted, strict=True) if any_of]
    return False if False in each else None if None in each else True


@lru_cache(maxsize=1024)
def _meant(platforms: frozenset[str]) -> frozenset[str]:
    """The platforms of a condition, however each is written; none where one of them says 全平台."""
    each = [platforms_of(name) for name in platforms]
    return frozenset[str]().union(*each) if all(each) else frozenset()
