"""Orders of a file beside the stored baskets: the shop's own products instead of what the lines call them.

An order may stand in two files, and may be refunded after it was imported. So what a file says of an item replaces what is
stored of that item; items it does not name stay. The same file again therefore changes nothing, and the order of files
does not matter unless they contradict each other.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache, lru_cache

from ingest.compare.catalogue import Catalogue
from ingest.draft import Line, OrderDraft, SheetDraft
from kb.language.mask import mask
from kb.model import Basket
from kb.orders import salted


def basket_id(order: str, salt: bytes) -> str:
    """A digest of an order number's digest that nobody without the shop's salt can look up; 128 bits."""
    return salted(order, salt)


def baskets_of(
    orders: Iterable[OrderDraft], catalogue: Catalogue, stored: Mapping[str, Basket], salt: bytes
) -> list[Basket]:
    """What each order comes to; one that was stored and then refunded whole comes to an empty basket, a new one to none."""
    item = _naming(catalogue)
    made = []
    for order in orders:
        key = basket_id(order.id, salt)
        old = stored.get(key, Basket(key, ()))
        bought = {found for line in order.bought if (found := item(line))}
        named = {text for line in (*order.bought, *order.returned) for text in (item(line), *_calls(line))}
        items = (set(old.items) - named) | bought
        if items or key in stored:
            made.append(Basket(key, tuple(sorted(items)), order.at or old.at))
    return made


def pool_orders(drafts: Sequence[SheetDraft]) -> list[SheetDraft]:
    """Every order once: lines of one that stands on several sheets of a file, on the first of them."""
    if sum(bool(draft.orders) for draft in drafts) < 2:
        return list(drafts)
    parts: defaultdict[str, list[OrderDraft]] = defaultdict(list)
    for draft in drafts:
        for order in draft.orders:
            parts[order.id].append(order)
    pooled = []
    for draft in drafts:
        own = [_pooled(found) for order in draft.orders if (found := parts.pop(order.id, None))]
        pooled.append(replace(draft, orders=tuple(own)))
    return pooled


def _pooled(parts: Sequence[OrderDraft]) -> OrderDraft:
    return OrderDraft(
        parts[0].id,
        tuple(dict.fromkeys(line for part in parts for line in part.bought)),
        tuple(dict.fromkeys(line for part in parts for line in part.returned)),
        next((part.at for part in parts if part.at), 0),
    )


def _naming(catalogue: Catalogue) -> Callable[[Line], str]:
    """What a line is stored as: the product's key, else its masked name, else its masked number."""

    @cache
    def item(line: Line) -> str:
        return catalogue.find(*line) or next(iter(_calls(line)), "")

    return item


@lru_cache(maxsize=65536)
def _calls(line: Line) -> tuple[str, ...]:
    """What a line would be stored as without the catalogue: it may have been, before the products were imported."""
    product, sku, name = line
    return tuple(text for text in (name, mask(product), mask(sku)) if text)
