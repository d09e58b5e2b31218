"""What a host tells of a chat, in one noun: every adapter makes it, one function takes it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from kb.errors import Busy
from kb.model import Speaker


@dataclass(frozen=True, slots=True)
class Incoming:
    """A message of a chat with one shop. `id` is the host's, so that a delivery repeated is not a second message."""

    id: str
    conversation: str
    speaker: Speaker
    text: str  # as written; whoever takes it masks it before it is kept
    at_ms: int | None = None
    buyer: str = ""  # any reference; only a digest is kept
    tags: tuple[str, ...] = ()


# Takes a shop's slug and the message; False when it had it already. Returns once it is on disk.
Receive = Callable[[str, Incoming], bool]


def nowhere(shop: str, message: Incoming) -> bool:
    """What takes messages where no conversations are kept: nothing is acknowledged that nobody keeps."""
    raise Busy(f"这里不保存会话，“{shop}”的消息 {message.id[:80]} 没有接收。")
