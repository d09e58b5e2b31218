"""What a file has to be compared with: the shop's knowledge, and what else only some files need."""

from __future__ import annotations

from ingest.catalogue import Catalogue
from ingest.changeset import Known, known
from ingest.draft import Draft
from kb.store.merchant import MerchantStore


def stock(store: MerchantStore, draft: Draft) -> Known:
    """What the shop holds that the draft may change. Products of the same file count as known to its other sheets."""
    products = store.products()
    orders = any(sheet.orders for sheet in draft.sheets)
    return known(
        store.entries(),
        products,
        store.profile(),
        store.baskets() if orders else (),
        store.order_salt() if orders else b"",
        Catalogue.of([*products, *(product for sheet in draft.sheets for product in sheet.products)]),
    )
