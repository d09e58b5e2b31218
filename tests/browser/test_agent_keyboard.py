"""An agent's day without a mouse: paste, read, press a digit. What is recorded is what was done."""

from __future__ import annotations

from collections import Counter

import httpx
import pytest
from playwright.sync_api import expect

from browser.conftest import Keys
from browser.driving import People, Server, Visit, create_entry, rgb

SHIPPING = "什么时候能发货呀"  # three answers, none of them certain
REFUND = "退款多久到账"
# Two spaces, a tab, an ideographic space, an emoji outside the BMP, a line break and a variable: all must survive.
ODD = "亲～  您的订单{订单编号}：\n第二行\t制表　全角 <b>&amp;</b> “引号” 👍🏽 /:087"


@pytest.fixture
def agent(people: People, keys: Keys) -> Visit:
    return people.login(keys.agent, shop="qingluo")


def test_paste_three_answers_press_one(agent: Visit, api: httpx.Client, server: Server) -> None:
    asked = api.post("/v1/suggest", params={"shop": "qingluo"}, json={"text": SHIPPING}).json()
    agent.ask(SHIPPING)
    expect(agent.hits).to_have_count(3)
    agent.press("1")
    expect(agent["#toast"]).to_contain_text("已复制 第1条")
    assert agent.clipboard() == asked["hits"][0]["answer"]["text"] == agent.answer(1)
    expect(agent["#turns li"]).to_have_count(2)
    agent.until_delivered()
    new = server.events("qingluo", agent.suggestions)
    assert [(e.kind, e.rank) for e in new] == [("shown", 1), ("shown", 2), ("shown", 3), ("inserted", 1)]
    assert [e.entry for e in new[:3]] == [hit["entry"] for hit in asked["hits"]]
    assert new[3].entry == asked["hits"][0]["entry"]
    assert len({e.suggestion for e in new}) == 1
    assert all(e.text == "" for e in new), "what was copied unchanged is not stored a second time"


def test_odd_characters_reach_the_clipboard_unchanged(people: People, keys: Keys, api: httpx.Client) -> None:
    create_entry(api, "leer", question="奇怪的字符会不会变", answer=ODD)
    agent = people.login(keys.agent, shop="leer")
    agent.ask("奇怪的字符会不会变")
    expect(agent["#hits .hit[data-rank='1'] mark.fill"]).to_have_text("{订单编号}")
    agent.press("1")
    expect(agent["#toast"]).to_contain_text("发送前请填写 {订单编号}")
    assert agent.clipboard() == ODD == agent.answer(1)


def offered(api: httpx.Client, text: str) -> int:
    """How many answers the service offers."""
    return len(api.post("/v1/suggest", params={"shop": "qingluo"}, json={"text": text}).json()["hits"])


def test_zero_rejects_and_the_next_message_ignores(agent: Visit, api: httpx.Client, server: Server) -> None:
    on_page = []
    for text, key in ((SHIPPING, "0"), (REFUND, "2"), (SHIPPING, "")):
        agent.ask(text)
        on_page.append(agent.hits.count())  # the later ones are asked within the conversation
        if key == "0":
            agent.press(key)
            expect(agent["#reject-all"]).to_be_disabled()
        elif key:
            agent.press(key)
            expect(agent["#toast"]).to_contain_text(f"已复制 第{key}条")
    assert on_page[0] == offered(api, SHIPPING) and min(on_page) >= 2
    agent.until_delivered()
    counted = Counter((event.suggestion, event.kind) for event in server.events("qingluo", agent.suggestions))
    first, second, third = agent.suggestions
    assert counted == {
        (first, "shown"): on_page[0],
        (first, "rejected"): on_page[0],
        (second, "shown"): on_page[1],
        (second, "inserted"): 1,
        (second, "ignored"): on_page[1] - 1,
        (third, "shown"): on_page[2],
    }


def test_typing_looks_ahead_and_control_digit_copies(agent: Visit, api: httpx.Client) -> None:
    agent.page.keyboard.type("会不会起球", delay=5)
    expect(agent.hits).to_have_count(offered(api, "会不会起球"))
    agent.press("Control+1")
    expect(agent["#toast"]).to_contain_text("已复制 第1条")
    assert agent.clipboard() == agent.answer(1)
    expect(agent["#message"]).to_have_value("")
    agent.until_delivered()


def test_arrows_walk_the_answers_and_enter_takes_one(agent: Visit) -> None:
    agent.ask(SHIPPING)
    agent.press("ArrowDown", "ArrowDown", "Enter")
    expect(agent["#toast"]).to_contain_text("已复制 第3条")
    assert agent.clipboard() == agent.answer(3)
    agent.press("Escape")
    assert agent.page.evaluate("() => document.activeElement.id") == "message"
    agent.press("Escape", "Escape")
    expect(agent["#turns li"]).to_have_count(0)
    expect(agent.hits).to_have_count(0)
    agent.until_delivered()


def test_typed_search_by_arrows_and_enter(agent: Visit, api: httpx.Client) -> None:
    found = api.get("/v1/search", params={"shop": "qingluo", "q": "发货"}).json()["results"]
    agent.press("Escape", "Tab")
    agent["#hits"].focus()
    agent.press("/")
    agent.page.keyboard.type("发货", delay=5)
    expect(agent["#search-0"]).to_have_attribute("aria-selected", "true")
    agent.press("ArrowDown")
    expect(agent["#search"]).to_have_attribute("aria-activedescendant", "search-1")
    agent.press("Enter")
    expect(agent["#toast"]).to_contain_text("已复制")
    assert agent.clipboard() == found[1]["text"]
    expect(agent["#search-pop"]).to_be_hidden()
    assert agent.page.evaluate("() => document.activeElement.id") == "message"


def test_pinyin_finds_and_the_copy_is_recorded(agent: Visit, api: httpx.Client, server: Server) -> None:
    found = api.get("/v1/search", params={"shop": "qingluo", "q": "qtwly"}).json()["results"]
    assert found[0]["matched"].endswith("_pinyin")
    agent.press("Escape")
    agent["#search"].click()
    agent.page.keyboard.type("qtwly", delay=5)
    expect(agent["#search-0"]).to_have_attribute("data-id", found[0]["id"])
    agent.press("Enter")
    expect(agent["#toast"]).to_contain_text("已复制")
    assert agent.clipboard() == found[0]["text"]
    agent.until_delivered()
    [event] = server.events("qingluo", agent.suggestions)
    assert (event.kind, event.entry, event.rank, event.text) == ("inserted", found[0]["id"], 1, "")


def test_shortcut_code_and_product_card_by_search(agent: Visit) -> None:
    agent["#search"].fill("cm")
    expect(agent["#search-0 kbd"]).to_have_text("cm")
    agent["#search"].fill("云纹雪纺茶歇连衣裙")
    product = agent["#search-list [data-type='product']"].first
    expect(product).to_be_visible()
    while agent["#search-list [aria-selected='true']"].get_attribute("data-type") != "product":
        agent.press("ArrowDown")
    agent.press("Enter")
    expect(agent["#goods .product"]).to_have_count(1)
    expect(agent["#goods .product-name"]).to_contain_text("云纹雪纺茶歇连衣裙")


def test_the_variant_asked_for_is_shown_at_once(agent: Visit) -> None:
    agent.ask("云纹雪纺茶歇连衣裙还有豆绿M码吗")
    expect(agent["#goods .skus-asked .sku"]).to_have_count(1)
    expect(agent["#goods .skus-asked .sku b"]).to_have_text("豆绿 M")


def test_switching_shops_mixes_no_buyers(agent: Visit, api: httpx.Client) -> None:
    colours = {shop["slug"]: rgb(shop["color"]) for shop in api.get("/v1/shops").json()["shops"]}
    expect(agent["#shop-bar"]).to_have_css("background-color", colours["qingluo"])
    agent.ask(SHIPPING)
    shown = agent.answer(1)
    agent.press("Escape")
    agent.type("没写完的话")
    agent.press("Alt+2")
    expect(agent["#shop-name"]).to_have_text("百草颜护肤")
    expect(agent["#shop-bar"]).to_have_css("background-color", colours["baicao"])
    expect(agent.hits).to_have_count(0)
    expect(agent["#turns li"]).to_have_count(0)
    expect(agent["#message"]).to_have_value("")

    with agent.page.expect_request("**/v1/suggest*") as asked:
        agent.ask("敏感肌可以用吗")
    assert "shop=baicao" in asked.value.url
    assert asked.value.post_data_json["turns"] == []
    agent.press("Alt+1")
    expect(agent["#shop-name"]).to_have_text("青萝女装")
    expect(agent["#message"]).to_have_value("没写完的话")
    expect(agent["#turns li"]).to_have_count(1)
    assert agent.answer(1) == shown
    expect(agent["#shop-bar"]).to_have_css("background-color", colours["qingluo"])
    agent.until_delivered()
