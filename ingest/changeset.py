"""What a sheet changes: its drafts beside what the store holds, by kind and key.

The same row hash means that the merchant's row is as it was; then the stored thing stays, a trainer's edits and
all. A different one is written over it, under the same id, keeping what others than the merchant added.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from ingest.columns.fields import SheetKind
from ingest.draft import SheetDraft
from ingest.problem import Problem, make_problem
from kb.model import Answer, Entry, EntryKind, Origin, Phrasing, Product, Sku, Status
from kb.store.codec import new_id
from kb.text import fold


class Mark(StrEnum):
    """What an import does to one entry or product."""

    ADDED = "added"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class Known:
    """What the store holds, by identity."""

    entries: Mapping[tuple[EntryKind, str], Entry]
    products: Mapping[str, Product]

    def entry(self, draft: Entry) -> Entry | None:
        """The stored entry of a row, also where a trainer has made the question a process or a case since."""
        same = self.entries.get((draft.kind, draft.key))
        if same or draft.kind is not EntryKind.FAQ:
            return same
        others = (self.entries.get((kind, draft.key)) for kind in (EntryKind.PROCESS, EntryKind.CASE))
        return next((other for other in others if other and other.row_hash), None)


@dataclass(frozen=True, slots=True)
class Changeset:
    """What to write for one sheet. Versions are those that were seen; a new thing has version 0."""

    kind: SheetKind
    entries: tuple[Entry, ...]
    products: tuple[Product, ...]
    marks: Mapping[str, Mark]  # by key
    problems: tuple[Problem, ...] = ()

    def count(self, mark: Mark) -> int:
        return sum(each is mark for each in self.marks.values())


def known(entries: Sequence[Entry], products: Sequence[Product]) -> Known:
    return Known({(e.kind, e.key): e for e in entries}, {p.key: p for p in products})


def compare(draft: SheetDraft, stored: Known, *, as_draft: bool = False) -> Changeset | None:
    """The changeset of one sheet; None for a sheet that is not imported.

    With `as_draft`, what is new arrives as a draft; what exists keeps its status, so a retired key stays retired.
    """
    if draft.kind is None:
        return None
    status = Status.DRAFT if as_draft else Status.PUBLISHED
    marks: dict[str, Mark] = {}
    entries: list[Entry] = []
    problems: list[Problem] = []
    for entry in (each.entry for each in draft.entries):
        old = stored.entry(entry)
        marks[entry.key] = _mark(entry, old)
        if marks[entry.key] is Mark.UNCHANGED:
            continue
        entries.append(_changed_entry(entry, old) if old else _new_entry(entry, status))
        if old and old.origin is Origin.TRAINER:
            problems.append(_overwritten(entry))
    products: list[Product] = []
    for product in draft.products:
        before = stored.products.get(product.key)
        marks[product.key] = _mark(product, before)
        if marks[product.key] is not Mark.UNCHANGED:
            products.append(_with_ids(product, before, status))
    return Changeset(draft.kind, tuple(entries), tuple(products), marks, tuple(problems))


def _mark(new: Entry | Product, old: Entry | Product | None) -> Mark:
    if old is None:
        return Mark.ADDED
    return Mark.UNCHANGED if old.row_hash == new.row_hash else Mark.CHANGED


def _new_entry(entry: Entry, status: Status) -> Entry:
    return replace(
        entry,
        id=new_id("e"),
        status=status,
        phrasings=tuple(replace(phrasing, id=new_id("p")) for phrasing in entry.phrasings),
        answers=tuple(replace(answer, id=new_id("a")) for answer in entry.answers),
    )


def _changed_entry(entry: Entry, old: Entry) -> Entry:
    return replace(
        entry,
        id=old.id,
        kind=old.kind,
        version=old.version,
        status=old.status,
        phrasings=_merge_phrasings(entry, old),
        answers=_merge_answers(entry.answers, old.answers),
    )


def _merge_phrasings(entry: Entry, old: Entry) -> tuple[Phrasing, ...]:
    """The merchant's phrasings of today and everybody else's; for the same text, what a person decided stands."""
    kept = [p for p in old.phrasings if p.origin is not Origin.MERCHANT and fold(p.text) != fold(entry.question)]
    decided = {fold(p.text) for p in kept}
    ids = {(p.text, p.polarity): p.id for p in old.phrasings if p.origin is Origin.MERCHANT}
    fresh = [
        replace(p, id=ids.get((p.text, p.polarity)) or new_id("p"))
        for p in entry.phrasings
        if fold(p.text) not in decided
    ]
    return (*fresh, *kept)


def _merge_answers(new: Sequence[Answer], old: Sequence[Answer]) -> tuple[Answer, ...]:
    """An answer whose text is as before stays whole: conditions are a trainer's, no sheet states them."""
    known = {answer.text: answer for answer in reversed(old)}
    return tuple(known.get(answer.text) or replace(answer, id=new_id("a")) for answer in new)


def _with_ids(product: Product, old: Product | None, status: Status) -> Product:
    ids = {sku.key: sku.id for sku in old.skus} if old else {}
    skus: tuple[Sku, ...] = tuple(replace(s, id=ids.pop(s.key, "") or new_id("s")) for s in product.skus)
    if old:
        return replace(product, id=old.id, version=old.version, status=old.status, skus=skus)
    return replace(product, id=new_id("p"), status=status, skus=skus)


def _overwritten(entry: Entry) -> Problem:
    source = entry.source
    return make_problem(
        "warning",
        source.sheet if source else "",
        "trainer_edit_overwritten",
        "训练师改过这一条，而表里的内容也变了，导入后以表为准，请核对",
        row=source.row if source else 0,
        column=source.column if source else "",
        value=entry.question or entry.key,
    )
