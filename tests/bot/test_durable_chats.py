"""R1 of the live service: a message that was acknowledged is there after any end, once; and so is a lead's answer."""

from __future__ import annotations

import random
import signal
import time
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import httpx
import pytest
from lines import listening, say
from running import client, serving, until
from rush import Rush, assert_sound
from world import build, canary

from kb.store.folder import DataFolder

SEED = 20261122
SOME, ALL = pytest.param(2), pytest.param(10, marks=[pytest.mark.fuzz, pytest.mark.timeout(600)])  # kills


@dataclass
class Chats(Rush):
    """Messages of a few chats."""

    said: set[tuple[str, str]] = field(default_factory=set)  # conversation and message
    doubtful: set[tuple[str, str]] = field(default_factory=set)  # sent, and no answer came

    def playing(self, threads: int = 4) -> AbstractContextManager[None]:
        return self.running(*(partial(self._talk, number) for number in range(threads)))

    def _talk(self, thread: int) -> None:
        chance = random.Random(f"{self.name} {thread}")
        number = 0
        with client(self.address, self.key) as http:
            while not self.over.is_set():
                number += 1
                one = f"{self.name}-{thread}-{chance.randrange(3)}", f"m{number}"
                try:
                    reply = told(http, *one)
                except httpx.TransportError:
                    self.doubtful.add(one)
                    return
                if reply.status_code == 201:
                    self.said.add(one)
                else:
                    self.refused.append(reply.status_code)


def told(http: httpx.Client, chat: str, key: str) -> httpx.Response:
    """A message that is the same whenever it is sent."""
    number = int(key.removeprefix("m"))
    return say(http, chat, key, f"{canary('a')}第{number}句", speaker="buyer" if number % 3 else "agent")


def stored(data: Path) -> list[tuple[str, str]]:
    with DataFolder(data) as folder:
        chats = folder.conversations("a").opened()
        return [(kept.id, message.id) for kept in chats for message in kept.conversation.messages]


@pytest.mark.parametrize("kills", [SOME, ALL])
def test_no_acknowledged_message_is_lost_to_kill_9_and_none_is_there_twice(kills: int, tmp_path: Path) -> None:
    world = build(tmp_path / "data")
    chance = random.Random(SEED)
    said: set[tuple[str, str]] = set()
    doubtful: set[tuple[str, str]] = set()
    for number in range(kills):
        with serving(world.data) as server:
            rush = Chats(server.address, world.keys["agent-a"], f"round{number}")
            with rush.playing():
                enough = chance.randint(20, 80)
                until(lambda: len(rush.said) > enough, "acknowledged messages")  # noqa: B023
                time.sleep(chance.uniform(0, 0.15))
                assert server.stop(signal.SIGKILL) == -signal.SIGKILL
        assert rush.refused == []
        assert_sound(world.data)
        said |= rush.said
        doubtful |= rush.doubtful
        found = stored(world.data)
        assert len(found) == len(set(found))
        assert said <= set(found) <= said | doubtful, f"round {number}"
    assert len(said) > 20 * kills
    with serving(world.data) as server, client(server.address, world.keys["agent-a"]) as http:
        for chat, key in doubtful:  # the host that got no answer sends again: counted once, either way
            assert told(http, chat, key).status_code in (200, 201)
    found = stored(world.data)
    assert sorted(found) == sorted(said | doubtful)


@pytest.mark.slow
def test_a_stop_under_load_with_open_lines_loses_nothing_and_does_not_wait(tmp_path: Path) -> None:
    world = build(tmp_path / "data")
    with serving(world.data) as server, client(server.address, world.keys["agent-a"]) as http:
        rush = Chats(server.address, world.keys["agent-a"], "stop")
        with listening(http) as line, rush.playing():
            until(lambda: len(rush.said) > 40, "acknowledged messages")
            began = time.monotonic()
            assert server.stop() == 0
            assert time.monotonic() - began < 8  # of the ten seconds that uvicorn would wait for the line
            assert line.ended.wait(5)
    assert rush.refused == []
    assert "Traceback" not in server.said() and "ERROR" not in server.said()
    assert list(world.data.rglob("*-wal")) == []
    assert rush.said <= set(stored(world.data))
    pushed = {(event.data["conversation"], event.data["message"]["id"]) for event in line.named("message")}
    assert len(pushed) == len(line.named("message"))
