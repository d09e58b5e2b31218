"""The sidebar in other people's pages: a desk that speaks our protocol, Chatwoot, and a bookmarklet. The host is on
another *site* (localhost, the sidebar on 127.0.0.1), so that the browser keeps back what it keeps back in life."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from browser.driving import Server, client, until
from browser.hosting import DESK, Desk, Site, chatwoot_page, embedded, open_context, site
from kb.store.change import Change
from kb.store.folder import DataFolder
from kb.store.grant import Role
from kb.store.hooks import Hook
from making import faq

pytestmark = pytest.mark.slow

ANSWERS = {"mine": "羊毛大衣只能干洗", "other": "陶瓷杯可以进微波炉"}
SHOPS = {"mine": "青禾", "other": "白瓷"}


@pytest.fixture(scope="module")
def host() -> Iterator[Site]:
    with site() as served:
        yield served


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("hosts") / "data"
    with DataFolder(root) as folder:
        for slug, name in SHOPS.items():
            folder.hub.add_merchant(slug, name)
            asked = "大衣可以机洗吗" if slug == "mine" else "杯子能进微波炉吗"
            folder.merchant(slug).apply(Change(entries=[faq(slug, asked, ANSWERS[slug])]))
        folder.hub.add_merchant("foreign", "别家")
    return root


@pytest.fixture(scope="module")
def key(data: Path) -> str:
    with DataFolder(data) as folder:
        return folder.hub.issue_key("客服台", Role.AGENT, list(SHOPS))


@pytest.fixture(scope="module")
def hook(data: Path, key: str) -> Hook:
    with DataFolder(data) as folder:
        return folder.hub.hooks.add("chatwoot", "", {"3": "mine", "4": "other", "5": "foreign"})


@pytest.fixture(scope="module")
def sidebar(data: Path, key: str, hook: Hook, host: Site) -> Iterator[Server]:
    with embedded(data, host) as server:
        yield server


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    opened = open_context(chromium)
    yield opened
    opened.close()


def ticket(sidebar: Server, key: str, to: str = "") -> str:
    """What the host's server puts into the frame's address."""
    with client(sidebar.address, key) as http:
        return f"{sidebar.address}{http.post('/v1/tickets').json()['path']}{to}"


@pytest.fixture
def desk(context: BrowserContext, sidebar: Server, host: Site, key: str) -> Desk:
    """A desk whose agent is logged in by its server and which has been greeted."""
    page = context.new_page()
    page.goto(host.put("/desk", DESK % ticket(sidebar, key)))
    opened = Desk(page)
    opened.wait_heard("huashu:hello")
    return opened


def shown(desk: Desk, text: str) -> None:
    expect(desk.sidebar.locator("#hits .hit").first).to_contain_text(text)


def take_first(desk: Desk) -> None:
    desk.sidebar.locator("#hits").focus()
    desk.page.keyboard.press("1")


# -- a desk that speaks the protocol


def test_a_chat_is_handed_over_and_the_answer_comes_back_into_its_reply_box(desk: Desk) -> None:
    desk.conversation(1, "c-1", "在吗", "我的大衣可以机洗吗", shop="mine", buyer="u1", tags=["老客"])
    shown(desk, ANSWERS["mine"])
    take_first(desk)
    (asked,) = desk.wait_heard("huashu:insert")
    assert (asked["text"], asked["conversation"], asked["shop"]) == (ANSWERS["mine"], "c-1", "mine")
    expect(desk.page.locator("#reply")).to_have_value(ANSWERS["mine"])


def test_the_next_chat_brings_its_shop(desk: Desk) -> None:
    desk.conversation(1, "c-1", "大衣可以机洗吗", shop="mine")
    shown(desk, ANSWERS["mine"])
    desk.conversation(2, "c-2", "杯子能进微波炉吗", shop="other")
    expect(desk.sidebar.locator("#shop-name")).to_have_text(SHOPS["other"])
    shown(desk, ANSWERS["other"])


def test_a_chat_of_a_shop_that_is_not_this_agents_is_not_shown(desk: Desk) -> None:
    desk.conversation(1, "c-1", "大衣可以机洗吗", shop="mine")
    shown(desk, ANSWERS["mine"])
    desk.conversation(2, "c-2", "杯子能进微波炉吗", shop="foreign")
    desk.conversation(3, "c-3", "大衣可以机洗吗？", shop="mine")  # heard after the one before
    expect(desk.sidebar.locator("#answers-about")).to_contain_text("大衣可以机洗吗？")
    expect(desk.sidebar.locator("#shop-name")).to_have_text(SHOPS["mine"])


@pytest.mark.parametrize("takes", [False, None], ids=["refused", "unanswered"])
def test_what_the_host_does_not_take_goes_to_the_clipboard(takes: bool | None, desk: Desk) -> None:
    # The frame has no clipboard permission (Chatwoot gives none either): the old way of copying must do.
    desk.page.evaluate("takes => { window.takes = takes }", takes)
    desk.conversation(1, "c-1", "大衣可以机洗吗", shop="mine")
    shown(desk, ANSWERS["mine"])
    take_first(desk)
    expect(desk.sidebar.locator("#toast")).to_contain_text("已复制")
    desk.page.locator("#reply").focus()
    desk.page.keyboard.press("Control+v")
    expect(desk.page.locator("#reply")).to_have_value(ANSWERS["mine"])


def test_an_answer_never_goes_into_another_chats_box(desk: Desk) -> None:
    # The agent looks at another shop in the sidebar while the host still shows the first buyer's chat.
    desk.conversation(1, "c-1", "大衣可以机洗吗", shop="mine")
    shown(desk, ANSWERS["mine"])
    desk.sidebar.locator("body").press("Alt+2")
    expect(desk.sidebar.locator("#shop-name")).to_have_text(SHOPS["other"])
    desk.sidebar.locator("#message").fill("杯子能进微波炉吗")
    desk.sidebar.locator("#message").press("Enter")
    shown(desk, ANSWERS["other"])
    take_first(desk)
    expect(desk.sidebar.locator("#toast")).to_contain_text("已复制")
    assert desk.heard("huashu:insert") == []


HELLO = {"type": "huashu:hello", "v": 1}
ONE = {"type": "huashu:message", "text": "大衣可以机洗吗"}
CHAT = {"type": "huashu:conversation", "v": 1, "seq": 1, "id": "c-1", "messages": []}


@pytest.mark.parametrize(
    ("message", "code", "where"),
    [
        ({**CHAT, "v": 2}, "version", "v"),
        ({k: v for k, v in CHAT.items() if k != "v"}, "version", "v"),
        ({**CHAT, "role": "trainer"}, "shape", "role"),
        ({**CHAT, "id": "c 1"}, "shape", "id"),
        ({**CHAT, "id": "x" * 65}, "shape", "id"),
        ({**CHAT, "seq": -1}, "shape", "seq"),
        ({**CHAT, "seq": "1"}, "shape", "seq"),
        ({**CHAT, "shop": "../a"}, "shape", "shop"),
        ({**CHAT, "tags": ["x"] * 21}, "shape", "tags"),
        ({**CHAT, "order": {"number": "1", "price": 3}}, "shape", "order"),
        ({**CHAT, "messages": [{"speaker": "system", "text": "x"}]}, "shape", "messages"),
        ({**CHAT, "messages": [{"speaker": "buyer", "text": "x" * 10_001}]}, "shape", "messages"),
        ({**CHAT, "messages": [{"speaker": "buyer", "text": "x"}] * 51}, "shape", "messages"),
        ({"type": "huashu:insert", "v": 1}, "unknown", "type"),
        ({"type": "huashu:constructor", "v": 1}, "unknown", "type"),
        ({"type": "huashu:inserted", "v": 1, "id": "x", "ok": 1}, "shape", "ok"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused_whole_and_said_so(
    message: dict[str, Any], code: str, where: str, desk: Desk
) -> None:
    desk.tell(message)
    (told,) = desk.wait_heard("huashu:error")
    assert (told["code"], told["where"], told["about"]) == (code, where, message["type"])
    expect(desk.sidebar.locator("#hits .hit")).to_have_count(0)


def test_a_delivery_repeated_or_overtaken_does_not_bring_the_last_buyer_back(desk: Desk) -> None:
    desk.conversation(5, "c-2", "杯子能进微波炉吗", shop="other")
    shown(desk, ANSWERS["other"])
    for seq in (5, 4):
        desk.conversation(seq, "c-1", "大衣可以机洗吗", shop="mine")
    told = desk.wait_heard("huashu:error", 2)
    assert {one["code"] for one in told} == {"stale"}
    expect(desk.sidebar.locator("#shop-name")).to_have_text(SHOPS["other"])
    desk.tell(HELLO)  # a desk that was started anew counts from the beginning
    desk.conversation(0, "c-1", "大衣可以机洗吗", shop="mine")
    shown(desk, ANSWERS["mine"])


def test_two_that_answer_each_greeting_with_a_greeting_come_to_an_end(desk: Desk) -> None:
    desk.page.evaluate("() => addEventListener('message', e => { if (e.data?.type === 'huashu:hello')"
                       " e.source.postMessage({ type: 'huashu:hello', v: 1 }, e.origin); })")  # fmt: skip
    desk.tell(HELLO)
    desk.conversation(1, "c-1", "大衣可以机洗吗", shop="mine")
    shown(desk, ANSWERS["mine"])
    assert len(desk.heard("huashu:hello")) <= 22


def test_a_page_of_another_origin_is_neither_heard_nor_told_anything(desk: Desk, host: Site) -> None:
    # A window at an origin that is not listed posts to the frame; and one that is listed but not the frame's own host.
    for origin in (host.origin.replace("localhost", "127.0.0.1"), host.origin):
        host.put("/other", "<!doctype html><script>window.heard = []; onmessage = e => heard.push(e.data)</script>")
        with desk.page.expect_popup() as opened:
            desk.page.evaluate("address => { window.open(address) }", f"{origin}/other")
        other = opened.value
        other.wait_for_load_state()
        other.evaluate(
            "messages => messages.forEach(m => opener.document && opener.frames[0].postMessage(m, '*'))"
            if origin == host.origin
            else "messages => messages.forEach(m => opener.frames[0].postMessage(m, '*'))",
            [
                HELLO,
                {**CHAT, "messages": [{"speaker": "buyer", "text": "大衣可以机洗吗"}]},
                *([] if origin == host.origin else [ONE]),
            ],
        )
        assert other.evaluate("() => heard") == []
    desk.conversation(1, "c-9", "杯子能进微波炉吗", shop="other")  # what comes later is heard, what came before was not
    shown(desk, ANSWERS["other"])
    assert desk.heard("huashu:error") == []


def test_a_site_that_is_not_listed_cannot_embed_the_sidebar(
    context: BrowserContext, sidebar: Server, host: Site
) -> None:
    page = context.new_page()
    page.goto(host.put("/desk", DESK % f"{sidebar.address}/").replace("localhost", "127.0.0.1"))
    frame = page.query_selector("#sidebar").content_frame()  # type: ignore[union-attr]
    assert frame is not None
    until(lambda: frame.url.startswith("chrome-error:"), "the frame to be refused")


def test_a_ticket_works_once_and_leaves_no_trace_in_the_address(
    context: BrowserContext, sidebar: Server, host: Site, key: str
) -> None:
    address = ticket(sidebar, key)
    page = context.new_page()
    page.goto(host.put("/desk", DESK % address))
    desk = Desk(page)
    desk.wait_heard("huashu:hello")
    assert "ticket" not in desk.sidebar.url
    again = context.browser.new_context()  # type: ignore[union-attr]
    try:
        stolen = again.new_page()
        stolen.goto(address)
        expect(stolen.locator("#login-say")).to_contain_text("票据")
    finally:
        again.close()


def test_an_agent_can_log_in_inside_the_frame_and_come_back_to_the_same_page(
    context: BrowserContext, sidebar: Server, host: Site, key: str
) -> None:
    # Chatwoot has no server of ours behind it: the agent pastes the key once, in the frame.
    page = context.new_page()
    page.goto(host.put("/desk", DESK % f"{sidebar.address}/?shop=other"))
    desk = Desk(page)
    login = page.frame_locator("#sidebar")
    login.locator("#login-way").click()
    login.locator("#login-key").fill(key)
    login.locator("#login-go").click()
    desk.wait_heard("huashu:hello")
    expect(login.locator("#shop-name")).to_have_text(SHOPS["other"])
    (cookie,) = [one for one in context.cookies() if one["name"] == "huashu_session"]
    assert cookie["sameSite"] == "None" and cookie.get("partitionKey")
    page.reload()
    desk.wait_heard("huashu:hello")  # the session is still there


# -- Chatwoot


def message(id: int, text: str | None, type: int = 0, **more: Any) -> dict[str, Any]:
    return {"id": id, "content": text, "message_type": type, "created_at": 1_790_000_000 + id, "private": False, **more}


def chat(id: int, inbox: int, *messages: dict[str, Any]) -> dict[str, Any]:
    person = {"id": 8, "name": "王芳", "email": "wang@example.com", "phone_number": "+8613912345678"}
    conversation = {
        "id": id,
        "inbox_id": inbox,
        "messages": list(messages),
        "meta": {"sender": person},
        "labels": ["老客"],
    }
    return {
        "conversation": conversation,
        "contact": person,
        "currentAgent": {"id": 2, "name": "小李", "email": "li@example.com"},
    }


@pytest.fixture
def chatwoot(context: BrowserContext, sidebar: Server, host: Site, hook: Hook, key: str) -> Desk:
    told = chat(12, 3, message(1, "在吗"), message(2, "我的大衣可以机洗吗"))
    page = context.new_page()
    page.goto(host.put("/chatwoot", chatwoot_page(told, ticket(sidebar, key, f"&to=/%3Fhook={hook.id}"))))
    return Desk(page)


def again(desk: Desk, told: dict[str, Any]) -> None:
    """Chatwoot's store has changed; it says so when it is asked."""
    desk.page.evaluate("told => { chat = told; tell() }", told)


def test_chatwoots_open_chat_is_asked_in_the_shop_of_its_inbox(chatwoot: Desk) -> None:
    shown(chatwoot, ANSWERS["mine"])
    expect(chatwoot.sidebar.locator("#shop-name")).to_have_text(SHOPS["mine"])
    again(chatwoot, chat(13, 4, message(3, "杯子能进微波炉吗")))
    expect(chatwoot.sidebar.locator("#shop-name")).to_have_text(SHOPS["other"])
    shown(chatwoot, ANSWERS["other"])


def test_chatwoots_replies_count_and_its_notes_and_templates_do_not(chatwoot: Desk) -> None:
    said = [
        message(1, "大衣可以机洗吗"), message(2, "稍等我看一下", 1), message(3, "这位很难缠", 1, private=True),
        message(4, "会话已分配", 2), message(5, "欢迎光临", 3), message(6, "可以机洗吗大衣"), message(7, None), message(8, " "),
    ]  # fmt: skip
    again(chatwoot, chat(14, 3, *said))
    expect(chatwoot.sidebar.locator("#answers-about")).to_contain_text("可以机洗吗大衣")
    turns = chatwoot.sidebar.locator("#turns").evaluate("node => node.textContent")
    assert "稍等我看一下" in turns
    assert [text for text in ("难缠", "已分配", "欢迎光临") if text in turns] == []


def test_nothing_of_the_contact_or_the_agent_is_read(chatwoot: Desk, sidebar: Server) -> None:
    asked: list[str] = []
    chatwoot.page.on("request", lambda request: asked.append(f"{request.url} {request.post_data or ''}"))
    again(chatwoot, chat(15, 3, message(9, "大衣可以机洗吗呢")))
    expect(chatwoot.sidebar.locator("#answers-about")).to_contain_text("大衣可以机洗吗呢")
    page = chatwoot.sidebar.content()
    everything = "\n".join([page, *asked])
    assert [mark for mark in ("王芳", "wang@", "13912345678", "小李", "li@") if mark in everything] == []
    assert any("/messages" in one for one in asked)


@pytest.mark.parametrize(
    "noise",
    ["null", '"x"', "{", '{"event": "other"}', '{"event": "appContext"}', '{"event": "appContext", "data": {"conversation": 1}}',
     '{"event": "appContext", "data": {"conversation": {"id": "x", "inbox_id": 3}}}',
     '{"event": "appContext", "data": {"conversation": {"id": 1, "inbox_id": 5, "messages": [{"id": 1, "content": "x"}]}}}',
     '{"event": "appContext", "data": {"conversation": {"id": 1, "inbox_id": 3, "messages": "x", "labels": 3}}}'],
)  # fmt: skip
def test_what_else_passes_on_chatwoots_channel_is_passed_over(noise: str, chatwoot: Desk) -> None:
    complaints: list[str] = []
    chatwoot.page.on("pageerror", lambda error: complaints.append(str(error)))
    shown(chatwoot, ANSWERS["mine"])
    for data in (noise, [noise], {"event": "appContext"}):
        chatwoot.tell(data)
    again(chatwoot, chat(13, 4, message(3, "杯子能进微波炉吗")))
    shown(chatwoot, ANSWERS["other"])
    assert complaints == []


def test_a_new_message_is_noticed_without_chatwoot_saying_so(chatwoot: Desk) -> None:
    shown(chatwoot, ANSWERS["mine"])
    chatwoot.page.evaluate("told => { chat = told }", chat(12, 3, message(1, "在吗"), message(4, "杯子呢")))
    expect(chatwoot.sidebar.locator("#answers-about")).to_contain_text("杯子呢")


# -- the bookmarklet


STRICT = "default-src 'none'; script-src 'none'; connect-src 'none'; form-action 'none'; frame-src 'none'"
BACKEND = "<!doctype html><meta charset=utf-8><title>商家后台</title><p id=talk>大衣可以机洗吗</p><p id=secret>订单 13912345678</p>"


def log_in(context: BrowserContext, sidebar: Server, key: str) -> Page:
    page = context.new_page()
    page.goto(f"{sidebar.address}/login#key={key}")
    expect(page.locator("#shop-name")).to_have_text(SHOPS["mine"])
    return page


def click_bookmarklet(context: BrowserContext, sidebar: Server, page: Page) -> Page:
    """Run the link's own text in the foreign page, as a bookmark does; returns the window that it opens."""
    guide = context.new_page()
    guide.goto(f"{sidebar.address}/bookmarklet")
    href = guide.locator("#bookmarklet").get_attribute("href") or ""
    guide.close()
    assert href.startswith("javascript:")
    with context.expect_page() as opened:
        page.evaluate(href.removeprefix("javascript:"))
    return opened.value


def select(page: Page, selector: str) -> None:
    page.locator(selector).evaluate("node => getSelection().selectAllChildren(node)")


@pytest.fixture
def backend(context: BrowserContext, host: Site) -> Page:
    page = context.new_page()
    page.goto(host.put("/backend", BACKEND, Content_Security_Policy=STRICT, Cross_Origin_Opener_Policy="same-origin"))
    return page


def test_the_bookmarklet_hands_the_selection_to_the_open_sidebar(
    context: BrowserContext, sidebar: Server, backend: Page, key: str
) -> None:
    mine = log_in(context, sidebar, key)
    before = backend.content()
    select(backend, "#talk")
    pocket = click_bookmarklet(context, sidebar, backend)
    expect(mine.locator("#message")).to_have_value("大衣可以机洗吗")
    expect(mine.locator("#hits .hit").first).to_contain_text(ANSWERS["mine"])
    until(pocket.is_closed, "the little window to close again")
    assert backend.content() == before  # nothing was written there
    # What was picked up is looked at, it is not yet anybody's message: nothing is recorded until the agent decides.
    assert mine.locator("#turns li").count() == 0


def test_without_an_open_sidebar_the_little_window_becomes_one(
    context: BrowserContext, sidebar: Server, backend: Page, host: Site, key: str
) -> None:
    log_in(context, sidebar, key).close()
    backend.goto(host.put("/plain", BACKEND))  # without a policy that would part the windows by itself
    select(backend, "#talk")
    pocket = click_bookmarklet(context, sidebar, backend)
    expect(pocket.locator("#message")).to_have_value("大衣可以机洗吗")
    expect(pocket.locator("#hits .hit").first).to_contain_text(ANSWERS["mine"])
    assert "大衣" not in pocket.url
    assert pocket.evaluate("() => opener") is None  # neither page holds the other


def test_the_bookmarklet_survives_the_login_page(
    context: BrowserContext, sidebar: Server, backend: Page, key: str
) -> None:
    select(backend, "#talk")
    pocket = click_bookmarklet(context, sidebar, backend)
    pocket.locator("#login-way").click()
    pocket.locator("#login-key").fill(key)
    pocket.locator("#login-go").click()
    expect(pocket.locator("#message")).to_have_value("大衣可以机洗吗")


def test_the_bookmarklet_reads_the_selection_and_nothing_else(
    context: BrowserContext, sidebar: Server, backend: Page, key: str
) -> None:
    mine = log_in(context, sidebar, key)
    pocket = click_bookmarklet(context, sidebar, backend)  # nothing is selected
    expect(pocket.locator("#shop-name")).to_have_text(SHOPS["mine"])
    assert mine.locator("#message").input_value() == "" == pocket.locator("#message").input_value()


def test_a_click_on_the_link_itself_says_what_to_do(context: BrowserContext, sidebar: Server) -> None:
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda m: complaints.append(m.text) if m.type in {"error", "warning"} else None)
    page.goto(f"{sidebar.address}/bookmarklet")
    page.locator("#bookmarklet").click()
    expect(page.locator("#bookmarklet-say")).to_contain_text("书签栏")
    assert complaints == []
