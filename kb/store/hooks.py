"""Hooks: where a host's server tells us of messages, and which of its inboxes is which shop. Every change ends in one
transaction with its rows of the audit trail, one for each shop that the hook speaks for.

The secret stands in hub.db as it is: whoever verifies an HMAC must hold its key. It opens nothing but this one door,
through which messages come in and nothing goes out; the folder is readable by the service's user alone (mode 0700).
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlite_utils import Database

from kb.errors import Invalid, NotFound
from kb.store.audit import Deed, append
from kb.store.codec import new_id
from kb.store.file import StoreFile
from kb.store.grant import CONSOLE, Actor

KINDS = ("chatwoot",)
_LONGEST_SECRET = 500


@dataclass(frozen=True, slots=True)
class Hook:
    """A host's account that may tell us of messages. `inboxes`: inbox id → slug of the shop it belongs to."""

    id: str
    kind: str
    label: str
    inboxes: Mapping[str, str]
    secret: str = field(repr=False)


class Hooks:
    """The hooks of one data folder, in the hub's file."""

    def __init__(self, file: StoreFile) -> None:
        self._file = file

    def add(self, kind: str, label: str, inboxes: Mapping[str, str], *, by: Actor = CONSOLE) -> Hook:
        """A new hook with a secret of ours. Raises Invalid without an inbox, NotFound for an unknown shop."""
        if kind not in KINDS:
            raise Invalid(f"不认识系统“{kind}”。", remedy="可选：" + "、".join(KINDS))
        if not inboxes:
            raise Invalid("hook 至少要有一个收件箱。", remedy="例如 --inbox 3=qingluo：3 号收件箱的买家都是这家店的。")
        hook = Hook(new_id("cw"), kind, label, dict(inboxes), secrets.token_urlsafe(32))

        def change(db: Database) -> Hook:
            known = {slug for (slug,) in db.conn.execute("SELECT slug FROM merchants")}
            if missing := sorted(set(inboxes.values()) - known):
                raise NotFound(f"没有店铺“{'、'.join(missing)}”，hook 没有建立。")
            row = {"id": hook.id, "kind": kind, "label": label, "secret": hook.secret, "created_at": int(time.time())}
            db.table("hooks").insert(row)
            rows = ({"hook": hook.id, "inbox": inbox, "slug": slug} for inbox, slug in inboxes.items())
            db.table("hook_inboxes").insert_all(rows)
            _record(db, "hook.add", hook, by)
            return hook

        return self._file.write(change)

    def set_secret(self, hook: str, secret: str, *, by: Actor = CONSOLE) -> None:
        """Take the sender's own secret. Raises NotFound, and Invalid for one that is empty or too long."""
        if not secret.strip() or len(secret) > _LONGEST_SECRET:
            raise Invalid(f"密钥不能为空，也不能超过 {_LONGEST_SECRET} 个字符。")

        def change(db: Database) -> None:
            found = _found(db, hook)
            db.conn.execute("UPDATE hooks SET secret = ? WHERE id = ?", [secret.strip(), hook])
            _record(db, "hook.secret", found, by)

        self._file.write(change)

    def remove(self, hook: str, *, by: Actor = CONSOLE) -> None:
        """End it: from now on it refuses. Raises NotFound."""

        def change(db: Database) -> None:
            found = _found(db, hook)
            db.conn.execute("DELETE FROM hooks WHERE id = ?", [hook])
            _record(db, "hook.remove", found, by)

        self._file.write(change)

    def all(self) -> list[Hook]:
        """Every hook, oldest first."""
        with self._file.read() as db:
            return _hooks(db)

    def find(self, hook: str) -> Hook | None:
        """The hook of this id, if there is one."""
        return next((one for one in self.all() if one.id == hook), None)


def _hooks(db: Database) -> list[Hook]:
    inboxes: dict[str, dict[str, str]] = {}
    for hook, inbox, slug in db.conn.execute("SELECT hook, inbox, slug FROM hook_inboxes ORDER BY rowid"):
        inboxes.setdefault(hook, {})[inbox] = slug
    rows = db.conn.execute("SELECT id, kind, label, secret FROM hooks ORDER BY rowid").fetchall()
    return [Hook(id, kind, label, inboxes.get(id, {}), secret) for id, kind, label, secret in rows]


def _found(db: Database, hook: str) -> Hook:
    for one in _hooks(db):
        if one.id == hook:
            return one
    raise NotFound(f"没有 hook“{hook[:60]}”。", remedy="现有的见 huashu hook list。")


def _record(db: Database, action: str, hook: Hook, by: Actor) -> None:
    """A row for each shop: who answers for it sees who may speak for its buyers. Of a secret nothing is told."""
    for slug in sorted(set(hook.inboxes.values())):
        held = f"{hook.kind} {','.join(inbox for inbox, shop in hook.inboxes.items() if shop == slug)}"
        before, after = (held, "") if action == "hook.remove" else ("", held if action == "hook.add" else "")
        append(db, by, Deed(action, slug, hook.id, hook.label, before, after))
