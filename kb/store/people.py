"""People: a name, a password, roles and shops. Every change ends in one transaction with its row of the audit trail."""

from __future__ import annotations

import time
import unicodedata
from collections.abc import Callable, Collection
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from sqlite_utils import Database

from kb.errors import Conflict, Invalid, NotFound, Unauthorised
from kb.store.audit import Deed, append
from kb.store.codec import new_id
from kb.store.grant import CONSOLE, Actor, Grant, Role, check_roles
from kb.store.keys import check_shops, shops_of
from kb.store.password import NOBODY, check_password, hashed, matches

T = TypeVar("T")
_LONGEST_NAME = 60


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who logs in with a name; nothing leads back to the password."""

    id: str
    name: str
    roles: frozenset[Role]
    shops: tuple[str, ...]
    everywhere: bool
    created_at: int
    password_at: int
    disabled_at: int | None


@dataclass(frozen=True, slots=True)
class Claim:
    """Somebody says who they are; id and name are "" where nobody is called so."""

    id: str
    name: str
    stored: str
    right: bool

    def unchanged(self, db: Database) -> None:
        """Raises Unauthorised where the password was changed, or the person disabled, since it was looked at."""
        query = "SELECT 1 FROM people WHERE id = ? AND password = ? AND disabled_at IS NULL"
        if not db.conn.execute(query, [self.id, self.stored]).fetchone():
            raise Unauthorised("密码刚刚改过，请用新的。")


class Write(Protocol):
    """Make a change on disk and say what it came to."""

    def __call__(self, change: Callable[[Database], T]) -> T: ...


class People:
    """The people of one hub."""

    def __init__(self, write: Write, read: Callable[[], AbstractContextManager[Database]]) -> None:
        self._write = write
        self._read = read

    def all(self) -> list[Person]:
        """Everybody, the disabled too, in order of creation."""
        with self._read() as db:
            return [_person(db, row) for row in db.query("SELECT * FROM people ORDER BY rowid")]

    def named(self, name: str) -> Person:
        with self._read() as db:
            return _found(db, "folded", folded(name))

    def one(self, person_id: str) -> Person:
        with self._read() as db:
            return _found(db, "id", person_id)

    def add(
        self, name: str, password: str, roles: Collection[Role], shops: Collection[str] = (), *, everywhere: bool = False,
        by: Actor = CONSOLE,
    ) -> Person:  # fmt: skip
        """Make a person. Raises Invalid on a name that is taken or a weak password, NotFound on an unknown shop."""
        name = _checked_name(name)
        check_roles(roles, shops, everywhere=everywhere)
        _not_a_service(roles)
        check_password(password, name)
        stored = hashed(password)

        def change(db: Database) -> Person:
            if db.conn.execute("SELECT 1 FROM people WHERE folded = ?", [folded(name)]).fetchone():
                raise Invalid(f"已经有人叫“{name}”。", remedy="请换一个名字，比如加上工号；停用的人可以恢复。")
            person, now = new_id("u"), int(time.time())
            db.conn.execute(
                "INSERT INTO people VALUES (?, ?, ?, ?, ?, ?, ?, NULL)",
                [person, name, folded(name), stored, int(everywhere), now, now],
            )
            _put_access(db, person, roles, shops)
            append(db, by, Deed("person.add", subject=person, summary=name, after=_access(roles, shops, everywhere)))
            return _found(db, "id", person)

        return self._write(change)

    def change_access(
        self, person_id: str, roles: Collection[Role], shops: Collection[str] = (), *, everywhere: bool = False,
        by: Actor = CONSOLE,
    ) -> Person:  # fmt: skip
        """Give somebody these roles and shops instead of theirs; it holds from the next request on."""
        check_roles(roles, shops, everywhere=everywhere)
        _not_a_service(roles)

        def change(db: Database) -> Person:
            person = _found(db, "id", person_id)
            before = _access(person.roles, person.shops, person.everywhere)
            db.conn.execute("UPDATE people SET everywhere = ? WHERE id = ?", [int(everywhere), person.id])
            for table in ("person_roles", "person_merchants"):
                db.conn.execute(f"DELETE FROM {table} WHERE person_id = ?", [person.id])
            _put_access(db, person.id, roles, shops)
            _keep_an_admin(db, person)
            after = _access(roles, shops, everywhere)
            append(db, by, Deed("person.access", subject=person.id, summary=person.name, before=before, after=after))
            return _found(db, "id", person.id)

        return self._write(change)

    def set_password(self, person_id: str, password: str, *, by: Actor = CONSOLE, keep: str = "") -> None:
        """A new password; every session of the person ends, but the one whose digest is `keep`."""
        check_password(password, self.one(person_id).name)
        stored = hashed(password)

        def change(db: Database) -> None:
            person = _found(db, "id", person_id)
            db.conn.execute(
                "UPDATE people SET password = ?, password_at = ? WHERE id = ?", [stored, int(time.time()), person.id]
            )
            db.conn.execute("DELETE FROM sessions WHERE person_id = ? AND digest != ?", [person.id, keep])
            action = "password.change" if by.id == person.id else "person.password"
            append(db, by, Deed(action, subject=person.id, summary=person.name))

        self._write(change)

    def disable(self, person_id: str, *, by: Actor = CONSOLE) -> Person:
        """Somebody who left: no login, and every session ends. What they did keeps their name."""
        return self._able(person_id, int(time.time()), by)

    def enable(self, person_id: str, *, by: Actor = CONSOLE) -> Person:
        return self._able(person_id, None, by)

    def _able(self, person_id: str, disabled_at: int | None, by: Actor) -> Person:
        def change(db: Database) -> Person:
            person = _found(db, "id", person_id)
            db.conn.execute("UPDATE people SET disabled_at = ? WHERE id = ?", [disabled_at, person.id])
            if disabled_at is not None:
                db.conn.execute("DELETE FROM sessions WHERE person_id = ?", [person.id])
                _keep_an_admin(db, person)
            action = "person.enable" if disabled_at is None else "person.disable"
            append(db, by, Deed(action, subject=person.id, summary=person.name))
            return _found(db, "id", person.id)

        return self._write(change)

    def check(self, name: str, password: str) -> Claim:
        """Whose name it is and whether the password is right; takes as long for a name that nobody has."""
        query = "SELECT id, name, password FROM people WHERE folded = ? AND disabled_at IS NULL"
        with self._read() as db:
            known, called, stored = db.conn.execute(query, [folded(name)]).fetchone() or ("", "", NOBODY)
        return Claim(known, called, stored, matches(stored, password) and bool(known))


def folded(name: str) -> str:
    """The form by which names are told apart: full-width letters and capitals make no other person."""
    return unicodedata.normalize("NFKC", name).strip().casefold()


def grant_of_person(db: Database, person_id: str) -> Grant:
    """What a person may do now. Raises Unauthorised for one who is disabled."""
    try:
        person = _found(db, "id", person_id)
    except NotFound:
        person = None
    if person is None or person.disabled_at is not None:
        raise Unauthorised("这个账号已停用。")
    return Grant(person.id, person.name, person.roles, person.shops, None, person=True)


def _found(db: Database, column: str, value: str) -> Person:
    for row in db.query(f"SELECT * FROM people WHERE {column} = ?", [value]):
        return _person(db, row)
    raise NotFound("没有这个人。", remedy="现有人员见人员列表（huashu admin person list）。")


def _person(db: Database, row: dict[str, Any]) -> Person:
    person, everywhere = row["id"], bool(row["everywhere"])
    roles = db.conn.execute("SELECT role FROM person_roles WHERE person_id = ?", [person])
    shops = shops_of(db, "person_merchants", "person_id", person, everywhere=everywhere)
    times = (row["created_at"], row["password_at"], row["disabled_at"])
    return Person(person, row["name"], frozenset(Role(r[0]) for r in roles), shops, everywhere, *times)


def _put_access(db: Database, person: str, roles: Collection[Role], shops: Collection[str]) -> None:
    check_shops(db, shops)
    db.table("person_roles").insert_all({"person_id": person, "role": str(role)} for role in dict.fromkeys(roles))
    db.table("person_merchants").insert_all({"person_id": person, "slug": slug} for slug in dict.fromkeys(shops))


def _keep_an_admin(db: Database, changed: Person) -> None:
    """Raises Conflict where the change, already made in this transaction, leaves nobody who could undo it."""
    if Role.ADMIN not in changed.roles or changed.disabled_at is not None:
        return
    left = db.conn.execute(
        "SELECT count(*) FROM people JOIN person_roles ON person_id = id WHERE role = 'admin' AND disabled_at IS NULL"
    ).fetchone()
    if not left[0]:
        raise Conflict(f"“{changed.name}”是最后一位管理员，没有改动。", remedy="请先给另一个人管理员角色。")


def _access(roles: Collection[Role], shops: Collection[str], everywhere: bool) -> str:
    return f"{','.join(sorted(roles))} @ {'*' if everywhere else ','.join(sorted(shops))}"


def _checked_name(name: str) -> str:
    name = unicodedata.normalize("NFC", name).strip()
    if not name or len(name) > _LONGEST_NAME or not name.isprintable():
        raise Invalid(f"名字要有 1 到 {_LONGEST_NAME} 个字，不能有换行。")
    return name


def _not_a_service(roles: Collection[Role]) -> None:
    if Role.SERVICE in roles:
        raise Invalid("接口角色只给密钥，不给人。", remedy="请用 huashu admin key issue --role service。")
