"""Keys as rows: 256-bit random strings of which only the digest is stored, the shops they name, and what they grant.

A plain SHA-256 of such a string cannot be searched (ASVS 5.0 §6.5: high-entropy secrets need no password hash).
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlite_utils import Database

from kb.errors import NotFound, Unauthorised
from kb.store.grant import Grant, Role, Scope


@dataclass(frozen=True, slots=True)
class Key:
    """A key as it is listed; nothing leads back to the secret."""

    id: str
    label: str
    role: Role
    shops: tuple[str, ...]
    everywhere: bool
    scopes: frozenset[Scope] | None
    created_at: int
    expires_at: int | None
    revoked_at: int | None


def digest_of(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def put_key(
    db: Database, key_id: str, label: str, secret: str, role: Role, shops: Collection[str], *, everywhere: bool,
    scopes: Collection[Scope] | None, lifetime_s: int | None,
) -> None:  # fmt: skip
    now = int(time.time())
    db.table("keys").insert(
        {
            "id": key_id,
            "label": label,
            "digest": digest_of(secret),
            "role": str(role),
            "created_at": now,
            "expires_at": now + lifetime_s if lifetime_s is not None else None,
            "revoked_at": None,
            "everywhere": int(everywhere),
            "scopes": None if scopes is None else json.dumps(sorted(scopes)),
        }
    )
    check_shops(db, shops)
    db.table("key_merchants").insert_all({"key_id": key_id, "slug": slug} for slug in dict.fromkeys(shops))


def end_keys(db: Database, column: str, value: str) -> list[tuple[str, str]]:
    """Revoke the live keys whose id or label it is, and end the sessions opened with them; returns (id, label) of each."""
    found = db.conn.execute(f"SELECT id, label FROM keys WHERE {column} = ? AND revoked_at IS NULL", [value]).fetchall()
    for key_id, _ in found:
        db.conn.execute("DELETE FROM sessions WHERE key_id = ?", [key_id])
        db.conn.execute("UPDATE keys SET revoked_at = ? WHERE id = ?", [int(time.time()), key_id])
    return [(row[0], row[1]) for row in found]


def all_keys(db: Database) -> list[Key]:
    """Every key there ever was, oldest first."""
    return [
        Key(row["id"], row["label"], Role(row["role"]), _shops(db, row), bool(row["everywhere"]), _scopes(row["scopes"]),
            row["created_at"], row["expires_at"], row["revoked_at"])
        for row in db.query("SELECT * FROM keys ORDER BY rowid")
    ]  # fmt: skip


def grant_of(db: Database, where: str, value: str) -> Grant:
    """What the live key found by this column grants. Raises Unauthorised where there is none."""
    rows = list(
        db.query(
            f"SELECT * FROM keys WHERE {where} = :value AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > :now)",
            {"value": value, "now": int(time.time())},
        )
    )
    if not rows:
        raise Unauthorised("访问密钥无效、已过期或已停用。")
    key = rows[0]
    return Grant(
        key["id"],
        key["label"],
        frozenset([Role(key["role"])]),
        _shops(db, key),
        key["expires_at"],
        _scopes(key["scopes"]),
    )


def check_shops(db: Database, shops: Collection[str]) -> None:
    """Raises NotFound for a shop that the hub does not know; the caller's transaction undoes what it has begun."""
    known = {row[0] for row in db.conn.execute("SELECT slug FROM merchants")}
    if missing := sorted(set(shops) - known):
        raise NotFound(f"没有店铺“{'、'.join(missing)}”，没有建立。")


def shops_of(db: Database, table: str, column: str, owner: str, *, everywhere: bool) -> tuple[str, ...]:
    """The shops that a key or person names, in order of their creation; `everywhere`: all there are."""
    if everywhere:
        rows = db.conn.execute("SELECT slug FROM merchants ORDER BY rowid")
    else:
        rows = db.conn.execute(
            f"SELECT m.slug FROM {table} o JOIN merchants m USING (slug) WHERE o.{column} = ? ORDER BY m.rowid", [owner]
        )
    return tuple(row[0] for row in rows)


def _shops(db: Database, key: dict[str, Any]) -> tuple[str, ...]:
    return shops_of(db, "key_merchants", "key_id", key["id"], everywhere=bool(key["everywhere"]))


def _scopes(text: str | None) -> frozenset[Scope] | None:
    return None if text is None else frozenset(map(Scope, json.loads(text)))
