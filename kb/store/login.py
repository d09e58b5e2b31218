"""Who is logged in: a session is opened with a key, a ticket or a password, looked up at every request, and ends."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass

from sqlite_utils import Database

from kb.errors import Invalid, Unauthorised
from kb.store import audit
from kb.store.audit import Deed
from kb.store.file import StoreFile
from kb.store.grant import Actor, Grant
from kb.store.keys import digest_of, grant_of
from kb.store.people import People, Write
from kb.store.sessions import Owner, close_session, find_session, grant_of_owner, put_session

_SESSION_S = 12 * 3600  # one long shift
_LONG_OVER_S = 24 * 3600  # until then it is remembered that a session is over: the clock on the wall may be put back


def ended(at: int | None) -> bool:
    """Whether the clock on the wall has reached this end (unix seconds; None: there is none)."""
    return at is not None and at <= int(time.time())


@dataclass(frozen=True, slots=True)
class Login:
    """A session that was looked up, with its end by the clock on the wall and by the one that nobody sets."""

    grant: Grant
    ends: int
    until: float

    @property
    def over(self) -> bool:
        return ended(self.ends) or ended(self.grant.expires_at) or time.monotonic() >= self.until


class Logins:
    """The sessions of one hub. `write` makes the hub forget what it has read; `seen` is what it has read since, by digest."""

    def __init__(self, file: StoreFile, write: Write, seen: Callable[[], dict[str, Login]], people: People) -> None:
        self._file = file
        self._write = write
        self._seen = seen
        self._people = people
        self._until: dict[str, float] = {}  # on the monotonic clock, by digest

    def with_key(self, secret: str) -> tuple[str, Grant, int]:
        """Log in with a key: (session id for a cookie, what it allows, when it ends)."""
        try:
            with self._file.read() as db:
                grant = grant_of(db, "digest", digest_of(secret))
        except Unauthorised:
            self._record(Actor("", "未知密钥"), Deed("login.failed"))
            raise
        return self.with_grant(grant)

    def with_grant(self, grant: Grant) -> tuple[str, Grant, int]:
        """The same for what a credential allows already (a ticket). Raises Unauthorised where that has ended meanwhile."""
        owner: Owner = "person_id" if grant.person else "key_id"
        return self._open(grant, owner, lambda db: grant_of_owner(db, owner, grant.key_id))

    def with_password(self, name: str, password: str) -> tuple[str, Grant, int]:
        """The same with name and password. Raises Unauthorised, after as long a time whatever is wrong."""
        found = self._people.check(name, password)
        if not found.right:
            # Not the name as typed: people type their password there.
            self._record(Actor(found.id, found.name or "未知名字"), Deed("login.failed"))
            raise Unauthorised("名字或密码不对。", remedy="请核对后再试；忘了密码请管理员重设。")
        with self._file.read() as db:
            grant = grant_of_owner(db, "person_id", found.id)
        return self._open(grant, "person_id", found.unchanged)

    def change_password(self, grant: Grant, old: str, new: str, session: str = "") -> None:
        """One's own. All sessions but this one end. Raises Invalid where the old one is wrong or the new one weak."""
        found = self._people.check(grant.label, old)
        if not found.right or found.id != grant.key_id:
            self._record(Actor.of(grant), Deed("login.failed", summary="改密码时原密码不对"))
            raise Invalid("原来的密码不对。", remedy="请核对后再试；忘了密码请管理员重设。")
        self._people.set_password(found.id, new, by=Actor.of(grant), keep=digest_of(session))

    def _open(self, grant: Grant, owner: Owner, check: Callable[[Database], object]) -> tuple[str, Grant, int]:
        now, session = int(time.time()), secrets.token_urlsafe(32)
        ends = min(now + _SESSION_S, grant.expires_at or now + _SESSION_S)

        def change(db: Database) -> None:
            check(db)
            put_session(db, digest_of(session), owner, grant.key_id, now, ends)
            audit.append(db, Actor.of(grant), Deed("login", summary="名字和密码" if grant.person else "访问密钥"))

        self._file.write(change)  # nothing that was read before is wrong now
        return session, grant, ends

    def grant(self, session: str) -> Grant:
        """What this session's key or person may do now. It ends by the clock on the wall or by the one that nobody sets,
        whichever comes first: the first outlives a restart, the second a clock that is put back."""
        seen, digest = self._seen(), digest_of(session)
        login = seen.get(digest)
        if login is None or login.over:
            login = seen[digest] = self._find(digest)
        if login.over:
            raise Unauthorised("登录已过期。")
        return login.grant

    def _find(self, digest: str) -> Login:
        with self._file.read() as db:
            found = find_session(db, digest, int(time.time()))
            if found is None:
                raise Unauthorised("登录已过期。")
            grant = grant_of_owner(db, *found[:2])
        now = time.monotonic()
        until = now + found[2] - time.time()
        if digest not in self._until:  # here, once a session: most end without a logout
            self._until = {known: end for known, end in self._until.items() if end > now - _LONG_OVER_S}
        return Login(grant, found[2], self._until.setdefault(digest, until))

    def end(self, session: str) -> None:
        """Log out; unknown sessions are no error."""
        self._write(lambda db: close_session(db, digest_of(session)))

    def _record(self, by: Actor, deed: Deed) -> None:
        self._file.write(lambda db: audit.append(db, by, deed))
