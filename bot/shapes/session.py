"""Logging in, and the shops a key names."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from bot.shapes.base import Reply, Request
from kb.store.hub import Role

Secret = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class LoginIn(Request):
    """A key, or a ticket that a host's server got with one."""

    key: Secret | None = None
    ticket: Secret | None = None
    embedded: bool = Field(False, description="页面嵌在别的网站里：会话 cookie 只在那个网站的框架里有效")


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
    role: Role
    expires_at: int | None
    shops: list[ShopOut]


class ShopsOut(Reply):
    shops: list[ShopOut]
