"""Logging in, and the shops a key or person is in charge of."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from bot.shapes.base import Reply, Request
from kb.store.hub import Role, Scope
from kb.store.password import LONGEST

Password = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST)]


class LoginIn(Request):
    """Either an access key, or a name and a password."""

    key: Annotated[str, StringConstraints(max_length=200)] = ""
    name: Annotated[str, StringConstraints(max_length=100)] = ""
    password: Annotated[str, StringConstraints(max_length=LONGEST)] = ""

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if bool(self.key) == bool(self.name) or bool(self.name) != bool(self.password):
            raise ValueError("either a key, or a name and a password")
        return self


class PasswordIn(Request):
    """A new password for oneself."""

    old: Password
    new: Password


class ShopOut(Reply):
    slug: str
    name: str
    platform: str
    color: str
    generation: int
    entries: int
    products: int


class SessionOut(Reply):
    label: str
    role: Role = Field(description="几个角色中打头的一个，页面按它显示")
    roles: list[Role]
    person: bool = Field(description="是用名字和密码登录的人，可以改密码")
    scopes: list[Scope] | None
    expires_at: int | None
    shops: list[ShopOut]


class ShopsOut(Reply):
    shops: list[ShopOut]
