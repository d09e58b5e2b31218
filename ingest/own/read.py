"""A sheet that we have written, read as what it says."""

from __future__ import annotations

from ingest.columns.fields import SheetKind
from ingest.columns.table import Table
from ingest.draft import Content
from ingest.kinds.offer import draft_offers
from ingest.own.entries import read_entries
from ingest.own.products import read_products
from ingest.own.profile import read_profile
from ingest.problem import Problems


def read_own(table: Table, problems: Problems) -> Content:
    """What the rows of one of our own sheets say."""
    if table.kind is SheetKind.PRODUCT:
        products, skipped = read_products(table, table.rows, problems)
        return Content(products=tuple(products), skipped=skipped)
    if table.kind is SheetKind.HANDOVER:
        profile, skipped = read_profile(table, table.rows, problems)
        return Content(profile=tuple(profile), skipped=skipped)
    if table.kind is SheetKind.OFFER:
        offers, skipped = draft_offers(table, table.rows, problems)
        return Content(offers=tuple(offers), skipped=skipped)
    entries, skipped = read_entries(table, table.rows, problems)
    return Content(entries=tuple(entries), skipped=skipped)
