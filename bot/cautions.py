"""What an agent should know before using a suggestion: found by words alone, about to end, sold out, a notice to be read first."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

from bot.shapes.assist import Warned
from kb.facts.variants import out_of_stock
from kb.model import Hit, Mode, Payment, Product, Query, Sku
from kb.shard import Shard

_SOON = 24 * 3600  # seconds
_MOST_NOTICES = 3
_TITLE = 40  # characters
_CHINA = dt.timezone(dt.timedelta(hours=8))


def cautions(
    shard: Shard, query: Query, mode: Mode, hits: Sequence[Hit], product: Product | None, sku: Sku | None
) -> list[Warned]:
    """The warnings of a suggestion, the one that concerns all of it first."""
    found = (
        [Warned(code="lexical_mode", text="语义模型不可用，当前只按关键词匹配，请多核对。")]
        if mode is Mode.LEXICAL
        else []
    )
    return [*found, *_ending(hits, query.now), *_sold_out(query, product, sku), *_notices(shard, query)]


def _ending(hits: Sequence[Hit], now: int) -> Iterator[Warned]:
    for rank, hit in enumerate(hits, start=1):
        ends = [hit.entry.window.end, hit.answer.window.end if hit.answer else None]
        end = min((moment for moment in ends if moment is not None), default=None)
        if end is not None and end - now < _SOON:
            when = dt.datetime.fromtimestamp(end, _CHINA)
            yield Warned(code="ends_soon", text=f"第 {rank} 条话术将在 {when.month}月{when.day}日 {when:%H:%M} 失效。")


def _sold_out(query: Query, product: Product | None, sku: Sku | None) -> Iterator[Warned]:
    """Not of what is paid for: that was in stock."""
    if product is None or (query.order is not None and query.order.payment is Payment.PAID):
        return
    if fact := out_of_stock(product, sku):
        name = f"{product.name}（{sku.name}）" if sku and sku.name else product.name
        cell = f"（{fact.source}）" if fact.source else ""
        yield Warned(code="out_of_stock", text=f"商品表写着{name}没有库存{cell}，推荐前请核对。")


def _notices(shard: Shard, query: Query) -> Iterator[Warned]:
    """The latest notices in force that everybody must have read."""
    held = (place for place in shard.must_read if shard.entries[place].window.contains(query.now))
    live = [shard.entries[place] for place in held if shard.answer_for(place, query) is not None]
    for entry in sorted(live, key=lambda entry: (-entry.updated_at, entry.key))[:_MOST_NOTICES]:
        yield Warned(code="must_read", text=f"必读通知生效中：{entry.question[:_TITLE]}")
