"""The page and the real live service together: a buyer's message becomes an answer on screen, a reply ends the clock."""

from __future__ import annotations

import uuid

import httpx
import pytest
from playwright.sync_api import expect

from browser.conftest import Keys
from browser.driving import People, Server, Visit, client, until


@pytest.fixture
def agent(people: People, keys: Keys) -> Visit:
    return people.login(keys.agent, shop="leer")


def say(http: httpx.Client, chat: str, text: str, shop: str = "qingluo") -> None:
    body = {"id": uuid.uuid4().hex, "speaker": "buyer", "text": text, "buyer": chat}
    reply = http.post(f"/v1/conversations/{chat}/messages", params={"shop": shop}, json=body)
    assert reply.status_code == 201, reply.text


def test_a_buyer_is_answered_helped_and_done(agent: Visit, server: Server, keys: Keys, api: httpx.Client) -> None:
    chat = f"c-{uuid.uuid4().hex[:8]}"
    row = agent[f"#queue-list .row[data-key='qingluo/{chat}']"]
    with client(server.address, keys.agent) as http:
        say(http, chat, "在吗")
        expect(row).to_contain_text("青萝女装")
        expect(row.locator(".clock")).to_contain_text("秒")
        say(http, chat, "什么时候发货")
        expect(row).to_contain_text("2 句")
        row.click()
        expect(agent["#shop-name"]).to_have_text("青萝女装")
        expect(agent["#turns li"]).to_have_count(2)
        expect(agent["#answers-about"]).to_contain_text("什么时候发货")
        expect(agent.hits.first).to_be_visible()
        expect(agent["#hits"]).not_to_have_class("stale")
        agent.press("h")
        agent.type("今天能发吗")
        agent.press("Enter")
        expect(agent["#help-state"]).to_be_visible()
        asked = api.get("/v1/help", params={"shop": "qingluo"}).json()["requests"]
        [mine] = [one for one in asked if one["conversation"] == chat]
        told = api.post(
            f"/v1/help/{mine['id']}/answer", params={"shop": "qingluo"}, json={"text": "亲，今天下午发出哦"}
        )
        assert told.status_code == 200, told.text
        expect(agent["#lead-text"]).to_have_text("亲，今天下午发出哦")
        agent.press("7")
        expect(agent["#toast"]).to_contain_text("已复制 班长的答复")
        agent.press("s")
        expect(row).to_contain_text("已回复", use_inner_text=True)
        expect(agent["#turns li"].last).to_contain_text("今天下午发出")
        agent["#kf-wish"].fill("问发货时间")
        agent.press("Enter")
        expect(agent["#kf-state"]).to_have_text("✓ 已确认")
        http.post(f"/v1/conversations/{chat}/close", params={"shop": "qingluo"})
        expect(row).to_have_count(0)
    agent.until_delivered()


def test_a_killed_service_comes_back_with_what_was_said_meanwhile(agent: Visit, server: Server, keys: Keys) -> None:
    agent.expect_complaint("net::ERR_")
    chat = f"c-{uuid.uuid4().hex[:8]}"
    with client(server.address, keys.agent) as http:
        say(http, chat, "什么时候发货")
        agent[f"#queue-list .row[data-key='qingluo/{chat}']"].click()
        expect(agent.hits.first).to_be_visible()
        until(lambda: agent.page.wait_for_timeout(50) or agent.suggestions, "the record of what was shown")
        server.stop()
        assert agent.soon("() => !document.getElementById('banner-offline').hidden") < 2.0
        server.start()
    with client(server.address, keys.agent) as http:
        say(http, chat, "退款多久到账")
        expect(agent["#turns li"]).to_have_count(2)
        expect(agent["#answers-about"]).to_contain_text("退款多久到账")
        http.post(f"/v1/conversations/{chat}/close", params={"shop": "qingluo"})
    agent.until_delivered()
