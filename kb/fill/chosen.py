"""Which variant of a product an order is for, in the platform's own words: 颜色:白色;尺码:M."""

from __future__ import annotations

import re

from kb.facts.attributes import plain_name
from kb.facts.sentences import worth
from kb.facts.variants import wanted
from kb.language.text import fold
from kb.model import Product, Sku

_PROPERTIES = re.compile(r"[;；,，|\n]+")
_NAMED = re.compile(r"^[^:：]{1,12}[:：]\s*")
_PARTS = re.compile(r"[\s/+，,、;；|]+")


def chosen(product: Product, words: str) -> Sku | None:
    """The one variant that is meant; None where none or several may be. A product with a single variant has it chosen."""
    if not words.strip():
        return product.skus[0] if len(product.skus) == 1 else None
    code = plain_name(words)
    same = [sku for sku in product.skus if code in (plain_name(sku.key), plain_name(sku.name))]
    values = [plain_name(_NAMED.sub("", part.strip())) for part in _PROPERTIES.split(words) if part.strip()]
    same = same or [sku for sku in product.skus if _is(sku, values)]
    if same:
        return same[0] if len(same) == 1 else None
    want = wanted(product, fold(words))
    return want.skus[0] if want.words and not want.missing and len(want.skus) == 1 else None


def _is(sku: Sku, values: list[str]) -> bool:
    """Whether every property is one of the variant's own values, or a part of its name."""
    own = {plain_name(worth(fact)) for fact in sku.facts} | set(map(plain_name, _PARTS.split(sku.name)))
    return all(value in own for value in values)
