"""Answers for some products only: what the sheet calls them becomes the products' own keys."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from ingest.compare.catalogue import Catalogue
from ingest.kinds.rowhash import entry_hash
from ingest.problem import Problem, make_problem
from kb.language.mask import mask
from kb.model import Answer, Entry, Source


def for_products(entry: Entry, catalogue: Catalogue, problems: list[Problem]) -> Entry:
    """The entry with product numbers and names as keys, hashed as that; what means no product stays and is reported.

    Dropping it would give the answer to everybody. The same sheet after the products were imported is another content.
    """
    if not any(answer.condition.products for answer in entry.answers):
        return entry
    known: dict[str, str] = {}
    for text in sorted({text for answer in entry.answers for text in answer.condition.products}):
        known[text] = catalogue.find(text) or mask(text)
    problems += _unknown(entry, (text for text in known if not catalogue.find(text)))
    resolved = replace(entry, answers=tuple(_resolved(answer, known) for answer in entry.answers))
    return replace(resolved, row_hash=entry_hash(resolved))


def _resolved(answer: Answer, known: dict[str, str]) -> Answer:
    products = frozenset(known[text] for text in answer.condition.products)
    return replace(answer, condition=replace(answer.condition, products=products))


def _unknown(entry: Entry, texts: Iterable[str]) -> Iterable[Problem]:
    source = entry.source or Source("")
    for text in texts:
        told = (
            f"店里没有“{mask(text)[:40]}”这个商品，只限它的答复暂时不会推荐；请先导入商品表再导入本表，或改成商品编号"
        )
        yield make_problem("warning", source.sheet, "product_unknown", told, row=source.row, column=source.column)
