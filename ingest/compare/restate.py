"""A row of our own export over what the store holds: the sheet says everything, as a trainer's form does.

Ids, origins and sources stay where a text is still there, so that an export nobody has edited restates exactly what is
stored, and changes nothing. The merchant's row hash stays too: the merchant's own sheet must not undo a trainer's edit
only because that edit went through a spreadsheet. For the same reason what is added here is a trainer's.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import replace
from typing import TypeVar

from kb.model import Answer, Entry, Fact, Origin, Phrasing, Product, Sku
from kb.store.codec import new_id

T = TypeVar("T")


def restate_entry(new: Entry, old: Entry) -> Entry:
    """The stored entry with what the sheet says; equal to it when the sheet says nothing new."""
    return replace(
        new,
        id=old.id,
        key=old.key,
        phrasings=_phrasings(new.phrasings, old.phrasings),
        answers=_answers(new.answers, old.answers),
        origin=old.origin,
        source=old.source,
        row_hash=old.row_hash,
        version=old.version,
        updated_at=old.updated_at,
    )


def restate_product(new: Product, old: Product) -> Product:
    """The same for a product."""
    before = {sku.key: sku for sku in old.skus}
    skus = tuple(_restate_sku(sku, before.get(sku.key)) for sku in new.skus)
    facts = _facts(new.facts, old.facts)
    kept = replace(new, id=old.id, key=old.key, facts=facts, skus=skus, source=old.source, row_hash=old.row_hash)
    return replace(kept, version=old.version, updated_at=old.updated_at)


def _restate_sku(new: Sku, old: Sku | None) -> Sku:
    if old is None:
        return replace(new, id=new_id("s"))
    return replace(new, id=old.id, facts=_facts(new.facts, old.facts))


def _phrasings(new: Sequence[Phrasing], old: Sequence[Phrasing]) -> tuple[Phrasing, ...]:
    # Sheets hold phrasings and counter-examples apart, so their order among each other says nothing.
    found = _matched(new, old, lambda p: (p.text, p.polarity), made=_added_phrasing)
    return _in_order(found, old)


def _added_phrasing(phrasing: Phrasing) -> Phrasing:
    return replace(phrasing, id=new_id("p"), origin=Origin.TRAINER)


def _added_answer(answer: Answer) -> Answer:
    return replace(answer, id=new_id("a"), origin=Origin.TRAINER)


def _answers(new: Sequence[Answer], old: Sequence[Answer]) -> tuple[Answer, ...]:
    found = _matched(new, old, lambda a: (a.text, a.condition, a.window), made=_added_answer)
    return tuple(found)


def _facts(new: Sequence[Fact], old: Sequence[Fact]) -> tuple[Fact, ...]:
    return _in_order(_matched(new, old, lambda f: (f.name, f.value, f.unit)), old)


def _in_order(found: list[T], old: Sequence[T]) -> tuple[T, ...]:
    """As stored where nothing came and nothing went."""
    return tuple(old) if len(found) == len(old) and all(each in old for each in found) else tuple(found)


def _matched(
    new: Iterable[T], old: Iterable[T], identity: Callable[[T], Hashable], made: Callable[[T], T] = lambda each: each
) -> list[T]:
    """What is stored already as it is stored, each once; the rest as made."""
    stored: defaultdict[Hashable, list[T]] = defaultdict(list)
    for each in old:
        stored[identity(each)].append(each)
    return [stored[identity(each)].pop(0) if stored[identity(each)] else made(each) for each in new]
