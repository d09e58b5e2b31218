"""Which systems tell of a shop's messages."""

from __future__ import annotations

from bot.shapes.base import Reply


class InboxOut(Reply):
    inbox: str
    shop: str


class HookOut(Reply):
    id: str
    kind: str
    inboxes: list[InboxOut]


class HooksOut(Reply):
    hooks: list[HookOut]
