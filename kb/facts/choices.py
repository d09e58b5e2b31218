"""Which colours, sizes and specifications there are, and whether there is the one that a message asks for."""

from __future__ import annotations

from collections.abc import Iterator

from kb.facts import sentences
from kb.facts.attributes import Attribute
from kb.facts.sentences import worth
from kb.facts.values import listed, valued
from kb.facts.variants import SIZE_WORD, Wanted, is_out, is_variant_name, kind_of, stock_of, variant_facts
from kb.model import Fact, Product, Stated, StatedKind

_MOST_NAMED = 6  # variants whose names an agent reads at a glance


def choices(product: Product, attribute: Attribute) -> Iterator[Stated]:
    """Every value that the product's variants have of an attribute: "有什么颜色"."""
    facts = [fact for fact in _own_and_shared(product) if attribute.called(fact.name)]
    for name in dict.fromkeys(fact.name for fact in facts):
        yield from listed(product, name, [fact for fact in facts if fact.name == name])


def there_is(product: Product, want: Wanted) -> Iterator[Stated]:
    """Whether there is the variant asked for: "有没有L码".

    No is said only where every variant states its colour (or size) and none comes near; else what there is.
    """
    if want.missing:
        yield from _instead(product, want)
    elif want.words:
        yield from _existing(product, want)


def _existing(product: Product, want: Wanted) -> Iterator[Stated]:
    left = tuple(sku for sku in want.skus if not is_out(sku))
    shared = [fact for fact in product.facts if is_variant_name(fact.name)]
    own = [fact for sku in left for fact in (*variant_facts(sku), *filter(None, [stock_of(sku)]))]
    facts = (*shared, *own)
    if not left:
        yield from valued(product, {fact.name for sku in want.skus if (fact := stock_of(sku))}, want)
    elif facts:
        single = len(want.skus) == 1
        thing = left[0].name if single else "、".join(map(_spoken, want.words))
        names = [] if single or len(left) > _MOST_NAMED else [sku.name for sku in left]
        named = (fact.name for fact in facts if any(word in worth(fact).lower() for word in want.words))
        attribute = next(named, facts[0].name)
        yield Stated(StatedKind.YES, product, attribute, sentences.there_is(product, thing, names), facts, left)


def _instead(product: Product, want: Wanted) -> Iterator[Stated]:
    facts = _complete(product, want.missing_kind) if want.missing_kind in {"colour", "size"} else []
    values = list(dict.fromkeys(map(worth, facts)))
    near = any(word.removesuffix("色")[-1:] in value for word in want.missing for value in values)
    if facts and not (near and want.missing_kind == "colour"):
        if len(values) <= _MOST_NAMED:
            thing = "、".join(map(_spoken, want.missing))
            text = sentences.there_is_none(product, thing, values)
            yield Stated(StatedKind.NO, product, facts[0].name, text, tuple(facts), product.skus)
    elif want.missing_kind != "both" and not want.words:
        alike = (fact for sku in product.skus for fact in variant_facts(sku))
        facts = facts or [fact for fact in alike if kind_of(fact.name) in {"", want.missing_kind}]
        if len({fact.name for fact in facts}) == 1:
            yield from listed(product, facts[0].name, facts)


def _complete(product: Product, kind: str) -> list[Fact]:
    """The facts of a kind if it is known of every variant, each by itself or all at once; none otherwise."""
    shared = [fact for fact in product.facts if kind_of(fact.name) == kind]
    facts = [variant_facts(sku, kind)[:1] for sku in product.skus]
    return shared or ([fact for (fact,) in facts] if all(facts) else [])


def _own_and_shared(product: Product) -> list[Fact]:
    return [*product.facts, *(fact for sku in product.skus for fact in sku.facts)]


def _spoken(word: str) -> str:
    """A size as it is said: xl → XL码; anything else as it is."""
    return f"{word.upper()}码" if SIZE_WORD.fullmatch(word) else word
