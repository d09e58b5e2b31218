"""Conversations while they are served: what hosts and pages send, and what they are told. Times are unix milliseconds."""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import Field, StringConstraints

from bot.live.clock import Rules, breached, clocks, due_ms, telling
from bot.live.standing import Advice, Standing
from bot.shapes.assist import SuggestionOut, ToneOut
from bot.shapes.base import Line, Name, Reply, Request, Text
from bot.shapes.brief import KeyFactsOut
from bot.shapes.check import FindingOut
from bot.shapes.order import OrderIn, OrderOut
from kb.model import Clock, ClockKind, Conversation, Help, KeyFacts, Message, Speaker
from kb.store.chats import Chat
from kb.store.conversations import Heard

Id = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_\-:.]{1,64}$")]
# From 2000 on: a host that sends seconds is told so at once, instead of seeing every clock breached.
Millis = Annotated[int, Field(ge=946_684_800_000, le=253_402_300_799_999)]
Tag = Annotated[str, StringConstraints(min_length=1, max_length=40)]


class MessageIn(Request):
    """A message of a chat as its host tells it. What is not said of the chat stays as it was."""

    id: Id = Field(description="平台的消息编号；重发不变，不会重复计", examples=["m-1001"])
    speaker: Speaker
    text: Text = Field(examples=["这件大衣能机洗吗"])
    at_ms: Millis | None = Field(None, description="平台记的时间（Unix 毫秒）；只认接口密钥报的，别的以收到的时间为准")
    buyer: Annotated[str, StringConstraints(max_length=200)] = Field(
        "", description="买家在平台上的标识；只留摘要，不存原文"
    )
    platform: Name = ""
    product: Name = Field("", description="当前咨询商品的编号")
    order: OrderIn | None = None
    tags: Annotated[list[Tag], Field(max_length=20)] | None = None

    def heard(self, *, host: bool) -> Heard:
        """What is to be kept of it. Only a `host` is believed when it was said: whoever is measured by the clocks must not
        set them."""
        return Heard(
            id=self.id,
            speaker=self.speaker,
            text=self.text,
            at_ms=self.at_ms if host else None,
            buyer=self.buyer,
            platform=self.platform,
            product=self.product,
            order=self.order.order() if self.order else None,
            tags=self.tags,
        )


class ClaimIn(Request):
    agent: Annotated[str, StringConstraints(max_length=64)] | None = Field(
        None, description="由谁接待；不填为自己，空串为放回待接"
    )


class KeyFactsIn(Request):
    """The key facts as an agent confirms them."""

    version: Annotated[int, Field(ge=0, le=2**53)] | None = Field(
        None, description="打开时的会话版本；会话有了变化就不保存"
    )
    topic: Line = ""
    product: Line = ""
    order: Line = Field("", description="订单号；只保留末四位")
    wish: Line = ""
    mood: Line = ""
    promises: Annotated[list[Line], Field(max_length=20)] = []
    next_step: Line = ""

    def facts(self) -> KeyFacts:
        told = {name: value.strip() for name in _FACTS if isinstance(value := getattr(self, name), str)}
        return KeyFacts(**told, promises=tuple(filter(None, map(str.strip, self.promises))))


_FACTS = ("topic", "product", "order", "wish", "mood", "next_step")


class HelpIn(Request):
    id: Id = Field(description="客户端生成，重试不变")
    note: Annotated[str, StringConstraints(max_length=1_000)] = Field("", description="想问组长什么")


class HelpAnswerIn(Request):
    text: Annotated[str, StringConstraints(min_length=1, max_length=10_000)]


class MessageOut(Reply):
    id: str
    speaker: Speaker
    text: str = Field(description="已脱敏")
    at_ms: int

    @classmethod
    def of(cls, message: Message) -> Self:
        return cls(id=message.id, speaker=message.turn.speaker, text=message.turn.text, at_ms=message.at_ms)


class ClockOut(Reply):
    kind: ClockKind
    started_ms: int
    due_ms: int
    ended_ms: int | None
    breached: bool

    @classmethod
    def of(cls, clock: Clock, now_ms: int) -> Self:
        return cls(
            kind=clock.kind,
            started_ms=clock.started_ms,
            due_ms=clock.due_ms,
            ended_ms=clock.ended_ms,
            breached=breached(clock, now_ms),
        )


class NotedFactsOut(KeyFactsOut):
    """As an agent has confirmed them, or as they are drafted from what has been said by now."""

    confirmed: bool

    @classmethod
    def noted(cls, conversation: Conversation, advice: Advice | None) -> Self:
        confirmed = conversation.confirmed
        facts = advice.key_facts if advice and not confirmed else KeyFactsOut.of(conversation.key_facts)
        return cls(**facts.model_dump(), confirmed=confirmed)


class HelpOut(Reply):
    id: str
    shop: str
    conversation: str
    asked_by: str
    asked_by_name: str
    note: str
    asked_ms: int
    due_ms: int
    answer: str
    answered_by_name: str
    answered_ms: int | None
    closed_ms: int | None = Field(description="会话在答复之前结束的时间；这时没有人再等答复")
    entry: str = Field(description="由回复做成的草稿条目；没有则为空")
    last: MessageOut | None = Field(description="会话里的最后一条消息")

    @classmethod
    def of(cls, shop: str, kept: Chat, one: Help) -> Self:
        return cls(
            id=one.id,
            shop=shop,
            conversation=one.conversation,
            asked_by=one.asked_by,
            asked_by_name=kept.names.get(one.asked_by, ""),
            note=one.note,
            asked_ms=one.asked_ms,
            due_ms=one.due_ms,
            answer=one.answer,
            answered_by_name=kept.names.get(one.answered_by, ""),
            answered_ms=one.answered_ms,
            closed_ms=kept.given_up_ms(one),
            entry=one.entry,
            last=MessageOut.of(kept.last) if kept.last else None,
        )


class ConversationOut(Reply):
    id: str
    shop: str
    buyer: str = Field(examples=["买家 3F7A"])
    platform: str
    agent: str = Field(description="谁在接待；空为待接")
    agent_name: str
    open: bool
    product: str
    order: OrderOut | None
    tags: list[str]
    last: MessageOut | None
    unanswered: int = Field(description="上次回复之后买家发了几条")
    clocks: list[ClockOut] = Field(description="每种时限最近的一个")
    due_ms: int | None = Field(description="最早到期的时限；没有在走的为空")
    tone: ToneOut | None
    key_facts: NotedFactsOut
    help: HelpOut | None = Field(description="在等回复的求助，否则最近的一条；会话结束后不再等")
    version: int

    @classmethod
    def of(cls, shop: str, standing: Standing, rules: Rules, now_ms: int) -> Self:
        return cls(**_fields(shop, standing, rules, now_ms))


class ConversationDetail(ConversationOut):
    messages: list[MessageOut] = Field(description="最近的消息，先说的在前")
    suggestion: SuggestionOut | None

    @classmethod
    def of(cls, shop: str, standing: Standing, rules: Rules, now_ms: int) -> Self:
        said = standing.chat.conversation.messages[-_SHOWN:]
        told = SuggestionOut.model_validate_json(standing.advice.suggestion) if standing.advice else None
        return cls(
            **_fields(shop, standing, rules, now_ms), messages=[MessageOut.of(one) for one in said], suggestion=told
        )


_SHOWN = 200  # messages of a conversation that is opened


class ConversationsOut(Reply):
    now_ms: int
    total: int = Field(description="一共有几个；最多列出 limit 个")
    conversations: list[ConversationOut]


class TakenOut(Reply):
    """The message is on disk; `duplicate`: it was already."""

    now_ms: int
    conversation: ConversationOut
    message: MessageOut
    duplicate: bool


class HelpsOut(Reply):
    now_ms: int
    requests: list[HelpOut]


class HelpAnswerOut(Reply):
    """The answer has reached the agent. What the check before sending says of it comes back with it."""

    help: HelpOut
    findings: list[FindingOut]
    blocked: bool = Field(description="检查为“拦截”的回复照样送达，但不做成草稿")


def _fields(shop: str, standing: Standing, rules: Rules, now_ms: int) -> dict[str, Any]:
    kept, advice = standing.chat, standing.advice
    one, found = kept.conversation, clocks(kept, rules)
    return {
        "id": one.id,
        "shop": shop,
        "buyer": f"买家 {one.buyer[:4].upper()}",
        "platform": one.platform,
        "agent": one.agent,
        "agent_name": kept.names.get(one.agent, ""),
        "open": one.open,
        "product": one.product,
        "order": OrderOut.of(one.order) if one.order else None,
        "tags": list(one.tags),
        "last": MessageOut.of(kept.last) if kept.last else None,
        "unanswered": len(kept.unanswered),
        "clocks": [ClockOut.of(clock, now_ms) for clock in telling(found)],
        "due_ms": due_ms(found) if one.open else None,
        "tone": advice.tone if advice else None,
        "key_facts": NotedFactsOut.noted(one, advice),
        "help": HelpOut.of(shop, kept, kept.helping) if kept.helping else None,
        "version": one.version,
    }
