"""Servers for the tests of this room: the command line in a process of its own, or the app on a thread of ours.

Both answer real HTTP on a real socket; nothing here pretends to be a server.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import uvicorn
from fastapi import FastAPI

from bot import server as bot_server
from bot.app import create_app
from bot.service import Service
from bot.settings import Settings
from cli.service import listen

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 30.0
_ANSWERED_S = 90.0  # the model embeds an import's 300 texts at a low priority: 3 s, or 26 beside two busy programs
_ADDRESS = re.compile(r"http://[\d.]+:\d+")


def until(true: Callable[[], bool], what: str, patience_s: float = PATIENCE_S) -> None:
    """Wait in small steps; fail saying what was waited for."""
    ends = time.monotonic() + patience_s
    while not true():
        if time.monotonic() > ends:
            raise AssertionError(f"waited {patience_s:.0f} s in vain: {what}")
        time.sleep(0.005)


def client(address: str, key: str | None = None, **headers: str) -> httpx.Client:
    """A client that goes nowhere but here: no proxy of the environment, no redirects."""
    if key is not None:
        headers["Authorization"] = f"Bearer {key}"
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Client(base_url=address, headers=named, trust_env=False, timeout=_ANSWERED_S)


# -- a process, as a user starts it


def environment(**more: str) -> dict[str, str]:
    """The environment without settings of ours that the machine may have."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("HUASHU_")}
    return {**kept, "PYTHONUNBUFFERED": "1", "NO_COLOR": "1", **more}


def run(*arguments: str | Path, **more: str) -> subprocess.CompletedProcess[str]:
    """One command to its end; its output in one text."""
    return subprocess.run(
        _command(*arguments), cwd=ROOT, env=environment(**more), text=True, encoding="utf-8", timeout=60, check=False,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip


def start(*arguments: str | Path, output: Path, **more: str) -> subprocess.Popen[bytes]:
    """One command, running; its output goes to a file, so that a killed process leaves no pipe behind."""
    with output.open("ab") as sink:
        return subprocess.Popen(
            _command(*arguments), cwd=ROOT, env=environment(**more), stdout=sink, stderr=subprocess.STDOUT
        )


def _command(*arguments: str | Path) -> list[str]:
    return [sys.executable, "-m", "huashu", *map(str, arguments)]


@dataclass
class Server:
    """`huashu serve` in its own process."""

    process: subprocess.Popen[bytes]
    output: Path
    address: str = ""

    def said(self) -> str:
        return self.output.read_text(encoding="utf-8", errors="replace")

    def wait_for_address(self) -> None:
        def printed() -> bool:
            if self.process.poll() is not None:
                raise AssertionError(f"the server ended with exit code {self.process.returncode}")
            return _ADDRESS.search(self.said()) is not None

        self._or_show(printed, "the address of the server")
        self.address = _ADDRESS.findall(self.said())[0]

    def wait_until_ready(self) -> None:
        with client(self.address) as http:
            self._or_show(lambda: http.get("/readyz").status_code == 200, "/readyz")

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal and wait for the end; returns the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(how)
        return self.process.wait(timeout=PATIENCE_S)

    def _or_show(self, true: Callable[[], bool], what: str) -> None:
        try:
            until(true, what)
        except AssertionError as error:
            raise AssertionError(f"{error}\n--- output of the server:\n{self.said()}") from None


@contextmanager
def serving(data: Path, *, engine: str = "none", output: Path | None = None, **more: str) -> Iterator[Server]:
    """The real server on a free port, ready; killed at the end if the test has not ended it."""
    output = output or data.with_name(f"{data.name}.out")
    output.write_bytes(b"")
    process = start("serve", "--data", data, "--port", "0", "--engine", engine, output=output, **more)
    server = Server(process, output)
    try:
        server.wait_for_address()
        server.wait_until_ready()
        yield server
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(timeout=PATIENCE_S)


# -- a thread of this process


@dataclass
class Inside:
    """The app, reachable over HTTP and from within."""

    app: FastAPI
    address: str
    clients: list[httpx.Client] = field(default_factory=list)
    stop: Callable[[], None] = lambda: None

    @property
    def service(self) -> Service:
        service: Service = self.app.state.service
        return service

    def client(self, key: str | None = None, **headers: str) -> httpx.Client:
        """A client that lives as long as the server."""
        made = client(self.address, key, **headers)
        self.clients.append(made)
        return made


@contextmanager
def inside(settings: Settings, change: Callable[[FastAPI], None] = lambda app: None) -> Iterator[Inside]:
    """The app on a thread, ready; `change` may add routes before it starts."""
    app = create_app(settings)
    change(app)
    listener = listen("127.0.0.1", 0)
    # The same configuration as `huashu serve`, but for the logging, which is the test's.
    server = bot_server.Server(
        uvicorn.Config(app, access_log=False, log_config=None, log_level="warning", server_header=False)
    )
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, name="inside")
    thread.start()
    running = Inside(
        app, f"http://127.0.0.1:{listener.getsockname()[1]}", stop=lambda: setattr(server, "should_exit", True)
    )
    try:
        until(lambda: server.started and running.service.ready.is_set(), "the app on its thread")
        yield running
    finally:
        for made in running.clients:
            made.close()
        server.should_exit = True
        thread.join(PATIENCE_S)
        listener.close()
