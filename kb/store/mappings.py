"""What a merchant's columns mean, as a person has corrected it: remembered by kind of sheet and plain header."""

from __future__ import annotations

from collections.abc import Mapping

from sqlite_utils import Database

# (kind of sheet, plain header) → the field it means; "" for a column that is not to be read.
Mappings = Mapping[tuple[str, str], str]


def put_mappings(db: Database, mappings: Mappings) -> None:
    db.conn.executemany(
        "INSERT INTO mappings (kind, header, field) VALUES (?, ?, ?)"
        " ON CONFLICT (kind, header) DO UPDATE SET field = excluded.field",
        ((kind, header, field) for (kind, header), field in mappings.items()),
    )


def all_mappings(db: Database) -> dict[tuple[str, str], str]:
    rows = db.conn.execute("SELECT kind, header, field FROM mappings ORDER BY kind, header")
    return {(kind, header): field for kind, header, field in rows}
