"""A trainer's entries, as typed and as stored."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, StringConstraints

from bot.shapes.base import Line, Name, Reply, Request, Seconds, Text
from kb.model import (
    Answer,
    Entry,
    EntryKind,
    Logistics,
    Origin,
    Payment,
    Polarity,
    Refund,
    Status,
)


class PhrasingIn(Request):
    text: Annotated[Line, StringConstraints(min_length=1)]
    polarity: Polarity = Polarity.POSITIVE


class AnswerIn(Request):
    text: Annotated[Text, StringConstraints(min_length=1, pattern=r"\S")]  # spaces alone are nothing to send
    platforms: Annotated[list[Name], Field(max_length=20)] = []
    products: Annotated[list[Name], Field(max_length=500)] = []
    order_states: Annotated[list[Payment | Logistics | Refund], Field(max_length=20)] = Field(
        [], description="只在订单处于这些状态时是对的；同一类里任一即可，不同类要同时满足"
    )
    valid_from: Seconds | None = None
    valid_to: Seconds | None = None


class EntryIn(Request):
    kind: EntryKind = EntryKind.FAQ
    question: Line = ""
    scene: Name = ""
    category: Name = ""
    shortcut: Name = ""
    status: Status = Status.DRAFT
    valid_from: Seconds | None = None
    valid_to: Seconds | None = None
    must_read: bool = False
    phrasings: Annotated[list[PhrasingIn], Field(max_length=500)] = []
    answers: Annotated[list[AnswerIn], Field(max_length=50)] = []


class EntryEdit(EntryIn):
    version: Annotated[int, Field(ge=1)]


class StatusIn(Request):
    status: Status
    version: Annotated[int, Field(ge=1)]


class PhrasingOut(Reply):
    id: str
    text: str
    polarity: Polarity
    origin: Origin


class AnswerOut(Reply):
    id: str
    text: str
    platforms: list[str]
    products: list[str]
    order_states: list[Payment | Logistics | Refund]
    valid_from: int | None
    valid_to: int | None

    @classmethod
    def of(cls, answer: Answer) -> Self:
        return cls(
            id=answer.id,
            text=answer.text,
            platforms=sorted(answer.condition.platforms),
            products=sorted(answer.condition.products),
            order_states=sorted(answer.condition.states),
            valid_from=answer.window.start,
            valid_to=answer.window.end,
        )


class EntryOut(Reply):
    id: str
    key: str
    kind: EntryKind
    question: str
    scene: str
    category: str
    shortcut: str
    status: Status
    valid_from: int | None
    valid_to: int | None
    must_read: bool
    phrasings: list[PhrasingOut]
    answers: list[AnswerOut]
    origin: Origin
    source: str
    version: int
    updated_at: int

    @classmethod
    def of(cls, entry: Entry) -> Self:
        return cls(
            id=entry.id,
            key=entry.key,
            kind=entry.kind,
            question=entry.question,
            scene=entry.scene,
            category=entry.category,
            shortcut=entry.shortcut,
            status=entry.status,
            valid_from=entry.window.start,
            valid_to=entry.window.end,
            must_read=entry.must_read,
            phrasings=[
                PhrasingOut(id=p.id, text=p.text, polarity=p.polarity, origin=p.origin) for p in entry.phrasings
            ],
            answers=[AnswerOut.of(answer) for answer in entry.answers],
            origin=entry.origin,
            source=str(entry.source or ""),
            version=entry.version,
            updated_at=entry.updated_at,
        )


class EntriesOut(Reply):
    total: int
    entries: list[EntryOut]
    scenes: list[str]
