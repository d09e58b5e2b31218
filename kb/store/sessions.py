"""Sessions as rows: a digest of the cookie, whose key or person it is, and when it ends."""

from __future__ import annotations

from typing import Literal

from sqlite_utils import Database

from kb.store.grant import Grant
from kb.store.keys import grant_of
from kb.store.people import grant_of_person

Owner = Literal["key_id", "person_id"]


def put_session(db: Database, digest: str, owner: Owner, of: str, now: int, ends: int) -> None:
    """Open one; those that are over go."""
    db.conn.execute("DELETE FROM sessions WHERE expires_at <= ?", [now])
    db.table("sessions").insert({"digest": digest, owner: of, "created_at": now, "expires_at": ends})


def find_session(db: Database, digest: str, now: int) -> tuple[Owner, str, int] | None:
    """Whose it is and when it ends; None where it is not, or no longer, one."""
    row = db.conn.execute(
        "SELECT key_id, person_id, expires_at FROM sessions WHERE digest = ? AND expires_at > ?", [digest, now]
    ).fetchone()
    if row is None:
        return None
    return ("key_id", row[0], row[2]) if row[0] else ("person_id", row[1], row[2])


def close_session(db: Database, digest: str) -> None:
    db.conn.execute("DELETE FROM sessions WHERE digest = ?", [digest])


def grant_of_owner(db: Database, owner: Owner, of: str) -> Grant:
    """What the key or the person may do now. Raises Unauthorised."""
    return grant_of(db, "id", of) if owner == "key_id" else grant_of_person(db, of)
