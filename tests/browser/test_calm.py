"""The page raises no alarm that it cannot stand by, covers nothing that is being read, and shows the way to its helpers."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from browser.desks import sit
from browser.standin import StandIn


def test_clocks_are_no_alarm_while_the_service_is_gone(chromium: Browser) -> None:
    """Somebody may have replied meanwhile: the words go on, the colours come back with the service."""
    made = StandIn()
    made.open("qingluo", "b1", "我的大衣到哪了", ago_s=40)
    paint = "() => getComputedStyle(document.querySelector('#queue-list .clock')).backgroundColor"
    with sit(chromium, made) as desk:
        clock = desk["#queue-list .clock"]
        expect(clock).to_contain_text("超时")
        alarm = desk.page.evaluate(paint)
        desk.expect_complaint("net::ERR_")
        made.stop()
        desk.soon("() => !document.getElementById('banner-offline').hidden")
        assert desk.page.evaluate(paint) == "rgba(0, 0, 0, 0)" != alarm
        expect(clock).to_contain_text("超时")
        made.start()
        expect(desk["#banner-offline"]).to_be_hidden()
        assert desk.page.evaluate(paint) == alarm


@pytest.mark.parametrize("words", ["已复制 第1条；发给买家后按 S", "服务连不上，恢复后会自动补发；" * 2])
def test_in_a_narrow_frame_what_is_confirmed_stands_on_no_answer(words: str, chromium: Browser) -> None:
    made = StandIn()
    made.open("qingluo", "b1", "我的大衣到哪了", ago_s=5)
    made.suggest("qingluo", "b1", ["大衣在路上，预计明天下午送到，请留意电话" * 2, "今天派送", "马上催"])
    with sit(chromium, made, size=(360, 640)) as desk:
        expect(desk.hits).to_have_count(3)
        desk.page.evaluate("async (words) => (await import('/static/shared/dom.js')).toast(words)", words)
        expect(desk["#toast"]).to_have_text(words)
        toast = desk["#toast"].bounding_box()
        assert toast is not None and toast["y"] >= 48  # the shop's name stays in sight
        for hit in desk.hits.all():
            box = hit.bounding_box()
            assert box is not None and toast["y"] + toast["height"] <= box["y"]
        desk["#queue-toggle"].click()  # and it takes no click from what is under it
        expect(desk.row("b1")).to_be_visible()


def test_the_page_leads_to_the_bookmarklet(chromium: Browser) -> None:
    with sit(chromium, StandIn(), size=(360, 640)) as desk:
        link = desk["#to-bookmarklet"]
        expect(link).to_be_visible()
        expect(link).to_have_attribute("href", "/bookmarklet")
        expect(link).to_have_attribute("target", "_blank")  # in a frame, the chat stays where it is
