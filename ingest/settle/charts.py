"""Size tables find the products they are about: in their file first, else among what the shop has."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from ingest.draft import Chart, SheetDraft
from ingest.kinds.rowhash import product_hash
from ingest.problem import Problem, make_problem
from ingest.settle.combine import Combined, is_measure, without
from kb.language.text import fold
from kb.model import Fact, Product, Sku

_ABOUT = re.compile(
    r"(?:参考)?(?:尺码|尺寸|规格)(?:对照|对应|参考|信息|说明|数据|建议)?表?|单位\s*[:：]?\s*\w+|[()（）【】\[\]]"
    r"|(?:商品|产品|货品|款式)?(?:名称|编号|编码|货号|款号)\s*[:：]?|\b(?:sheet|工作表)\s*\d*\b",
    re.IGNORECASE,
)
_PIECES = re.compile(r"[\s:：,，;；|/()（）【】\[\]—\-_]+")
_SHORTEST_NAME = 3  # characters by which a longer text names a product
_MOST_LOOKS = 5_000_000  # names compared with texts in one file; nobody sends so many size tables
_UNKNOWN = "尺码表没有写明是哪个商品，或写的商品店里没有，没有导入。请在表上方或工作表名里写上商品名称或编号"
_DIFFERENT = "尺码表和商品资料对不上：“{name}”两处不一样，以商品资料为准，请核对"


def settle_charts(drafts: Sequence[SheetDraft]) -> list[SheetDraft]:
    """The drafts with the size tables of the file's own products taken up by them."""
    products = {product.key: product for draft in drafts for product in draft.products}
    if not products:
        return list(drafts)
    names = Names(products.values())
    combined: dict[str, Combined] = {}
    settled: list[SheetDraft] = []
    for draft in drafts:
        open_, problems = [], list(draft.problems)
        for chart in draft.charts:
            key = names.meant(chart)
            if key:
                problems += _take_up(combined.setdefault(key, Combined(products[key])), chart)
            else:
                open_.append(chart)
        settled.append(replace(draft, charts=tuple(open_), problems=tuple(problems)))
    return [
        replace(draft, products=tuple(combined[p.key].product if p.key in combined else p for p in draft.products))
        for draft in settled
    ]


def place_charts(drafts: Sequence[SheetDraft], stored: Mapping[str, Product]) -> list[SheetDraft]:
    """The drafts beside what the shop has: its products with the size tables that are left, and warnings of the others.

    What a size table of another file has said of a product stays, since a product sheet without these columns does not
    deny it.
    """
    taken = {product.key for draft in drafts for product in draft.products}
    charts = any(draft.charts for draft in drafts)
    names = Names(product for product in stored.values() if charts and product.key not in taken)
    combined: dict[str, Combined] = {}
    first: dict[str, int] = {}
    placed: list[SheetDraft] = []
    for number, draft in enumerate(drafts):
        problems = list(draft.problems)
        for chart in draft.charts:
            key = names.meant(chart)
            if not key:
                problems.append(_unknown(chart))
                continue
            file, sheet = chart.source.file, chart.source.sheet
            base = combined.get(key) or Combined(without(stored[key], file, sheet))
            combined[key] = base
            first.setdefault(key, number)
            problems += _take_up(base, chart)
        kept = draft.products if draft.own else _kept(draft.products, stored)  # our own sheet says all there is to say
        placed.append(replace(draft, problems=tuple(problems), products=kept))
    for key, number in first.items():
        draft = placed[number]
        placed[number] = replace(draft, products=(*draft.products, combined[key].product))
    return placed


class Names:
    """What products are called, so that the one that a size table is about is found among thousands."""

    def __init__(self, products: Iterable[Product]) -> None:
        self._codes: dict[str, set[str]] = {}
        self._names: dict[str, set[str]] = {}
        for product in products:
            for code in map(fold, (product.key, product.model)):
                if len(code) > 1:
                    self._codes.setdefault(code, set()).add(product.key)
            self._names.setdefault(fold(product.name), set()).add(product.key)
        self._looks = 0

    def meant(self, chart: Chart) -> str:
        """The key of the one product that a size table names; "" where none does, or more than one."""
        for text in chart.names:
            for find in (self._by_number, self._by_name, self._by_part):
                found = find(text)
                if found:
                    return found.pop() if len(found) == 1 else ""
        return ""

    def _by_number(self, text: str) -> set[str]:
        pieces = {fold(piece) for piece in _PIECES.split(text)} | {fold(text)}
        return {key for piece in pieces for key in self._codes.get(piece, ())}

    def _by_name(self, text: str) -> set[str]:
        return set(self._names.get(_about(text), ())) or set(self._names.get(fold(text), ()))

    def _by_part(self, text: str) -> set[str]:
        about = _about(text)
        self._looks += len(self._names)
        if len(about) < _SHORTEST_NAME or self._looks > _MOST_LOOKS:
            return set()
        near = (name for name in self._names if len(name) >= _SHORTEST_NAME and (name in about or about in name))
        return {key for name in near for key in self._names[name]}


def _about(text: str) -> str:
    """ "天丝衬衫尺码表（单位：cm）" → "天丝衬衫" """
    return fold(_ABOUT.sub(" ", text))


def _take_up(combined: Combined, chart: Chart) -> list[Problem]:
    before = len(combined.differing)
    combined.add_sizes(chart.measures)
    return [_different(fact) for fact in combined.differing[before:]]


def _kept(products: tuple[Product, ...], stored: Mapping[str, Product]) -> tuple[Product, ...]:
    return tuple(_with_measures(p, stored[p.key]) if p.key in stored else p for p in products)


def _with_measures(product: Product, old: Product) -> Product:
    """The product of a sheet with the stored values of a size table that came in another file."""
    file = product.source.file if product.source else ""
    names = {fact.name for fact in (*product.facts, *(fact for sku in product.skus for fact in sku.facts))}
    facts = _others(old.facts, file, names)
    before = {sku.key: _others(sku.facts, file, names) for sku in old.skus}
    if not facts and not any(before.values()):
        return product
    skus: tuple[Sku, ...] = tuple(replace(s, facts=(*s.facts, *before.get(s.key, ()))) for s in product.skus)
    kept: Product = replace(product, facts=(*product.facts, *facts), skus=skus)
    return replace(kept, row_hash=product_hash(kept))


def _others(facts: Iterable[Fact], file: str, names: Collection[str]) -> tuple[Fact, ...]:
    return tuple(f for f in facts if f.source and f.source.file != file and f.name not in names and is_measure(f))


def _unknown(chart: Chart) -> Problem:
    source = chart.source
    return make_problem("warning", source.sheet, "size_table_of_none", _UNKNOWN, row=source.row, value=chart.names[0])


def _different(fact: Fact) -> Problem:
    source = fact.source
    return make_problem(
        "warning",
        source.sheet if source else "",
        "size_differs",
        _DIFFERENT.format(name=fact.name),
        row=source.row if source else 0,
        column=source.column if source else "",
        value=fact.value,
    )
