"""A data folder as a log: what the service itself has kept of conversations, outcomes and suggestions, read beside it.

The store says buyer or agent of a message, not which agent: all of a conversation's are taken for whoever serves it. It keeps no
bot's messages and no visitors. Of a conversation the latest 500 messages are read (`kb.store.chats`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from eval.kpi.log import Basis, By, Line, Log, Mark, MarkKind, Money, Said, Use, gather
from eval.version import version
from kb.model import Basket, Event, EventKind, Outcome, Speaker
from kb.store.chats import Chat
from kb.store.folder import read_shop
from kb.store.merchant import MerchantStore

_ALL = 1 << 62
_SAID_BY = {Speaker.BUYER: By.BUYER, Speaker.AGENT: By.AGENT}


def live_log(root: Path, shops: Iterable[str]) -> Log:
    """Everything the folder at `root` knows of these shops by now; needs no lock, so a service may run on it."""
    return gather(line for slug in shops for line in _of_shop(root, slug))


def _of_shop(root: Path, slug: str) -> Iterator[Line]:
    with read_shop(root, slug) as (store, kept):
        chats = sorted([*kept.opened(), *kept.closed(_ALL)], key=lambda chat: chat.id) if kept else []
        for chat in chats:
            yield from _said(slug, chat)
            yield from _marks(slug, chat)
        if store:
            yield from _kept(slug, store, {chat.id: chat.conversation.buyer for chat in chats})


def _kept(slug: str, store: MerchantStore, buyers: dict[str, str]) -> Iterator[Line]:
    """What the shop's own file holds: money, events, and what is known now."""
    baskets = {basket.id: basket for basket in store.baskets()}
    for outcome in store.outcomes():
        yield _money(slug, outcome, buyers.get(outcome.conversation, ""), baskets.get(outcome.order))
    events = store.events()
    yield from (_use(slug, event) for event in events)
    yield from _unanswered(slug, events)
    known = store.snapshot("")  # of no engine: no vectors are read
    yield Basis(slug, version(known.entries, known.products), "、".join(store.engines()))


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
