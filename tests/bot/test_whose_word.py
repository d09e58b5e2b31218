"""Whose word counts: who may say when something was said, whose a chat is, and what a message was."""

from __future__ import annotations

import time
from typing import Any

import httpx
import pytest
from lines import say
from running import Inside
from world import World


@pytest.fixture
def colleague(server: Inside, world: World) -> httpx.Client:
    http = server.client(world.keys["agent-ab"])
    http.params = httpx.QueryParams(shop="a")
    return http


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


# -- whose a chat is


def act(http: httpx.Client, chat: str, what: str) -> httpx.Response:
    return http.post(f"/v1/conversations/{chat}/{what}", json={} if what == "claim" else None)


def test_closing_and_reopening_take_no_chat_from_a_colleague(
    agent: httpx.Client, colleague: httpx.Client, lead: httpx.Client
) -> None:
    say(agent, "mine", "m1")
    serving = act(agent, "mine", "claim").json()["agent"]
    act(colleague, "mine", "close")
    refused = act(colleague, "mine", "reopen")
    assert (refused.status_code, refused.json()["code"]) == (409, "HS-409")
    assert "agent-a" in refused.json()["detail"]
    assert act(colleague, "mine", "claim").status_code == 409
    for http in (agent, lead):
        told = act(http, "mine", "reopen").json()
        assert (told["open"], told["agent"]) == (True, serving)
        assert act(colleague, "mine", "claim").status_code == 409
        act(http, "mine", "close")


@pytest.mark.parametrize(("closer", "kept"), [("agent", False), ("lead", False), ("colleague", True)])
def test_a_buyer_who_comes_back_finds_who_served_unless_that_is_over(
    closer: str, kept: bool, request: pytest.FixtureRequest, agent: httpx.Client, colleague: httpx.Client
) -> None:
    chat = f"back-{closer}"
    say(agent, chat, "m1")
    serving = act(agent, chat, "claim").json()["agent"]
    act(request.getfixturevalue(closer), chat, "close")
    told = say(agent, chat, "m2").json()["conversation"]
    assert (told["open"], told["agent"]) == (True, serving if kept else "")
    assert act(colleague, chat, "claim").status_code == (409 if kept else 200)


def test_a_chat_of_nobody_is_closed_and_opened_by_anybody(agent: httpx.Client, colleague: httpx.Client) -> None:
    say(agent, "nobodys", "m1")
    act(colleague, "nobodys", "close")
    told = act(agent, "nobodys", "reopen").json()
    assert (told["open"], told["agent"]) == (True, "")


# -- what a message was


@pytest.mark.parametrize("other", [{"text": "退货运费谁出"}, {"speaker": "agent"}])
def test_an_id_with_other_words_is_refused_and_overwrites_nothing(
    other: dict[str, str], host: httpx.Client, agent: httpx.Client
) -> None:
    chat = f"twice-{next(iter(other))}"
    first = say(host, chat, "m1", "电话13812345678")
    told = {"text": "电话13812345678", **other}
    refused = say(host, chat, "m1", told.pop("text"), **told)
    assert (refused.status_code, refused.json()["code"]) == (409, "HS-409")
    again = say(host, chat, "m1", "电话13812345678")  # as it was: a retry, masked as the first was
    assert (again.status_code, again.json()["duplicate"]) == (200, True)
    assert again.json()["conversation"]["version"] == first.json()["conversation"]["version"]
    assert [one["text"] for one in agent.get(f"/v1/conversations/{chat}").json()["messages"]] == ["电话[手机号]"]
