"""The shop's own facts in its file: where it ships from, its couriers, what it pays when something breaks (店铺信息)."""

from __future__ import annotations

from collections.abc import Sequence

from sqlite_utils import Database

from kb.model import Fact
from kb.store.codec import pack_source, unpack_source


def put_profile(db: Database, facts: Sequence[Fact]) -> None:
    """Insert or replace facts by name."""
    db.table("profile").upsert_all(
        ({"name": f.name, "value": f.value, "unit": f.unit, "source": pack_source(f.source)} for f in facts), pk="name"
    )


def all_profile(db: Database) -> list[Fact]:
    """The facts in the order in which they were first stored."""
    rows = db.query("SELECT * FROM profile ORDER BY rowid")
    return [Fact(row["name"], row["value"], row["unit"], unpack_source(row["source"])) for row in rows]
