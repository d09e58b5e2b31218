"""Several sheets about one product: what a later sheet adds to an earlier one, and a size table to the product it is of.

The earlier sheet is right where two differ, and the difference is told. Facts of a size stand on the variants of that
size; on the product itself (M码胸围) where there is none, since a size table says nothing about what is sold.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

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


@dataclass(slots=True)
class Combined:
    """A product while sheets add to it; `differing` are facts that were said otherwise before, and left out."""

    product: Product
    differing: list[Fact] = field(default_factory=list)

    def add_product(self, more: Product) -> None:
        """What another sheet says of the same product."""
        base = self.product
        said = {each: getattr(base, each) or getattr(more, each) for each in _IDENTITY}
        self.product = replace(base, **said)
        for fact in more.facts:
            self._add_shared(fact)
        if base.skus and more.skus and all(map(_only_a_size, more.skus)):
            self.add_sizes([Measure(sku.name, f) for sku in more.skus for f in sku.facts if not _tells_variant(f)])
        else:
            for sku in more.skus:
                self._add_sku(sku)
        self._rehash()

    def add_sizes(self, measures: Iterable[Measure]) -> None:
        """The values of a size table."""
        for measure in measures:
            keys = size_keys(measure.size)
            own = [sku for sku in self.product.skus if keys and keys & sku_sizes(sku)]
            for sku in own:
                self._add_to_sku(sku.key, measure.fact)
            if not own:
                self._add_shared(replace(measure.fact, name=sized_name(measure)))
        self._rehash()

    def _add_shared(self, fact: Fact) -> None:
        known = [each for each in self.product.facts if each.name == fact.name]
        own = [each for sku in self.product.skus for each in sku.facts if each.name == fact.name]
        if fold(fact.name) in _MANY:
            known, own = [each for each in known if _same(each, fact)], []
        if not known and not own:
            self.product = replace(self.product, facts=(*self.product.facts, fact))
        elif not all(_same(each, fact) for each in (*known, *own)):
            self.differing.append(fact)

    def _add_sku(self, sku: Sku) -> None:
        same = next((each for each in self.product.skus if each.key == sku.key or _alike(each, sku)), None)
        if same is None:
            # The variant is new, but what holds for all of the product has been said.
            facts = tuple(fact for fact in sku.facts if not self._shared_says(fact))
            self.product = replace(self.product, skus=(*self.product.skus, replace(sku, facts=facts)))
            return
        for fact in sku.facts:
            self._add_to_sku(same.key, fact)

    def _add_to_sku(self, key: str, fact: Fact) -> None:
        sku = next(each for each in self.product.skus if each.key == key)
        known = [each for each in (*sku.facts, *self.product.facts) if each.name == fact.name]
        if any(not _same(each, fact) for each in known):
            self.differing.append(fact)
        if not known:
            added = replace(sku, facts=(*sku.facts, fact))
            self.product = replace(self.product, skus=tuple(added if s is sku else s for s in self.product.skus))

    def _shared_says(self, fact: Fact) -> bool:
        known = [each for each in self.product.facts if each.name == fact.name]
        if any(not _same(each, fact) for each in known):
            self.differing.append(fact)
        return bool(known)

    def _rehash(self) -> None:
        self.product = replace(self.product, row_hash=product_hash(self.product))


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
    """Whether a fact is what size tables hold: 胸围, or M码胸围 on a product without variants."""
    name = fold(fact.name)
    _, code, measure = name.rpartition("码")
    return any(
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


def _alike(one: Sku, other: Sku) -> bool:
    return fold(one.name) == fold(other.name)


def _same(one: Fact, other: Fact) -> bool:
    return (one.value, one.unit) == (other.value, other.unit)
