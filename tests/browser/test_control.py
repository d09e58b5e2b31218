"""A held-out conversation says so, offers nothing, and leaves the agent all other tools."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from browser.desks import Desk, sit
from browser.driving import until
from browser.standin import StandIn


@pytest.fixture
def desk(chromium: Browser) -> Iterator[Desk]:
    service = StandIn()
    service.open("qingluo", "b1", "我的大衣到哪了", allowed_s=600)
    service.open("qingluo", "b2", "能机洗吗", allowed_s=900)
    service.suggest("qingluo", "b1", [], withheld="control", answerable=0.0, timings_ms={})
    service.suggest("qingluo", "b2", ["不能机洗"])
    with sit(chromium, service) as one:
        one.open("b1")
        yield one


def test_the_page_says_that_it_is_a_control_and_keeps_search_and_queue(desk: Desk) -> None:
    expect(desk["#answers-say"]).to_contain_text("对照组：本会话不显示推荐")
    expect(desk.hits).to_have_count(0)
    expect(desk["#upsell"]).to_be_hidden()
    desk.press("1")
    assert not desk.service.said_to("conversations/claim")
    desk.press("/")
    assert desk.focus() == "search"


def test_the_next_buyer_is_none_of_its_business(desk: Desk) -> None:
    desk.open("b2")
    expect(desk.hits).to_have_count(1)
    expect(desk["#answers-say"]).not_to_contain_text("对照组")
    desk.open("b1")
    expect(desk["#answers-say"]).to_contain_text("对照组")
    expect(desk.hits).to_have_count(0)


def test_where_arms_are_of_shifts_the_page_asks_in_the_agents_own_arm(desk: Desk) -> None:
    """Nobody serves the conversation: what is pushed is for nobody, and whoever has it on screen asks."""
    desk.service.answers = ["大衣在路上"]
    before = len(desk.service.said_to("suggest"))
    desk.service.say("qingluo", "b1", "还没到吗")
    desk.service.suggest("qingluo", "b1", [], withheld="unclaimed", answerable=0.0, timings_ms={})
    until(lambda: len(desk.service.said_to("suggest")) > before, "the question of the page")
    expect(desk.hits).to_have_count(1)
    expect(desk.hits.first).to_contain_text("大衣在路上")
    assert desk.service.said_to("suggest")[-1]["conversation"] == "b1"
