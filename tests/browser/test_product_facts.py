"""A product question shows the sheet's own value above the scripts; it is copied by key or mouse and recorded truthfully."""

from __future__ import annotations

import httpx
import pytest
from playwright.sync_api import expect

from browser.conftest import Keys
from browser.driving import People, Server, Visit

PRICE = "云纹雪纺茶歇连衣裙多少钱，有没有豆绿M码"
POLICY = "退货运费谁出"


@pytest.fixture
def agent(people: People, keys: Keys) -> Visit:
    return people.login(keys.agent, shop="qingluo")


def test_four_copies_the_fact_and_five_the_next(agent: Visit, api: httpx.Client, server: Server) -> None:
    facts = api.post("/v1/suggest", params={"shop": "qingluo"}, json={"text": PRICE}).json()["facts"]
    assert [fact["attribute"] for fact in facts] == ["价格", "颜色"]
    agent.ask(PRICE)
    cards = agent["#stated .stated"]
    expect(cards).to_have_count(2)
    expect(cards.first).to_contain_text("商品事实")
    expect(cards.first).to_contain_text("来源：商品表.xlsx › 商品资料 › ")
    for key, fact in zip("45", facts, strict=True):
        agent.press(key)
        expect(agent[f"#stated [data-index='{int(key) - 4}'] .hit-did"]).to_have_text("✓ 已复制")
        assert agent.clipboard() == fact["text"]
    agent.press("6")  # there is no third
    agent.press("4")  # copied again is not a second use
    expect(agent["#turns li"].last).to_contain_text(facts[0]["text"])
    agent.until_delivered()
    used = [event for event in server.events("qingluo", agent.suggestions) if event.kind == "inserted"]
    assert [(e.entry, e.reason, e.text) for e in used] == [
        ("", "fact:QL26D301:价格", ""),
        ("", "fact:QL26D301:颜色", ""),
    ]


def test_control_four_copies_while_typing_and_the_mouse_copies_too(agent: Visit) -> None:
    agent.page.keyboard.type("云纹雪纺茶歇连衣裙什么面料", delay=5)
    expect(agent["#stated .stated"]).to_have_count(1)
    agent.press("Control+4")
    expect(agent["#toast"]).to_contain_text("已复制 商品事实")
    assert "聚酯纤维100%（雪纺）" in agent.clipboard()
    expect(agent["#message"]).to_have_value("")
    agent.page.evaluate("() => navigator.clipboard.writeText('')")
    agent["#stated .stated-copy"].click()
    agent.soon("async () => (await navigator.clipboard.readText()).includes('聚酯纤维')")
    agent.until_delivered()


def test_a_policy_question_shows_no_fact(agent: Visit) -> None:
    agent.ask(PRICE)
    expect(agent["#stated"]).to_be_visible()
    agent.ask(POLICY)
    expect(agent["#stated"]).to_be_hidden()
    agent.until_delivered()


def test_the_cards_fit_a_narrow_frame(people: People, keys: Keys) -> None:
    agent = people.login(keys.agent, shop="baicao", size=(360, 740))
    agent.ask("玻尿酸补水面膜多少钱，成分有哪些，怎么用")
    expect(agent["#stated .stated"]).to_have_count(3)
    assert agent.overflow() == 0
    expect(agent["#stated .stated-copy"].first).to_be_in_viewport()
    agent.until_delivered()
