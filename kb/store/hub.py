"""The hub: which merchants exist, which key names which of them, and who is logged in.

Keys are 256-bit random strings, so a plain SHA-256 of them cannot be searched (ASVS 5.0 §6.5: high-entropy
secrets need no password hash); only digests are stored. The key is shown once, when it is issued.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from sqlite_utils import Database

from kb.errors import Invalid, NotFound, Unauthorised
from kb.store import schema
from kb.store.codec import new_id
from kb.store.file import StoreFile
from kb.store.hooks import Hooks

T = TypeVar("T")

_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_SESSION_S = 12 * 3600  # one long shift
_COLORS = ("#1f6f54", "#8a3b6b", "#2b5c9e", "#9a4f16", "#5a4aa0", "#0f6c78", "#9b2f35", "#55661a")


class Role(StrEnum):
    """What a key may do; a later role may do all that an earlier one may."""

    AGENT = "agent"
    TRAINER = "trainer"

    def covers(self, needed: Role) -> bool:
        order = list(Role)
        return order.index(self) >= order.index(needed)


@dataclass(frozen=True, slots=True)
class Merchant:
    """One shop as the hub knows it; `color` fills the sidebar's header so that the shop is never in doubt."""

    slug: str
    name: str
    platform: str
    color: str


@dataclass(frozen=True, slots=True)
class Grant:
    """What a credential allows: its role and the shops it names, nothing else."""

    key_id: str
    label: str
    role: Role
    shops: tuple[str, ...]
    expires_at: int | None


def _ended(at: int | None) -> bool:
    return at is not None and at <= int(time.time())


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


@dataclass(slots=True)
class _Seen:
    """What was read since the last write: every request asks who is asking and for which shop."""

    count: int = -1
    merchants: dict[str, Merchant] = field(default_factory=dict)
    keys: dict[str, Grant] = field(default_factory=dict)  # by digest
    sessions: dict[str, tuple[Grant, int]] = field(default_factory=dict)  # by digest, with their end


class Hub:
    """Merchants, keys and sessions of one data folder, which one process holds: it hears of every change."""

    def __init__(self, path: Path) -> None:
        self._file = StoreFile(path, schema.hub)
        self.hooks = Hooks(self._file)
        self._seen = _Seen()

    def _write(self, change: Callable[[Database], T]) -> T:
        """A change on disk; what was read before it is forgotten, so that a revoked key ends with the reply.

        Replaced, not emptied: a reader that began before the change puts what it found where nobody looks any more.
        """
        try:
            return self._file.write(change)
        finally:
            self._seen = _Seen()

    def close(self) -> None:
        self._file.close()

    def add_merchant(self, slug: str, name: str, *, platform: str = "", color: str = "") -> Merchant:
        """Create a shop, or return the one that exists. Raises Invalid on a slug that is no safe folder name."""
        if not _SLUG.fullmatch(slug):
            raise Invalid(f"店铺代号“{slug}”不合规。", remedy="请用小写字母、数字和减号，40 个字符以内。")

        def change(db: Database) -> Merchant:
            count = db.table("merchants").count
            merchant = Merchant(slug, name or slug, platform, color or _COLORS[count % len(_COLORS)])
            row = {name: getattr(merchant, name) for name in Merchant.__slots__}
            db.table("merchants").insert({**row, "created_at": int(time.time())}, ignore=True)
            return _merchants(db, [slug])[0]

        return self._write(change)

    def merchants(self, slugs: Sequence[str] | None = None) -> list[Merchant]:
        """All shops, or those of `slugs`, in order of creation."""
        with self._file.read() as db:
            return _merchants(db, slugs)

    def count(self) -> int:
        """How many shops there are."""
        seen = self._seen
        if seen.count < 0:
            seen.count = len(self.merchants())
        return seen.count

    def merchant(self, slug: str) -> Merchant:
        seen = self._seen.merchants
        if slug not in seen:
            found = self.merchants([slug])
            if not found:
                raise NotFound(f"没有店铺“{slug}”。")
            seen[slug] = found[0]
        return seen[slug]

    def check_salt(self) -> bytes:
        """The vendor's salt for the marks of its shops (`kb.check`); it never leaves the data folder."""
        with self._file.read() as db:
            return bytes.fromhex(db.conn.execute("SELECT value FROM secrets WHERE name = 'check_salt'").fetchone()[0])

    def issue_key(self, label: str, role: Role, shops: Sequence[str], *, lifetime_s: int | None = None) -> str:
        """Make a key for these shops; returned once and never readable again."""
        secret = "hs_" + secrets.token_urlsafe(32)
        now = int(time.time())

        def change(db: Database) -> None:
            key_id = new_id("k")
            expires = now + lifetime_s if lifetime_s is not None else None
            db.table("keys").insert(
                {
                    "id": key_id,
                    "label": label,
                    "digest": _digest(secret),
                    "role": str(role),
                    "created_at": now,
                    "expires_at": expires,
                    "revoked_at": None,
                }
            )
            known = {merchant.slug for merchant in _merchants(db, list(shops))}
            if missing := sorted(set(shops) - known):
                raise NotFound(f"没有店铺“{'、'.join(missing)}”，密钥没有建立。")
            db.table("key_merchants").insert_all({"key_id": key_id, "slug": slug} for slug in dict.fromkeys(shops))

        self._write(change)
        return secret

    def revoke_keys(self, label: str) -> int:
        """End every live key of this label and the sessions opened with it; returns how many."""
        now = int(time.time())

        def change(db: Database) -> int:
            db.conn.execute("DELETE FROM sessions WHERE key_id IN (SELECT id FROM keys WHERE label = ?)", [label])
            cursor = db.conn.execute(
                "UPDATE keys SET revoked_at = ? WHERE label = ? AND revoked_at IS NULL", [now, label]
            )
            return int(cursor.rowcount)

        return self._write(change)

    def keys_of(self, slug: str, role: Role) -> frozenset[str]:
        """Ids of all keys of this role that see the shop, ended ones too: what was done with them stays done."""
        with self._file.read() as db:
            rows = db.conn.execute(
                "SELECT id FROM keys JOIN key_merchants ON key_id = id WHERE slug = ? AND role = ?", [slug, str(role)]
            )
            return frozenset(row[0] for row in rows)

    def labels_of(self, slug: str, role: Role) -> dict[str, str]:
        """What the live keys of this role that see the shop are called, by id."""
        with self._file.read() as db:
            rows = db.conn.execute(
                "SELECT id, label FROM keys JOIN key_merchants ON key_id = id WHERE slug = ? AND role = ?"
                " AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > ?)",
                [slug, str(role), int(time.time())],
            )
            return dict(rows.fetchall())

    def grant_of_key(self, secret: str) -> Grant:
        """What this key allows now. Raises Unauthorised when it is unknown, expired or revoked."""
        seen, digest = self._seen.keys, _digest(secret)
        grant = seen.get(digest)
        if grant is None or _ended(grant.expires_at):
            with self._file.read() as db:
                grant = seen[digest] = _grant(db, "digest = :value", digest)
        return grant

    def open_session(self, secret: str) -> tuple[str, Grant, int]:
        """Log in with a key: (session id for a cookie, what it allows, when it ends)."""
        return self.open_session_of(self.grant_of_key(secret))

    def open_session_of(self, grant: Grant) -> tuple[str, Grant, int]:
        """The same for what a credential allows already; a key that has ended meanwhile opens a dead session."""
        now = int(time.time())
        ends = min(now + _SESSION_S, grant.expires_at or now + _SESSION_S)
        session = secrets.token_urlsafe(32)

        def change(db: Database) -> None:
            db.conn.execute("DELETE FROM sessions WHERE expires_at <= ?", [now])
            db.table("sessions").insert(
                {"digest": _digest(session), "key_id": grant.key_id, "created_at": now, "expires_at": ends}
            )

        self._write(change)
        return session, grant, ends

    def grant_of_session(self, session: str) -> Grant:
        """What this session's key allows now."""
        seen, digest = self._seen.sessions, _digest(session)
        grant, ends = seen.get(digest, (None, 0))
        if grant is not None and not _ended(ends) and not _ended(grant.expires_at):
            return grant
        with self._file.read() as db:
            row = db.conn.execute(
                "SELECT key_id, expires_at FROM sessions WHERE digest = ? AND expires_at > ?",
                [digest, int(time.time())],
            ).fetchone()
            if row is None:
                raise Unauthorised("登录已过期。")
            grant = _grant(db, "id = :value", row[0])
        seen[digest] = grant, row[1]
        return grant

    def close_session(self, session: str) -> None:
        """Log out; unknown sessions are no error."""
        self._write(lambda db: db.conn.execute("DELETE FROM sessions WHERE digest = ?", [_digest(session)]))


def _merchants(db: Database, slugs: Sequence[str] | None) -> list[Merchant]:
    wanted = None if slugs is None else set(slugs)
    rows = db.query("SELECT slug, name, platform, color FROM merchants ORDER BY rowid")
    return [Merchant(**row) for row in rows if wanted is None or row["slug"] in wanted]


def _grant(db: Database, where: str, value: str) -> Grant:
    rows = list(
        db.query(
            f"SELECT * FROM keys WHERE {where} AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > :now)",
            {"value": value, "now": int(time.time())},
        )
    )
    if not rows:
        raise Unauthorised("访问密钥无效、已过期或已停用。")
    key = rows[0]
    shops = db.conn.execute(
        "SELECT m.slug FROM key_merchants k JOIN merchants m USING (slug) WHERE k.key_id = ? ORDER BY m.rowid",
        [key["id"]],
    )
    return Grant(key["id"], key["label"], Role(key["role"]), tuple(row[0] for row in shops), key["expires_at"])
