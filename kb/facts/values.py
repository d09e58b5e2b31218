"""The value of a product's fact, said of the whole product or of the variants that a message names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from kb.facts import sentences
from kb.facts.sentences import worth
from kb.facts.variants import Wanted, is_variant_name, tells_size, variant_facts
from kb.model import Fact, Product, Sku, Stated, StatedKind

MOST_LISTED = 8  # values that can be read in one sentence
_MOST_NAMED = 4  # variants whose names fit into it

Owned = Sequence[tuple[Sku, Fact]]


def valued(product: Product, names: Iterable[str], want: Wanted) -> Iterator[Stated]:
    """What the product's facts of these names say; nothing where the message names a variant that does not exist."""
    in_vain = bool(want.missing) and want.missing_kind != "amount"
    for name in names:
        # A size table may know the M码胸围 of a product whose variants have no sizes.
        if in_vain and not (want.missing_kind == "size" and tells_size(name, want.missing)):
            continue
        own = [(sku, fact) for sku in want.skus for fact in sku.facts if fact.name == name]
        shared = next((fact for fact in product.facts if fact.name == name), None)
        if own and not want.missing:
            yield from _of_variants(product, name, own, want)
        elif shared and not own:
            yield Stated(StatedKind.VALUE, product, name, sentences.value_of(product, shared), (shared,))


def listed(product: Product, name: str, facts: Sequence[Fact]) -> Iterator[Stated]:
    """The different values of one fact, as choices that there are."""
    values = list(dict.fromkeys(map(worth, facts)))
    if 0 < len(values) <= MOST_LISTED:
        yield Stated(StatedKind.LIST, product, name, sentences.choices_of(product, name, values), tuple(facts))


def _of_variants(product: Product, name: str, own: Owned, want: Wanted) -> Iterator[Stated]:
    skus, facts = tuple(sku for sku, _ in own), tuple(fact for _, fact in own)
    everywhere = len(own) == len(product.skus)
    alike = len({worth(fact) for fact in facts}) == 1
    if alike and (everywhere or (want.words and len(own) <= _MOST_NAMED)):
        variant = "" if everywhere else "、".join(sku.name for sku in skus)
        yield Stated(StatedKind.VALUE, product, name, sentences.value_of(product, facts[0], variant), facts, skus)
    elif is_variant_name(name):
        yield from listed(product, name, facts)
    elif len(pairs := _by_variant(own)) <= MOST_LISTED:
        yield Stated(StatedKind.LIST, product, name, sentences.values_of(product, name, pairs), facts, skus)


def _by_variant(own: Owned) -> list[tuple[str, str]]:
    """(variant, value) in the sheet's order; by size alone where the colour changes nothing, and the other way round."""
    whole = [(sku.name, worth(fact)) for sku, fact in own]
    ways = [whole]
    for name in {fact.name for sku, _ in own for fact in variant_facts(sku)}:
        parts = [(next((f for f in variant_facts(sku) if f.name == name), None), worth(fact)) for sku, fact in own]
        pairs = list(dict.fromkeys((worth(part), value) for part, value in parts if part))
        if all(part for part, _ in parts) and len({part for part, _ in pairs}) == len(pairs):
            ways.append(pairs)
    return min(ways, key=lambda pairs: (len(pairs), pairs))
