"""Before anything is copied: another shop's words need a second, deliberate key; what is clean costs nothing."""

from __future__ import annotations

import httpx
import pytest
from playwright.sync_api import expect

from browser.conftest import Keys
from browser.driving import People, Server, Visit, create_entry

PASTE = "亲，氨基酸温和洁面乳100毫升69元，满59元包邮哦"  # of the shop baicao
CLEAN = "亲，在的，您稍等我看一下"


@pytest.fixture
def agent(people: People, keys: Keys) -> Visit:
    visit = people.login(keys.agent, shop="qingluo")
    visit.page.evaluate("() => navigator.clipboard.writeText('之前的')")
    visit["#message"].focus()
    visit.press("Escape")
    visit["#hits"].focus()
    return visit


def write(agent: Visit, text: str) -> None:
    """In the box for one's own words, reached and left by the keyboard."""
    agent.press("r")
    expect(agent["#draft"]).to_be_focused()
    agent.type(text)


def test_a_paste_of_another_shop_is_stopped_and_named(agent: Visit) -> None:
    write(agent, PASTE)
    found = agent["#draft-findings .finding[data-severity='block']"]
    expect(found.first).to_contain_text("串店")
    expect(found.first).to_contain_text("氨基酸温和洁面乳")
    agent.press("Control+Enter")
    expect(agent["#stop"]).to_be_visible()
    expect(agent["#stop-title"]).to_contain_text("青萝女装")
    expect(agent["#stop-why"]).to_contain_text("别家店")
    agent.press("Control+Enter", "1", "Control+1", "Space")  # the copy's own keys, pressed again, are no consent
    expect(agent["#stop"]).to_be_visible()
    assert agent.clipboard() == "之前的"
    agent.press("Escape")
    expect(agent["#stop"]).to_be_hidden()
    expect(agent["#toast"]).to_contain_text("没有复制")
    assert agent.clipboard() == "之前的"
    expect(agent["#draft"]).to_have_value(PASTE)


def test_y_after_reading_copies_all_the_same_and_is_told(agent: Visit, server: Server) -> None:
    before = len(server.events("qingluo", [""]))
    write(agent, PASTE)
    agent.press("Control+Enter")
    expect(agent["#stop"]).to_be_visible()
    agent.press("y")
    expect(agent["#toast"]).to_contain_text("已复制 自己写的回复")
    assert agent.clipboard() == PASTE
    expect(agent["#draft"]).to_have_value("")
    agent.until_delivered()
    (*_, told) = server.events("qingluo", [""])[before:]
    assert told.reason.startswith("despite:") and "shop" in told.reason and not told.text


def test_clean_words_are_copied_at_once(agent: Visit) -> None:
    write(agent, CLEAN)
    agent.press("Control+Enter")
    expect(agent["#toast"]).to_contain_text("已复制 自己写的回复")
    assert agent.clipboard() == CLEAN
    expect(agent["#stop"]).to_be_hidden()
    expect(agent["#turns li"].last).to_contain_text(CLEAN)


def test_each_shop_keeps_its_own_draft(agent: Visit) -> None:
    write(agent, "半句话")
    agent.press("Alt+2")
    expect(agent["#draft"]).to_have_value("")
    agent.press("Alt+1")
    expect(agent["#draft"]).to_have_value("半句话")


def test_what_is_wrong_with_an_answer_stands_under_it_before_it_is_copied(
    people: People, keys: Keys, api: httpx.Client
) -> None:
    create_entry(api, "leer", question="能加好友吗", answer="可以的亲，加V❤聊，保证明天到")
    agent = people.login(keys.agent, shop="leer", size=(360, 740))
    agent.ask("能加好友吗")
    card = agent["#hits .hit[data-rank='1']"]
    expect(card.locator(".finding")).to_have_count(2)
    expect(card.locator(".finding").first).to_contain_text("站外引流")
    assert agent.overflow() == 0
    agent.press("1")
    expect(agent["#stop"]).to_be_visible()
    expect(agent["#stop-no"]).to_be_in_viewport()
    expect(agent["#stop-yes"]).to_be_in_viewport()
    assert agent.overflow() == 0
    agent.press("Escape")
    expect(card).to_have_attribute("data-fate", "")
    agent.press("1", "y") if not agent["#stop"].is_visible() else None
    expect(agent["#toast"]).to_contain_text("已复制 第1条")
    agent.until_delivered()
