"""What stands beside a suggestion: the filled text, the conditions that decided, key facts, and the place of an upsell."""

from __future__ import annotations

from typing import Self

from pydantic import Field

from bot.shapes.base import Reply
from kb.fill import Filled
from kb.model import KeyFacts


class UsedOut(Reply):
    """A value that was filled in, and the cell it stands in."""

    name: str
    value: str
    source: str


class FilledOut(Reply):
    """An answer with its variables replaced: what would be copied. `missing` are the names of those that nothing is known of;
    they stay in the text as they were written."""

    text: str
    used: list[UsedOut]
    missing: list[str]

    @classmethod
    def of(cls, filled: Filled) -> Self:
        used = [UsedOut(name=one.name, value=one.value + one.unit, source=one.source) for one in filled.used]
        return cls(text=filled.text, used=used, missing=list(filled.missing))


class KeyFactsOut(Reply):
    """关键信息, masked; "" where the chat does not say."""

    topic: str = Field(description="问题类型，取自固定清单")
    product: str = Field(description="商品名")
    order: str = Field(description="订单号，只有尾号")
    wish: str = Field(description="诉求，取自固定清单")
    mood: str = Field(description="情绪：平静、着急、不满、要投诉")
    promises: list[str] = Field(description="客服在这段对话里作出的承诺，原话")
    next_step: str = Field(description="下一步")

    @classmethod
    def of(cls, facts: KeyFacts) -> Self:
        return cls(
            topic=facts.topic,
            product=facts.product,
            order=facts.order,
            wish=facts.wish,
            mood=facts.mood,
            promises=list(facts.promises),
            next_step=facts.next_step,
        )


class UpsellOut(Reply):
    """One thing worth offering beside the answer, with its words; `product` is "" of a gift that is no product."""

    product: str = Field(description="商品编号；赠品不在商品表里时为空")
    name: str
    price: str = Field(description="照商品表写，如 269元、39元起、换购29元；不知道为空")
    text: str = Field(description="可以直接发的话，变量已填好")
    why: str = Field(description="一句话：为什么推荐")
    reason: str = Field(description="各个事件（shown、inserted …）随事件上报的 reason")
    origin: str = Field(
        description="来源：搭配、凑单、换购、赠品（商家的规则），together（一起买过）、complement（同用）"
    )
    stage: str = Field(description="售前、售中、售后：每个阶段最多推荐一次")
    source: str = Field(description="商家的规则所在的单元格；不是规则时为空")
