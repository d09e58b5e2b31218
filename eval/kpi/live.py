"""A data folder as a log: what the service itself has kept of conversations, outcomes and suggestions.

The store says buyer or agent of a message, not which agent: all of a conversation's are taken for whoever serves it. It keeps no
bot's messages and no visitors. Of a conversation the latest 500 messages are read (`kb.store.chats`).
"""

from __future__ import annotations

from collections.abc import Iterator

from eval.kpi.log import By, Line, Log, Mark, MarkKind, Money, Said, Use, gather
from kb.model import Basket, Event, EventKind, Outcome, Speaker
from kb.store.chats import Chat
from kb.store.folder import DataFolder

_ALL = 1 << 62
_SAID_BY = {Speaker.BUYER: By.BUYER, Speaker.AGENT: By.AGENT}


def live_log(folder: DataFolder, shops: tuple[str, ...] = ()) -> Log:
    """Everything the folder knows of these shops (none: all)."""
    slugs = shops or tuple(one.slug for one in folder.hub.merchants())
    return gather(line for slug in slugs for line in _of_shop(folder, slug))


def _of_shop(folder: DataFolder, slug: str) -> Iterator[Line]:
    store = folder.merchant(slug)
    chats: list[Chat] = []
    if folder.has_conversations(slug):
        kept = folder.conversations(slug)
        chats = sorted([*kept.opened(), *kept.closed(_ALL)], key=lambda chat: chat.id)
    buyers = {chat.id: chat.conversation.buyer for chat in chats}
    for chat in chats:
        yield from _said(slug, chat)
        yield from _marks(slug, chat)
    baskets = {basket.id: basket for basket in store.baskets()}
    for outcome in store.outcomes():
        yield _money(slug, outcome, buyers.get(outcome.conversation, ""), baskets.get(outcome.order))
    events = store.events()
    yield from (_use(slug, event) for event in events)
    yield from _unanswered(slug, events)


def _said(slug: str, chat: Chat) -> Iterator[Said]:
    one = chat.conversation
    for message in one.messages:
        by = _SAID_BY[message.turn.speaker]
        agent = one.agent if by is By.AGENT else ""
        yield Said(slug, one.id, message.at_ms, by, agent, one.buyer, message.turn.text, id=message.id)


def _marks(slug: str, chat: Chat) -> Iterator[Mark]:
    for at in chat.closings:
        yield Mark(slug, chat.id, at, MarkKind.CLOSED)
    for at in chat.confirmations:
        yield Mark(slug, chat.id, at, MarkKind.KEY_FACTS, agent=chat.conversation.agent)
    for one in chat.helps:
        yield Mark(slug, chat.id, one.asked_ms, MarkKind.HELP, one.id, one.asked_by)
        if one.answered_ms is not None:
            yield Mark(slug, chat.id, one.answered_ms, MarkKind.HELPED, one.id, one.answered_by)
        if one.note:
            yield Mark(slug, chat.id, one.asked_ms, MarkKind.NO_ANSWER, one.note, one.asked_by)


def _money(slug: str, one: Outcome, buyer: str, basket: Basket | None) -> Money:
    products = basket.items if basket else ()
    return Money(slug, one.at * 1000, one.kind, one.amount, one.conversation, one.order, buyer, 0, products, one.id)


def _use(slug: str, one: Event) -> Use:
    at = one.at * 1000
    return Use(slug, one.conversation, at, one.kind, one.suggestion, one.entry, one.rank, one.actor, one.id)


def _unanswered(slug: str, events: list[Event]) -> Iterator[Mark]:
    """What was asked where an agent said of an answer that it does not fit, and used none of the others."""
    used = {one.suggestion for one in events if one.kind in (EventKind.INSERTED, EventKind.EDITED, EventKind.SENT)}
    told: set[str] = set()
    for one in events:
        if one.kind is EventKind.REJECTED and one.asked and one.suggestion not in used and one.suggestion not in told:
            told.add(one.suggestion)
            yield Mark(slug, one.conversation, one.at * 1000, MarkKind.NO_ANSWER, one.asked, one.actor)
