"""Each event arrives once: over a bad line, a closed page, two tabs, another person's session, a browser that keeps nothing."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from browser.conftest import Keys
from browser.driving import People, Server, Visit, until
from kb.events.life import lives
from kb.model import EventKind

pytestmark = pytest.mark.slow

SHIPPING = "什么时候能发货呀"  # three answers, none of them certain
EVENTS = "**/v1/events?*"
NO_STORAGE = "Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError'); };"
# Before the page's own listeners: as in a crash, none of them runs any more.
DIES = "addEventListener('pagehide', (event) => { if (window.dies) event.stopImmediatePropagation(); }, true);"


@pytest.fixture
def agent(people: People, keys: Keys) -> Visit:
    agent = people.login(keys.agent, shop="qingluo")
    agent.expect_complaint("net::ERR_", "status of 403", "status of 500", "status of 401")
    return agent


def cut(page: Page) -> None:
    page.route(EVENTS, lambda route: route.abort())


def beside(people: People, visit: Visit) -> Visit:
    """Another tab of the same browser at the same address."""
    other = Visit(visit.page.context.new_page(), visit.address)
    other.expected = visit.expected
    people.visits.append(other)
    other.page.clock.install()  # runs as always, until a test lets half a minute pass
    other.page.goto(visit.page.url)
    expect(other["#strip-state"]).not_to_have_text("正在连接…")
    return other


def copied(visit: Visit, rank: int) -> None:
    visit.press(str(rank))
    expect(visit["#toast"]).to_contain_text(f"已复制 第{rank}条")


@pytest.mark.parametrize("crashed", [False, True], ids=["closed", "crashed"])
def test_what_a_tab_left_behind_is_sent_by_another_one(
    people: People, agent: Visit, server: Server, crashed: bool
) -> None:
    agent.page.context.add_init_script(DIES)
    agent.page.reload()
    expect(agent["#strip-state"]).not_to_have_text("正在连接…")
    cut(agent.page)
    agent.ask(SHIPPING)
    copied(agent, 1)
    until(lambda: agent.page.wait_for_timeout(50) or agent.suggestions, "an attempt to send")
    other = beside(people, agent)
    other.page.wait_for_timeout(500)  # longer than it waits for the first tab's answer
    assert not any("/v1/events" in url for url in other.asked), "the first tab still has the words"
    [suggestion] = agent.suggestions
    server.stop()  # a page that is closing gets through to a server that is there, and needs no help
    if crashed:
        agent.page.evaluate("() => { window.dies = true; }")
    agent.page.goto("about:blank")
    server.start()
    other.page.clock.fast_forward(31_000)
    other.until_delivered()
    told = server.events("qingluo", [suggestion])
    assert Counter(e.kind for e in told) == {"shown": 3, "inserted": 1} | ({} if crashed else {"ignored": 2})
    assert {e.asked for e in told} == {""}, "what the buyer wrote was never in storage"


def test_an_open_tab_keeps_the_words_when_a_second_one_is_opened(people: People, agent: Visit, server: Server) -> None:
    cut(agent.page)
    agent.ask(SHIPPING)
    copied(agent, 1)
    other = beside(people, agent)
    other.page.wait_for_timeout(500)
    agent.page.unroute(EVENTS)
    agent.until_delivered()
    [used] = [e for e in server.events("qingluo", agent.suggestions) if e.kind == "inserted"]
    assert used.asked == SHIPPING


def test_one_persons_events_are_never_sent_under_anothers_name(
    people: People, keys: Keys, agent: Visit, server: Server
) -> None:
    mine = agent.page.context.cookies()
    cut(agent.page)
    agent.ask(SHIPPING)
    copied(agent, 2)
    until(lambda: agent.page.wait_for_timeout(50) or agent.suggestions, "an attempt to send")
    theirs = people.login(keys.trainer, shop="qingluo").page.context.cookies()
    agent.page.context.add_cookies(theirs)  # somebody else logs in; the first one's page is still open
    refused = []
    agent.page.on("response", lambda r: refused.append(r.status) if "/v1/events" in r.url else None)
    agent.page.unroute(EVENTS)
    until(lambda: agent.page.wait_for_timeout(50) or 403 in refused, "a refusal")
    expect(agent["#toast"]).to_contain_text("换了人登录")
    agent.page.reload()  # now it is the other one's page
    expect(agent["#strip-state"]).not_to_have_text("正在连接…")
    agent.page.wait_for_timeout(500)
    assert server.events("qingluo", agent.suggestions) == []
    assert "inserted" in agent.waiting_events()

    agent.page.context.add_cookies(mine)
    agent.page.reload()
    agent.until_delivered()
    told = server.events("qingluo", agent.suggestions)
    assert Counter(e.kind for e in told) == {"shown": 3, "inserted": 1, "ignored": 2}
    assert len({e.actor for e in told}) == 1


def test_a_browser_that_keeps_nothing_asks_before_it_is_closed(
    people: People, keys: Keys, agent: Visit, server: Server
) -> None:
    agent.page.context.add_init_script(NO_STORAGE)
    agent.page.reload()
    expect(agent["#strip-state"]).not_to_have_text("正在连接…")
    cut(agent.page)
    agent.ask(SHIPPING)
    copied(agent, 1)
    expect(agent["#strip-waiting"]).to_contain_text("先别关页面")
    agent.expect_complaint("dialog: ")
    agent.page.close(run_before_unload=True)
    until(lambda: agent.page.wait_for_timeout(20) or any("dialog" in c for c in agent.complaints), "the question")
    agent.page.unroute(EVENTS)
    expect(agent["#strip-waiting"]).to_have_text("", timeout=20_000)
    told = server.events("qingluo", agent.suggestions)
    assert Counter(e.kind for e in told) == {"shown": 3, "inserted": 1}


@pytest.mark.parametrize("seed", [1, 2])
def test_over_a_line_that_does_its_worst_everything_arrives_once(agent: Visit, server: Server, seed: int) -> None:
    """Requests are dropped, replies are dropped, refused for a while; the page is reloaded in between."""
    chance = random.Random(seed)
    agent.page.route(EVENTS, faulty(chance))
    for number in range(6):
        agent.ask(f"{SHIPPING}{'呢' * number}")
        key = chance.choice("01")
        agent.press(key)
        expect(agent["#toast"]).to_contain_text("都不合适" if key == "0" else "已复制")
        if number == 3:
            agent.page.reload()
            expect(agent["#strip-state"]).not_to_have_text("正在连接…")
    agent.page.unroute(EVENTS)
    agent.page.reload()
    agent.until_delivered()
    told = server.events("qingluo", agent.suggestions)
    assert len({(e.suggestion, e.entry, e.kind) for e in told}) == len(told), "nothing twice"
    became = lives(told).values()
    assert became and all(life.shown and life.end for life in became)
    assert len({e.suggestion for e in told if e.kind == "shown"}) == 6


def faulty(chance: random.Random) -> Callable[[Route], None]:
    def handle(route: Route) -> None:
        what = chance.randrange(4)
        if what == 0:
            route.abort()  # never arrived
        elif what == 1:
            route.fetch()
            route.abort()  # arrived; the reply is lost
        elif what == 2:
            route.fulfill(status=500, json={"code": "HS-500"})
        else:
            route.continue_()

    return handle


# -- what counts as having been looked at


def test_a_card_in_sight_for_a_second_was_viewed_once(people: People, keys: Keys, server: Server) -> None:
    agent = people.login(keys.agent, shop="qingluo", size=(1280, 1400))  # all three are in sight
    agent.ask(SHIPPING)
    until(lambda: agent.page.wait_for_timeout(50) or viewed(agent, server) == {1, 2, 3}, "three cards looked at")
    agent.page.wait_for_timeout(1200)
    told = server.events("qingluo", agent.suggestions, looked=True)
    assert Counter(e.kind for e in told) == {"shown": 3, "viewed": 3}


def test_what_is_out_of_sight_or_on_a_hidden_page_was_not_viewed(people: People, keys: Keys, server: Server) -> None:
    agent = people.login(keys.agent, shop="qingluo", size=(360, 330))
    hide(agent, True)
    agent.ask(SHIPPING)
    agent.page.wait_for_timeout(1300)
    agent.until_delivered()
    assert viewed(agent, server) == set()
    hide(agent, False)
    until(lambda: agent.page.wait_for_timeout(50) or viewed(agent, server), "the first card looked at")
    assert 3 not in viewed(agent, server)
    agent.hits.nth(2).scroll_into_view_if_needed()
    until(lambda: agent.page.wait_for_timeout(50) or 3 in viewed(agent, server), "the third card looked at")


def hide(visit: Visit, on: bool) -> None:
    visit.page.evaluate(
        "on => { Object.defineProperty(document, 'hidden', { configurable: true, get: () => on });"
        " document.dispatchEvent(new Event('visibilitychange')); }",
        on,
    )


def viewed(visit: Visit, server: Server) -> set[int]:
    told = server.events("qingluo", visit.suggestions, looked=True)
    return {e.rank for e in told if e.kind is EventKind.VIEWED}


# -- what is told


def test_the_record_tells_each_step_once_and_edits_with_both_texts(agent: Visit) -> None:
    told = agent.page.evaluate(
        """async () => {
          const { Record } = await import("/static/record/record.js");
          const told = [], hits = [1, 2, 3].map((rank) =>
            ({ rank, entry: `e${rank}`, probability: 0.5, answer: { text: `答${rank}` } }));
          const facts = [{ product: "P1", attribute: "价格" }];
          const record = new Record({ suggestion: "sg_1", generation: 7, conversation: "c:1", hits, facts },
            { add: (events) => told.push(...events), text: "问" });
          record.viewed(hits[0]);
          record.leave();
          record.shown(); record.shown(); record.viewed(hits[0]);
          record.inserted(hits[0]); record.inserted(hits[0]);
          record.edited(hits[0], "答1"); record.edited(hits[0], "改1"); record.edited(hits[0], "改1"); record.edited(hits[0], "再改1");
          record.sent(hits[0], "再改1");
          record.rejected(hits[1], "price"); record.rejected(hits[1], "price");
          record.fact(0); record.fact(0);
          record.leave("closed"); record.leave("closed");
          return told;
        }"""
    )
    assert [(e["kind"], e.get("rank"), e.get("text"), e.get("reason")) for e in told] == [
        ("shown", 1, None, None), ("shown", 2, None, None), ("shown", 3, None, None), ("viewed", 1, None, None),
        ("inserted", 1, None, None), ("edited", 1, "改1", None), ("edited", 1, "再改1", None), ("sent", 1, "再改1", None),
        ("rejected", 2, None, "price"), ("inserted", None, None, "fact:P1:价格"), ("ignored", 3, None, "closed"),
    ]  # fmt: skip
    assert {e["conversation"] for e in told} == {"c:1"}
    assert [e.get("shown") for e in told if "text" in e] == ["答1"] * 3
    assert [e["kind"] for e in told if "asked" in e] == ["inserted", "edited", "edited", "sent", "rejected"]
