"""What a merchant's columns mean, as a person has corrected it: remembered by kind of sheet and plain header.

What an import has taught is taken back with it. Another import that has taught the same column since is right, whatever
it said: then only what that one would put back changes. So undoing is never refused for a column, and imports come off in
any order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlite_utils import Database

from kb.store import journal

# (kind of sheet, plain header) → the field it means; "" for a column that is not to be read.
Mappings = Mapping[tuple[str, str], str]

_THING = "mapping"  # in the journal, beside the knowledge


def put_mappings(db: Database, mappings: Mappings, batch: str) -> None:
    """Remember what an import has been told, and what was known before; "": no import, so nothing to undo."""
    known = all_mappings(db) if mappings else {}
    db.conn.executemany(
        "INSERT INTO mappings (kind, header, field) VALUES (?, ?, ?)"
        " ON CONFLICT (kind, header) DO UPDATE SET field = excluded.field",
        ((*key, field) for key, field in mappings.items()),
    )
    db.conn.executemany(
        "INSERT INTO journal (batch, thing, id, before, stamp) VALUES (?, ?, ?, ?, ?)",
        ((batch, _THING, " ".join(key), known.get(key), field) for key, field in mappings.items() if batch),
    )


def all_mappings(db: Database) -> dict[tuple[str, str], str]:
    rows = db.conn.execute("SELECT kind, header, field FROM mappings ORDER BY kind, header")
    return {(kind, header): field for kind, header, field in rows}


def taught(db: Database, batch: str) -> bool:
    """Whether an import has taught any column that it can still take back."""
    query = "SELECT 1 FROM journal WHERE batch = ? AND thing = ? LIMIT 1"
    return db.conn.execute(query, [batch, _THING]).fetchone() is not None


def take_back(db: Database, batch: str) -> None:
    """Forget what an import has taught, as if it had never come."""
    batches = journal.undoable(db)
    later = batches[: batches.index(batch)][::-1]
    query = "SELECT id, before FROM journal WHERE batch = ? AND thing = ?"
    for column, before in db.conn.execute(query, [batch, _THING]).fetchall():
        after = _next_teacher(db, column, later)
        if after:
            db.conn.execute(
                "UPDATE journal SET before = ? WHERE batch = ? AND thing = ? AND id = ?",
                [before, after, _THING, column],
            )
        else:
            _put_back(db, column, before)


def _next_teacher(db: Database, column: str, later: Sequence[str]) -> str:
    """The first of these batches that has taught the column too; "" where none has."""
    query = "SELECT batch FROM journal WHERE thing = ? AND id = ?"
    teachers = {batch for (batch,) in db.conn.execute(query, [_THING, column])}
    return next((batch for batch in later if batch in teachers), "")


def _put_back(db: Database, column: str, before: str | None) -> None:
    kind, _, header = column.partition(" ")
    if before is None:
        db.conn.execute("DELETE FROM mappings WHERE kind = ? AND header = ?", [kind, header])
    else:
        db.conn.execute("UPDATE mappings SET field = ? WHERE kind = ? AND header = ?", [before, kind, header])
