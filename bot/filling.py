"""The answers of a suggestion with their variables filled, from the product, order and shop that the chat is about."""

from __future__ import annotations

from collections.abc import Sequence

from kb.fill import Filled, Known, fill
from kb.fill.chosen import chosen
from kb.fill.places import places
from kb.language.conversation import prepared
from kb.model import Answer, Order, Product, Query, Sku
from kb.shard import Shard


def fillings(
    shard: Shard, query: Query, shop: str, product: Product | None, answers: Sequence[Answer | None]
) -> list[Filled | None]:
    """Each answer as it would be copied, in their order. Most have no variable: then nothing is looked up."""
    if not any(answer and next(places(answer.text), None) for answer in answers):
        return [Filled(answer.text) if answer else None for answer in answers]
    if product is not None and product.key == query.product:
        product = _said(shard, query, product)
    known = Known(product, bought(query.order, product), shard.profile, query.order, shop, query.now)
    return [fill(answer.text, known) if answer else None for answer in answers]


def bought(order: Order | None, product: Product | None) -> Sku | None:
    """The variant of the product that is meant: the one ordered, or the only one there is."""
    if product is None:
        return None
    return chosen(product, order.sku if order and order.product in ("", product.key) else "")


def _said(shard: Shard, query: Query, focused: Product) -> Product | None:
    """The product in focus, unless the message plainly names another; None where it may be either."""
    named = shard.catalog.naming(prepared(query.text)).keys  # the search has just asked the same: it is remembered
    if not named or focused.key in named:
        return focused
    return shard.catalog.by_key[next(iter(named))] if len(named) == 1 else None
