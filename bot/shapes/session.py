"""Logging in, and the shops a key or person is in charge of."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from bot.shapes.base import Reply, Request
from kb.store.grant import Role, Scope
from kb.store.password import LONGEST

Password = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST)]


class LoginIn(Request):
    """An access key, a ticket that a host's server got with one, or a name and a password."""

    key: Annotated[str, StringConstraints(max_length=200)] = ""
    ticket: Annotated[str, StringConstraints(max_length=200)] = ""
    name: Annotated[str, StringConstraints(max_length=100)] = ""
    password: Annotated[str, StringConstraints(max_length=LONGEST)] = ""
    embedded: bool = Field(False, description="页面嵌在别的网站里：会话 cookie 只在那个网站的框架里有效")

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if sum(map(bool, (self.key, self.ticket, self.name))) != 1 or bool(self.name) != bool(self.password):
            raise ValueError("a key, a ticket, or a name and a password")
        return self


class PasswordIn(Request):
    """A new password for oneself."""

    old: Password
    new: Password


class TicketOut(Reply):
    ticket: str
    expires_in_s: int
    path: str = Field(description="接在服务地址后面，作为 iframe 的 src；# 之后的部分浏览器不会发给任何服务器")


class ShopOut(Reply):
    slug: str
    name: str
    platform: str
    color: str
    generation: int
    entries: int
    products: int


class SessionOut(Reply):
    """`actor` names who is logged in, in the record of what was done; it opens nothing."""

    label: str
    actor: str
    role: Role = Field(description="几个角色中打头的一个，页面按它显示")
    roles: list[Role]
    person: bool = Field(description="是用名字和密码登录的人，可以改密码")
    scopes: list[Scope] | None
    expires_at: int | None
    shops: list[ShopOut]


class ShopsOut(Reply):
    shops: list[ShopOut]
