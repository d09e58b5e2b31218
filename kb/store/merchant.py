"""A merchant's file as its callers see it: a handle bound to one shop that can name no other."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from sqlite_utils import Database

from kb.errors import Conflict, Invalid, NotFound
from kb.model import Decision, Entry, Event, Gold, Product, Status
from kb.store import entries, events, learning, products, schema, vectors
from kb.store.codec import new_id
from kb.store.entries import EntryFilter
from kb.store.file import StoreFile
from kb.store.vectors import Vector


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All that an index needs, read at one moment: published knowledge and the vectors of one engine."""

    generation: int
    entries: tuple[Entry, ...]
    products: tuple[Product, ...]
    vectors: Mapping[str, Vector]


@dataclass(frozen=True, slots=True)
class ImportRecord:
    """That a file was imported: by whom, and what it did."""

    file: str
    kind: str
    digest: str
    added: int
    changed: int
    unchanged: int
    problems: int
    actor: str
    id: str = ""
    at: int = 0


@dataclass(frozen=True, slots=True)
class Change:
    """What one import or edit writes, in one transaction. Versions say what the writer had seen (0: must be new)."""

    entries: Sequence[Entry] = ()
    products: Sequence[Product] = ()
    engine: str = ""
    vectors: Mapping[str, Vector] = field(default_factory=dict)
    record: Sequence[ImportRecord] = ()
    decisions: Sequence[Decision] = ()


class MerchantStore:
    """One shop's knowledge, events and imports."""

    def __init__(self, path: Path, slug: str) -> None:
        self.slug = slug
        self._file = StoreFile(path, schema.merchant)

    def close(self) -> None:
        self._file.close()

    # -- reading

    def generation(self) -> int:
        with self._file.read() as db:
            return _generation(db)

    def snapshot(self, engine: str, held: Sequence[Entry] = ()) -> Snapshot:
        """All that an index needs. Entries in `held` that did not change are given back as they are, and only the
        vectors of the others are read: after an edit, a shop of 20,000 entries need not be read again."""
        with self._file.read() as db:
            published, fresh = entries.published_entries(db, held)
            return Snapshot(
                _generation(db),
                tuple(published),
                tuple(products.all_products(db, Status.PUBLISHED)),
                vectors.vectors_of_entries(db, engine, fresh) if held else vectors.vectors_of(db, engine),
            )

    def known_hashes(self, engine: str) -> set[str]:
        with self._file.read() as db:
            return vectors.known_hashes(db, engine)

    def entries(self) -> list[Entry]:
        with self._file.read() as db:
            return entries.all_entries(db)

    def products(self) -> list[Product]:
        with self._file.read() as db:
            return products.all_products(db)

    def entry(self, entry_id: str) -> Entry:
        with self._file.read() as db:
            found = entries.entry_by_id(db, entry_id)
        if found is None:
            raise NotFound("这家店没有这条知识。")
        return found

    def find_entries(self, wanted: EntryFilter, *, offset: int, limit: int) -> tuple[int, list[Entry]]:
        with self._file.read() as db:
            return entries.find_entries(db, wanted, offset=offset, limit=limit)

    def find_products(self, text: str, *, offset: int, limit: int) -> tuple[int, list[Product]]:
        with self._file.read() as db:
            return products.find_products(db, text, offset=offset, limit=limit)

    def scenes(self) -> list[str]:
        with self._file.read() as db:
            return entries.scenes(db)

    def events(self) -> list[Event]:
        with self._file.read() as db:
            return list(events.all_events(db))

    def telling_events(self) -> list[Event]:
        """The events that say what was asked, oldest first."""
        with self._file.read() as db:
            return list(events.telling_events(db))

    def gold(self) -> list[Gold]:
        with self._file.read() as db:
            return learning.all_gold(db)

    def decisions(self) -> list[Decision]:
        with self._file.read() as db:
            return learning.all_decisions(db)

    def imports(self, limit: int = 100) -> list[ImportRecord]:
        with self._file.read() as db:
            rows = db.query("SELECT * FROM imports ORDER BY rowid DESC LIMIT :limit", {"limit": limit})
            return [ImportRecord(**row) for row in rows]

    # -- writing: each returns once its change is on disk

    def apply(self, change: Change) -> int:
        """Write a whole change or nothing; returns the new generation.

        Raises Conflict when an entry or product was changed since the writer read it, or a proposal decided otherwise.
        """
        return self._file.write(lambda db: _apply(db, change))

    def save_vectors(self, engine: str, found: Mapping[str, Vector]) -> None:
        """Add vectors of texts that are stored already; knowledge does not change, so neither does the generation.

        A text that went away while it was embedded leaves no vector behind.
        """

        def change(db: Database) -> None:
            vectors.put_vectors(db, engine, found)
            vectors.forget_unused(db)

        self._file.write(change)

    def record_events(self, batch: Sequence[Event], *, actor: str) -> int:
        """Store events idempotently by id; returns how many were new."""
        received_at = int(time.time())
        return self._file.write(lambda db: events.put_events(db, batch, received_at=received_at, actor=actor))

    def replace_gold(self, gold: Sequence[Gold]) -> None:
        """From now on the shop's lessons are judged by these messages and no others."""
        self._file.write(lambda db: learning.replace_gold(db, gold))


def _generation(db: Database) -> int:
    return int(db.conn.execute("SELECT value FROM meta WHERE key = 'generation'").fetchone()[0])


def _apply(db: Database, change: Change) -> int:
    now = int(time.time())
    _check_versions(db, "entries", change.entries)
    _check_versions(db, "products", change.products)
    _check_keys(db, change.entries)
    _check_product_keys(db, change.products)
    entries.put_entries(db, [replace(e, version=e.version + 1, updated_at=now) for e in change.entries])
    products.put_products(db, [replace(p, version=p.version + 1, updated_at=now) for p in change.products])
    if change.engine:
        vectors.put_vectors(db, change.engine, change.vectors)
    vectors.forget_unused(db)
    learning.put_decisions(db, change.decisions, at=now)
    for record in change.record:
        row = replace(record, id=new_id("i"), at=now)
        db.table("imports").insert({name: getattr(row, name) for name in ImportRecord.__slots__})
    if change.entries or change.products:
        db.conn.execute("UPDATE meta SET value = value + 1 WHERE key = 'generation'")
    return _generation(db)


def _check_versions(db: Database, table: str, things: Sequence[Entry] | Sequence[Product]) -> None:
    for thing in things:
        row = db.conn.execute(f"SELECT version FROM {table} WHERE id = ?", [thing.id]).fetchone()
        stored = row[0] if row else 0
        if stored != thing.version:
            raise Conflict("这一条在您打开之后被别人改过，您的改动没有写入。")


def _check_product_keys(db: Database, batch: Sequence[Product]) -> None:
    for product in batch:
        row = db.conn.execute("SELECT id FROM products WHERE key = ?", [product.key]).fetchone()
        if row and row[0] != product.id:
            raise Conflict(f"商品“{product.key}”刚刚被别人建立，这次改动没有写入。")


def _check_keys(db: Database, batch: Sequence[Entry]) -> None:
    for entry in batch:
        row = db.conn.execute(
            "SELECT id FROM entries WHERE kind = ? AND key = ?", [str(entry.kind), entry.key]
        ).fetchone()
        if row and row[0] != entry.id:
            raise Invalid(f"已经有一条编号或标准问题为“{entry.key}”的知识。", remedy="请打开那一条修改，或换一个问法。")
