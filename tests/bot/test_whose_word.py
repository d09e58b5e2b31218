"""Whose word counts: who may say when something was said, whose a chat is, and what a message was."""

from __future__ import annotations

import time
from typing import Any

import httpx
import pytest
from lines import say
from running import Inside
from world import World

from kb.store.grant import Role


@pytest.fixture
def agent(server: Inside, world: World) -> httpx.Client:
    return server.client(world.keys["agent-a"])


@pytest.fixture
def colleague(server: Inside, world: World) -> httpx.Client:
    http = server.client(world.keys["agent-ab"])
    http.params = httpx.QueryParams(shop="a")
    return http


@pytest.fixture
def lead(server: Inside, world: World) -> httpx.Client:
    return server.client(world.keys["trainer-a"])


@pytest.fixture
def host(server: Inside) -> httpx.Client:
    """The server of an IM: a key of the role service."""
    return server.client(server.service.folder.hub.issue_key("客服台接口", Role.SERVICE, ["a"]))


def clock(told: httpx.Response, kind: str = "first_reply") -> dict[str, Any]:
    (found,) = [one for one in told.json()["conversation"]["clocks"] if one["kind"] == kind]
    assert isinstance(found, dict)
    return found


# -- when something was said


@pytest.mark.parametrize(("who", "kept"), [("host", True), ("agent", False), ("lead", False)])
def test_only_a_host_is_believed_when_a_reply_was_said(
    who: str, kept: bool, request: pytest.FixtureRequest, host: httpx.Client
) -> None:
    """Ten minutes late; whoever is measured by the clock cannot say that it was five seconds."""
    chat, asked = f"late-{who}", int(time.time() * 1000) - 600_000
    assert not clock(say(host, chat, "m1", at_ms=asked))["ended_ms"]
    told = say(request.getfixturevalue(who), chat, "m2", "在的", speaker="agent", at_ms=asked + 5_000)
    first = clock(told)
    assert first["breached"] is not kept
    assert (first["ended_ms"] == asked + 5_000) is kept
    assert told.json()["message"]["at_ms"] == first["ended_ms"]


def test_who_serves_cannot_slip_a_buyers_message_in_before_the_reply(host: httpx.Client, agent: httpx.Client) -> None:
    now = int(time.time() * 1000)
    say(host, "slipped", "m1", at_ms=now - 60_000)
    say(host, "slipped", "m2", "在的", speaker="agent", at_ms=now - 50_000)
    told = say(agent, "slipped", "m3", "还在吗", at_ms=now - 55_000)
    assert told.json()["conversation"]["unanswered"] == 1
    assert clock(told, "reply")["started_ms"] == told.json()["message"]["at_ms"] >= now


def test_times_that_nobody_believes_must_still_be_times(agent: httpx.Client) -> None:
    assert say(agent, "seconds", "m1", at_ms=1_795_000_000).status_code == 422
