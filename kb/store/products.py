"""Products, SKUs and facts in a merchant's file: rows to nouns and back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from sqlite_utils import Database

from kb.model import Fact, Product, Sku, Status
from kb.store.codec import marks, pack_source, unpack_source


def put_products(db: Database, products: Sequence[Product]) -> None:
    """Insert or replace whole products with their SKUs and facts."""
    for product in products:
        db.conn.execute("DELETE FROM facts WHERE product_id = ?", [product.id])
        db.conn.execute("DELETE FROM skus WHERE product_id = ?", [product.id])
    db.table("products").upsert_all((_product_row(p) for p in products), pk="id")
    db.table("skus").insert_all(
        {"id": s.id, "product_id": p.id, "position": i, "key": s.key, "name": s.name}
        for p in products
        for i, s in enumerate(p.skus)
    )
    db.table("facts").insert_all(row for p in products for row in _fact_rows(p))


def all_products(db: Database, status: Status | None = None) -> list[Product]:
    """Every product (of one status), in the order they were first stored."""
    where = "1" if status is None else "status = :status"
    rows = list(db.query(f"SELECT * FROM products WHERE {where} ORDER BY rowid", {"status": str(status)}))
    return _assemble(rows, list(db.query("SELECT * FROM skus ORDER BY product_id, position")), _all_facts(db))


def find_products(db: Database, text: str, *, offset: int, limit: int) -> tuple[int, list[Product]]:
    """The page of products whose name, key, brand or model contains `text`, and how many match in all."""
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    values = {"like": f"%{escaped}%", "limit": limit, "offset": offset}
    where = " OR ".join(f"{column} LIKE :like ESCAPE '\\'" for column in ("name", "key", "brand", "model"))
    total = next(db.query(f"SELECT count(*) AS n FROM products WHERE {where}", values))["n"]
    rows = list(db.query(f"SELECT * FROM products WHERE {where} ORDER BY rowid LIMIT :limit OFFSET :offset", values))
    ids = [row["id"] for row in rows]
    skus = db.query(f"SELECT * FROM skus WHERE product_id IN ({marks(ids)}) ORDER BY product_id, position", ids)
    facts = db.query(f"SELECT * FROM facts WHERE product_id IN ({marks(ids)}) ORDER BY product_id, position", ids)
    return int(total), _assemble(rows, list(skus), list(facts))


def _all_facts(db: Database) -> list[dict[str, Any]]:
    return list(db.query("SELECT * FROM facts ORDER BY product_id, position"))


def _assemble(
    rows: list[dict[str, Any]], sku_rows: list[dict[str, Any]], fact_rows: list[dict[str, Any]]
) -> list[Product]:
    product_facts: defaultdict[str, list[Fact]] = defaultdict(list)
    sku_facts: defaultdict[str, list[Fact]] = defaultdict(list)
    for row in fact_rows:
        fact = Fact(row["name"], row["value"], row["unit"], unpack_source(row["source"]))
        if row["sku_id"] is None:
            product_facts[row["product_id"]].append(fact)
        else:
            sku_facts[row["sku_id"]].append(fact)
    skus: defaultdict[str, list[Sku]] = defaultdict(list)
    for row in sku_rows:
        skus[row["product_id"]].append(Sku(row["id"], row["key"], row["name"], tuple(sku_facts[row["id"]])))
    return [_product(row, tuple(product_facts[row["id"]]), tuple(skus[row["id"]])) for row in rows]


def _product(row: dict[str, Any], facts: tuple[Fact, ...], skus: tuple[Sku, ...]) -> Product:
    return Product(
        id=row["id"],
        key=row["key"],
        name=row["name"],
        brand=row["brand"],
        category=row["category"],
        model=row["model"],
        facts=facts,
        skus=skus,
        status=Status(row["status"]),
        source=unpack_source(row["source"]),
        row_hash=row["row_hash"],
        version=row["version"],
        updated_at=row["updated_at"],
    )


def _product_row(product: Product) -> dict[str, Any]:
    return {
        "id": product.id,
        "key": product.key,
        "name": product.name,
        "brand": product.brand,
        "category": product.category,
        "model": product.model,
        "status": str(product.status),
        "source": pack_source(product.source),
        "row_hash": product.row_hash,
        "version": product.version,
        "updated_at": product.updated_at,
    }


def _fact_rows(product: Product) -> Iterator[dict[str, Any]]:
    owners: list[tuple[str | None, tuple[Fact, ...]]] = [(None, product.facts)]
    owners += [(sku.id, sku.facts) for sku in product.skus]
    for sku_id, facts in owners:
        for position, fact in enumerate(facts):
            yield {
                "product_id": product.id,
                "sku_id": sku_id,
                "position": position,
                "name": fact.name,
                "value": fact.value,
                "unit": fact.unit,
                "source": pack_source(fact.source),
            }
