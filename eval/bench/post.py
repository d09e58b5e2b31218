"""Messages sent at their times whatever the service takes: who is late with a reply gets no rest from it."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from kb.errors import HuashuError

_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Post:
    """One message and the second of the run at which it is due."""

    due_s: float
    shop: str
    conversation: str
    id: str
    speaker: str
    text: str

    def request(self, host: str, key: str) -> bytes:
        body = {"id": self.id, "speaker": self.speaker, "text": self.text, "buyer": self.conversation}
        data = json.dumps(body, ensure_ascii=False).encode()
        head = (
            f"POST /v1/conversations/{self.conversation}/messages?shop={self.shop} HTTP/1.1\r\nHost: {host}\r\n"
            f"Authorization: Bearer {key}\r\nContent-Type: application/json\r\nContent-Length: {len(data)}\r\n\r\n"
        )
        return head.encode() + data


@dataclass(slots=True)
class Sent:
    """When each message was due (`perf_counter`), and how long until the service said that it is on disk."""

    due: dict[str, float] = field(default_factory=dict)
    acknowledged_s: dict[str, float] = field(default_factory=dict)


async def post_all(host: str, key: str, posts: Sequence[Post], connections: int = 16) -> Sent:
    """Send each at its time over kept-alive connections. Raises HuashuError when one is refused."""
    sent, queue = Sent(), asyncio.Queue[Post | None]()
    name, _, port = host.rpartition(":")
    began = time.perf_counter()

    async def work() -> None:
        reader, writer = await asyncio.open_connection(name, int(port))
        while (post := await queue.get()) is not None:
            writer.write(post.request(host, key))
            await _accepted(reader)
            sent.acknowledged_s[post.id] = time.perf_counter() - sent.due[post.id]
        writer.close()

    async with asyncio.TaskGroup() as group:
        for _ in range(connections):
            group.create_task(work())
        for post in posts:
            await asyncio.sleep(max(began + post.due_s - time.perf_counter(), 0))
            # From when it was due: a message that waits for a free connection, or for this loop, waits all the same.
            sent.due[post.id] = began + post.due_s
            queue.put_nowait(post)
        for _ in range(connections):
            queue.put_nowait(None)
    return sent


async def _accepted(reader: asyncio.StreamReader) -> None:
    head = await reader.readuntil(b"\r\n\r\n")
    length = _LENGTH.search(head)
    body = await reader.readexactly(int(length[1]) if length else 0)
    if b" 201 " not in head[:20]:
        raise HuashuError(f"被测的服务没有接受消息：{(head[:20] + body[:300]).decode(errors='replace')}")
