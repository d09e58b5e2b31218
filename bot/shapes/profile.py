"""The shop's own facts."""

from __future__ import annotations

from bot.shapes.base import Reply
from bot.shapes.products import FactOut


class ProfileOut(Reply):
    facts: list[FactOut]
