"""Several sheets about one product: what a later sheet adds to an earlier one, and a size table to the product it is of.

The earlier sheet is right where two differ, and the difference is told. Facts of a size stand on the variants of that
size; on the product itself (M码胸围) where there is none, since a size table says nothing about what is sold.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from ingest.draft import Measure
from ingest.kinds.rowhash import product_hash
from kb.language import names
from kb.language.sizes import size_keys
from kb.language.text import fold
from kb.model import Fact, Product, Sku

_SIZE_NAMES = frozenset(map(fold, names.SIZE.split()))
_SPEC_NAMES = frozenset(map(fold, names.SPEC.split()))
_MEASURES = frozenset(map(fold, names.MEASURES.split()))
_MANY = frozenset(map(fold, names.POINTS.split()))  # a product may have several of these
_IDENTITY = ("name", "brand", "category", "model")


class Combined:
    """A product while sheets add to it; `differing` are facts that were said otherwise before, and left out."""

    def __init__(self, product: Product) -> None:
        self._base = product
        self._facts: dict[str, list[Fact]] = {}
        self._skus: dict[str, list[Fact]] = {}
        self._names: dict[str, str] = {}
        self._open = self._changed = False
        self.differing: list[Fact] = []

    @property
    def product(self) -> Product:
        """All that was said, with the hash of it."""
        if self._changed:
            ids = {sku.key: sku.id for sku in self._base.skus}
            skus = (Sku(ids.get(key, ""), key, self._names[key], tuple(facts)) for key, facts in self._skus.items())
            facts = tuple(fact for each in self._facts.values() for fact in each)
            changed: Product = replace(self._base, facts=facts, skus=tuple(skus))
            self._base, self._changed = replace(changed, row_hash=product_hash(changed)), False
        return self._base

    def rename(self, key: str) -> None:
        """The number of a product that was known by its name."""
        self._base = replace(self.product, key=key)
        self._take_apart()

    def _take_apart(self) -> None:
        """Only when something is added: of twenty thousand products, one sheet speaks of most."""
        if not self._open:
            self._skus = {sku.key: list(sku.facts) for sku in self._base.skus}
            self._names = {sku.key: sku.name for sku in self._base.skus}
            for fact in self._base.facts:
                self._facts.setdefault(fact.name, []).append(fact)
        self._open = self._changed = True

    def add_product(self, more: Product) -> None:
        """What another sheet says of the same product."""
        base = self.product
        said = {each: getattr(base, each) or getattr(more, each) for each in _IDENTITY}
        self._base = replace(base, **said)
        self._take_apart()
        own = {fact.name: fact for facts in self._skus.values() for fact in facts}
        for fact in more.facts:
            if fact.name not in own or fold(fact.name) in _MANY:
                self._add_shared(fact)
            elif any(
                not _same(each, fact) for facts in self._skus.values() for each in facts if each.name == fact.name
            ):
                self.differing.append(fact)
        if base.skus and more.skus and all(map(_only_a_size, more.skus)):
            self.add_sizes([Measure(sku.name, f) for sku in more.skus for f in sku.facts if not _tells_variant(f)])
        else:
            self._add_skus(more.skus)

    def add_sizes(self, measures: Iterable[Measure]) -> None:
        """The values of a size table."""
        self._take_apart()
        by_size: dict[str, list[str]] = {}
        for key, facts in self._skus.items():
            for size in sku_sizes(Sku("", key, self._names[key], tuple(facts))):
                by_size.setdefault(size, []).append(key)
        for measure in measures:
            own = dict.fromkeys(key for size in size_keys(measure.size) for key in by_size.get(size, ()))
            for key in own:
                self._add_to_sku(key, measure.fact)
            if not own:
                self._add_shared(replace(measure.fact, name=sized_name(measure)))

    def _add_shared(self, fact: Fact) -> None:
        known = self._facts.setdefault(fact.name, [])
        if not known or (fold(fact.name) in _MANY and not any(_same(each, fact) for each in known)):
            known.append(fact)
        elif not any(_same(each, fact) for each in known):
            self.differing.append(fact)

    def _add_skus(self, skus: Iterable[Sku]) -> None:
        names = {fold(name): key for key, name in self._names.items()}
        for sku in skus:
            key = sku.key if sku.key in self._skus else names.get(fold(sku.name), sku.key)
            if key not in self._skus:
                self._skus[key], self._names[key] = [], sku.name
            for fact in sku.facts:
                self._add_to_sku(key, fact)

    def _add_to_sku(self, key: str, fact: Fact) -> None:
        own, shared = self._skus[key], self._facts.get(fact.name, [])
        known = [each for each in own if each.name == fact.name] + shared
        if not known:
            own.append(fact)
        elif not all(_same(each, fact) for each in known):
            self.differing.append(fact)


def sized_name(measure: Measure) -> str:
    """What a size's value is called on a product without that variant, so that "M码胸围多少" names it."""
    size = measure.size.strip()
    return f"{size}{'' if size.endswith(('码', '号')) else '码'}{measure.fact.name}"


def sku_sizes(sku: Sku) -> frozenset[str]:
    """The sizes that a variant is of: one, in one or two spellings, from its size or else its name."""
    told = [fact.value for fact in sku.facts if fold(fact.name) in _SIZE_NAMES]
    told = told or [part for part in sku.name.replace("/", " ").split() if size_keys(part)]
    return size_keys(told[0]) if len(told) == 1 else frozenset()


def is_measure(fact: Fact) -> bool:
    """Whether a fact is what size tables hold: 胸围, or on a product without variants M码胸围, whatever it is of M."""
    name = fold(fact.name)
    size, code, measure = name.rpartition("码")
    return (bool(measure) and bool(size_keys(size + code))) or any(
        each in _MEASURES or each.partition("(")[0].strip() in _MEASURES for each in (name, measure if code else name)
    )


def without(product: Product, file: str, sheet: str) -> Product:
    """The product without what a size table of this place has said of it before."""

    def kept(facts: Sequence[Fact]) -> tuple[Fact, ...]:
        return tuple(
            f for f in facts if not (f.source and f.source.file == file and f.source.sheet == sheet and is_measure(f))
        )

    skus = tuple(replace(sku, facts=kept(sku.facts)) for sku in product.skus)
    return replace(product, facts=kept(product.facts), skus=skus)


def _tells_variant(fact: Fact) -> bool:
    return fold(fact.name) in _SIZE_NAMES | _SPEC_NAMES


def _only_a_size(sku: Sku) -> bool:
    """Whether a variant is a row of a size table: it has a size, measures, and nothing that is sold."""
    told = [fact for fact in sku.facts if _tells_variant(fact)]
    rest = [fact for fact in sku.facts if not _tells_variant(fact)]
    return len(told) == 1 and bool(size_keys(sku.name)) and bool(rest) and any(map(is_measure, rest))


def _same(one: Fact, other: Fact) -> bool:
    return (one.value, one.unit) == (other.value, other.unit)
