"""What conversations came to: orders, payments, refunds. Idempotent by the client's id, like events."""

from __future__ import annotations

from collections.abc import Sequence

from sqlite_utils import Database

from kb.model import Outcome, OutcomeKind


def put_outcomes(db: Database, outcomes: Sequence[Outcome], *, received_at: int, actor: str) -> int:
    """Store the outcomes that are not stored yet; returns how many were new."""
    new = 0
    for one in outcomes:
        cursor = db.conn.execute(
            "INSERT INTO outcomes (id, kind, conversation, amount, at, order_digest, received_at, actor)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING",
            [one.id, str(one.kind), one.conversation, one.amount, one.at, one.order, received_at, actor],
        )
        new += cursor.rowcount
    return new


def all_outcomes(db: Database) -> list[Outcome]:
    """Every outcome in the order of acceptance."""
    query = "SELECT id, kind, conversation, amount, at, order_digest FROM outcomes ORDER BY sequence"
    return [Outcome(id_, OutcomeKind(kind), *rest) for id_, kind, *rest in db.conn.execute(query)]
