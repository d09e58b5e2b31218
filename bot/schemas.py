"""The shapes that cross the wire. Requests forbid unknown fields (no mass assignment); replies are built from nouns."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from kb.model import (
    Answer,
    Band,
    Entry,
    EntryKind,
    EventKind,
    Fact,
    Hit,
    Mode,
    Origin,
    Polarity,
    Product,
    ProductHit,
    Reason,
    Sku,
    Speaker,
    Status,
)
from kb.store.hub import Role

Line = Annotated[str, StringConstraints(max_length=500)]
Text = Annotated[str, StringConstraints(max_length=10_000)]
Name = Annotated[str, StringConstraints(max_length=100)]
Seconds = Annotated[int, Field(ge=0, le=253_402_300_799)]  # until the year 9999


class Request(BaseModel):
    """Base of everything a client sends."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Reply(BaseModel):
    """Base of everything the service answers."""

    model_config = ConfigDict(frozen=True)


# -- errors


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


# -- who is there


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
    label: str
    role: Role
    expires_at: int | None
    shops: list[ShopOut]


class ShopsOut(Reply):
    shops: list[ShopOut]


# -- suggest


class TurnIn(Request):
    speaker: Speaker
    text: Text


class SuggestIn(Request):
    """A buyer's message and what was said before it, oldest first."""

    text: Text = Field(examples=["这件大衣能机洗吗"])
    turns: Annotated[list[TurnIn], Field(max_length=50)] = []
    product: Name = Field("", description="当前咨询商品的编号（商品卡片、链接或订单里的）")
    platform: Name = ""
    limit: Annotated[int, Field(ge=1, le=10)] = 3


class ReasonOut(Reply):
    code: str
    text: str

    @classmethod
    def of(cls, reason: Reason) -> Self:
        return cls(code=reason.code, text=reason.text)


class AnswerBrief(Reply):
    id: str
    text: str


class HitOut(Reply):
    rank: int
    entry: str
    key: str
    kind: EntryKind
    scene: str
    question: str
    phrasing: str
    answer: AnswerBrief | None
    probability: float
    band: Band
    reasons: list[ReasonOut]

    @classmethod
    def of(cls, rank: int, hit: Hit) -> Self:
        return cls(
            rank=rank,
            entry=hit.entry.id,
            key=hit.entry.key,
            kind=hit.entry.kind,
            scene=hit.entry.scene,
            question=hit.entry.question,
            phrasing=hit.phrasing,
            answer=AnswerBrief(id=hit.answer.id, text=hit.answer.text) if hit.answer else None,
            probability=hit.probability,
            band=hit.band,
            reasons=[ReasonOut.of(reason) for reason in hit.reasons],
        )


class FactOut(Reply):
    name: str
    value: str
    unit: str
    source: str

    @classmethod
    def of(cls, fact: Fact) -> Self:
        return cls(name=fact.name, value=fact.value, unit=fact.unit, source=str(fact.source or ""))


class SkuOut(Reply):
    key: str
    name: str
    facts: list[FactOut]

    @classmethod
    def of(cls, sku: Sku) -> Self:
        return cls(key=sku.key, name=sku.name, facts=[FactOut.of(fact) for fact in sku.facts])


class ProductOut(Reply):
    id: str
    key: str
    name: str
    brand: str
    category: str
    model: str
    status: Status
    source: str
    facts: list[FactOut]
    skus: list[SkuOut]

    @classmethod
    def of(cls, product: Product) -> Self:
        return cls(
            id=product.id,
            key=product.key,
            name=product.name,
            brand=product.brand,
            category=product.category,
            model=product.model,
            status=product.status,
            source=str(product.source or ""),
            facts=[FactOut.of(fact) for fact in product.facts],
            skus=[SkuOut.of(sku) for sku in product.skus],
        )


class ProductHitOut(Reply):
    id: str
    key: str
    name: str
    score: float
    reasons: list[ReasonOut]
    facts: list[FactOut]
    skus: list[SkuOut]

    @classmethod
    def of(cls, hit: ProductHit) -> Self:
        whole = ProductOut.of(hit.product)
        return cls(
            id=whole.id,
            key=whole.key,
            name=whole.name,
            score=hit.score,
            reasons=[ReasonOut.of(reason) for reason in hit.reasons],
            facts=whole.facts,
            skus=whole.skus,
        )


class Warned(Reply):
    code: str
    text: str


class SuggestionOut(Reply):
    suggestion: str
    shop: str
    generation: int
    mode: Mode
    text: str
    hits: list[HitOut]
    products: list[ProductHitOut]
    warnings: list[Warned]
    timings_ms: dict[str, float]


# -- events


class EventIn(Request):
    id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_\-]{8,64}$")] = Field(description="客户端生成，重试不变")
    kind: EventKind
    suggestion: Annotated[str, StringConstraints(max_length=64)]
    entry: Annotated[str, StringConstraints(max_length=64)] = ""
    rank: Annotated[int, Field(ge=0, le=100)] = 0
    probability: Annotated[float, Field(ge=0, le=1)] = 0.0
    generation: Annotated[int, Field(ge=0, le=2**53)] = 0
    text: Text = ""
    reason: Line = ""
    at: Seconds = 0


class EventsIn(Request):
    events: Annotated[list[EventIn], Field(min_length=1, max_length=200)]


class EventsOut(Reply):
    """`accepted` events are on disk; `duplicates` were already."""

    accepted: int
    duplicates: int


# -- search


class ResultOut(Reply):
    type: str
    id: str
    title: str
    text: str
    matched: str
    shortcut: str = ""
    scene: str = ""


class ResultsOut(Reply):
    results: list[ResultOut]


# -- entries


class PhrasingIn(Request):
    text: Annotated[Line, StringConstraints(min_length=1)]
    polarity: Polarity = Polarity.POSITIVE


class AnswerIn(Request):
    text: Annotated[Text, StringConstraints(min_length=1, pattern=r"\S")]  # spaces alone are nothing to send
    platforms: Annotated[list[Name], Field(max_length=20)] = []
    products: Annotated[list[Name], Field(max_length=500)] = []
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
    valid_from: int | None
    valid_to: int | None

    @classmethod
    def of(cls, answer: Answer) -> Self:
        return cls(
            id=answer.id,
            text=answer.text,
            platforms=sorted(answer.condition.platforms),
            products=sorted(answer.condition.products),
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


class ProductsOut(Reply):
    total: int
    products: list[ProductOut]


# -- imports and health


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


class HealthOut(Reply):
    status: str
    mode: Mode
    engine: str
    trouble: str
