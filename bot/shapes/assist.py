"""What an agent needs during a chat: suggestions and typed search."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, StringConstraints

from bot.shapes.base import Name, Reply, Request, Text
from bot.shapes.brief import FilledOut, KeyFactsOut, UpsellOut
from bot.shapes.order import OrderIn
from bot.shapes.products import FactOut, ProductOut, SkuOut
from kb.fill import Filled
from kb.model import (
    Band,
    EntryKind,
    Hit,
    Mode,
    ProductHit,
    Reason,
    Scene,
    Speaker,
    Stated,
    StatedKind,
    Tone,
)

Tag = Annotated[str, StringConstraints(max_length=40)]
Conversation = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_\-:.]{0,64}$")]


class TurnIn(Request):
    speaker: Speaker
    text: Text


class SuggestIn(Request):
    """A buyer's message and what was said before it, oldest first."""

    text: Text = Field(examples=["这件大衣能机洗吗"])
    turns: Annotated[list[TurnIn], Field(max_length=50)] = []
    product: Name = Field("", description="当前咨询商品的编号（商品卡片、链接或订单里的）")
    platform: Name = ""
    order: OrderIn | None = Field(None, description="当前咨询的订单；没有给商品时以订单商品为准")
    tags: Annotated[list[Tag], Field(max_length=20)] = Field([], description="买家标签；留给加购推荐，不保存")
    conversation: Conversation = Field("", description="会话编号；原样返回")
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
    filled: FilledOut | None = Field(description="填好变量、可以直接复制的话术；answer.text 是原文")
    probability: float
    band: Band
    reasons: list[ReasonOut]
    conditions: list[ReasonOut] = Field(description="因为哪些适用条件选了这条话术")
    source: str = Field(description="出处：文件 › 工作表 › 单元格")

    @classmethod
    def of(cls, rank: int, hit: Hit, filled: Filled | None = None, conditions: Iterable[Reason] = ()) -> Self:
        return cls(
            rank=rank,
            entry=hit.entry.id,
            key=hit.entry.key,
            kind=hit.entry.kind,
            scene=hit.entry.scene,
            question=hit.entry.question,
            phrasing=hit.phrasing,
            answer=AnswerBrief(id=hit.answer.id, text=hit.answer.text) if hit.answer else None,
            filled=FilledOut.of(filled) if filled else None,
            probability=hit.probability,
            band=hit.band,
            reasons=[ReasonOut.of(reason) for reason in hit.reasons],
            conditions=[ReasonOut.of(reason) for reason in conditions],
            source=str(hit.entry.source or ""),
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


class StatedOut(Reply):
    """A question answered from the shop's own sheet; `facts` are the values used, with their cells.

    Without a product it is about the shop, answered from its handover form.
    """

    kind: StatedKind
    product: str
    name: str
    attribute: str
    text: str
    facts: list[FactOut]
    skus: list[str]

    @classmethod
    def of(cls, stated: Stated) -> Self:
        return cls(
            kind=stated.kind,
            product=stated.product.key if stated.product else "",
            name=stated.product.name if stated.product else "",
            attribute=stated.attribute,
            text=stated.text,
            facts=[FactOut.of(fact) for fact in stated.facts],
            skus=[sku.key for sku in stated.skus],
        )


class Warned(Reply):
    code: str
    text: str


class ToneOut(Reply):
    """What kind of message it is: `complaint` is the probability of a grievance, `complaining` whether to show it."""

    scene: Scene
    complaint: float
    complaining: bool
    escalation: bool
    urgent: bool
    reasons: list[ReasonOut]

    @classmethod
    def of(cls, tone: Tone) -> Self:
        return cls(
            scene=tone.scene,
            complaint=tone.complaint,
            complaining=tone.complaining,
            escalation=tone.escalation,
            urgent=tone.urgent,
            reasons=[ReasonOut.of(reason) for reason in tone.reasons],
        )


class Withheld(StrEnum):
    """Why a suggestion is empty (`bot.arms`)."""

    NOT = ""
    CONTROL = "control"
    UNCLAIMED = (
        "unclaimed"  # arms are of agents' shifts, and nobody serves the conversation: whoever opens it asks anew
    )


class SuggestionOut(Reply):
    suggestion: str
    shop: str
    generation: int
    mode: Mode
    text: str
    hits: list[HitOut]
    answerable: float = Field(description="有话术能回答这条消息的概率；过低时不出话术")
    products: list[ProductHitOut]
    facts: list[StatedOut]
    tone: ToneOut
    key_facts: KeyFactsOut
    upsell: UpsellOut | None = Field(description="加购推荐；不推荐时为 null")
    no_upsell: str = Field(description="为什么不推荐：complaint、declined、stage_spent …；有推荐时为空")
    withheld: Withheld = Field(
        Withheld.NOT,
        description="为什么整条推荐是空的：control 这个会话在实验的对照组；unclaimed 按客服的班分组而还没有人接待，接待后再问；"
        "空：没有留下什么",
    )
    conversation: str
    warnings: list[Warned]
    timings_ms: dict[str, float]


class ResultOut(Reply):
    type: str
    id: str
    title: str
    text: str
    matched: str
    shortcut: str = ""
    scene: str = ""


class ResultsOut(Reply):
    """`search` names this list in events about its results, as `suggestion` names a suggestion."""

    search: str
    generation: int
    results: list[ResultOut]
