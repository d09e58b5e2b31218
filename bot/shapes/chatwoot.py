"""What of Chatwoot's `message_created` is read. The rest, names and contacts above all, is not even parsed."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from bot.shapes.base import Reply

Number = Annotated[int, Field(ge=0, lt=2**63)]


class _Foreign(BaseModel):
    """A foreign system's shape: it grows with its versions, so that what is unknown is passed over."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class Contact(_Foreign):
    id: Number | None = None


class Meta(_Foreign):
    sender: Contact | None = None


class Attachment(_Foreign):
    file_type: str | int | None = None


class Inbox(_Foreign):
    id: Number


class Chat(_Foreign):
    id: Number
    inbox_id: Number | None = None
    labels: list[str] | None = None
    meta: Meta | None = None


class Delivery(_Foreign):
    """An event of any kind; all but `event` is there when it is a message."""

    event: str
    id: Number | None = None
    content: str | None = None
    message_type: str | int | None = None
    private: bool | None = None
    created_at: int | float | str | None = None
    attachments: list[Attachment] | None = None
    inbox: Inbox | None = None
    conversation: Chat | None = None


class ReceivedOut(Reply):
    """What became of a delivery; `reason` says why one was passed over."""

    result: str  # accepted | duplicate | ignored
    reason: str = ""
