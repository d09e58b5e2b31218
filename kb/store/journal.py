"""What an import has to put back when it is undone: the rows it touched, as they were, and a stamp of what it left.

Rows are kept raw, so that what is restored is what was, ids and positions included. Undoing refuses where anybody has
changed a touched thing since: nobody's later work is lost by it. Only the latest imports can be undone; the rows of
older ones are forgotten, since they hold texts that were deleted.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlite_utils import Database

KEPT = 20  # imports that can be undone

# thing → its table and the column of its identity, and the tables of its parts by the thing's id
_MAIN = {
    "entry": ("entries", "id"),
    "product": ("products", "id"),
    "profile": ("profile", "name"),
    "basket": ("baskets", "id"),
    "lead": ("leads", "id"),
}
_PARTS = {
    "entry": (("phrasings", "entry_id"), ("answers", "entry_id")),
    "product": (("skus", "product_id"), ("facts", "product_id")),
}
_VERSIONED = ("entry", "product")

Things = Mapping[str, Iterable[str]]  # ids by thing


@dataclass(frozen=True, slots=True)
class Touched:
    """One thing that an import wrote: its rows before (None: there were none) and its stamp after."""

    thing: str
    id: str
    before: str | None
    stamp: str


def capture(db: Database, things: Things) -> dict[tuple[str, str], str | None]:
    """The rows of these things as they are now, as JSON by (thing, id)."""
    return {(thing, key): _rows(db, thing, key) for thing, keys in things.items() for key in keys}


def keep(db: Database, batch: str, before: Mapping[tuple[str, str], str | None]) -> None:
    """Remember what a batch found, now that it has written; forget what the oldest batches found."""
    db.conn.executemany(
        "INSERT INTO journal (batch, thing, id, before, stamp) VALUES (?, ?, ?, ?, ?)",
        ((batch, thing, key, rows, _stamp(db, thing, key)) for (thing, key), rows in before.items()),
    )
    db.conn.execute(
        "DELETE FROM journal WHERE batch NOT IN"
        " (SELECT batch FROM imports WHERE batch != '' GROUP BY batch ORDER BY max(rowid) DESC LIMIT ?)",
        [KEPT],
    )


def touched(db: Database, batch: str) -> list[Touched]:
    """All that a batch wrote; empty when it is too old or undone."""
    rows = db.conn.execute("SELECT thing, id, before, stamp FROM journal WHERE batch = ?", [batch])
    return [Touched(*row) for row in rows]


def changed_since(db: Database, things: Iterable[Touched]) -> list[Touched]:
    """Those that somebody has written again, or taken away."""
    return [each for each in things if _stamp(db, each.thing, each.id) != each.stamp]


def restore(db: Database, things: Iterable[Touched]) -> None:
    """Put every thing back as it was. Versions go on counting, so that nobody saves over it unseen."""
    for each in things:
        table, column = _MAIN[each.thing]
        if each.before is None:
            db.conn.execute(f"DELETE FROM {table} WHERE {column} = ?", [each.id])
            continue
        rows: dict[str, list[dict[str, Any]]] = json.loads(each.before)
        if each.thing in _VERSIONED:
            rows[table][0]["version"] = int(each.stamp) + 1
        db.table(table).upsert_all(rows[table], pk=column)
        for part, owner in _PARTS.get(each.thing, ()):
            db.conn.execute(f"DELETE FROM {part} WHERE {owner} = ?", [each.id])
        for part, _ in _PARTS.get(each.thing, ()):
            db.table(part).insert_all(rows[part])


def forget(db: Database, batch: str) -> None:
    db.conn.execute("DELETE FROM journal WHERE batch = ?", [batch])


def _rows(db: Database, thing: str, key: str) -> str | None:
    table, column = _MAIN[thing]
    found = {table: list(db.query(f"SELECT * FROM {table} WHERE {column} = ?", [key]))}
    if not found[table]:
        return None
    for part, owner in _PARTS.get(thing, ()):
        found[part] = list(db.query(f"SELECT * FROM {part} WHERE {owner} = ? ORDER BY rowid", [key]))
    return json.dumps(found, ensure_ascii=False)


def _stamp(db: Database, thing: str, key: str) -> str:
    """What changes with the thing: its version where it has one, else all of it; "" when it is gone."""
    if thing not in _VERSIONED:
        return _rows(db, thing, key) or ""
    row = db.conn.execute(f"SELECT version FROM {_MAIN[thing][0]} WHERE id = ?", [key]).fetchone()
    return str(row[0]) if row else ""
