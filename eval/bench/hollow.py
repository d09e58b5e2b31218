"""A service that does nothing: what is posted goes to the streams at once, in events as large as the real ones.

Run by `eval.bench.desk` beside its clients, to see what of the measured time is the clients' own:
    python -m eval.bench.hollow FD FILE     FILE: JSON {"keys": {key: [shop, …]}, "events": [[kind, bytes], …]}
FD is a socket that listens already. Standard library only.
"""

from __future__ import annotations

import asyncio
import json
import re
import socket
import sys
from collections import defaultdict
from pathlib import Path

_KEY = re.compile(rb"Authorization: Bearer (\S+)")
_POST = re.compile(rb"POST /v1/conversations/([^/]+)/messages\?shop=(\S+) ")
_LENGTH = re.compile(rb"Content-Length: (\d+)")
_OK = b"HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\n{}"
_STREAM = b"HTTP/1.0 200 OK\r\nContent-Type: text/event-stream\r\n\r\nid: 0\nevent: hello\ndata: {}\n\n"


class Hollow:
    """Who listens to which shop, and what one message is told with."""

    def __init__(self, keys: dict[str, list[str]], events: list[tuple[str, int]]) -> None:
        self._keys, self._events = keys, events
        self._lines: dict[str, list[asyncio.StreamWriter]] = defaultdict(list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                if head.startswith(b"GET"):
                    self._listen(head, writer)
                    continue
                length = _LENGTH.search(head)
                body = await reader.readexactly(int(length[1]) if length else 0)
                writer.write(_OK)
                self._tell(head, json.loads(body))
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    def _listen(self, head: bytes, writer: asyncio.StreamWriter) -> None:
        key = _KEY.search(head)
        for shop in self._keys[key[1].decode()] if key else ():
            self._lines[shop].append(writer)
        writer.write(_STREAM)

    def _tell(self, head: bytes, message: dict[str, str]) -> None:
        found = _POST.search(head)
        shop = found[2].decode() if found else ""
        buyer = message["speaker"] == "buyer"
        pieces = [_event(kind, size, message["id"]) for kind, size in self._events if buyer or kind != "suggestion"]
        for line in self._lines[shop]:
            for piece in pieces:
                line.write(piece)


def _event(kind: str, size: int, message: str) -> bytes:
    data = {"message": f'{{"message":{{"id":"{message}"', "suggestion": f'{{"after":"{message}"'}.get(kind, "{")
    event = f"id: 0\nevent: {kind}\ndata: {data}"
    return (event + " " * (size - len(event) - 3) + "}\n\n").encode()


async def _main(descriptor: int, file: Path) -> None:
    told = json.loads(file.read_text(encoding="utf-8"))
    hollow = Hollow(told["keys"], told["events"])
    async with await asyncio.start_server(hollow.serve, sock=socket.socket(fileno=descriptor)) as server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_main(int(sys.argv[1]), Path(sys.argv[2])))
