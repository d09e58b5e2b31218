"""A client of the stream: reads server-sent events as the specification says, on a thread of its own."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import httpx
from running import PATIENCE_S, until


def say(
    http: httpx.Client, chat: str, key: str, text: str = "在吗", shop: str | None = None, **more: Any
) -> httpx.Response:
    """Post a buyer's message."""
    body = {"id": key, "speaker": "buyer", "text": text, **more}
    return http.post(f"/v1/conversations/{chat}/messages", params={"shop": shop} if shop else None, json=body)


@dataclass(frozen=True)
class Pushed:
    """One event as a browser would see it."""

    id: str
    name: str
    data: dict[str, Any]

    @property
    def number(self) -> int:
        return int(self.id.rpartition("-")[2])


@dataclass
class Line:
    """An open line and what has come over it."""

    http: httpx.Client
    last: str = ""
    events: list[Pushed] = field(default_factory=list)
    raw: list[str] = field(default_factory=list)
    status: int = 0
    ended: threading.Event = field(default_factory=threading.Event)
    _socket: socket.socket | None = None

    def named(self, name: str) -> list[Pushed]:
        return [event for event in self.events if event.name == name]

    def wait(self, name: str, fits: Callable[[dict[str, Any]], bool] = lambda data: True) -> Pushed:
        """The first event of a name that fits, however long it takes to come (30 s at most)."""
        until(lambda: self._came(name, fits) or self.ended.is_set(), f"the event {name}")
        assert self._came(name, fits), f"the line ended (status {self.status}) before the event {name}"
        return next(event for event in self.named(name) if fits(event.data))

    def _came(self, name: str, fits: Callable[[dict[str, Any]], bool]) -> bool:
        return any(fits(event.data) for event in self.named(name))

    def read(self) -> None:
        headers = {"Last-Event-ID": self.last} if self.last else {}
        try:
            with self.http.stream("GET", "/v1/stream", headers=headers) as reply:
                self._socket = reply.extensions["network_stream"].get_extra_info("socket")
                self.status = reply.status_code
                for event in parsed(self._lines(reply)):
                    self.events.append(event)
        except httpx.TransportError:
            pass
        finally:
            self.ended.set()

    def leave(self) -> None:
        """Say that nothing more is wanted, and read on until the server has hung up: then it has let the line go.

        To close the socket would tell it nothing while the other thread reads: the server would find out at its next
        word, up to ten seconds later, and count the line of a test that is over.
        """
        if self._socket is not None:
            with suppress(OSError):  # the server was faster
                self._socket.shutdown(socket.SHUT_WR)
        hung_up = self.ended.wait(PATIENCE_S)
        self.http.close()
        assert hung_up, "the server did not let the line go"

    def _lines(self, reply: httpx.Response) -> Iterator[str]:
        for line in reply.iter_lines():
            self.raw.append(line)
            yield line


def parsed(lines: Iterator[str]) -> Iterator[Pushed]:
    fields: dict[str, str] = {}
    for line in lines:
        if line:
            name, _, value = line.partition(":")
            if name:  # else a comment
                fields[name] = value.removeprefix(" ")
            continue
        if "data" in fields:
            yield Pushed(fields.get("id", ""), fields.get("event", "message"), json.loads(fields["data"]))
        fields = {}


@contextmanager
def listening(http: httpx.Client, last: str = "") -> Iterator[Line]:
    """A line that is open: its first event, hello, has come."""
    line = Line(http, last)
    thread = threading.Thread(target=line.read, name="line", daemon=True)
    thread.start()
    try:
        until(lambda: bool(line.events) or line.ended.is_set(), "the first event")
        yield line
    finally:
        line.leave()
