"""Is it alive, and how does it search."""

from __future__ import annotations

from bot.shapes.base import Reply
from kb.model import (
    Mode,
)


class HealthOut(Reply):
    status: str
    mode: Mode
    engine: str
    trouble: str
