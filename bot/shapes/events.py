"""What an agent did with suggestions, and how complete the record of it is."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, StringConstraints

from bot.shapes.base import Line, Reply, Request, Seconds, Text
from kb.events.tally import Tally
from kb.model import EventKind

ClientId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_\-]{8,64}$")]
Chat = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_\-:.]{0,64}$")]


class EventIn(Request):
    id: ClientId = Field(description="客户端生成，重试不变")
    kind: EventKind
    suggestion: Annotated[str, StringConstraints(max_length=64)]
    entry: Annotated[str, StringConstraints(max_length=64)] = ""
    rank: Annotated[int, Field(ge=0, le=100)] = 0
    probability: Annotated[float, Field(ge=0, le=1)] = 0.0
    generation: Annotated[int, Field(ge=0, le=2**53)] = 0
    conversation: Chat = Field("", description="会话在所接平台里的编号；没有会话时为空")
    text: Text = Field("", description="改后采用（edited）或发出（sent）的全文；脱敏后只存与原话术的差异")
    shown: Text = Field("", description="屏幕上原来的话术（变量已填好），供算差异；不给就按知识库里的算，本身不保存")
    asked: Text = Field("", description="买家的原话；只随采用或否定保存，脱敏后用于学习问法")
    reason: Line = ""
    at: Seconds = Field(0, description="发生的时刻，按客户端的钟；0 表示收到的时刻")


class EventsIn(Request):
    events: Annotated[list[EventIn], Field(min_length=1, max_length=200)]
    now: Seconds = Field(0, description="发送这一批时客户端的钟，用来校正各条的 at；不给就不校正")
    actor: Annotated[str, StringConstraints(max_length=64)] = Field(
        "", description="这些操作是谁做的（GET /v1/session 的 actor）；与当前登录的不是同一人就整批拒收，以免记错人"
    )


class EventsOut(Reply):
    """`accepted` events are on disk; `duplicates` were already."""

    accepted: int
    duplicates: int


class TallyOut(Reply):
    """Events by kind, and what became of the cards shown; `shown` = `ended` + `open`, `complete` is their share."""

    since: Seconds = Field(description="从这个时刻起第一次出现的推荐")
    events: dict[EventKind, int]
    shown: int
    viewed: int
    ended: int
    open: int
    complete: float
    ends: dict[EventKind, int]
    reasons: dict[str, int] = Field(description="没用上的推荐按原因计数；没有说原因的在空名下")
    offers: dict[str, int] = Field(description="其中的加购推荐：展示了多少（shown），各种结局有多少")
    unshown: int = Field(description="不经推荐而采用的次数：查找到的话术、商品事实")

    @classmethod
    def of(cls, tally: Tally, since: int) -> Self:
        return cls(
            since=since,
            events=dict(tally.events),
            shown=tally.shown,
            viewed=tally.viewed,
            ended=tally.ended,
            open=tally.open,
            complete=tally.complete,
            ends=dict(tally.ends),
            reasons=dict(tally.reasons),
            offers=dict(tally.offers),
            unshown=tally.unshown,
        )
