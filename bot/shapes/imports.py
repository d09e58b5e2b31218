"""The record of imports."""

from __future__ import annotations

from bot.shapes.base import Reply


class ImportOut(Reply):
    id: str
    at: int
    file: str
    kind: str
    added: int
    changed: int
    unchanged: int
    problems: int
    by: str


class ImportsOut(Reply):
    imports: list[ImportOut]
