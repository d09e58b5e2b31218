"""Rules of what to offer, beside the shop's products: what the sheet calls them becomes the products' own keys."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ingest.compare.catalogue import Catalogue
from ingest.kinds.offer import id_of, is_made, key_of
from ingest.problem import Problem, make_problem
from kb.model import OfferRule, OfferWay, Source


def with_keys(rule: OfferRule, catalogue: Catalogue) -> OfferRule:
    """The rule with numbers and names as keys. What means no product stays as it is written, and leads to no offer.

    A row without a number of its own is what it is about: the same whether it names a product by its number or its name.
    """
    products = tuple(sorted({catalogue.find(text) or text for text in rule.products}))
    found = replace(rule, products=products, partner=catalogue.find(rule.partner) or rule.partner)
    if not is_made(rule.key):
        return found
    key = key_of(found.way, found.products, found.partner, found.threshold)
    return replace(found, key=key, id=id_of(key))


def unknown_products(rule: OfferRule, catalogue: Catalogue) -> Iterator[Problem]:
    """What the shop does not sell. A gift may be anything, and a rule may speak of a category."""
    named = [] if rule.way is OfferWay.GIFT else [rule.partner]
    if rule.way is not OfferWay.THRESHOLD:
        named += rule.products
    source = rule.source or Source("")
    for text in named:
        if text and not catalogue.find(text) and text not in catalogue.categories:
            told = (
                f"店里没有“{text[:40]}”这个商品或类目，这条规则暂时不起作用；请先导入商品表再导入本表，或改成商品编号"
            )
            yield make_problem("warning", source.sheet, "product_unknown", told, row=source.row, column=source.column)


def same_rule(one: OfferRule, other: OfferRule | None) -> bool:
    """Whether nothing changes but where the row stands."""
    return other is not None and replace(one, source=None) == replace(other, source=None)
