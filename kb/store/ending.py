"""Which cards of a shop's file are open, and their ends. The rules are in `kb.events.ending`.

A mark says up to which event everything has its end, so that a sweep looks at the last half hour and not at all years.
The mark is written with the ends it stands for, in one transaction.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from sqlite_utils import Database

from kb.events.ending import Left, Open, end_of, ended
from kb.events.life import ENDS
from kb.store.events import event_of, put_events

AT_ONCE = 500  # ends in one transaction: agents' own events must not wait for the ends of a year
_FAR = 500  # events that the mark may lag behind before it is moved without any end to write
_KINDS = ", ".join(f"'{kind}'" for kind in ENDS)
_OPEN = f"""
SELECT s.*, (
    SELECT n.at FROM events n
    WHERE n.kind = 'shown' AND n.conversation = s.conversation AND (s.conversation != '' OR n.actor = s.actor)
    AND (n.at, n.suggestion) > (s.at, s.suggestion) AND n.suggestion != s.suggestion ORDER BY n.at LIMIT 1
) AS next_at
FROM events s
WHERE s.kind = 'shown' AND s.sequence > (SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'events_ended')
AND NOT EXISTS (
    SELECT 1 FROM events e WHERE e.suggestion = s.suggestion
    AND (e.kind IN ({_KINDS}) OR (e.kind = 'shown' AND (e.at, e.id) < (s.at, s.id)))
    AND CASE WHEN e.entry != '' THEN e.entry ELSE '#' || e.rank END
      = CASE WHEN s.entry != '' THEN s.entry ELSE '#' || s.rank END
)
ORDER BY s.sequence
"""


def due(db: Database, now: int, timeout_s: int) -> bool:
    """Whether `end_due` has anything to do."""
    return any(end_of(left, now, timeout_s) for left in _open(db)) or _last(db) - _mark(db) > _FAR


def end_due(db: Database, now: int, timeout_s: int) -> int:
    """Write the ends that are due, so many `AT_ONCE`, and move the mark; returns how many cards were ended."""
    ends = list(islice((end for left in _open(db) if (end := end_of(left, now, timeout_s))), AT_ONCE))
    new = put_events(db, ends, received_at=now, actor="")
    first = next(db.query(_OPEN), None)
    mark = first["sequence"] - 1 if first else _last(db)
    db.conn.execute("UPDATE meta SET value = ? WHERE key = 'events_ended'", [str(mark)])
    return new


def end_conversation(db: Database, conversation: str, now: int) -> int:
    """Write the ends of what is open in a conversation; returns how many cards were ended."""
    ends = [ended(left.shown, Left.CLOSED, now) for left in _open(db) if left.shown.conversation == conversation]
    return put_events(db, ends, received_at=now, actor="")


def _open(db: Database) -> Iterator[Open]:
    """Each open card once, by the earliest record of its being shown, as they were received."""
    for row in db.query(_OPEN):
        yield Open(event_of(row), row["next_at"])


def _mark(db: Database) -> int:
    return int(db.conn.execute("SELECT value FROM meta WHERE key = 'events_ended'").fetchone()[0])


def _last(db: Database) -> int:
    return int(db.conn.execute("SELECT coalesce(max(sequence), 0) FROM events").fetchone()[0])
