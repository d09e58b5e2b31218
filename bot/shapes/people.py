"""People and keys as admins see them, and the audit trail."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from bot.shapes.base import Reply, Request
from bot.shapes.session import Password
from kb.store.audit import ACTIONS, Record
from kb.store.grant import Role, Scope
from kb.store.keys import Key
from kb.store.people import Person

Label = Annotated[str, StringConstraints(min_length=1, max_length=60)]
Slugs = Annotated[list[Annotated[str, StringConstraints(max_length=40)]], Field(max_length=1000)]
Roles = Annotated[list[Role], Field(min_length=1, max_length=len(Role))]


class AccessIn(Request):
    """What somebody may do, and where."""

    roles: Roles
    shops: Slugs = []
    everywhere: bool = Field(False, description="所有店铺，以后新建的也在内")


class PersonIn(AccessIn):
    name: Label
    password: Password


class NewPasswordIn(Request):
    password: Password


class PersonOut(Reply):
    id: str
    name: str
    roles: list[Role]
    shops: list[str]
    everywhere: bool
    created_at: int
    password_at: int
    disabled_at: int | None

    @classmethod
    def of(cls, person: Person) -> PersonOut:
        return cls(
            id=person.id,
            name=person.name,
            roles=sorted(person.roles),
            shops=list(person.shops),
            everywhere=person.everywhere,
            created_at=person.created_at,
            password_at=person.password_at,
            disabled_at=person.disabled_at,
        )


class PeopleOut(Reply):
    people: list[PersonOut]


class KeyIn(Request):
    label: Label
    role: Role
    shops: Slugs = []
    everywhere: bool = False
    scopes: list[Scope] | None = Field(None, max_length=len(Scope), description="限定用途；不写则不限")
    days: int | None = Field(None, ge=1, le=3650, description="多少天后失效；不写则长期有效")


class KeyOut(Reply):
    id: str
    label: str
    role: Role
    shops: list[str]
    everywhere: bool
    scopes: list[Scope] | None
    created_at: int
    expires_at: int | None
    revoked_at: int | None

    @classmethod
    def of(cls, key: Key) -> KeyOut:
        return cls(
            id=key.id,
            label=key.label,
            role=key.role,
            shops=list(key.shops),
            everywhere=key.everywhere,
            scopes=None if key.scopes is None else sorted(key.scopes),
            created_at=key.created_at,
            expires_at=key.expires_at,
            revoked_at=key.revoked_at,
        )


class KeysOut(Reply):
    keys: list[KeyOut]


class SecretOut(Reply):
    key: str = Field(description="密钥，只给这一次")


class RecordOut(Reply):
    """One row of the audit trail; `seal` is the hash over it and the seal before."""

    number: int
    at: int
    actor: str
    name: str
    action: str
    label: str
    shop: str
    subject: str
    summary: str
    before: str
    after: str
    seal: str

    @classmethod
    def of(cls, record: Record) -> RecordOut:
        return cls(
            number=record.number,
            at=record.at,
            actor=record.actor,
            name=record.name,
            action=record.action,
            label=ACTIONS.get(record.action, record.action),
            shop=record.shop,
            subject=record.subject,
            summary=record.summary,
            before=record.before,
            after=record.after,
            seal=record.seal,
        )


class AuditOut(Reply):
    records: list[RecordOut]
    next: int | None = Field(description="还有更早的：下一页用它作 before")
