"""What a file has to be compared with: the shop's knowledge, and what else only some files need."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ingest.compare.catalogue import Catalogue
from ingest.compare.changeset import Known, known
from ingest.draft import Draft
from kb.model import Entry, Product
from kb.store.merchant import MerchantStore


@dataclass(frozen=True, slots=True)
class Held:
    """What every file is compared with; read while a child process reads the file. `undone` imports had been when it was."""

    undone: int
    entries: Sequence[Entry]
    products: Sequence[Product]


def hold(store: MerchantStore) -> Held:
    undone = store.undone()  # first: what is undone while the rest is read counts as undone since
    return Held(undone, store.entries(), store.products())


def stock(store: MerchantStore, draft: Draft, held: Held) -> Known:
    """What the shop holds that the draft may change. Products of the same file count as known to its other sheets."""
    orders = any(sheet.orders for sheet in draft.sheets)
    return known(
        held.entries,
        held.products,
        store.profile(),
        store.baskets() if orders else (),
        store.order_salt() if orders else b"",
        Catalogue.of([*held.products, *(product for sheet in draft.sheets for product in sheet.products)]),
        store.offers() if any(sheet.offers for sheet in draft.sheets) else (),
    )
