"""Baskets in a merchant's file: what was bought together, order by order."""

from __future__ import annotations

import json
from collections.abc import Sequence

from sqlite_utils import Database

from kb.model import Basket


def put_baskets(db: Database, baskets: Sequence[Basket]) -> None:
    """Insert or replace baskets by id."""
    db.conn.executemany(
        "INSERT INTO baskets (id, at, items) VALUES (?, ?, ?)"
        " ON CONFLICT (id) DO UPDATE SET at = excluded.at, items = excluded.items",
        ((basket.id, basket.at, json.dumps(basket.items, ensure_ascii=False)) for basket in baskets),
    )


def all_baskets(db: Database) -> list[Basket]:
    """Every basket, in the order in which they were first stored."""
    rows = db.conn.execute("SELECT id, items, at FROM baskets ORDER BY rowid")
    return [Basket(key, tuple(json.loads(items)), at) for key, items, at in rows]


def salt(db: Database) -> str:
    """The shop's own salt for digests of order numbers, 64 hexadecimal digits, drawn when its file was made."""
    return str(db.conn.execute("SELECT value FROM meta WHERE key = 'order_salt'").fetchone()[0])
