"""Many open sidebars in one process: each a connection to /v1/stream, and what came over it, when.

As little work as can be for each event: the clients run on the cores that the service needs.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from kb.errors import HuashuError

_EVENT = re.compile(rb"event: (\w+)\ndata: (.*)", re.DOTALL)
# The id of the message that an event is about: the message itself, or the one a suggestion answers.
_ABOUT = {"message": re.compile(rb'"message":\{"id":"([^"]+)"'), "suggestion": re.compile(rb'"after":"([^"]+)"')}
_PATIENCE_S = 60.0


@dataclass(slots=True)
class Heard:
    """What all streams got: by kind and message, the time (`perf_counter`) of the first such event at each stream."""

    at: dict[str, dict[str, dict[int, float]]] = field(
        default_factory=lambda: {kind: defaultdict(dict) for kind in _ABOUT}
    )
    count: Counter[str] = field(default_factory=Counter)
    size: Counter[str] = field(default_factory=Counter)  # bytes of all events of a kind
    greeted: int = 0
    ended: int = 0

    def take(self, stream: int, event: bytes, at: float) -> None:
        if found := _EVENT.search(event):
            kind = found[1].decode()
            self.count[kind] += 1
            self.size[kind] += len(event) + 2
            self.greeted += kind == "hello"
            if kind in _ABOUT and (about := _ABOUT[kind].search(found[2])):
                self.at[kind][about[1].decode()].setdefault(stream, at)

    def mean_size(self, kind: str) -> int:
        return round(self.size[kind] / self.count[kind]) if self.count[kind] else 0


class Line(asyncio.Protocol):
    """One open stream."""

    def __init__(self, number: int, request: bytes, heard: Heard) -> None:
        self._number, self._request, self._heard = number, request, heard
        self._rest, self._open = b"", False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 (TCP)
        transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        at = time.perf_counter()
        self._rest += data
        if not self._open:
            head, gap, rest = self._rest.partition(b"\r\n\r\n")
            if not gap:
                return
            if b" 200 " not in head.split(b"\r\n")[0]:
                raise HuashuError(f"推送没有打开：{head[:100].decode(errors='replace')}")
            self._open, self._rest = True, rest
        *events, self._rest = self._rest.split(b"\n\n")
        for event in events:
            self._heard.take(self._number, event, at)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 (asyncio's name)
        self._heard.ended += 1


async def open_streams(host: str, keys: Sequence[str], heard: Heard) -> list[asyncio.Transport]:
    """A stream for each key, all greeted by the service. Raises HuashuError when they are not within a minute."""
    name, _, port = host.rpartition(":")
    loop = asyncio.get_running_loop()
    lines: list[asyncio.Transport] = []
    for number, key in enumerate(keys):
        # HTTP/1.0: the events come as they are, without the framing of chunks, which would be one more thing to undo.
        request = f"GET /v1/stream HTTP/1.0\r\nHost: {host}\r\nAuthorization: Bearer {key}\r\n\r\n".encode()
        line, _ = await loop.create_connection(lambda n=number, r=request: Line(n, r, heard), name, int(port))  # type: ignore[misc]
        lines.append(line)
    until = time.perf_counter() + _PATIENCE_S
    while heard.greeted < len(keys):
        if time.perf_counter() > until or heard.ended:
            raise HuashuError(f"只打开了 {heard.greeted} / {len(keys)} 个推送连接。")
        await asyncio.sleep(0.05)
    return lines
