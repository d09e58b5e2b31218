"""One shift, walked from end to end with the real service: a person logs in, three shops' buyers write, and nothing goes wrong."""

from __future__ import annotations

import uuid
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import expect

from browser.conftest import Keys
from browser.driving import People, Server, Visit, client, until
from kb.model import EventKind
from kb.store.folder import open_hub
from kb.store.grant import Role

PASSWORD = "春风又绿江南岸-7"
SHOPS = ["qingluo", "baicao", "leer"]
OF_BAICAO = "亲，氨基酸温和洁面乳100毫升69元，满59元包邮哦"


@pytest.fixture
def shift(data: Path, server: Server) -> str:
    """Names of an agent and a lead whose first day it is; the part they share."""
    day = uuid.uuid4().hex[:6]
    with open_hub(data) as hub:
        hub.people.add(f"小美{day}", PASSWORD, [Role.AGENT], SHOPS)
        hub.people.add(f"老王{day}", PASSWORD, [Role.LEAD], SHOPS)
    return day


def log_in(people: People, name: str) -> Visit:
    visit = people.visit("/login")
    visit["#login-name"].fill(name)
    visit["#login-password"].fill(PASSWORD)
    visit.press("Enter")
    expect(visit["#shop-name"]).not_to_have_text("正在打开…")
    expect(visit["#strip-state"]).not_to_have_text("正在连接…")
    return visit


def say(http: httpx.Client, shop: str, chat: str, *texts: str) -> None:
    for text in texts:
        body = {"id": uuid.uuid4().hex, "speaker": "buyer", "text": text, "buyer": chat}
        told = http.post(f"/v1/conversations/{chat}/messages", params={"shop": shop}, json=body)
        assert told.status_code == 201, told.text


def open_chat(agent: Visit, shop: str, chat: str) -> None:
    row = agent[f"#queue-list .row[data-key='{shop}/{chat}']"]
    expect(row).to_be_visible()
    row.click()


def test_a_shift(people: People, server: Server, keys: Keys, shift: str) -> None:
    dress, cream, blank = (f"{shop}-{shift}" for shop in SHOPS)
    agent, lead = log_in(people, f"小美{shift}"), log_in(people, f"老王{shift}")
    with client(server.address, keys.agent) as host:
        # A burst is one question; three shops stand in one queue, and the header says whose buyer is on screen.
        say(host, "qingluo", dress, "在吗", "大衣", "什么时候发货")
        say(host, "baicao", cream, "面霜孕妇能用吗")
        say(host, "leer", blank, "你们家有实体店吗")
        open_chat(agent, "qingluo", dress)
        expect(agent["#shop-name"]).to_have_text("青萝女装")
        expect(agent["#turns li"]).to_have_count(3)
        expect(agent["#answers-about"]).to_contain_text("什么时候发货")
        expect(agent.hits.first).to_be_visible()
        open_chat(agent, "baicao", cream)
        expect(agent["#shop-name"]).to_have_text("百草颜护肤")
        expect(agent["#turns li"]).to_have_count(1)

        # What belongs to another shop does not leave without a second, deliberate key.
        open_chat(agent, "qingluo", dress)
        agent["#hits"].focus()
        agent.press("r")
        agent.type(OF_BAICAO)
        agent.press("Control+Enter")
        expect(agent["#stop"]).to_be_visible()
        expect(agent["#stop-why"]).to_contain_text("别家店")
        agent.press("Escape")
        expect(agent["#stop"]).to_be_hidden()
        agent["#draft"].fill("")

        # Nobody knows: the lead is asked, sees it, answers, and the agent copies what was answered.
        open_chat(agent, "leer", blank)
        expect(agent["#shop-name"]).to_have_text("空白店")
        agent["#hits"].focus()
        agent.press("h")
        agent.type("有实体店吗")
        agent.press("Enter")
        expect(agent["#help-state"]).to_be_visible()
        lead["#lead-toggle"].click()
        plea = lead["#pleas .plea"].filter(has_text="有实体店吗")
        expect(plea).to_be_visible()
        plea.locator("textarea").fill("亲，目前只有线上店哦")
        plea.locator("textarea").press("Control+Enter")
        expect(agent["#lead-text"]).to_have_text("亲，目前只有线上店哦")
        agent.press("7")
        expect(agent["#toast"]).to_contain_text("已复制")
        assert agent.clipboard() == "亲，目前只有线上店哦"

        # The line is cut: said at once, the answer on screen can still be copied, and what was done is told once it is back.
        open_chat(agent, "qingluo", dress)
        expect(agent.hits.first).to_be_visible()
        until(lambda: agent.page.wait_for_timeout(50) or agent.suggestions, "the record of what was shown")
        agent.expect_complaint("net::ERR_")
        agent.page.context.set_offline(True)
        assert agent.soon("() => !document.getElementById('banner-offline').hidden") < 2.0
        agent["#hits"].focus()
        agent.page.wait_for_timeout(500)  # a key pressed within 0.4 s of a change takes nothing
        agent.press("1")
        expect(agent["#toast"]).to_contain_text("已复制 第1条")
        say(host, "baicao", cream, "人呢")
        agent.page.context.set_offline(False)
        expect(agent["#banner-offline"]).to_be_hidden(timeout=20_000)
        expect(agent[f"#queue-list .row[data-key='baicao/{cream}']"]).to_contain_text("人呢")
        agent.until_delivered()
        used = [event for event in server.events("qingluo", agent.suggestions) if event.kind is EventKind.INSERTED]
        assert len(used) == 1
        for shop, chat in zip(SHOPS, (dress, cream, blank), strict=True):
            host.post(f"/v1/conversations/{chat}/close", params={"shop": shop})
