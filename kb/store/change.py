"""One change of a merchant's file: what an import or edit writes, all of it or nothing, and how an import is undone."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from sqlite_utils import Database

from kb.errors import Conflict, Invalid, NotFound
from kb.model import Basket, Decision, Entry, Fact, Lead, OfferRule, Product
from kb.store import baskets, entries, journal, learning, mappings, offers, products, profile, vectors
from kb.store.codec import chunks, marks, new_id
from kb.store.mappings import Mappings
from kb.store.vectors import Vector


@dataclass(frozen=True, slots=True)
class ImportRecord:
    """That a file was imported: by whom, and what it did. The records of one file share a batch, which is undone whole."""

    file: str
    kind: str
    digest: str
    added: int
    changed: int
    unchanged: int
    problems: int
    actor: str
    retired: int = 0
    id: str = ""
    at: int = 0
    batch: str = ""
    undone_at: int = 0
    undone_by: str = ""


@dataclass(frozen=True, slots=True)
class Seen:
    """What a writer had before its eyes and leaves as it is: its report is true only while that stands.

    `undone` is how many imports had been undone when it began to look (`MerchantStore.undone`).
    """

    undone: int
    entries: Sequence[Entry] = ()
    products: Sequence[Product] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """What one import or edit writes, in one transaction. Versions say what the writer had seen (0: must be new)."""

    entries: Sequence[Entry] = ()
    products: Sequence[Product] = ()
    seen: Seen | None = None
    engine: str = ""
    vectors: Mapping[str, Vector] = field(default_factory=dict)
    record: Sequence[ImportRecord] = ()
    decisions: Sequence[Decision] = ()
    profile: Sequence[Fact] = ()
    baskets: Sequence[Basket] = ()
    leads: Sequence[Lead] = ()
    offers: Sequence[OfferRule] = ()
    mappings: Mappings = field(default_factory=dict)

    @property
    def things(self) -> dict[str, list[str]]:
        """The ids of all that an import writes and undoing puts back, by what they are."""
        return {
            "entry": [entry.id for entry in self.entries],
            "product": [product.id for product in self.products],
            "profile": [fact.name for fact in self.profile],
            "basket": [basket.id for basket in self.baskets],
            "lead": [learning.lead_id(lead) for lead in self.leads],
            "offer": [rule.id for rule in self.offers],
        }


def generation(db: Database) -> int:
    return int(db.conn.execute("SELECT value FROM meta WHERE key = 'generation'").fetchone()[0])


def apply(db: Database, change: Change) -> int:
    now = int(time.time())
    if change.seen:
        _check_seen(db, change.seen)
    _check_versions(db, "entries", change.entries)
    _check_versions(db, "products", change.products)
    _check_keys(db, change.entries)
    _check_product_keys(db, change.products)
    before = journal.capture(db, change.things) if change.record else {}
    entries.put_entries(db, [replace(e, version=e.version + 1, updated_at=now) for e in change.entries])
    products.put_products(db, [replace(p, version=p.version + 1, updated_at=now) for p in change.products])
    profile.put_profile(db, change.profile)
    baskets.put_baskets(db, change.baskets)
    learning.put_leads(db, change.leads)
    offers.put_offers(db, change.offers)
    if change.baskets:
        offers.next_baskets(db)
    batch = new_id("b") if change.record else ""
    mappings.put_mappings(db, change.mappings, batch)
    if change.engine:
        vectors.put_vectors(db, change.engine, change.vectors)
    vectors.adopt_staged(db, now=now)
    vectors.forget_unused(db)
    learning.put_decisions(db, change.decisions, at=now)
    if change.record:
        _record(db, change.record, batch, before, now)
    if change.entries or change.products or change.profile or change.baskets or change.offers:
        _next_generation(db)
    return generation(db)


def _record(
    db: Database, records: Sequence[ImportRecord], batch: str, before: Mapping[tuple[str, str], str | None], now: int
) -> None:
    for record in records:
        row = replace(record, id=new_id("i"), at=now, batch=batch)
        db.table("imports").insert({name: getattr(row, name) for name in ImportRecord.__slots__})
    journal.keep(db, batch, before)


def undo(db: Database, import_id: str, actor: str) -> int:
    row = db.conn.execute("SELECT batch, undone_at FROM imports WHERE id = ?", [import_id]).fetchone()
    if row is None:
        raise NotFound("这家店没有这次导入。")
    batch, undone_at = row
    if undone_at:
        raise Conflict("这次导入已经撤销过了。", remedy="需要这些内容时请重新导入文件。")
    things, taught = journal.touched(db, batch), mappings.taught(db, batch)
    if not things and not taught and _wrote(db, batch):
        raise Conflict(f"只有最近 {journal.KEPT} 次导入可以撤销。", remedy="请导入改好的文件，或在知识条目里修改。")
    if not things and not taught:
        raise Conflict("这次导入没有改动任何内容，不需要撤销。", remedy="请在导入记录里选另一次。")
    if changed := journal.changed_since(db, things):
        raise Conflict(
            f"这次导入的内容里有 {len(changed)} 条后来又改过，不能整批撤销，什么都没有改动。",
            remedy="请先撤销后来的导入，或在知识条目里逐条修改。",
        )
    journal.restore(db, things)
    offers.next_baskets(db)
    if taught:
        mappings.take_back(db, batch)
    journal.forget(db, batch)
    vectors.forget_unused(db)
    db.conn.execute("UPDATE imports SET undone_at = ?, undone_by = ? WHERE batch = ?", [int(time.time()), actor, batch])
    _next_generation(db)
    return generation(db)


def undone(db: Database) -> int:
    """How many imports have been undone in all."""
    query = "SELECT count(DISTINCT batch) FROM imports WHERE undone_at != 0"
    return int(db.conn.execute(query).fetchone()[0])


def _wrote(db: Database, batch: str) -> bool:
    """Whether an import changed anything; one from before there was a journal has no batch."""
    row = db.conn.execute("SELECT sum(added + changed + retired) FROM imports WHERE batch = ?", [batch]).fetchone()
    return not batch or bool(row[0])


def _next_generation(db: Database) -> None:
    db.conn.execute("UPDATE meta SET value = value + 1 WHERE key = 'generation'")


def _check_seen(db: Database, seen: Seen) -> None:
    """Undoing touches more than has versions: facts of the shop, baskets, leads, the products that conditions name."""
    if undone(db) != seen.undone:
        raise Conflict("比对之后有一次导入被撤销了，这次没有写入。", remedy="请再导入一次。")
    _check_versions(db, "entries", seen.entries)
    _check_versions(db, "products", seen.products)


def _check_versions(db: Database, table: str, things: Sequence[Entry] | Sequence[Product]) -> None:
    stored: dict[str, int] = {}
    for chunk in chunks([thing.id for thing in things]):
        stored.update(
            db.conn.execute(f"SELECT id, version FROM {table} WHERE id IN ({marks(chunk)})", chunk).fetchall()
        )
    if any(stored.get(thing.id, 0) != thing.version for thing in things):
        raise Conflict("这一条在您打开之后被别人改过，您的改动没有写入。")


def _check_product_keys(db: Database, batch: Sequence[Product]) -> None:
    ids = {product.key: product.id for product in batch}
    for chunk in chunks(list(ids)):
        rows = db.conn.execute(f"SELECT key, id FROM products WHERE key IN ({marks(chunk)})", chunk)
        for key, stored in rows:
            if ids[key] != stored:
                raise Conflict(f"商品“{key}”刚刚被别人建立，这次改动没有写入。")


def _check_keys(db: Database, batch: Sequence[Entry]) -> None:
    for kind in {entry.kind for entry in batch}:
        ids = {entry.key: entry.id for entry in batch if entry.kind is kind}
        for chunk in chunks(list(ids)):
            query = f"SELECT key, id FROM entries WHERE kind = ? AND key IN ({marks(chunk)})"
            for key, stored in db.conn.execute(query, [str(kind), *chunk]):
                if ids[key] != stored:
                    text = f"已经有一条编号或标准问题为“{key}”的知识。"
                    raise Invalid(text, remedy="请打开那一条修改，或换一个问法。")
