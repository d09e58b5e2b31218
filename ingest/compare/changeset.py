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
from ingest.compare.offers import same_rule, unknown_products, with_keys
from ingest.compare.otherwise import other_files_entry, other_files_products, renamed
from ingest.compare.restate import restate_entry, restate_product
from ingest.draft import EntryDraft, SheetDraft
from ingest.mine.mine import Mined
from ingest.problem import Problem, make_problem
from ingest.settle.profile import replaced
from kb.embed import Engine
from kb.model import Basket, Entry, EntryKind, Fact, Lead, OfferRule, Origin, Product, Sku, Status
from kb.store import missing
from kb.store.codec import new_id
from kb.store.vectors import Vector

Identity = tuple[str, str]  # of what a row is about: its kind (of entries each has its own) and its key


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
    offers: Mapping[str, OfferRule] = field(default_factory=dict)
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
    marks: Mapping[Identity, Mark]  # of its rows, and of what is gone
    problems: tuple[Problem, ...] = ()
    profile: tuple[Fact, ...] = ()
    baskets: tuple[Basket, ...] = ()
    offers: tuple[OfferRule, ...] = ()
    leads: tuple[Lead, ...] = ()
    removed: tuple[Entry | Product, ...] = ()  # as stored: an earlier import of the file brought it, this one lacks it
    most_removed: bool = False  # so much of it that this may be another file of the same name
    retired_entries: tuple[Entry, ...] = ()  # the same as they are to be written, where the trainer asked for it
    retired_products: tuple[Product, ...] = ()
    mined: Mined | None = None  # of a chat log
    left: tuple[Entry | Product, ...] = ()  # as stored: its row says nothing new

    @property
    def retired(self) -> int:
        return len(self.retired_entries) + len(self.retired_products)

    def count(self, mark: Mark) -> int:
        return sum(each is mark for each in self.marks.values())


def identity(thing: Entry | Product | Fact | Basket | OfferRule) -> Identity:
    """What a thing is and which: a question and a notice may have one number, and so may a product."""
    if isinstance(thing, Entry):
        return str(thing.kind), thing.key
    if isinstance(thing, Product):
        return "product", thing.key
    if isinstance(thing, OfferRule):
        return "offer", thing.id
    return ("profile", thing.name) if isinstance(thing, Fact) else ("basket", thing.id)


def known(
    entries: Sequence[Entry],
    products: Sequence[Product],
    profile: Sequence[Fact] = (),
    baskets: Sequence[Basket] = (),
    salt: bytes = b"",
    catalogue: Catalogue | None = None,
    offers: Sequence[OfferRule] = (),
) -> Known:
    return Known(
        {(e.kind, e.key): e for e in entries},
        {p.key: p for p in products},
        {fact.name: fact for fact in profile},
        {basket.id: basket for basket in baskets},
        {rule.id: rule for rule in offers},
        salt,
        catalogue or Catalogue.of(products),
    )


def compare(draft: SheetDraft, stored: Known, *, as_draft: bool = False) -> Changeset | None:
    """The changeset of one sheet; None for a sheet that is not imported. Chat logs are for `ingest.compare.talks`.

    With `as_draft`, what is new arrives as a draft; what exists keeps its status: what a person retired stays retired.
    What an import retired because its row was gone comes back with its row.
    """
    if draft.kind is None:
        return None
    found = _Found(draft, draft.kind, stored, Status.DRAFT if as_draft else Status.PUBLISHED)
    entries = tuple(filter(None, map(found.entry, draft.entries)))
    products = tuple(filter(None, map(found.product, draft.products)))
    facts = tuple(fact for fact in draft.profile if found.fact(fact))
    orders = baskets_of(draft.orders, stored.catalogue, stored.baskets, stored.salt)
    baskets = tuple(basket for basket in orders if found.basket(basket))
    offers = tuple(rule for each in draft.offers if found.offer(rule := with_keys(each, stored.catalogue)))
    told = (*found.problems, *other_files_products(found.replaced))
    return Changeset(draft.kind, entries, products, found.marks, told, facts, baskets, offers, left=tuple(found.left))


class _Found:
    """What is found while the rows of a sheet are compared one by one. Each verb gives what is to be written, if anything."""

    def __init__(self, draft: SheetDraft, kind: SheetKind, stored: Known, status: Status) -> None:
        self._draft, self._kind, self._stored, self._status = draft, kind, stored, status
        self.marks: dict[Identity, Mark] = {}
        self.problems: list[Problem] = []
        self.left: list[Entry | Product] = []
        self.replaced: list[tuple[Product, Product]] = []  # as it will be, as it is

    def entry(self, each: EntryDraft) -> Entry | None:
        draft, stored = self._draft, self._stored
        # Our own sheet names products by number already; a merchant's may use their names.
        entry = each.entry if draft.own else for_products(each.entry, stored.catalogue, self.problems)
        old = stored.entry(entry)
        now = _entry_now(entry, old, draft, self._kind, self._status)
        same = now is old or now == old  # mostly that very one, and to compare it with itself takes longest
        self._mark(entry, old, same=same)
        if same:
            self.left.append(now)
            return None
        if old and not draft.own:
            self.problems += (*_doubts(now, old), *other_files_entry(now, old))
        return now

    def product(self, product: Product) -> Product | None:
        old = self._stored.products.get(product.key)
        now = _product_now(product, old, self._draft, self._status)
        same = now is old or now == old
        self._mark(product, old, same=same)
        if same:
            self.left.append(now)
            return None
        if old and not self._draft.own:
            self.problems += renamed(now, old)
            self.replaced.append((now, old))
        return now

    def fact(self, fact: Fact) -> bool:
        old = self._stored.profile.get(fact.name)
        same = old is not None and (old.value, old.unit) == (fact.value, fact.unit)
        self._mark(fact, old, same=same)
        if old and not same:
            self.problems.append(replaced(fact, old))
        return not same

    def basket(self, basket: Basket) -> bool:
        old = self._stored.baskets.get(basket.id)
        self._mark(basket, old, same=old == basket)
        return old != basket

    def offer(self, rule: OfferRule) -> bool:
        old = self._stored.offers.get(rule.id)
        same = same_rule(rule, old)
        self._mark(rule, old, same=same)
        self.problems += unknown_products(rule, self._stored.catalogue)
        return not same

    def _mark(self, thing: Entry | Product | Fact | Basket | OfferRule, old: object, *, same: bool) -> None:
        self.marks[identity(thing)] = Mark.ADDED if old is None else Mark.UNCHANGED if same else Mark.CHANGED


def _entry_now(entry: Entry, old: Entry | None, draft: SheetDraft, kind: SheetKind, status: Status) -> Entry:
    """What a row makes of the stored entry: that very one where it changes nothing."""
    if old is None:
        return new_entry(entry, status)
    if draft.own:
        return restate_entry(entry, old)
    if _same_row(entry, old):
        return old
    merged = merge_entry(entry, old, kind, draft.fields)
    return replace(merged, status=status) if was_missing(old) else merged


def _product_now(product: Product, old: Product | None, draft: SheetDraft, status: Status) -> Product:
    """The same of a product."""
    if old and draft.own:
        return restate_product(product, old)
    return old if old and _same_row(product, old) else _with_ids(product, old, status)


def _same_row(new: Entry | Product, old: Entry | Product) -> bool:
    """Whether the merchant's row is as it was, and what it made has not been retired for want of it."""
    return missing.plain(old.row_hash) == new.row_hash and not was_missing(old)


def missing_hash(thing: Entry | Product) -> str:
    """The row hash of a thing that an import retires because its row is gone."""
    return missing.mark(thing.row_hash, thing.version + 1)


def was_missing(thing: Entry | Product) -> bool:
    """Whether an import retired this because its row was gone, and nobody has touched it since."""
    return thing.status is Status.RETIRED and missing.holds(thing.row_hash, thing.version)


def new_entry(entry: Entry, status: Status) -> Entry:
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
