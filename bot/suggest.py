"""From a request to a suggestion: the one place between HTTP and `kb.search`."""

from __future__ import annotations

import secrets
import time

from bot.access import Shop
from bot.shapes.assist import HitOut, ProductHitOut, StatedOut, SuggestIn, SuggestionOut, ToneOut, Warned
from kb.language.mask import mask
from kb.model import Found, Hit, Mode, Query, Turn
from kb.search import search

SILENCE = 0.03  # below this an answer is not offered: a card that is wrong 32 times in 33 costs more than it gives
_SHOWN = 2_000  # characters of the message given back


def suggest(shop: Shop, asked: SuggestIn) -> SuggestionOut:
    """What the agent sees for a buyer's message. Nothing of the conversation is stored."""
    started = time.perf_counter()
    query = Query(
        text=asked.text,
        turns=tuple(Turn(turn.speaker, turn.text) for turn in asked.turns),
        product=asked.product,
        platform=asked.platform or shop.merchant.platform,
        now=int(time.time()),
        limit=asked.limit,
    )
    found = search(shop.shard(), query, shop.engine)
    total = (time.perf_counter() - started) * 1000
    return SuggestionOut(
        suggestion="sg_" + secrets.token_hex(8),
        shop=shop.merchant.slug,
        generation=found.generation,
        mode=found.mode,
        text=mask(asked.text[:_SHOWN]),
        hits=[HitOut.of(rank, hit) for rank, hit in enumerate(offered(found), start=1)],
        answerable=found.answerable,
        products=[ProductHitOut.of(hit) for hit in found.products],
        facts=[StatedOut.of(stated) for stated in found.facts],
        tone=ToneOut.of(found.tone),
        warnings=_warnings(found.mode),
        timings_ms={name: round(ms, 2) for name, ms in {**found.timings_ms, "total": total}.items()},
    )


def offered(found: Found) -> list[Hit]:
    """The hits worth an agent's glance; none where probably nothing answers."""
    return [] if found.quiet else [hit for hit in found.hits if hit.probability >= SILENCE]


def _warnings(mode: Mode) -> list[Warned]:
    if mode is Mode.HYBRID:
        return []
    return [Warned(code="lexical_mode", text="语义模型不可用，当前只按关键词匹配，请多核对。")]
