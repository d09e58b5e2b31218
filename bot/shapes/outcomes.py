"""What conversations came to."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from bot.shapes.base import Reply, Request, Seconds
from bot.shapes.events import ClientId
from kb.model import OutcomeKind

_MOST_FEN = 10_000_000_000  # a hundred million yuan: more is a slip of the unit


class OutcomeIn(Request):
    id: ClientId = Field(description="客户端生成，重试不变")
    conversation: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_\-:.]{1,64}$")] = Field(
        description="会话在所接平台里的编号"
    )
    kind: OutcomeKind = Field(description="order 下单、payment 付款、refund 退款；退款另记一条，金额也是正数")
    amount_fen: Annotated[int, Field(ge=0, le=_MOST_FEN, strict=True)] = Field(
        description="金额，单位分", examples=[12900]
    )
    at: Seconds = Field(0, description="发生的时刻（Unix 秒）；0 表示收到的时刻")
    order: Annotated[str, StringConstraints(max_length=64, strip_whitespace=True)] = Field(
        "", description="订单编号；只存加盐摘要"
    )


class OutcomesIn(Request):
    outcomes: Annotated[list[OutcomeIn], Field(min_length=1, max_length=200)]


class OutcomesOut(Reply):
    """`accepted` outcomes are on disk; `duplicates` were already."""

    accepted: int
    duplicates: int
