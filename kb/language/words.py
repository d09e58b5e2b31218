"""The merchant's own dictionary: brands, models, product numbers and the short parts of product names.

Without it jieba cuts 雪域精粹 or XD-C65 into pieces that meet everything; custom dictionaries are among the
most asked-for features of every peer (MaxKB #1397, ragflow #6435).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from kb.language.text import fold
from kb.model import Product

_PARTS = re.compile(r"[\s/\\|,，、;；()（）\[\]【】《》<>+＋·•:：\"'“”‘’_]+")
_CODE = re.compile(r"[a-z]*\d[a-z0-9.\-]*|[a-z]{1,6}-[a-z0-9\-]+")
_HAN = re.compile(r"[\u3400-\u9fff]+")
_LONGEST_HAN = 6  # longer runs are phrases, not names: as one token they would hide their own words
_SHORTEST = 2


def words_of_product(product: Product) -> Iterator[str]:
    """Dictionary words of one product: brand, model, codes, and name parts short enough to be names."""
    for text in (product.brand, product.model, product.key, *(sku.key for sku in product.skus)):
        if _SHORTEST <= len(text) <= 24:
            yield fold(text)
    for text in (product.brand, product.name, product.category, *(sku.name for sku in product.skus)):
        for part in _PARTS.split(fold(text)):
            yield from (code for code in _CODE.findall(part) if len(code) >= _SHORTEST)
            yield from (run for run in _HAN.findall(part) if _SHORTEST <= len(run) <= _LONGEST_HAN)


def dictionary(products: Iterable[Product]) -> set[str]:
    """The words of all products of a merchant, folded."""
    return {word for product in products for word in words_of_product(product) if _SHORTEST <= len(word) <= 24}
