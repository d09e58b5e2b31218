"""The check of a text before it is sent."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, StringConstraints

from bot.shapes.base import Name, Reply, Request, Text
from kb.check.finding import Concern, Finding, Severity


class CheckIn(Request):
    """A text as it would be sent, and the product that the chat is about."""

    text: Text = Field(examples=["亲，加V❤聊，保证明天到"])
    product: Name = Field("", description="当前咨询商品的编号")
    platform: Name = Field("", description="平台；不填则用店铺的")
    category: Annotated[str, StringConstraints(max_length=200)] = Field(
        "", description="类目；不填则用交接表里的主营类目"
    )


class FindingOut(Reply):
    """One thing that is wrong; the text's characters are counted as Unicode code points, the end not included."""

    start: int = Field(description="从第几个字符起（Unicode 码点，从 0 数）")
    end: int = Field(description="到第几个字符之前")
    text: str = Field(description="原文里的这一段")
    rule: str = Field(description="规则编号")
    kind: Concern
    severity: Severity
    why: str = Field(description="哪里不对")
    advice: str = Field(description="可以怎么说")
    stated: str = Field(description="本店资料怎么写的；没有则为空")
    source: str | None = Field(description="资料的出处（文件、表、单元格）")

    @classmethod
    def of(cls, found: Finding, text: str) -> Self:
        return cls(
            start=found.start,
            end=found.end,
            text=text[found.start : found.end],
            rule=found.rule,
            kind=found.concern,
            severity=found.severity,
            why=found.why,
            advice=found.advice,
            stated=found.stated,
            source=str(found.source) if found.source else None,
        )


class CheckOut(Reply):
    """`blocked`: something is so wrong that sending needs a second, deliberate decision."""

    findings: list[FindingOut]
    blocked: bool
    complete: bool = Field(description="是否已与公司服务的全部店铺核对；刚启动时可能还在读")
    took_ms: float
