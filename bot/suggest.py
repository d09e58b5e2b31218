"""From a request to a suggestion: the one place between HTTP and `kb.search`."""

from __future__ import annotations

import secrets
import time

from bot.access import Shop
from bot.arms import arms_of
from bot.cautions import cautions
from bot.filling import bought, fillings
from bot.shapes.assist import HitOut, ProductHitOut, StatedOut, SuggestIn, SuggestionOut, ToneOut, Withheld
from bot.shapes.brief import KeyFactsOut
from bot.upsell import HELD, offer
from kb.fitting import decided
from kb.keyfacts import draft
from kb.language.mask import mask
from kb.model import Found, Hit, KeyFacts, Mode, Product, Query, Speaker, Tone, Turn
from kb.search import search
from kb.shard import Shard

SILENCE = 0.03  # below this an answer is not offered: a card that is wrong 32 times in 33 costs more than it gives
_SHOWN = 2_000  # characters of the message given back


def suggest(shop: Shop, asked: SuggestIn) -> SuggestionOut:
    """What the agent sees for a buyer's message. Nothing of the conversation is stored."""
    with shop.answering():
        return _suggestion(shop, asked)


def _suggestion(shop: Shop, asked: SuggestIn) -> SuggestionOut:
    started = time.perf_counter()
    arms = arms_of(shop, asked.conversation)
    shard = shop.shard()
    if not arms.assist:
        return _nothing(shop, shard, asked, arms.withheld)
    query = _query(shard, shop.merchant.platform, asked)
    found = search(shard, query, shop.engine)
    searched = time.perf_counter()
    hits = offered(found)
    product = about(found)
    sku = bought(query.order, product)
    filled = fillings(shard, query, shop.merchant.name, product, [hit.answer for hit in hits])
    key_facts = key_facts_of(query, found, product)
    upsell = offer(shop, shard, query, found, product, asked.conversation) if arms.upsell else HELD
    done = time.perf_counter()
    timings = {"brief": (done - searched) * 1000, "total": (done - started) * 1000}
    return SuggestionOut(
        suggestion="sg_" + secrets.token_hex(8),
        shop=shop.merchant.slug,
        generation=found.generation,
        mode=found.mode,
        text=mask(asked.text[:_SHOWN]),
        hits=[
            HitOut.of(rank, hit, text, decided(hit.answer, query) if hit.answer else ())
            for rank, (hit, text) in enumerate(zip(hits, filled, strict=True), start=1)
        ],
        answerable=found.answerable,
        products=[ProductHitOut.of(hit) for hit in found.products],
        facts=[StatedOut.of(stated) for stated in found.facts],
        tone=ToneOut.of(found.tone),
        key_facts=KeyFactsOut.of(key_facts),
        upsell=upsell.offer,
        no_upsell=upsell.silence,
        withheld=arms.withheld,
        conversation=asked.conversation,
        warnings=cautions(shard, query, found.mode, hits, product, sku),
        timings_ms={name: round(ms, 2) for name, ms in {**found.timings_ms, **timings}.items()},
    )


def _nothing(shop: Shop, shard: Shard, asked: SuggestIn, why: Withheld) -> SuggestionOut:
    """The reply of a control: nothing was searched, so nothing of what it would have got can be in it."""
    return SuggestionOut(
        suggestion="sg_" + secrets.token_hex(8),
        shop=shop.merchant.slug,
        generation=shard.generation,
        mode=Mode.HYBRID if shop.engine else Mode.LEXICAL,
        text=mask(asked.text[:_SHOWN]),
        hits=[],
        answerable=0.0,
        products=[],
        facts=[],
        tone=ToneOut.of(Tone()),
        key_facts=KeyFactsOut.of(KeyFacts()),
        upsell=None,
        no_upsell=HELD.silence,
        withheld=why,
        conversation=asked.conversation,
        warnings=[],
        timings_ms={},
    )


def offered(found: Found) -> list[Hit]:
    """The hits worth an agent's glance; none where probably nothing answers."""
    return [] if found.quiet else [hit for hit in found.hits if hit.probability >= SILENCE]


def about(found: Found) -> Product | None:
    """The product that the chat is about: the one in focus, or the only one that is named best."""
    hits = found.products
    alone = bool(hits) and (len(hits) == 1 or hits[0].score > hits[1].score or hits[0].reasons[0].code == "focus")
    return hits[0].product if alone else None


def key_facts_of(query: Query, found: Found, product: Product | None) -> KeyFacts:
    """The key facts of the conversation up to this message."""
    turns = (*query.turns, Turn(Speaker.BUYER, query.text))
    hits = offered(found)
    return draft(turns, found.tone, product=product, order=query.order, entry=hits[0].entry if hits else None)


def _query(shard: Shard, platform: str, asked: SuggestIn) -> Query:
    """The order's product is in focus where none is given, if the shop knows it."""
    order = asked.order.order() if asked.order else None
    product = asked.product
    if not product and order is not None and order.product in shard.catalog.by_key:
        product = order.product
    return Query(
        text=asked.text,
        turns=tuple(Turn(turn.speaker, turn.text) for turn in asked.turns),
        product=product,
        order=order,
        platform=asked.platform or platform,
        now=int(time.time()),
        limit=asked.limit,
    )
