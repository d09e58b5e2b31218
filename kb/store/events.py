"""What agents did with suggestions. The client makes the id, so a retry is not a second event."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlite_utils import Database

from kb.model import Event, EventKind


def put_events(db: Database, events: Sequence[Event], *, received_at: int, actor: str) -> int:
    """Store the events that are not stored yet; returns how many were new."""
    new = 0
    for event in events:
        cursor = db.conn.execute(
            "INSERT INTO events (id, kind, suggestion, entry, rank, probability, generation, text, reason,"
            " at, asked, received_at, actor) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (id) DO NOTHING",
            [*_values(event), received_at, actor],
        )
        new += cursor.rowcount
    return new


def all_events(db: Database) -> Iterator[Event]:
    """Every event in the order of acceptance."""
    yield from map(_event, db.query("SELECT * FROM events ORDER BY sequence"))


def telling_events(db: Database) -> Iterator[Event]:
    """The events that carry what was asked: all that can be learned from, in the order of acceptance."""
    yield from map(_event, db.query("SELECT * FROM events WHERE asked != '' ORDER BY sequence"))


def _event(row: dict[str, Any]) -> Event:
    return Event(
        id=row["id"],
        kind=EventKind(row["kind"]),
        suggestion=row["suggestion"],
        entry=row["entry"],
        rank=row["rank"],
        probability=row["probability"],
        generation=row["generation"],
        text=row["text"],
        reason=row["reason"],
        at=row["at"],
        asked=row["asked"],
        actor=row["actor"],
    )


def _values(event: Event) -> list[Any]:
    return [
        event.id,
        str(event.kind),
        event.suggestion,
        event.entry,
        event.rank,
        event.probability,
        event.generation,
        event.text,
        event.reason,
        event.at,
        event.asked,
    ]
