"""The offer of a suggestion: what the service knows of the chat, put to `kb.upsell`, and what came of it remembered.

Never in the way: a shop's model is learned in the background (`bot/trained.py`), and an error here costs the offer, not the answer.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from bot.access import Shop
from bot.offered import Had, Mark
from bot.shapes.brief import UpsellOut
from bot.upselling import Upsells
from kb.language.conversation import prepared
from kb.language.standalone import is_small_talk
from kb.language.tone import tone_of
from kb.model import Found, Product, Query, Speaker
from kb.shard import Shard
from kb.upsell.chat import Chat
from kb.upsell.offer import Offer, choose, reason_of
from kb.upsell.silence import Silence

_log = logging.getLogger(__name__)
_READ = 50  # turns that are looked at: all that a request may send
_FEW = 3  # products that an agent's turn names: more is a list of a kind, no offer


class Upsell(NamedTuple):
    """What a suggestion says of upselling: an offer, or the code of why there is none (`kb.upsell.silence`)."""

    offer: UpsellOut | None
    silence: str


HELD = Upsell(None, str(Silence.OFF))  # of a conversation that gets none, whatever it is about


def offer(shop: Shop, shard: Shard, query: Query, found: Found, product: Product | None, conversation: str) -> Upsell:
    """What to offer beside the answers of a suggestion, and why not. Raises nothing."""
    try:
        return _offer(shop, shard, query, found, product, conversation)
    except Exception:  # an answer must come whatever is wrong with an offer
        _log.exception("no offer could be made in %s", shop.merchant.slug)
        return Upsell(None, str(Silence.NOTHING))


def _offer(shop: Shop, shard: Shard, query: Query, found: Found, product: Product | None, conversation: str) -> Upsell:
    slug, upsells, mark = shop.merchant.slug, shop.upsells, _mark(query)
    had = (
        upsells.offered.had(slug, conversation, shop.store.offers_shown)
        if conversation
        else _unnamed(shop, query, upsells)
    )
    chat = chat_of(shard, query, found, product, had, mark)
    book = upsells.book(slug, shard)
    made = choose(book, upsells.trained.model(slug), chat, shop=shop.merchant.name, profile=shard.profile)
    if isinstance(made, Silence):
        return Upsell(None, str(made))
    upsells.offered.note(had, made, mark)
    return Upsell(_out(made), "")


def chat_of(shard: Shard, query: Query, found: Found, product: Product | None, had: Had, mark: Mark) -> Chat:
    """The chat as restraint sees it."""
    turns = query.turns[-_READ:]
    said = tuple(turn.text for turn in turns if turn.speaker is Speaker.BUYER)
    return Chat(
        said=(*said, query.text),
        told=tuple(turn.text for turn in turns if turn.speaker is Speaker.AGENT),
        tone=found.tone,
        aggrieved=any(map(_complains, said)),
        product=product,
        order=query.order,
        named=frozenset(_named(shard, query)),
        offered=had.barred(mark),
        spent=had.spent(mark),
        answered=not is_small_talk(query.text) and (bool(found.facts) or (bool(found.hits) and not found.quiet)),
        now=query.now,
    )


def _named(shard: Shard, query: Query) -> Iterator[str]:
    """Products that were spoken of before: one that the buyer has in mind, those that the agent has named."""
    for turn in query.turns[-_READ:]:
        keys = shard.catalog.naming(prepared(turn.text)).keys
        if len(keys) <= (_FEW if turn.speaker is Speaker.AGENT else 1):
            yield from keys


def _mark(query: Query) -> Mark:
    spoken = [turn.text for turn in query.turns if turn.speaker is Speaker.AGENT]
    return len(spoken), spoken[-1] if spoken else ""


def _unnamed(shop: Shop, query: Query, upsells: Upsells) -> Had:
    """A chat without a number is known by its first words, its product and who asks, for as long as both stay in sight."""
    first = query.turns[0].text if query.turns else query.text
    about = "\x00".join((shop.grant.key_id, query.product, first))
    return upsells.offered.had(
        shop.merchant.slug, "\x00" + hashlib.blake2b(about.encode("utf-8", "surrogatepass")).hexdigest(), lambda _: ()
    )


@lru_cache(maxsize=4096)
def _complains(text: str) -> bool:
    tone = tone_of(text)
    return tone.complaining or tone.escalation


def _out(made: Offer) -> UpsellOut:
    return UpsellOut(
        product=made.product, name=made.name, price=made.price, text=made.text, why=made.why, reason=reason_of(made)[:500],
        origin=made.origin, stage=made.stage, source=made.source,
    )  # fmt: skip
