"""A busy page fits every frame, at 200 %, in an iframe; answers do not jump; assistive technology finds its way."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from browser.desks import Desk, sit
from browser.standin import SHOPS, StandIn, hit
from browser.test_layout import _judge

pytestmark = pytest.mark.slow

AXE = os.environ.get("AXE_JS", "")
SIZES = ((360, 740), (720, 450), (768, 900), (900, 700), (1100, 800), (1440, 900))  # 720 × 450 is 1440 × 900 at 200 %
ORDER = {
    "tail": "3817",
    "product": "",
    "sku": "颜色:驼色;尺码:M",
    "payment": "paid",
    "logistics": "shipped",
    "refund": None,
}


def busy() -> StandIn:
    service = StandIn(role="lead")
    for i in range(12):
        service.open(
            SHOPS[i % 3]["slug"],
            f"b{i}",
            [f"第{i}位买家问的一句比较长的话，看看会不会撑破"] * (i % 3 + 1),
            ago_s=i * 4,
            order=ORDER,
        )
    long = hit(
        1,
        "很长的话术" * 60 + "{变量}",
        missing=["变量"],
        used=[{"name": "名", "value": "值" * 40, "source": "x"}],
        source="文" * 60,
    )
    offer = {
        "product": "p",
        "name": "围巾" * 10,
        "price": "9元",
        "text": "推荐" * 40,
        "why": "常一起买",
        "reason": "upsell:p",
    }
    service.suggest("qingluo", "b0", [long, "短的", "x" * 200], upsell=offer)
    service.ask_help("qingluo", "b0", "h1", "能承诺吗" * 10)
    service.answer_help("h1", "不能" * 40)
    service.ask_help("xingdian", "b1", "h2", "能承诺吗" * 10)
    return service


@pytest.fixture
def desk(chromium: Browser) -> Iterator[Desk]:
    with sit(chromium, busy(), size=(1440, 900)) as one:
        expect(one["#queue-list .row"]).to_have_count(12)
        one.open("b0")
        expect(one.hits).to_have_count(3)
        yield one


def test_every_size_fits_in_every_state(desk: Desk) -> None:
    def fits() -> None:
        for width, height in SIZES:
            desk.page.set_viewport_size({"width": width, "height": height})
            assert desk.overflow() == 0, (width, height)
            assert wide(desk) == [], (width, height)

    fits()
    desk["#hits"].focus()
    desk.press("e")
    fits()
    desk.press("Escape", "0")
    expect(desk["#why"]).to_be_visible()
    fits()
    desk.press("1", "l")
    expect(desk["#lead"]).to_be_visible()
    fits()
    desk.press("Escape")
    desk.page.set_viewport_size({"width": 360, "height": 740})
    desk["#queue-toggle"].click()
    assert wide(desk) == []


def wide(desk: Desk) -> list[str]:
    """Controls that stick out of the page at its right edge, where hidden overflow would swallow them."""
    found: list[str] = desk.page.evaluate(
        """() => [...document.querySelectorAll('button, input, textarea, .clock, .chip')]
           .filter(node => node.checkVisibility() && node.getBoundingClientRect().right > innerWidth + 1)
           .map(node => node.id || node.className)"""
    )
    return found


def test_what_the_buyer_says_next_moves_no_answer(desk: Desk) -> None:
    before = desk.hits.nth(1).bounding_box()
    desk.service.open("baicao", "c1", "又来一位")
    expect(desk.row("c1")).to_be_visible()
    assert desk.hits.nth(1).bounding_box() == before


def test_the_keyboard_alone_reaches_everything(desk: Desk) -> None:
    desk["#shop-switch"].focus()
    met = set()
    for _ in range(60):
        desk.press("Tab")
        met.add(desk.focus())
        if desk.focus() == "upsell-copy":
            break
    assert {"message", "search", "help-ask", "to-manual", "upsell-copy"} <= met
    assert any("row" in one.split() for one in met) and any("hit" in one.split() for one in met)


def test_the_focus_is_seen(desk: Desk) -> None:
    desk["#hits"].focus()
    desk.press("j")
    ring = "() => getComputedStyle(document.activeElement).outlineStyle"
    assert desk.page.evaluate(ring) == "solid"


@pytest.mark.skipif(not AXE, reason="AXE_JS is not set: path of axe.min.js (npm pack axe-core)")
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [(1440, 900), (360, 740)])
def test_axe_finds_nothing_serious_in_a_busy_page(chromium: Browser, scheme: str, size: tuple[int, int]) -> None:
    with sit(chromium, busy(), size=size, color_scheme=scheme, reduced_motion="reduce") as desk:
        desk.page.evaluate(Path(AXE).read_text(encoding="utf-8"))
        if size[0] < 1100:
            desk["#queue-toggle"].click()
        expect(desk["#queue-list .row"]).to_have_count(12)
        _judge(desk, "queue")
        desk.open("b0")
        expect(desk.hits).to_have_count(3)
        _judge(desk, "chat")
        desk["#hits"].focus()
        desk.press("e")
        _judge(desk, "editing")
        desk.press("Escape", "0")
        _judge(desk, "why")
        desk.press("1", "l")
        _judge(desk, "lead")
