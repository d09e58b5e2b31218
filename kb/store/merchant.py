"""A merchant's file as its callers see it: a handle bound to one shop that can name no other."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlite_utils import Database

from kb.errors import NotFound
from kb.experiment.experiment import Arm
from kb.experiment.exposure import Exposure
from kb.model import Basket, Decision, Entry, Event, Fact, Gold, Lead, OfferRule, Outcome, Product, Status
from kb.store import (
    baskets,
    ending,
    entries,
    events,
    exposures,
    journal,
    learning,
    mappings,
    offers,
    outcomes,
    products,
    profile,
    schema,
    vectors,
)
from kb.store import change as changes
from kb.store.change import Change, ImportRecord
from kb.store.entries import EntryFilter
from kb.store.file import StoreFile
from kb.store.mappings import Mappings
from kb.store.vectors import Vector


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All that an index needs, read at one moment: published knowledge and the vectors of one engine."""

    generation: int
    entries: tuple[Entry, ...]
    products: tuple[Product, ...]
    vectors: Mapping[str, Vector]
    profile: tuple[Fact, ...] = ()
    offers: tuple[OfferRule, ...] = ()


class MerchantStore:
    """One shop's knowledge, events and imports."""

    def __init__(self, path: Path, slug: str, *, reading: bool = False) -> None:
        self.slug = slug
        self._file = StoreFile(path, schema.merchant, reading=reading)

    def close(self) -> None:
        self._file.close()

    # -- reading

    def generation(self) -> int:
        with self._file.read() as db:
            return changes.generation(db)

    def snapshot(self, engine: str, held: Sequence[Entry] = ()) -> Snapshot:
        """All that an index needs. Entries in `held` that did not change are given back as they are, and only the
        vectors of the others are read: after an edit, a shop of 20,000 entries need not be read again."""
        with self._file.read() as db:
            published, fresh = entries.published_entries(db, held)
            return Snapshot(
                changes.generation(db),
                tuple(published),
                tuple(products.all_products(db, Status.PUBLISHED)),
                vectors.vectors_of_entries(db, engine, fresh) if held else vectors.vectors_of(db, engine),
                tuple(profile.all_profile(db)),
                tuple(offers.all_offers(db)),
            )

    def known_hashes(self, engine: str) -> set[str]:
        with self._file.read() as db:
            return vectors.known_hashes(db, engine)

    def engines(self) -> list[str]:
        """Fingerprints of the engines whose vectors are kept, the most used first; none where words alone are searched."""
        with self._file.read() as db:
            return vectors.engines(db)

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

    def events(self, since: int = 0) -> list[Event]:
        """Every event in the order of acceptance; only of suggestions first heard of since then (unix seconds)."""
        with self._file.read() as db:
            return list(events.all_events(db, since))

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

    def profile(self) -> list[Fact]:
        """The shop's own facts: where it ships from, its couriers (店铺信息)."""
        with self._file.read() as db:
            return profile.all_profile(db)

    def baskets(self) -> list[Basket]:
        with self._file.read() as db:
            return baskets.all_baskets(db)

    def baskets_version(self) -> int:
        """Moves whenever a basket may have changed."""
        with self._file.read() as db:
            return offers.baskets_version(db)

    def offers(self) -> list[OfferRule]:
        """The merchant's rules of what to offer beside what (加购规则)."""
        with self._file.read() as db:
            return offers.all_offers(db)

    def offers_shown(self, conversation: str) -> list[str]:
        """The reasons of the offers that a conversation has seen, oldest first."""
        with self._file.read() as db:
            return offers.offers_shown(db, conversation)

    def order_salt(self) -> bytes:
        """What makes digests of this shop's order numbers differ from everybody else's; it never leaves the file."""
        with self._file.read() as db:
            return bytes.fromhex(baskets.salt(db))

    def outcomes(self) -> list[Outcome]:
        """What conversations came to, in the order of acceptance."""
        with self._file.read() as db:
            return outcomes.all_outcomes(db)

    def exposures(self, experiment: str) -> list[Exposure]:
        """The conversations that an experiment has touched, oldest first."""
        with self._file.read() as db:
            return exposures.all_exposures(db, experiment)

    def exposed(self, experiment: str) -> dict[Arm, tuple[int, int]]:
        """How many they are, and how many of them met the other arm as well, by arm."""
        with self._file.read() as db:
            return exposures.counts(db, experiment)

    def leads(self) -> list[Lead]:
        with self._file.read() as db:
            return learning.all_leads(db)

    def mappings(self) -> Mappings:
        """What a person has said that this merchant's columns mean."""
        with self._file.read() as db:
            return mappings.all_mappings(db)

    def imports(self, limit: int = 100) -> list[ImportRecord]:
        with self._file.read() as db:
            rows = db.query("SELECT * FROM imports ORDER BY rowid DESC LIMIT :limit", {"limit": limit})
            return [ImportRecord(**row) for row in rows]

    def batch_of(self, import_id: str) -> list[ImportRecord]:
        """The records of the file that this import belongs to, the latest first; empty for one this shop never had."""
        with self._file.read() as db:
            query = "SELECT * FROM imports WHERE batch = (SELECT batch FROM imports WHERE id = :id) ORDER BY rowid DESC"
            return [ImportRecord(**row) for row in db.query(query, {"id": import_id})]

    def undoable(self) -> frozenset[str]:
        """The batches of imports that `undo` could put back, if nobody has changed their rows since."""
        with self._file.read() as db:
            return frozenset(journal.undoable(db))

    def undone(self) -> int:
        """How many imports have been undone in all: what was looked at before another one was is to be looked at again."""
        with self._file.read() as db:
            return changes.undone(db)

    # -- writing: each returns once its change is on disk

    def apply(self, change: Change) -> int:
        """Write a whole change or nothing; returns the new generation.

        Raises Conflict when an entry or product was changed since the writer read it (in `change.seen`: or an import was
        undone), or a proposal decided otherwise.
        """
        return self._file.write(lambda db: changes.apply(db, change))

    def save_vectors(self, engine: str, found: Mapping[str, Vector]) -> None:
        """Add vectors of texts that are stored already; knowledge does not change, so neither does the generation.

        A text that went away while it was embedded leaves no vector behind.
        """

        def change(db: Database) -> None:
            vectors.put_vectors(db, engine, found)
            vectors.forget_unused(db)

        self._file.write(change)

    def stage_vectors(self, engine: str, found: Mapping[str, Vector]) -> None:
        """Keep vectors of texts that are about to be stored: an import that is broken off goes on from here."""
        at = int(time.time())
        self._file.write(lambda db: vectors.stage_vectors(db, engine, found, at=at))

    def undo(self, import_id: str, *, actor: str) -> int:
        """Put back what an import found, all of its file or nothing; returns the new generation.

        Texts that come back may lack their vectors (`kb.shelf.Shelf.fill_vectors`). Raises NotFound for an import this
        shop never had, Conflict where it was undone already, is too old, or its rows have been changed since.
        """
        return self._file.write(lambda db: changes.undo(db, import_id, actor))

    def record_events(self, batch: Sequence[Event], *, actor: str) -> int:
        """Store events idempotently by id; returns how many were new."""
        received_at = int(time.time())
        return self._file.write(lambda db: events.put_events(db, batch, received_at=received_at, actor=actor))

    def end_open(self, now: int, timeout_s: int) -> int:
        """End what its page left open and is due by now (`kb.events.ending`); returns how many cards. Repeatable."""
        ended = 0
        while self._due(now, timeout_s):
            new = self._file.write(lambda db: ending.end_due(db, now, timeout_s))
            ended += new
            if new < ending.AT_ONCE:
                break
        return ended

    def _due(self, now: int, timeout_s: int) -> bool:
        """Read ahead of the write: an idle shop costs none."""
        with self._file.read() as db:
            return ending.due(db, now, timeout_s)

    def end_conversation(self, conversation: str, now: int) -> int:
        """End every card that is open in a conversation which was closed; returns how many."""
        return self._file.write(lambda db: ending.end_conversation(db, conversation, now))

    def record_outcomes(self, batch: Sequence[Outcome], *, actor: str) -> int:
        """Store outcomes idempotently by id; returns how many were new."""
        received_at = int(time.time())
        return self._file.write(lambda db: outcomes.put_outcomes(db, batch, received_at=received_at, actor=actor))

    def expose(self, one: Exposure) -> bool:
        """Store that an experiment could act on a conversation, once; whether that is new. What is known costs no write."""
        with self._file.read() as db:
            if exposures.known(db, one):
                return False
        return self._file.write(lambda db: exposures.put_exposure(db, one))

    def replace_gold(self, gold: Sequence[Gold]) -> None:
        """From now on the shop's lessons are judged by these messages and no others."""
        self._file.write(lambda db: learning.replace_gold(db, gold))
