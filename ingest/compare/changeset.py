"""What a sheet changes: its drafts beside what the store holds, by kind and key.

The same row hash means that the merchant's row is as it was; then the stored thing stays, a trainer's edits and
all. A different one is written over it, under the same id: an entry in what its sheet has columns for
(`ingest/compare/merge.py`), a product whole, since nobody but the merchant edits products.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from ingest.columns.fields import SheetKind
from ingest.compare.baskets import baskets_of
from ingest.compare.catalogue import Catalogue
from ingest.compare.conditions import for_products
from ingest.compare.merge import is_anothers, merge_entry
from ingest.compare.restate import restate_entry, restate_product
from ingest.draft import SheetDraft
from ingest.mine.mine import Mined, mine
from ingest.problem import Problem, make_problem
from ingest.settle.profile import replaced
from kb.embed import Engine
from kb.model import Basket, Entry, EntryKind, Fact, Lead, Origin, Product, Sku, Status
from kb.store.codec import new_id
from kb.store.vectors import Vector

_MISSING = "missing@"


class Mark(StrEnum):
    """What an import does to one entry, product, fact of the shop or basket."""

    ADDED = "added"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Known:
    """What the store holds, by identity; with an engine and its vectors of that, chat logs are understood by meaning too."""

    entries: Mapping[tuple[EntryKind, str], Entry]
    products: Mapping[str, Product]
    profile: Mapping[str, Fact] = field(default_factory=dict)
    baskets: Mapping[str, Basket] = field(default_factory=dict)
    salt: bytes = b""  # of the shop's order numbers
    catalogue: Catalogue = field(default_factory=lambda: Catalogue({}, {}))
    engine: Engine | None = None
    vectors: Mapping[str, Vector] = field(default_factory=dict)

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
    profile: tuple[Fact, ...] = ()
    baskets: tuple[Basket, ...] = ()
    leads: tuple[Lead, ...] = ()
    removed: tuple[Entry | Product, ...] = ()  # as stored: an earlier import of the file brought it, this one lacks it
    retired_entries: tuple[Entry, ...] = ()  # the same as they are to be written, where the trainer asked for it
    retired_products: tuple[Product, ...] = ()
    mined: Mined | None = None  # of a chat log

    @property
    def retired(self) -> int:
        return len(self.retired_entries) + len(self.retired_products)

    def count(self, mark: Mark) -> int:
        return sum(each is mark for each in self.marks.values())


def known(
    entries: Sequence[Entry],
    products: Sequence[Product],
    profile: Sequence[Fact] = (),
    baskets: Sequence[Basket] = (),
    salt: bytes = b"",
    catalogue: Catalogue | None = None,
) -> Known:
    return Known(
        {(e.kind, e.key): e for e in entries},
        {p.key: p for p in products},
        {fact.name: fact for fact in profile},
        {basket.id: basket for basket in baskets},
        salt,
        catalogue or Catalogue.of(products),
    )


def compare(draft: SheetDraft, stored: Known, *, as_draft: bool = False) -> Changeset | None:
    """The changeset of one sheet; None for a sheet that is not imported.

    With `as_draft`, what is new arrives as a draft; what exists keeps its status: what a person retired stays retired.
    What an import retired because its row was gone comes back with its row.
    """
    if draft.kind is None:
        return None
    if draft.kind is SheetKind.CHAT:
        return _mined(draft, stored)
    status = Status.DRAFT if as_draft else Status.PUBLISHED
    marks: dict[str, Mark] = {}
    problems: list[Problem] = []
    entries = _changed_entries(draft, draft.kind, stored, status, marks, problems)
    products = _changed_products(draft, stored, status, marks)
    facts = _changed_facts(draft, stored, marks, problems)
    baskets = _changed_baskets(draft, stored, marks)
    return Changeset(draft.kind, entries, products, marks, tuple(problems), facts, baskets)


def _changed_entries(
    draft: SheetDraft,
    kind: SheetKind,
    stored: Known,
    status: Status,
    marks: dict[str, Mark],
    problems: list[Problem],
) -> tuple[Entry, ...]:
    changed: list[Entry] = []
    for each in draft.entries:
        # Our own sheet names products by number already; a merchant's may use their names.
        entry = each.entry if draft.own else for_products(each.entry, stored.catalogue, problems)
        old = stored.entry(entry)
        now = _entry_now(entry, old, draft, kind, status)
        same = now is old or now == old
        marks[entry.key] = Mark.ADDED if old is None else Mark.UNCHANGED if same else Mark.CHANGED
        if not same:
            changed.append(now)
            problems += _doubts(now, old) if old and not draft.own else ()
    return tuple(changed)


def _entry_now(entry: Entry, old: Entry | None, draft: SheetDraft, kind: SheetKind, status: Status) -> Entry:
    """What a row makes of the stored entry: that very one where it changes nothing."""
    if old is None:
        return _new_entry(entry, status)
    if draft.own:
        return restate_entry(entry, old)
    if _same_row(entry, old):
        return old
    merged = merge_entry(entry, old, kind, draft.fields)
    return replace(merged, status=status) if was_missing(old) else merged


def _changed_products(draft: SheetDraft, stored: Known, status: Status, marks: dict[str, Mark]) -> tuple[Product, ...]:
    changed: list[Product] = []
    for product in draft.products:
        old = stored.products.get(product.key)
        now = _product_now(product, old, draft, status)
        same = now is old or now == old
        marks[product.key] = Mark.ADDED if old is None else Mark.UNCHANGED if same else Mark.CHANGED
        if not same:
            changed.append(now)
    return tuple(changed)


def _product_now(product: Product, old: Product | None, draft: SheetDraft, status: Status) -> Product:
    """The same of a product."""
    if old and draft.own:
        return restate_product(product, old)
    return old if old and _same_row(product, old) else _with_ids(product, old, status)


def _changed_facts(
    draft: SheetDraft, stored: Known, marks: dict[str, Mark], problems: list[Problem]
) -> tuple[Fact, ...]:
    changed = []
    for fact in draft.profile:
        old = stored.profile.get(fact.name)
        if old and (old.value, old.unit) == (fact.value, fact.unit):
            marks[fact.name] = Mark.UNCHANGED
            continue
        marks[fact.name] = Mark.CHANGED if old else Mark.ADDED
        changed.append(fact)
        problems += [replaced(fact, old)] if old else ()
    return tuple(changed)


def _changed_baskets(draft: SheetDraft, stored: Known, marks: dict[str, Mark]) -> tuple[Basket, ...]:
    changed = []
    for basket in baskets_of(draft.orders, stored.catalogue, stored.baskets, stored.salt):
        old = stored.baskets.get(basket.id)
        marks[basket.id] = Mark.ADDED if old is None else Mark.UNCHANGED if old == basket else Mark.CHANGED
        if old != basket:
            changed.append(basket)
    return tuple(changed)


def _mined(draft: SheetDraft, stored: Known) -> Changeset:
    """What a chat log brings: drafts of what is new, whatever was asked for, and leads to what the shop has. What was mined
    before stays as it is, edits and all."""
    found = mine(draft.talks, stored.entries.values(), sheet=draft.sheet, engine=stored.engine, vectors=stored.vectors)
    new = tuple(_new_entry(entry, Status.DRAFT) for entry in found.entries if not stored.entry(entry))
    marks = {entry.key: Mark.UNCHANGED if stored.entry(entry) else Mark.ADDED for entry in found.entries}
    return Changeset(draft.kind or SheetKind.CHAT, new, (), marks, leads=found.leads, mined=found)


def _same_row(new: Entry | Product, old: Entry | Product) -> bool:
    """Whether the merchant's row is as it was, and what it made has not been retired for want of it."""
    return _hash(old) == new.row_hash and not was_missing(old)


def missing_hash(thing: Entry | Product) -> str:
    """The row hash of a thing that an import retires because its row is gone: the hash it had, and the version it gets."""
    return f"{_MISSING}{thing.version + 1}:{_hash(thing)}"


def was_missing(thing: Entry | Product) -> bool:
    """Whether an import retired this because its row was gone, and nobody has touched it since."""
    return thing.status is Status.RETIRED and thing.row_hash.startswith(f"{_MISSING}{thing.version}:")


def _hash(thing: Entry | Product) -> str:
    return thing.row_hash.rpartition(":")[2]


def _new_entry(entry: Entry, status: Status) -> Entry:
    return replace(
        entry,
        id=new_id("e"),
        status=_arrives(entry.status, status),
        phrasings=tuple(replace(phrasing, id=new_id("p")) for phrasing in entry.phrasings),
        answers=tuple(replace(answer, id=new_id("a")) for answer in entry.answers),
    )


def _with_ids(product: Product, old: Product | None, status: Status) -> Product:
    ids = {sku.key: sku.id for sku in old.skus} if old else {}
    skus: tuple[Sku, ...] = tuple(replace(s, id=ids.pop(s.key, "") or new_id("s")) for s in product.skus)
    if old:
        kept = status if was_missing(old) else old.status
        return replace(product, id=old.id, version=old.version, status=kept, skus=skus)
    return replace(product, id=new_id("p"), status=_arrives(product.status, status), skus=skus)


def _arrives(stated: Status, wanted: Status) -> Status:
    """How a new thing begins: as its sheet says where that is not simply published."""
    return wanted if stated is Status.PUBLISHED else stated


def _doubts(entry: Entry, old: Entry) -> Iterable[Problem]:
    """What somebody should look at after a row was written over a trainer's work."""
    if old.origin is Origin.TRAINER or any(map(is_anothers, entry.answers)):
        text = "训练师改过这一条，而表里的内容也变了，导入后表里有的以表为准，表里没有的（如限平台的话术）保留，请核对"
        yield _warning(entry, "trainer_edit_overwritten", text)
    start, end = entry.window.start, entry.window.end
    if start is not None and end is not None and start >= end:
        # One side is the sheet's, the other a trainer's: each alone was right.
        yield _warning(entry, "window_reversed", "表里的有效期和训练师设置的合不上，这一条暂时不会被推荐，请核对")


def _warning(entry: Entry, code: str, text: str) -> Problem:
    source = entry.source
    return make_problem(
        "warning",
        source.sheet if source else "",
        code,
        text,
        row=source.row if source else 0,
        column=source.column if source else "",
        value=entry.question or entry.key,
    )
