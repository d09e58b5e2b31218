"""Fixtures of this room: the app with two shops in it, new for every test file."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

# The helpers beside the tests; pytest's importlib mode leaves the tests' own folder off the path.
sys.path.insert(0, str(Path(__file__).parent))

from argon2 import PasswordHasher
from running import Inside, inside
from world import World, build

from bot.settings import Settings
from kb.store import password, people
from kb.store.grant import Role


@pytest.fixture(scope="module", autouse=True)
def cheap_passwords() -> Iterator[None]:
    """A password costs 0.1 s by design; what is tried here hundreds of times is what becomes of it (tests/kb: as it is)."""
    cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(password, "_HASHER", cheap)
        patch.setattr(people, "NOBODY", cheap.hash("nobody"))
        yield


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return build(tmp_path_factory.mktemp("world") / "data")


@pytest.fixture(scope="module")
def server(world: World) -> Iterator[Inside]:
    # All of the tests come from one address, and many are wrong on purpose.
    with inside(Settings(data=world.data, engine="none", wrong_logins_per_minute=0)) as running:
        yield running


@pytest.fixture
def agent(server: Inside, world: World) -> httpx.Client:
    """Shop a's."""
    return server.client(world.keys["agent-a"])


@pytest.fixture
def lead(server: Inside, world: World) -> httpx.Client:
    """Who oversees shop a's agents: its trainer."""
    return server.client(world.keys["trainer-a"])


@pytest.fixture
def host(server: Inside) -> httpx.Client:
    """The server of an IM, with a key of the role service: who is believed when something was said."""
    return server.client(server.service.folder.hub.issue_key("客服台接口", Role.SERVICE, ["a"]))
