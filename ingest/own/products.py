"""A product as the rows of a sheet, and the rows as the product again.

One row holds what is true of the whole product, one each what a variant has of its own; every row names the product.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from ingest.columns.fields import SheetKind
from ingest.columns.table import Table, Use
from ingest.kinds.rowhash import product_hash
from ingest.own.cells import STATUSES
from ingest.own.columns import ROW, labels
from ingest.own.entries import read_status
from ingest.own.facts import fact_cell, read_fact
from ingest.problem import Problems
from ingest.sheet import Row, safe
from kb.language.text import fold
from kb.model import Fact, Product, Sku

WHOLE, VARIANT = "商品", "规格"
_LABELS = labels(SheetKind.PRODUCT)
_SAID_TWICE = ("brand", "category", "model")  # what a product is, and a fact about it

Cells = dict[tuple[str, int], str]  # by header, and the how-manieth of its name it is


# -- writing


def product_rows(product: Product) -> list[Cells]:
    """The rows of a product; blank cells are left out."""
    key, name = safe(product.key), safe(product.name)
    identity = {"key": "" if key == fold(name) else key, "name": name}
    said = {attr: safe(getattr(product, attr)) for attr in _SAID_TWICE}
    varied = _names(product.skus)
    implied = [(label, said[attr], "") for attr in _SAID_TWICE if (label := _LABELS[attr]) not in varied]
    whole = _cells({ROW: WHOLE, **identity, **said, "status": STATUSES[product.status]})
    whole |= _fact_cells(_without(product.facts, implied), _LABELS.values())
    return [whole, *(_sku_cells(sku, identity) for sku in product.skus)]


def _sku_cells(sku: Sku, identity: Mapping[str, str]) -> Cells:
    key, name = safe(sku.key), safe(sku.name)
    own = {ROW: VARIANT, **identity, "sku": "" if key == name or not name else key, "sku_name": name or key}
    taken = set(_LABELS.values()) - {_LABELS[attr] for attr in _SAID_TWICE}
    return _cells(own) | _fact_cells(sku.facts, taken)


def _cells(row: Mapping[str, str]) -> Cells:
    return {(_LABELS.get(attr, attr), 0): text for attr, text in row.items() if text}


def _fact_cells(facts: Iterable[Fact], taken: Iterable[str]) -> Cells:
    taken = set(taken)
    seen: Counter[str] = Counter()
    cells: Cells = {}
    for fact in facts:
        header, text = fact_cell(fact, taken)
        if text:
            cells[header, seen[header]] = text
            seen[header] += 1
    return cells


def _without(facts: Iterable[Fact], implied: Sequence[tuple[str, str, str]]) -> list[Fact]:
    left = list(implied)
    kept = []
    for fact in facts:
        said = (fact.name, safe(fact.value), fact.unit)
        if said in left:
            left.remove(said)
        else:
            kept.append(fact)
    return kept


# -- reading


def read_products(table: Table, rows: Sequence[Row], problems: Problems) -> tuple[list[Product], int]:
    """The products of a sheet without their ids, and how many rows were left out."""
    found: dict[tuple[str, str], tuple[Product, list[Sku]]] = {}
    keys: set[str] = set()
    skipped = 0
    for row in (row for row in rows if not _is_variant(table, row)):
        product = _product(table, row, problems)
        identity = _identity(table, row)
        if product is None or product.key in keys:
            if product:
                text = "和前面的商品重复，请删掉一行"
                problems.error("duplicate_key", text, row=row.number, column=table.letter("key"), value=product.key)
            skipped += 1
            continue
        keys.add(product.key)
        found[identity] = (product, [])
    for row in (row for row in rows if _is_variant(table, row)):
        sku = _sku(table, row, problems)
        owner = found.get(_identity(table, row))
        if owner is None and sku:
            text = "没有找到这个规格属于哪个商品，请核对商品编号和商品名称"
            problems.error("variant_alone", text, row=row.number, column=table.letter("name"), value=sku.name)
        if owner is None or sku is None:
            skipped += 1
        else:
            owner[1].append(sku)
    return [_finished(product, skus) for product, skus in found.values()], skipped


def _finished(product: Product, skus: Sequence[Sku]) -> Product:
    """With its variants, and with what it is said as a fact, unless that is for each variant to say."""
    varied = _names(skus)
    said = [
        Fact(_LABELS[attr], text, "", product.source)
        for attr in _SAID_TWICE
        if (text := getattr(product, attr)) and _LABELS[attr] not in varied
    ]
    whole = replace(product, facts=(*said, *product.facts), skus=tuple(skus))
    return replace(whole, row_hash=product_hash(whole))


def _names(skus: Iterable[Sku]) -> set[str]:
    return {fact.name for sku in skus for fact in sku.facts}


def _is_variant(table: Table, row: Row) -> bool:
    said = table.text(row, ROW)
    return said == VARIANT or (said != WHOLE and any(table.text(row, attr) for attr in ("sku", "sku_name")))


def _identity(table: Table, row: Row) -> tuple[str, str]:
    return table.text(row, "key"), table.text(row, "name")


def _product(table: Table, row: Row, problems: Problems) -> Product | None:
    key, name = _identity(table, row)
    if not name:
        problems.error("name_missing", "缺少商品名称，请补上", row=row.number, column=table.letter("name"), value=key)
        return None
    return Product(
        id="",
        key=key or fold(name) or name,
        name=name,
        brand=table.text(row, "brand"),
        category=table.text(row, "category"),
        model=table.text(row, "model"),
        facts=_facts(table, row, said=False),
        status=read_status(table, row, problems),
        source=table.source(row.number, table.letter("name")),
        version=0,
    )


def _sku(table: Table, row: Row, problems: Problems) -> Sku | None:
    code, name = table.text(row, "sku"), table.text(row, "sku_name")
    if not code and not name:
        text = "这一行规格要有SKU编码或SKU名称"
        problems.error("variant_unnamed", text, row=row.number, column=table.letter("sku_name"))
        return None
    return Sku("", code or name, name or code, _facts(table, row, said=True))


def _facts(table: Table, row: Row, *, said: bool) -> tuple[Fact, ...]:
    """What the cells of a row say, in the order of the columns; with `said`, those of brand, category and model too."""
    found = []
    for column in table.columns:
        known = column.use is Use.FACT or (said and column.field in _SAID_TWICE)
        if known and (text := row.cell(column.index)):
            found.append(Fact(*read_fact(column.header, text), table.source(row.number, column.letter)))
    return tuple(found)
