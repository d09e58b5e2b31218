"""Products, SKUs and facts."""

from __future__ import annotations

from typing import Self

from bot.shapes.base import Reply
from kb.model import (
    Fact,
    Product,
    Sku,
    Status,
)


class FactOut(Reply):
    name: str
    value: str
    unit: str
    source: str

    @classmethod
    def of(cls, fact: Fact) -> Self:
        return cls(name=fact.name, value=fact.value, unit=fact.unit, source=str(fact.source or ""))


class SkuOut(Reply):
    key: str
    name: str
    facts: list[FactOut]

    @classmethod
    def of(cls, sku: Sku) -> Self:
        return cls(key=sku.key, name=sku.name, facts=[FactOut.of(fact) for fact in sku.facts])


class ProductOut(Reply):
    id: str
    key: str
    name: str
    brand: str
    category: str
    model: str
    status: Status
    source: str
    facts: list[FactOut]
    skus: list[SkuOut]

    @classmethod
    def of(cls, product: Product) -> Self:
        return cls(
            id=product.id,
            key=product.key,
            name=product.name,
            brand=product.brand,
            category=product.category,
            model=product.model,
            status=product.status,
            source=str(product.source or ""),
            facts=[FactOut.of(fact) for fact in product.facts],
            skus=[SkuOut.of(sku) for sku in product.skus],
        )


class ProductsOut(Reply):
    total: int
    products: list[ProductOut]
