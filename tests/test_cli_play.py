"""The demo moves by itself: a real service, the player beside it, and everything it does arrives."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from cli.demo import announce
from terminal import ROOT, typed


@dataclass(frozen=True)
class Demo:
    """A demo that runs: its process, its address, the agent's key, and what it has said."""

    process: subprocess.Popen[str]
    address: str
    key: str
    said: list[str]

    def queue(self) -> list[dict[str, object]]:
        headers = {"Authorization": f"Bearer {self.key}"}
        reply = httpx.get(f"{self.address}/v1/conversations", headers=headers, trust_env=False, timeout=30)
        found: list[dict[str, object]] = reply.json()["conversations"]
        return found

    def wait(self, what: str, rows: int = 3, patience_s: float = 40) -> list[dict[str, object]]:
        until = time.monotonic() + patience_s
        while len(found := [row for row in self.queue() if str(row["id"]).startswith(what)]) < rows:
            assert time.monotonic() < until, found
            time.sleep(0.2)
        return found


def started(data: Path, *options: str) -> Demo:
    command = [sys.executable, "-m", "huashu", "demo", "--port", "0", "--engine", "none", "--data", str(data), *options]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    said: list[str] = []
    for line in process.stdout or ():
        said.append(line)
        if "Ctrl+C stops" in line:
            break
    link = re.search(r"(http://[\w.:]+)/login#key=([\w-]+)", "".join(said))
    assert link, said
    return Demo(process, link[1], link[2], said)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    running = started(tmp_path_factory.mktemp("demo") / "data")
    yield running
    running.process.send_signal(signal.SIGINT)
    running.process.communicate(timeout=20)
    assert running.process.returncode == 0  # the player keeps nobody from stopping


@pytest.mark.slow
def test_the_queue_fills_by_itself_and_one_line_says_so(demo: Demo) -> None:
    assert sum("播放" in line for line in demo.said) == 1
    rows = demo.wait("play-")
    assert {row["shop"] for row in rows} <= {"qingluo", "baicao", "xingdian"}
    assert all(row["unanswered"] and str(row["buyer"]).startswith("买家") for row in rows)


@pytest.mark.slow
def test_it_plays_from_elsewhere_too_in_place_of_an_earlier_shift(demo: Demo) -> None:
    before = {row["id"] for row in demo.wait("play-")}
    command = [sys.executable, "-m", "huashu", "play", demo.address, "--key", demo.key, "--speed", "20", "--open", "4"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as player:
        try:
            until = time.monotonic() + 40
            while not {row["id"] for row in demo.queue()} - before:
                assert time.monotonic() < until and player.poll() is None
                time.sleep(0.2)
        finally:
            player.send_signal(signal.SIGINT)
        said, complained = player.communicate(timeout=20)
    assert len(said.splitlines()) == 1 and demo.address in said and "Traceback" not in complained


@pytest.mark.slow
def test_who_may_not_play_is_told_in_two_lines(demo: Demo) -> None:
    told = typed("play", demo.address, "--key", "hs_wrong")
    assert told.returncode == 2 and "HS-401" in told.stderr and "Traceback" not in told.stderr


@pytest.mark.parametrize(("where", "code"), [("127.0.0.1:9", "连不上"), ("ftp://x", "HS-422")])
def test_where_nobody_can_play_is_told_in_two_lines(where: str, code: str) -> None:
    told = typed("play", where, "--key", "hs_wrong")
    assert told.returncode == 2 and code in told.stderr and "Traceback" not in told.stderr


def test_a_demo_that_does_not_play_does_not_say_so(capsys: pytest.CaptureFixture[str]) -> None:
    announce("http://x", {"agent": "a", "trainer": "t", "lead": "l"})
    assert "播放" not in capsys.readouterr().out
