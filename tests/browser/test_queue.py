"""The queue by deadline: most urgent first, still under pointer and focus, in words and shapes, by keyboard alone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from browser.desks import Desk, sit
from browser.driving import rgb
from browser.standin import SHOPS, TONE, StandIn, now_ms


@pytest.fixture
def desk(chromium: Browser) -> Iterator[Desk]:
    service = StandIn()
    service.open("qingluo", "b1", "什么时候发货", ago_s=5, allowed_s=600)
    service.open("xingdian", "b2", ["能带上飞机吗", "急"], ago_s=5, allowed_s=300, tone={**TONE, "urgent": True})
    service.open("baicao", "b3", "敏感肌能用吗", ago_s=5, allowed_s=900)
    with sit(chromium, service) as one:
        expect(one["#queue-list .row"]).to_have_count(3)
        yield one


def test_the_most_urgent_stands_first_with_its_shop_its_words_and_its_marks(desk: Desk) -> None:
    assert desk.order == ["b2", "b1", "b3"]
    first = desk.row("b2")
    for text in ("星点数码", "买家 B2", "急", "2 句", "加急"):
        expect(first).to_contain_text(text)
    expect(first).to_have_css("border-left-color", rgb(SHOPS[1]["color"]))
    expect(desk["#queue .queue-count:visible"]).to_have_text("3 位在等")
    expect(desk.page).to_have_title("(3) 星点数码 · 话术")


def test_who_is_answered_goes_down_and_who_speaks_again_comes_up(desk: Desk) -> None:
    desk.service.say("xingdian", "b2", "可以的亲", "agent")
    desk.answered("b2")
    assert desk.order == ["b1", "b3", "b2"]
    desk.service.change("xingdian", "b2", open=False)
    expect(desk["#queue-list .row"]).to_have_count(2)
    expect(desk.page).to_have_title("(2) 星点数码 · 话术")


def test_no_row_moves_under_the_pointer(desk: Desk) -> None:
    desk.row("b3").hover()
    desk.service.say("xingdian", "b2", "可以的亲", "agent")
    desk.answered("b2")
    desk.service.open("qingluo", "b4", "在吗", allowed_s=20)
    expect(desk.row("b4")).to_be_visible()
    assert desk.order == ["b2", "b1", "b3", "b4"], "as it stood; what is new is at the end"
    expect(desk["#queue-held"]).to_be_visible()
    desk.page.mouse.move(700, 400)
    expect(desk["#queue-held"]).to_be_hidden()
    assert desk.order == ["b4", "b1", "b3", "b2"]


def test_no_row_moves_while_the_keyboard_walks_it(desk: Desk) -> None:
    desk["#hits"].focus()
    desk.press("j", "j")
    expect(desk.row("b3")).to_be_focused()
    desk.service.open("qingluo", "b4", "在吗", allowed_s=20)
    expect(desk.row("b4")).to_be_visible()
    assert desk.order == ["b2", "b1", "b3", "b4"]
    desk.press("k", "k", "Enter")  # on screen already: the keys leave the queue all the same
    expect(desk["#head-buyer"]).to_have_text("买家 B2")
    expect(desk["#queue-held"]).to_be_hidden()
    assert desk.order == ["b4", "b2", "b1", "b3"]


def test_the_most_urgent_is_on_screen_and_every_key_means_what_the_footer_says(desk: Desk) -> None:
    expect(desk["#head-buyer"]).to_have_text("买家 B2")
    expect(desk["#shop-name"]).to_have_text("星点数码")
    expect(desk["#shop-bar"]).to_have_css("background-color", rgb(SHOPS[1]["color"]))
    expect(desk["#hits .hit"]).to_have_count(3)
    desk.press("1")
    expect(desk["#toast"]).to_contain_text("发给买家后按 S")
    desk.press("g")
    expect(desk["#head-buyer"]).to_have_text("买家 B1")
    expect(desk["#shop-name"]).to_have_text("青萝女装")
    desk.press("g")
    expect(desk["#head-buyer"]).to_have_text("买家 B3")  # b2 is more urgent, but has an answer copied
    expect(desk["#message"]).to_have_value("")


def test_nothing_opens_under_the_hands_of_who_has_begun(chromium: Browser) -> None:
    service = StandIn()
    with sit(chromium, service) as desk:
        expect(desk["#message"]).to_be_focused()
        desk.type("正在写")
        desk.press("Home")
        service.open("qingluo", "b1", "什么时候发货")
        expect(desk.row("b1")).to_be_visible()
        expect(desk["#head"]).to_be_hidden()
        expect(desk["#message"]).to_have_value("正在写")


def test_a_buyer_who_comes_to_an_untouched_page_is_on_screen(chromium: Browser) -> None:
    service = StandIn()
    with sit(chromium, service) as desk:
        expect(desk["#strip-state"]).not_to_have_text("正在连接…")
        service.open("qingluo", "b1", "什么时候发货", allowed_s=600)
        expect(desk["#head-buyer"]).to_have_text("买家 B1")
        service.open("xingdian", "b2", "能带上飞机吗", allowed_s=300)
        expect(desk.row("b2")).to_be_visible()
        expect(desk["#head-buyer"]).to_have_text("买家 B1")


def test_what_a_colleague_serves_shows_no_clock_that_stands_still(desk: Desk) -> None:
    desk.service.change("xingdian", "b2", agent="k2", agent_name="小李")
    expect(desk.row("b2")).to_contain_text("小李在接")
    expect(desk.row("b2").locator(".clock")).to_be_hidden()
    expect(desk.row("b2").locator(".row-last")).to_be_empty()
    expect(desk["#head-clock"]).to_be_hidden()
    expect(desk["#answers-say"]).to_contain_text("小李在接这位买家，请不要重复回复")
    expect(desk["#hits"]).to_have_class("stale")
    desk.service.messages["xingdian", "b2"].append(
        {"id": "unheard", "speaker": "agent", "text": "可以带的亲", "at_ms": now_ms()}
    )
    desk.service.change("xingdian", "b2", agent="", agent_name="")
    expect(desk["#turns li"].last).to_contain_text("可以带的亲")
    expect(desk["#answers-say"]).not_to_contain_text("小李")


def test_new_and_overdue_buyers_are_told_without_taking_the_focus(desk: Desk) -> None:
    desk["#message"].focus()
    desk.type("正在写")
    desk.service.open("qingluo", "b4", "在吗", ago_s=50)
    expect(desk["#queue-live"]).to_contain_text("买家 B4")
    expect(desk["#queue-live"]).to_contain_text("超时")
    expect(desk.row("b4")).to_contain_text("新")
    expect(desk.page).to_have_title("(4 超时1) 星点数码 · 话术")
    assert desk.page.locator("link[rel=icon]").get_attribute("href") == "/static/live/favicon-over.svg"
    expect(desk["#message"]).to_be_focused()
    expect(desk["#message"]).to_have_value("正在写")


def test_a_colleagues_buyer_is_named_and_does_not_count(desk: Desk) -> None:
    desk.service.change("xingdian", "b2", agent="k2", agent_name="小李")
    expect(desk.row("b2")).to_contain_text("小李在接")
    expect(desk["#queue .queue-count:visible"]).to_have_text("2 位在等")
    assert desk.order[-1] == "b2"


def test_what_is_told_late_never_takes_the_place_of_what_is_newer(desk: Desk) -> None:
    old = dict(desk.service.conversations["xingdian", "b2"])
    desk.service.change("xingdian", "b2", unanswered=7)
    desk.service.push("conversation", {**old, "unanswered": 5})
    desk.service.open("qingluo", "b4", "在吗")
    expect(desk.row("b4")).to_be_visible()
    expect(desk.row("b2")).to_contain_text("7 句")


@pytest.mark.parametrize(
    ("ago", "level", "words"),
    [(3, "calm", "还有 27 秒"), (12, "soon", "抓紧 18 秒"), (25, "now", "马上 5 秒"), (42, "over", "超时 12 秒")],
)
def test_a_clock_says_its_thirds_in_word_shape_and_colour(chromium: Browser, ago: int, level: str, words: str) -> None:
    service = StandIn()
    service.open("baicao", "b0", "先来的", ago_s=600)
    with sit(chromium, service, clock=True) as desk:
        expect(desk.row("b0")).to_be_visible()  # fetched with the service's clock; from here on the test tells the time
        desk.page.clock.pause_at(desk.page.evaluate("() => Date.now() / 1000") + 1)
        now = desk.page.evaluate("() => Date.now()")
        service.push("hello", {"now_ms": now})
        at = now - ago * 1000
        clocks = [{"kind": "first_reply", "started_ms": at, "due_ms": at + 30_000, "ended_ms": None, "breached": False}]
        service.open("qingluo", "b1", "在吗", clocks=clocks)
        clock = desk.row("b1").locator(".clock")
        expect(clock).to_have_text(words)
        expect(clock).to_have_attribute("data-level", level)
        expect(clock.locator("svg")).to_have_count(1)
        desk.page.clock.run_for(1000)
        step = 1 if level == "over" else -1
        word, number, unit = words.split()
        expect(clock).to_have_text(f"{word} {int(number) + step} {unit}")


def test_a_narrow_frame_has_a_strip_that_unfolds(chromium: Browser) -> None:
    service = StandIn()
    service.open("qingluo", "b1", "什么时候发货", allowed_s=600)
    service.open("xingdian", "b2", "能带上飞机吗", allowed_s=300)
    with sit(chromium, service, size=(360, 740)) as desk:
        expect(desk["#queue-toggle"]).to_contain_text("2 位在等")
        expect(desk["#queue-toggle"]).to_contain_text("星点数码 买家 B2")
        expect(desk["#queue-body"]).to_be_hidden()
        desk["#queue-toggle"].click()
        expect(desk.row("b1")).to_be_in_viewport()
        assert desk.overflow() == 0
        desk.open("b1")
        expect(desk["#queue-body"]).to_be_hidden()
        expect(desk["#hits .hit"].first).to_be_in_viewport()
        assert desk.overflow() == 0
