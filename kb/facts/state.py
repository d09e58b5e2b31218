"""Product questions answered from facts: "多重", "什么材质", "有没有L码" → a sentence of the sheet's own values.

It speaks only when it is clear which product is meant (meant.py), the message asks for a fact (asked.py) and the
sheet holds it. Nothing is computed, converted or guessed; silence is right everywhere else.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from kb.facts.asked import Asked, asked_attributes, asked_names, clauses
from kb.facts.attributes import Attribute, Shape, plain_name
from kb.facts.choices import choices, there_is
from kb.facts.meant import meant
from kb.facts.values import valued
from kb.facts.variants import Wanted, wanted
from kb.language.text import fold
from kb.model import Product, ProductHit, Stated
from kb.shard import Shard

MOST = 3  # answers to one message
_SHORTEST_NAME = 3  # characters of a product's name that cannot be chance
_LONGEST = 300  # characters of a sentence that an agent would send


def state(shard: Shard, text: str, hits: Sequence[ProductHit] = (), focus: str = "") -> tuple[Stated, ...]:
    """What the shop's product sheets answer to a prepared message (`kb.language.conversation.prepared`): at most three sentences.

    `hits` are the products that the search found for the message, `focus` is the key of the product the talk is about.
    """
    text = fold(text)
    parts = clauses(_without_names(text, [hit.product for hit in hits]))
    # Names of facts are looked for in the products at hand only: those of a whole shop would match anything.
    names = {name for hit in hits for name in _fact_names(hit.product)}
    questions = [one for part in parts for one in (*asked_attributes(part), *asked_names(part, names))]
    if not questions:
        return ()
    products = meant(shard, text, [one.words for one in questions], focus)
    found = [answer for product in products for answer in _answers(product, parts, text)]
    unique = {answer.text: answer for answer in found if len(answer.text) <= _LONGEST}
    return tuple(unique.values())[:MOST]


def _without_names(text: str, products: Sequence[Product]) -> str:
    """The message without what it says of the products' names: a 双接口U盘 does not ask for its 接口."""
    names = [fold(product.name) for product in products]
    start = 0
    while start + _SHORTEST_NAME <= len(text):
        ends = (end for name in names for end in _ends(text, start, name))
        end = max(ends, default=start)
        text = text[:start] + " " * (end - start) + text[end:]
        start = max(end, start + 1)
    return text


def _ends(text: str, start: int, name: str) -> Iterator[int]:
    """Where the runs of a name end that begin in the text at `start`."""
    end = start + _SHORTEST_NAME
    while end <= len(text) and text[start:end] in name:
        yield end
        end += 1


def _answers(product: Product, parts: Sequence[str], text: str) -> Iterator[Stated]:
    want, names = wanted(product, text), _fact_names(product)
    for part in parts:
        answered: list[Asked] = []
        for one in _questions(part, names):
            if any(one.overlaps(other) for other in answered):
                continue  # "多少克" was understood as one thing already
            answers = list(_answer(product, one, want, names))
            if answers:
                answered.append(one)
                yield from answers


def _questions(part: str, names: Collection[str]) -> list[Asked]:
    """What a clause asks of a product whose facts have these names.

    A fact's own name says more than a general word beside it: "里料是什么材质" asks for the lining alone.
    """
    general, named = asked_attributes(part), asked_names(part, names)
    exact = [one for one in named if one.exact]
    if not exact:
        return general or named
    kept = [one for one in general if one.apart or any(one.holds(other.name) for other in exact)]
    return kept + [one for one in exact if not any(other.holds(one.name) for other in kept)]


def _answer(product: Product, asked: Asked, want: Wanted, names: Collection[str]) -> Iterator[Stated]:
    attribute = asked.attribute
    if attribute is None:
        yield from valued(product, [name for name in sorted(names) if plain_name(name) == asked.name], want)
    elif attribute.shape is Shape.VALUE:
        yield from valued(product, _fitting(attribute, asked.clause, names), want)
    elif attribute.shape is Shape.EXISTENCE:
        yield from there_is(product, want)
    else:
        yield from choices(product, attribute)


def _fitting(attribute: Attribute, clause: str, names: Collection[str]) -> list[str]:
    """The facts that hold an attribute: 内胆材质 if the clause says 内胆, else the plain 材质, else every kind of it."""
    called = sorted(name for name in names if attribute.called(name))
    plain = [name for name in called if plain_name(name) in attribute.names]
    said = [name for name in called if name not in plain and _qualifier(attribute, name) in clause]
    return said or plain or called


def _qualifier(attribute: Attribute, name: str) -> str:
    whole = plain_name(name)
    return min((whole.removesuffix(word) for word in attribute.names), key=len).rstrip("后的")


def _fact_names(product: Product) -> set[str]:
    return {fact.name for fact in product.facts} | {fact.name for sku in product.skus for fact in sku.facts}
