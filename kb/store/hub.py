"""The hub: which merchants exist, which key or person names which of them, who is logged in, and the audit trail.

Other processes may write to it while the service runs (`huashu admin`, `huashu shop add`): what is remembered of it is
dropped when the file's stamp has moved, which is looked at four times a second at most.
"""

from __future__ import annotations

import re
import secrets
import threading
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import TypeVar

from sqlite_utils import Database

from kb.errors import Invalid, NotFound
from kb.experiment.experiment import Experiment
from kb.store import audit, keys, schema
from kb.store.audit import Deed, Record, Verdict
from kb.store.codec import new_id
from kb.store.experiments import Experiments
from kb.store.file import StoreFile
from kb.store.grant import CONSOLE, Actor, Grant, Role, Scope, check_roles
from kb.store.hooks import Hooks
from kb.store.keys import Key, digest_of, end_keys, grant_of, put_key
from kb.store.login import Login, Logins, ended
from kb.store.people import People

T = TypeVar("T")

_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_LOOK_S = 0.25  # how long a change by another process may go unseen
_COLORS = ("#1f6f54", "#8a3b6b", "#2b5c9e", "#9a4f16", "#5a4aa0", "#0f6c78", "#9b2f35", "#55661a")


@dataclass(frozen=True, slots=True)
class Merchant:
    """One shop as the hub knows it; `color` fills the sidebar's header so that the shop is never in doubt."""

    slug: str
    name: str
    platform: str
    color: str


@dataclass(slots=True)
class _Seen:
    """What was read since the last write: every request asks who is asking and for which shop."""

    count: int = -1
    merchants: dict[str, Merchant] = field(default_factory=dict)
    keys: dict[str, Grant] = field(default_factory=dict)  # by digest
    sessions: dict[str, Login] = field(default_factory=dict)  # by digest
    running: dict[str, tuple[Experiment, ...]] | None = None  # experiments, by shop


class Hub:
    """Merchants, keys, people and sessions of one data folder."""

    def __init__(self, path: Path) -> None:
        self._file = StoreFile(path, schema.hub)
        self.hooks = Hooks(self._file)
        self._seen = _Seen()
        self._stamp = -1
        self._look_at = 0.0
        self._looking = threading.Lock()
        self.people = People(self._write, self._file.read)
        self.experiments = Experiments(self._write, self._file.read)
        self.logins = Logins(self._file, self._write, lambda: self._now().sessions, self.people)

    def __enter__(self) -> Hub:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._file.close()

    def _write(self, change: Callable[[Database], T]) -> T:
        """A change on disk; what was read before it is forgotten, so that a revoked key ends with the reply.

        Replaced, not emptied: a reader that began before the change puts what it found where nobody looks any more.
        """

        def stamped(db: Database) -> T:
            done = change(db)
            db.conn.execute("UPDATE stamp SET changes = changes + 1")
            return done

        try:
            return self._file.write(stamped)
        finally:
            self._seen = _Seen()

    def _now(self) -> _Seen:
        """What may still be believed: all of it, unless another process has changed merchants, keys or people."""
        now = time.monotonic()
        if now >= self._look_at:
            with self._looking:
                self._look_at = now + _LOOK_S
                if self._file.changed():
                    with self._file.read() as db:
                        stamp = db.conn.execute("SELECT changes FROM stamp").fetchone()[0]
                    if stamp != self._stamp:
                        self._stamp, self._seen = stamp, _Seen()
        return self._seen

    # -- merchants

    def add_merchant(
        self, slug: str, name: str, *, platform: str = "", color: str = "", by: Actor = CONSOLE
    ) -> Merchant:
        """Create a shop, or return the one that exists. Raises Invalid on a slug that is no safe folder name."""
        if not _SLUG.fullmatch(slug):
            raise Invalid(f"店铺代号“{slug}”不合规。", remedy="请用小写字母、数字和减号，40 个字符以内。")

        def change(db: Database) -> Merchant:
            if found := _merchants(db, [slug]):
                return found[0]
            count = db.table("merchants").count
            merchant = Merchant(slug, name or slug, platform, color or _COLORS[count % len(_COLORS)])
            row = {name: getattr(merchant, name) for name in Merchant.__slots__}
            db.table("merchants").insert({**row, "created_at": int(time.time())})
            audit.append(db, by, Deed("shop.add", slug, slug, merchant.name))
            return merchant

        return self._write(change)

    def merchants(self, slugs: Sequence[str] | None = None) -> list[Merchant]:
        """All shops, or those of `slugs`, in order of creation."""
        with self._file.read() as db:
            return _merchants(db, slugs)

    def count(self) -> int:
        """How many shops there are."""
        seen = self._now()
        if seen.count < 0:
            seen.count = len(self.merchants())
        return seen.count

    def merchant(self, slug: str) -> Merchant:
        seen = self._now().merchants
        if slug not in seen:
            found = self.merchants([slug])
            if not found:
                raise NotFound(f"没有店铺“{slug}”。")
            seen[slug] = found[0]
        return seen[slug]

    def running(self, slug: str) -> tuple[Experiment, ...]:
        """The experiments that run in a shop now: asked for with every suggestion, so it is remembered."""
        seen = self._now()
        if seen.running is None:
            found = self.experiments.running()
            shops = {shop for one in found for shop in one.shops}
            seen.running = {shop: tuple(one for one in found if shop in one.shops) for shop in shops}
        return seen.running.get(slug, ())

    def check_salt(self) -> bytes:
        """The vendor's salt for the marks of its shops (`kb.check`); it never leaves the data folder."""
        with self._file.read() as db:
            return bytes.fromhex(db.conn.execute("SELECT value FROM secrets WHERE name = 'check_salt'").fetchone()[0])

    # -- keys

    def issue_key(
        self, label: str, role: Role, shops: Collection[str] = (), *, lifetime_s: int | None = None, everywhere: bool = False,
        scopes: Collection[Scope] | None = None, by: Actor = CONSOLE,
    ) -> str:  # fmt: skip
        """Make a key for these shops (`everywhere`: for all, later ones too); returned once and never readable again.

        `scopes` limits it to parts of the API. Raises Invalid, or NotFound on an unknown shop."""
        check_roles([role], shops, everywhere=everywhere)
        secret, key_id = "hs_" + secrets.token_urlsafe(32), new_id("k")

        def change(db: Database) -> None:
            put_key(db, key_id, label, secret, role, shops, everywhere=everywhere, scopes=scopes, lifetime_s=lifetime_s)
            given = f"{role} @ {'*' if everywhere else ','.join(sorted(shops))}"
            after = given if scopes is None else f"{given} : {','.join(sorted(scopes))}"
            audit.append(db, by, Deed("key.issue", subject=key_id, summary=label, after=after))

        self._write(change)
        return secret

    def revoke_keys(self, label: str, *, by: Actor = CONSOLE) -> int:
        """End every live key of this label and the sessions opened with it; returns how many."""
        return self._end("label", label, by)

    def revoke_key(self, key_id: str, *, by: Actor = CONSOLE) -> None:
        """End one key. Raises NotFound where it is not, or no longer, one."""
        if not self._end("id", key_id, by):
            raise NotFound("没有这把密钥，或已经停用。")

    def _end(self, column: str, value: str, by: Actor) -> int:
        def change(db: Database) -> int:
            ended = end_keys(db, column, value)
            for key_id, label in ended:
                audit.append(db, by, Deed("key.revoke", subject=key_id, summary=label))
            return len(ended)

        return self._write(change)

    def all_keys(self) -> list[Key]:
        """Every key there ever was, oldest first."""
        with self._file.read() as db:
            return keys.all_keys(db)

    def keys_of(self, slug: str, role: Role) -> frozenset[str]:
        """Ids of all keys and people of this role that see the shop, ended ones too: what they did stays done."""
        query = """
            SELECT id FROM keys WHERE role = :role
                AND (everywhere OR id IN (SELECT key_id FROM key_merchants WHERE slug = :slug))
            UNION SELECT id FROM people WHERE id IN (SELECT person_id FROM person_roles WHERE role = :role)
                AND (everywhere OR id IN (SELECT person_id FROM person_merchants WHERE slug = :slug))"""
        with self._file.read() as db:
            return frozenset(row["id"] for row in db.query(query, {"slug": slug, "role": str(role)}))

    def labels_of(self, slug: str, role: Role) -> dict[str, str]:
        """What the people and live keys of this role that see the shop are called, by id."""
        query = """
            SELECT id, label FROM keys WHERE role = :role AND revoked_at IS NULL
                AND (expires_at IS NULL OR expires_at > :now)
                AND (everywhere OR id IN (SELECT key_id FROM key_merchants WHERE slug = :slug))
            UNION SELECT id, name FROM people WHERE disabled_at IS NULL
                AND id IN (SELECT person_id FROM person_roles WHERE role = :role)
                AND (everywhere OR id IN (SELECT person_id FROM person_merchants WHERE slug = :slug))"""
        with self._file.read() as db:
            found = db.query(query, {"slug": slug, "role": str(role), "now": int(time.time())})
            return {row["id"]: row["label"] for row in found}

    def grant_of_key(self, secret: str) -> Grant:
        """What this key allows now. Raises Unauthorised when it is unknown, expired or revoked."""
        seen, digest = self._now().keys, digest_of(secret)
        grant = seen.get(digest)
        if grant is None or ended(grant.expires_at):
            with self._file.read() as db:
                grant = seen[digest] = grant_of(db, "digest", digest)
        return grant

    # -- the audit trail

    def record(self, by: Actor, deed: Deed) -> None:
        """Add a row about a change that was made elsewhere (a shop's file); on disk when it returns."""
        self._file.write(lambda db: audit.append(db, by, deed))

    def audit(
        self, *, shops: Sequence[str] | None = None, before: int | None = None, limit: int = 50, action: str = ""
    ) -> list[Record]:
        """The latest rows of the trail, newest first; see `audit.records`."""
        with self._file.read() as db:
            return audit.records(db, shops=shops, before=before, limit=limit, action=action)

    def verify_audit(self, head: str = "") -> Verdict:
        with self._file.read() as db:
            return audit.verify(db, head)


def _merchants(db: Database, slugs: Sequence[str] | None) -> list[Merchant]:
    wanted = None if slugs is None else set(slugs)
    rows = db.query("SELECT slug, name, platform, color FROM merchants ORDER BY rowid")
    return [Merchant(**row) for row in rows if wanted is None or row["slug"] in wanted]
