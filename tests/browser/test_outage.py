"""The service dies and comes back: it is said at once, work goes on, and nothing is recorded twice or never."""

from __future__ import annotations

import re
import signal
from collections import Counter

import pytest
from playwright.sync_api import Route, expect

from browser.conftest import Keys
from browser.driving import People, Server, Visit

SHIPPING = "什么时候能发货呀"  # three answers, none of them certain
REFUND = "退款多久到账"
BANNER = "() => !document.getElementById('banner-offline').hidden"


@pytest.fixture
def agent(people: People, keys: Keys) -> Visit:
    agent = people.login(keys.agent, shop="qingluo")
    agent.expect_complaint("net::ERR_")
    return agent


def test_killed_server_is_said_and_events_are_caught_up_once(agent: Visit, server: Server) -> None:
    agent.ask(SHIPPING)
    agent.until_delivered()
    server.stop(signal.SIGKILL)
    assert agent.soon(BANNER) < 2.0
    expect(agent["#banner-offline"]).to_contain_text("服务连不上，已有内容仍可用")

    agent.press("2")  # what is on the screen still works
    expect(agent["#toast"]).to_contain_text("已复制 第2条")
    assert agent.clipboard() == agent.answer(2)
    agent.paste(REFUND)
    expect(agent["#answers-say"]).to_contain_text("恢复后会自动再问")
    kept = agent.page.evaluate("() => JSON.stringify(localStorage)")
    assert len(agent.waiting_events()) == 3, "one copied, two passed over"
    assert SHIPPING not in kept and REFUND not in kept, "what a buyer wrote must not stay behind on the computer"

    server.start()
    expect(agent["#banner-offline"]).to_be_hidden(timeout=8000)
    expect(agent["#answers-about"]).to_contain_text(REFUND)
    expect(agent["#hits"]).not_to_have_class(re.compile("stale"))
    agent.until_delivered()
    events = server.events("qingluo", agent.suggestions)
    first, second = agent.suggestions
    assert Counter((e.suggestion, e.kind) for e in events) == {
        (first, "shown"): 3,
        (first, "inserted"): 1,
        (first, "ignored"): 2,
        (second, "shown"): 3,
    }


def test_a_lost_acknowledgement_counts_once(agent: Visit, server: Server) -> None:
    agent.ask(SHIPPING)
    agent.until_delivered()
    lost = []

    def lose(route: Route) -> None:
        if lost:
            route.continue_()
        else:
            lost.append(route.fetch().status)  # the server has stored it; the page never hears of that
            route.abort()

    agent.page.route("**/v1/events*", lose)
    agent.press("1")
    expect(agent["#toast"]).to_contain_text("已复制 第1条")  # copying takes a moment; the event is recorded after it
    agent.until_delivered()
    assert lost == [200]
    events = server.events("qingluo", agent.suggestions)
    assert Counter(e.kind for e in events) == {"shown": 3, "inserted": 1}


def test_events_wait_through_a_closed_page(agent: Visit, server: Server) -> None:
    agent.page.route("**/v1/events*", lambda route: route.abort())
    agent.ask(SHIPPING)
    agent.press("3")
    expect(agent["#toast"]).to_contain_text("已复制 第3条")
    assert len(agent.waiting_events()) == 4  # three shown, one copied
    agent.page.unroute("**/v1/events*")
    agent.page.reload()
    agent.until_delivered()
    events = server.events("qingluo", agent.suggestions)
    assert [(e.kind, e.rank) for e in events] == [
        ("shown", 1), ("shown", 2), ("shown", 3), ("inserted", 3), ("ignored", 1), ("ignored", 2)
    ]  # fmt: skip
    assert {e.reason for e in events if e.kind == "ignored"} == {"closed"}


def test_a_silent_server_is_said_as_well(agent: Visit) -> None:
    """Not dead, only slow: nothing may look as if the answer on screen belonged to the new message."""
    agent.ask(SHIPPING)
    held: list[Route] = []
    agent.page.route("**/v1/suggest*", lambda route: held.append(route))
    agent.paste(REFUND)
    agent.press("1")
    expect(agent["#toast"]).to_contain_text("请稍等")
    assert agent.soon(BANNER) < 2.5
    held[0].continue_()
    expect(agent["#answers-about"]).to_contain_text(REFUND)
    expect(agent["#banner-offline"]).to_be_hidden()
    agent.until_delivered()
