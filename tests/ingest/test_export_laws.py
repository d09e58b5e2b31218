"""Export → import into an empty shop → export gives the same bytes, and the same knowledge."""

from __future__ import annotations

from dataclasses import replace
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, given, reject, settings

from ingest.columns.fields import SheetKind
from ingest.drafting import draft_sheets
from ingest.export import EXPORTED, Knowledge, export_csv, export_xlsx, knowledge_of
from ingest.importer import commit
from ingest.own import long
from ingest.own.columns import own_kind
from ingest.readers import read
from ingest.sheet import Row, Sheet
from kb.errors import TooLarge
from kb.model import Entry, EntryKind, Fact, Phrasing, Product
from kb.store.change import Change
from kb.store.codec import new_id
from kb.store.merchant import MerchantStore
from knowing import KNOWLEDGE
from making import empty_shop, faq, product

SLOW = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


def stored(entry: Entry) -> Entry:
    return replace(
        entry,
        id=new_id("e"),
        phrasings=tuple(replace(p, id=new_id("p")) for p in entry.phrasings),
        answers=tuple(replace(a, id=new_id("a")) for a in entry.answers),
    )


def kept(product: Product) -> Product:
    return replace(product, id=new_id("p"), skus=tuple(replace(sku, id=new_id("s")) for sku in product.skus))


def fill(store: MerchantStore, knowledge: Knowledge) -> None:
    entries, products = list(map(stored, knowledge.entries)), list(map(kept, knowledge.products))
    store.apply(Change(entries=entries, products=products, profile=knowledge.profile))


def said(entry: Entry) -> Entry:
    """What an entry says, without ids and who wrote it; counter-examples stand apart from phrasings in a sheet."""
    asks = sorted((Phrasing("", p.text, p.polarity) for p in entry.phrasings), key=lambda p: (p.polarity, p.text))
    answers = tuple(replace(a, id="") for a in entry.answers)
    bare = replace(entry, id="", phrasings=tuple(asks), answers=answers, source=None, row_hash="")
    return replace(bare, version=0, updated_at=0)


def known(product: Product) -> tuple[object, ...]:
    def facts(of: tuple[Fact, ...]) -> list[tuple[str, str, str]]:
        return sorted((f.name, f.value, f.unit) for f in of)

    skus = tuple((sku.key, sku.name, facts(sku.facts)) for sku in product.skus)
    own = (product.key, product.name, product.brand, product.category, product.model, product.status)
    varied = {fact.name for sku in product.skus for fact in sku.facts}
    # What a product is, is a fact about it as well, as in a merchant's own sheet.
    twice = {("品牌", product.brand, ""), ("类目", product.category, ""), ("型号", product.model, "")}
    gained = {fact for fact in twice if fact[1] and fact[0] not in varied}
    return (*own, sorted({*facts(product.facts), *gained}), skus)


def whole(store: MerchantStore) -> tuple[object, ...]:
    entries = sorted(map(said, store.entries()), key=lambda e: (e.kind, e.key))
    profile = [(fact.name, fact.value, fact.unit) for fact in store.profile()]
    return entries, sorted(map(known, store.products()), key=str), profile


@pytest.mark.slow
@settings(SLOW, max_examples=60)
@given(KNOWLEDGE)
def test_an_export_imported_elsewhere_is_the_same_knowledge_and_the_same_bytes(knowledge: Knowledge) -> None:
    with empty_shop() as here, empty_shop() as there:
        fill(here, knowledge)
        data = export_xlsx(knowledge_of(here))
        report = commit(there, None, data, "导出.xlsx")
        assert [p for p in report.problems if p.severity == "error"] == []
        assert whole(there) == whole(here)
        assert export_xlsx(knowledge_of(there)) == data


@settings(SLOW, max_examples=10)
@given(KNOWLEDGE)
def test_an_export_nobody_has_edited_changes_nothing_where_it_came_from(knowledge: Knowledge) -> None:
    with empty_shop() as shop:
        fill(shop, knowledge)
        commit(shop, None, export_xlsx(knowledge_of(shop)), "导出.xlsx")
        before = shop.generation()
        report = commit(shop, None, export_xlsx(knowledge_of(shop)), "导出.xlsx")
        assert (report.added, report.changed) == (0, 0)
        assert shop.generation() == before


@settings(SLOW, max_examples=8)
@given(KNOWLEDGE)
def test_csv_files_hold_the_same(knowledge: Knowledge) -> None:
    with empty_shop() as here, empty_shop() as there:
        fill(here, knowledge)
        for kind in EXPORTED:
            for data in export_csv(knowledge_of(here), kind):
                commit(there, None, data, "导出.csv")
        assert whole(there) == whole(here)


@pytest.mark.parametrize("kind", [SheetKind.FAQ, SheetKind.PHRASE, SheetKind.NOTICE, SheetKind.PRODUCT])
def test_a_column_that_was_deleted_from_an_export_wipes_nothing_out(kind: SheetKind) -> None:
    known = Knowledge(
        entries=(
            faq("1", "怎么退", "可以", "能退吗"),
            replace(faq("2", "", "亲，您好"), kind=EntryKind.SCRIPT, shortcut="nh"),
            replace(faq("3", "双11", "满300减40"), kind=EntryKind.NOTICE),
        ),
        products=(product("k", "裙子"),),
    )
    sheet = next(s for s in read(export_xlsx(known, [kind]), "导出.xlsx") if own_kind(s))
    header, *rows = sheet.rows
    lost = header.cells.index(
        next(c for c in header.cells if c.removesuffix("*") in ("答复", "快捷短语", "内容", "商品名称"))
    )
    cut = [[cell for i, cell in enumerate(row.cells) if i != lost] for row in (header, *rows)]
    (draft,) = draft_sheets(
        "导出.csv", [Sheet("表", tuple(Row(i, tuple(c)) for i, c in enumerate(cut, start=1)))], None
    )
    assert [p.code for p in draft.problems] == ["own_columns_lost"] and draft.kind is None
    (whole,) = draft_sheets("导出.csv", [sheet], None)
    assert whole.kind is kind and not whole.problems


@pytest.mark.slow
@settings(SLOW, max_examples=30)
@given(KNOWLEDGE)
def test_the_law_of_exports_holds_where_every_text_is_spread(knowledge: Knowledge) -> None:
    with empty_shop() as here, empty_shop() as there, patch.object(long, "_PART", 12):
        fill(here, knowledge)
        try:
            data = export_xlsx(knowledge_of(here))
        except TooLarge:
            reject()
        assert commit(there, None, data, "导出.xlsx").errors == 0
        assert export_xlsx(knowledge_of(there)) == data
