"""Chatwoot's webhook: a `message_created` becomes a message of a shop's conversation, anything else is passed over."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from pydantic import ValidationError

from bot.shapes.chatwoot import Delivery
from kb.errors import Invalid
from kb.language.mask import mask
from kb.model import Speaker
from kb.store.conversations import Heard

KIND = "chatwoot"
_LONGEST = 10_000  # characters of a message that are read
_SPEAKERS = {"incoming": Speaker.BUYER, "outgoing": Speaker.AGENT, 0: Speaker.BUYER, 1: Speaker.AGENT}
_CARDS = {"image": "[图片]", "audio": "[语音]", "video": "[视频]", "file": "[文件]", "location": "[位置]"}
_MOST_TAGS, _LONGEST_TAG = 20, 40
_EARLIEST = 946_684_800  # 2000-01-01, as for all messages


class Ignored(Exception):
    """A good delivery that is no message of ours; the text says why, for whoever looks at the reply."""


def read_delivery(body: bytes) -> Delivery:
    """The delivery in a verified body. Raises Invalid on what no Chatwoot sends."""
    try:
        return Delivery.model_validate_json(body)
    except ValidationError as error:
        where = ".".join(map(str, error.errors()[0]["loc"])) or "整个请求"
        raise Invalid(f"这不是 Chatwoot 的推送：{where[:100]} 读不懂。", remedy="请核对推送地址是否填错。") from None


def read_message(hook: str, inboxes: Mapping[str, str], delivery: Delivery) -> tuple[str, str, Heard]:
    """(shop, conversation, message) of a delivery to a hook that maps inbox ids to shops. Raises Ignored."""
    if delivery.event != "message_created":
        raise Ignored(f"只收 message_created，这是 {delivery.event[:40]}")
    if delivery.id is None or delivery.conversation is None:
        raise Invalid("这条 message_created 没有消息编号或会话编号。")
    speaker = _SPEAKERS.get(delivery.message_type) if delivery.message_type is not None else None
    if speaker is None:
        raise Ignored("不是买家或客服说的话（模板或系统消息）")
    if delivery.private:  # what agents tell each other is no reply to the buyer
        raise Ignored("客服之间的备注")
    text = _text(delivery)
    if not text:
        raise Ignored("没有内容")
    return (
        _shop(inboxes, delivery),
        f"{hook}:{delivery.conversation.id}",
        Heard(
            id=f"{hook}:{delivery.id}",
            speaker=speaker,
            text=text,
            at_ms=_milliseconds(delivery.created_at),
            buyer=_buyer(hook, delivery),
            tags=tuple(_cut(tag, _LONGEST_TAG) for tag in (delivery.conversation.labels or [])[:_MOST_TAGS] if tag),
        ),
    )


def _shop(inboxes: Mapping[str, str], delivery: Delivery) -> str:
    inbox = delivery.inbox.id if delivery.inbox else delivery.conversation and delivery.conversation.inbox_id
    shop = inboxes.get(str(inbox))
    if shop is None:  # an account's webhook tells of all its inboxes
        raise Ignored(f"收件箱 {inbox} 没有对应的店铺")
    return shop


def _text(delivery: Delivery) -> str:
    """The words; for a message of attachments alone what a chat window shows in their place."""
    words = _cut((delivery.content or "").strip(), _LONGEST)
    return words or "".join(_CARDS.get(str(a.file_type), "[附件]") for a in (delivery.attachments or [])[:_MOST_TAGS])


def _cut(text: str, longest: int) -> str:
    """The beginning of a text. One that is too long is masked before: of a number that is cut in two no mask knows."""
    return text if len(text) <= longest else mask(text[: 2 * longest])[:longest]


def _buyer(hook: str, delivery: Delivery) -> str:
    """The contact of the chat, whoever wrote the message: by its number, never by name."""
    meta = delivery.conversation.meta if delivery.conversation else None
    contact = meta.sender.id if meta and meta.sender else None
    return "" if contact is None else f"{hook}:{contact}"


def _milliseconds(at: float | str | None) -> int | None:
    """Unix milliseconds of what versions write as seconds or as ISO 8601; None where it says nothing usable."""
    if at is None or at == "":
        return None
    try:
        seconds = float(at)
    except OverflowError:
        return None
    except ValueError:
        try:
            when = datetime.fromisoformat(str(at))
        except ValueError:
            return None
        seconds = (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()
    return int(seconds * 1000) if _EARLIEST <= seconds < 253_402_300_800 else None
