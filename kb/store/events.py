"""What agents did with suggestions. The client makes the id, so a retry is not a second event."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlite_utils import Database

from kb.model import Event, EventKind

_COLUMNS = (
    "id", "kind", "suggestion", "entry", "rank", "probability", "generation", "text", "reason", "at", "asked",
    "conversation", "diff",
)  # fmt: skip
_INSERT = (
    f"INSERT INTO events ({', '.join(_COLUMNS)}, received_at, actor) VALUES ({', '.join('?' * len(_COLUMNS))}, ?, ?)"
    " ON CONFLICT (id) DO NOTHING"
)


def put_events(db: Database, events: Sequence[Event], *, received_at: int, actor: str) -> int:
    """Store the events that are not stored yet; returns how many were new."""
    new = 0
    for event in events:
        values = [getattr(event, name) for name in _COLUMNS]
        values[1] = str(event.kind)
        new += db.conn.execute(_INSERT, [*values, received_at, actor]).rowcount
    return new


def all_events(db: Database, since: int = 0) -> Iterator[Event]:
    """Every event in the order of acceptance; only of suggestions of which nothing was received before `since`."""
    query = (
        "SELECT * FROM events AS e WHERE received_at >= :since AND NOT EXISTS"
        " (SELECT 1 FROM events WHERE suggestion = e.suggestion AND received_at < :since) ORDER BY sequence"
    )
    yield from map(event_of, db.query(query, {"since": since}))


def telling_events(db: Database) -> Iterator[Event]:
    """The events that carry what was asked: all that can be learned from, in the order of acceptance."""
    yield from map(event_of, db.query("SELECT * FROM events WHERE asked != '' ORDER BY sequence"))


def event_of(row: dict[str, Any]) -> Event:
    """A row of the table as an event."""
    values = {name: row[name] for name in _COLUMNS}
    return Event(**{**values, "kind": EventKind(row["kind"])}, actor=row["actor"])
