"""The document that every error answers (RFC 9457)."""

from __future__ import annotations

from pydantic import Field

from bot.shapes.base import Reply


class FieldProblem(Reply):
    where: str
    what: str


class ProblemOut(Reply):
    """What every error answers: a stable code, what happened, what to do."""

    type: str = Field(examples=["urn:huashu:HS-422"])
    title: str
    status: int
    detail: str
    code: str = Field(examples=["HS-422"])
    remedy: str
    instance: str
    errors: list[FieldProblem] = []
