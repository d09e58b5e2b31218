"""Questions over HTTP, timed by the one who asks; and the engine alone, timed alike."""

from __future__ import annotations

import json
import re
import socket
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import repeat
from types import TracebackType
from typing import Any, TypeVar
from urllib.parse import urlencode

import numpy as np
from numpy.typing import NDArray

from eval.bench.figures import percentile
from kb.embed import Engine
from kb.errors import HuashuError

W = TypeVar("W")
Asked = tuple[str, str]  # shop, question

_PATIENCE_S = 300  # a shop of 100,000 that is not in memory takes a minute on a slow machine


@dataclass(frozen=True, slots=True)
class Timed:
    """What one block of questions took: milliseconds of each, in order of asking, and seconds of all."""

    each_ms: NDArray[np.float64]
    all_s: float

    @property
    def per_second(self) -> float:
        return len(self.each_ms) / self.all_s

    def percentile(self, percent: float) -> float:
        return percentile(self.each_ms, percent)


class Client:
    """One kept-alive connection with a key; not shared between threads.

    A plain socket: the clients run on the cores that the service needs, and http.client would take 0.3 ms of them for
    each question.
    """

    def __init__(self, host: str, key: str) -> None:
        name, _, port = host.rpartition(":")
        self._socket = socket.create_connection((name, int(port)), timeout=_PATIENCE_S)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._head = f"Host: {host}\r\nAuthorization: Bearer {key}\r\nContent-Type: application/json\r\n"

    def post(self, path: str, body: dict[str, Any], **query: str) -> bytes:
        """The reply's body. Raises HuashuError when the service refuses: a figure over errors would mean nothing."""
        data = json.dumps(body, ensure_ascii=False).encode()
        line = f"POST {path}?{urlencode(query)} HTTP/1.1\r\n{self._head}Content-Length: {len(data)}\r\n\r\n"
        self._socket.sendall(line.encode() + data)
        head, content = self._receive()
        if not head.startswith((b"HTTP/1.1 200", b"HTTP/1.1 201")):
            raise HuashuError(f"被测的服务没有回答：{(head[:20] + content[:200]).decode(errors='replace')}")
        return content

    def suggest(self, shop: str, text: str) -> bytes:
        return self.post("/v1/suggest", {"text": text}, shop=shop)

    def _receive(self) -> tuple[bytes, bytes]:
        """Head and body of one reply; the service always says how long a body is."""
        received = b""
        while b"\r\n\r\n" not in received:
            received += self._more()
        head, _, content = received.partition(b"\r\n\r\n")
        length = re.search(rb"content-length: *(\d+)", head, re.IGNORECASE)
        while length and len(content) < int(length[1]):
            content += self._more()
        return head, content

    def _more(self) -> bytes:
        received = self._socket.recv(65_536)
        if not received:
            raise HuashuError("被测的服务断开了连接。")
        return received

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._socket.close()


def through_service(host: str, key: str, block: Sequence[Asked], clients: int) -> Timed:
    """Ask the block with so many clients at once, each as soon as its last question was answered."""
    with ExitStack() as stack:
        made = [stack.enter_context(Client(host, key)) for _ in range(clients)]
        return _through(made, lambda client, asked: client.suggest(*asked), block)


def through_wheel(model: Callable[[str], object], block: Sequence[Asked], threads: int) -> Timed:
    """The same by the runtime that the model's wheel brings."""
    return _through([model] * threads, lambda ask, asked: ask(asked[1]), block)


def through_engine(engine: Engine, block: Sequence[Asked], threads: int) -> Timed:
    """Embed the same questions and do nothing else: what no service can be faster than."""
    return _through([engine] * threads, lambda model, asked: model.embed([asked[1]]), block)


def _through(workers: Sequence[W], work: Callable[[W, Asked], object], block: Sequence[Asked]) -> Timed:
    """The block shared out among the workers, one thread each."""
    shares = [block[i :: len(workers)] for i in range(len(workers))]
    with ThreadPoolExecutor(len(workers)) as pool:
        list(pool.map(time.sleep, repeat(0.001, len(workers))))  # threads stand before the clock starts
        began = time.perf_counter()
        times = list(pool.map(lambda pair: _timed(pair[0], work, pair[1]), zip(workers, shares, strict=True)))
        elapsed = time.perf_counter() - began
    return Timed(np.concatenate(times), elapsed)


def _timed(worker: W, work: Callable[[W, Asked], object], share: Iterable[Asked]) -> NDArray[np.float64]:
    times = []
    for asked in share:
        began = time.perf_counter()
        work(worker, asked)
        times.append((time.perf_counter() - began) * 1000)
    return np.array(times)
