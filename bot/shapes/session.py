"""Logging in, and the shops a key names."""

from __future__ import annotations

from typing import Annotated

from pydantic import StringConstraints

from bot.shapes.base import Reply, Request
from kb.store.hub import Role


class LoginIn(Request):
    key: Annotated[str, StringConstraints(min_length=1, max_length=200)]


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
