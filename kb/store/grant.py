"""Who may what, as nouns: roles, scopes, what a credential grants, and who the audit trail names."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from kb.errors import Invalid


class Role(StrEnum):
    """A kind of work. Roles do not include one another: what each may call is said by `bot/access.toml`."""

    AGENT = "agent"
    TRAINER = "trainer"
    LEAD = "lead"
    QC = "qc"
    MANAGER = "manager"
    MERCHANT = "merchant"
    ADMIN = "admin"
    SERVICE = "service"

    @property
    def label(self) -> str:
        return ROLE_LABELS[self]


ROLE_LABELS = {
    Role.AGENT: "客服",
    Role.TRAINER: "训练师",
    Role.LEAD: "组长",
    Role.QC: "质检",
    Role.MANAGER: "经理",
    Role.MERCHANT: "商家",
    Role.ADMIN: "管理员",
    Role.SERVICE: "接口",
}
# What a page takes somebody with several roles for: the first of these.
_FOREMOST = (
    Role.TRAINER, Role.LEAD, Role.AGENT, Role.MANAGER, Role.QC, Role.MERCHANT, Role.ADMIN, Role.SERVICE,
)  # fmt: skip


class Scope(StrEnum):
    """A part of the API that a key can be limited to; each route of the access table has one."""

    READ = "read"
    WRITE = "write"
    SUGGEST = "suggest"
    EVENTS = "events:write"
    MESSAGES = "messages:write"
    OUTCOMES = "outcomes:write"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Grant:
    """What a credential allows: its roles and the shops it names, nothing else."""

    key_id: str  # of the key, or of the person who logged in
    label: str
    roles: frozenset[Role]
    shops: tuple[str, ...]
    expires_at: int | None
    scopes: frozenset[Scope] | None = None  # None: not limited
    person: bool = False  # logged in with a name and a password

    @property
    def role(self) -> Role:
        """The foremost of the roles, for pages that show one."""
        return next(role for role in _FOREMOST if role in self.roles)


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did something, as the audit trail names them."""

    id: str
    name: str

    @classmethod
    def of(cls, grant: Grant) -> Actor:
        return cls(grant.key_id, grant.label)


CONSOLE = Actor("console", "命令行")


def check_roles(roles: Collection[Role], shops: Collection[str], *, everywhere: bool) -> None:
    """Raises Invalid for what nobody may be given."""
    if not roles:
        raise Invalid("没有写角色。", remedy="至少写一个角色，如 agent（客服）。")
    if Role.MERCHANT in roles and (len(roles) > 1 or everywhere or len(shops) != 1):
        raise Invalid("商家账号只能看自己的一家店。", remedy="商家（merchant）不能兼其他角色，并且只写一家店铺。")
    if not shops and not everywhere and set(roles) - {Role.ADMIN}:
        raise Invalid("没有写店铺。", remedy="请写明管哪几家店，或者选择所有店铺。")
