"""What an import has to put back when it is undone: the rows it touched, as they were, and a stamp of what it left.

Rows are kept raw, so that what is restored is what was, ids and positions included. Undoing refuses where anybody has
changed a touched thing since: nobody's later work is lost by it. Only the latest imports can be undone; the rows of
older ones are forgotten, since they hold texts that were deleted.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlite_utils import Database

from kb.store import missing
from kb.store.codec import chunks, marks

KEPT = 20  # imports that can be undone

# thing → its table and the column of its identity, and the tables of its parts by the thing's id
_MAIN = {
    "entry": ("entries", "id"),
    "product": ("products", "id"),
    "profile": ("profile", "name"),
    "basket": ("baskets", "id"),
    "lead": ("leads", "id"),
    "offer": ("offers", "id"),
}
_PARTS = {
    "entry": (("phrasings", "entry_id"), ("answers", "entry_id")),
    "product": (("skus", "product_id"), ("facts", "product_id")),
}
_VERSIONED = ("entry", "product")

Things = Mapping[str, Sequence[str]]  # ids by thing
Found = Mapping[tuple[str, str], str | None]  # rows as JSON by thing and id; None where there were none


@dataclass(frozen=True, slots=True)
class Touched:
    """One thing that an import wrote: its rows before (None: there were none) and its stamp after."""

    thing: str
    id: str
    before: str | None
    stamp: str


def capture(db: Database, things: Things) -> Found:
    """The rows of these things as they are now, as JSON by (thing, id)."""
    return {
        (thing, key): rows
        for thing, keys in things.items()
        for key, rows in zip(keys, _rows(db, thing, keys), strict=True)
    }


def keep(db: Database, batch: str, before: Found) -> None:
    """Remember what a batch found, now that it has written; forget what the oldest batches found.

    What has no version and was written as it stood was not touched: an earlier import can still take it back.
    """
    stamps = _stamps(db, before)
    db.conn.executemany(
        "INSERT INTO journal (batch, thing, id, before, stamp) VALUES (?, ?, ?, ?, ?)",
        ((batch, *key, rows, stamps[key]) for key, rows in before.items() if rows != stamps[key]),
    )
    for old in undoable(db)[KEPT:]:
        forget(db, old)


def touched(db: Database, batch: str) -> list[Touched]:
    """All knowledge that a batch wrote; empty when it is too old or undone."""
    query = f"SELECT thing, id, before, stamp FROM journal WHERE batch = ? AND thing IN ({marks(list(_MAIN))})"
    return [Touched(*row) for row in db.conn.execute(query, [batch, *_MAIN])]


def undoable(db: Database) -> list[str]:
    """The batches that have something to put back, the latest first. What changed nothing takes nobody's place."""
    batches = db.conn.execute("SELECT batch FROM imports WHERE undone_at = 0 GROUP BY batch ORDER BY max(rowid) DESC")
    there = "SELECT 1 FROM journal WHERE batch = ? LIMIT 1"  # its key begins with the batch
    return [batch for (batch,) in batches.fetchall() if db.conn.execute(there, [batch]).fetchone()]


def changed_since(db: Database, things: Sequence[Touched]) -> list[Touched]:
    """Those that somebody has written again, or taken away."""
    stamps = _stamps(db, [(each.thing, each.id) for each in things])
    return [each for each in things if stamps[each.thing, each.id] != each.stamp]


def restore(db: Database, things: Sequence[Touched]) -> None:
    """Put every thing back as it was. Versions go on counting, so that nobody saves over it unseen; earlier imports,
    whose rows these are again, learn the new version, so that they can be undone in their turn."""
    batches = undoable(db)
    for thing, (table, column) in _MAIN.items():
        mine = [each for each in things if each.thing == thing]
        _delete(db, table, column, [each.id for each in mine if each.before is None])
        kept = [each for each in mine if each.before is not None]
        for part, owner in reversed(_PARTS.get(thing, ())):
            _delete(db, part, owner, [each.id for each in kept])
        for chunk in chunks(kept):
            _put_back(db, thing, chunk, batches)


def forget(db: Database, batch: str) -> None:
    db.conn.execute("DELETE FROM journal WHERE batch = ?", [batch])


def _put_back(db: Database, thing: str, things: Sequence[Touched], batches: Sequence[str]) -> None:
    table, column = _MAIN[thing]
    found: list[dict[str, list[dict[str, Any]]]] = [json.loads(each.before or "") for each in things]
    if thing in _VERSIONED:
        for each, rows in zip(things, found, strict=True):
            [row] = rows[table]
            version, row["version"] = row["version"], int(each.stamp) + 1
            row["row_hash"] = missing.carried(row["row_hash"], version, row["version"])
            db.conn.executemany(
                "UPDATE journal SET stamp = ? WHERE batch = ? AND thing = ? AND id = ? AND stamp = ?",
                ((str(row["version"]), batch, thing, each.id, str(version)) for batch in batches),
            )
    db.table(table).upsert_all([row for rows in found for row in rows[table]], pk=column)
    for part, _ in _PARTS.get(thing, ()):
        db.table(part).insert_all([row for rows in found for row in rows[part]])


def _delete(db: Database, table: str, column: str, keys: Sequence[str]) -> None:
    for chunk in chunks(keys):
        db.conn.execute(f"DELETE FROM {table} WHERE {column} IN ({marks(chunk)})", chunk)


def _rows(db: Database, thing: str, keys: Sequence[str]) -> Iterator[str | None]:
    """The rows of each thing, its parts included, as JSON, in the order of `keys`."""
    table, column = _MAIN[thing]
    sources = ((table, column), *_PARTS.get(thing, ()))
    for chunk in chunks(keys):
        found = {source: _by_owner(db, source, owner, chunk) for source, owner in sources}
        for key in chunk:
            rows = {source: found[source][key] for source, _ in sources}
            yield json.dumps(rows, ensure_ascii=False) if rows[table] else None


def _by_owner(db: Database, table: str, column: str, keys: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
    found: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in db.query(f"SELECT * FROM {table} WHERE {column} IN ({marks(keys)}) ORDER BY rowid", list(keys)):
        found[row[column]].append(row)
    return found


def _stamps(db: Database, things: Iterable[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """What changes with each thing: its version where it has one, else all of it; "" where it is gone."""
    keys: defaultdict[str, list[str]] = defaultdict(list)
    for thing, key in things:
        keys[thing].append(key)
    stamps: dict[tuple[str, str], str] = {}
    for thing, named in keys.items():
        told = _versions if thing in _VERSIONED else _rows
        stamps |= {(thing, key): stamp or "" for key, stamp in zip(named, told(db, thing, named), strict=True)}
    return stamps


def _versions(db: Database, thing: str, keys: Sequence[str]) -> Iterator[str | None]:
    table, _ = _MAIN[thing]
    for chunk in chunks(keys):
        query = f"SELECT id, version FROM {table} WHERE id IN ({marks(chunk)})"
        found = {row[0]: str(row[1]) for row in db.conn.execute(query, list(chunk))}
        yield from (found.get(key) for key in chunk)
