"""What is recorded as sent was sent, what was promised to be told later is told, and no chat is left without its answer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from browser.desks import Desk, sit
from browser.driving import until
from browser.standin import StandIn

OFFER = {"product": "p2", "name": "围巾", "price": "199元", "text": "配这条围巾", "why": "", "reason": "upsell:p2"}


@pytest.fixture
def desk(chromium: Browser) -> Iterator[Desk]:
    service = StandIn()
    service.open("qingluo", "b1", "配什么好看", allowed_s=600)
    service.open("xingdian", "b2", "能带上飞机吗", allowed_s=900)
    service.suggest("qingluo", "b1", ["配半裙", "配长裤"], upsell=OFFER)
    service.suggest("xingdian", "b2", ["可以带上飞机"])
    with sit(chromium, service) as one:
        expect(one["#queue-list .row"]).to_have_count(2)
        one.open("b1")
        expect(one.hits).to_have_count(2)
        yield one


def told(desk: Desk) -> list[dict[str, Any]]:
    return [event for body in desk.service.said_to("events") for event in body["events"]]


def test_a_card_that_was_copied_first_is_not_sent_when_something_else_is(desk: Desk) -> None:
    desk.press("1")
    expect(desk["#toast"]).to_contain_text("已复制 第1条")
    desk.press("8")
    expect(desk["#toast"]).to_contain_text("已复制 推荐")
    desk.press("s")
    expect(desk["#turns li"].last).to_contain_text("配这条围巾")
    desk.service.say("qingluo", "b1", "还有呢")
    desk.service.suggest("qingluo", "b1", ["还有腰带"])
    expect(desk.hits).to_have_count(1)
    desk.service.say("qingluo", "b1", "配半裙", speaker="agent")  # typed by the agent: no card of what stands there now
    expect(desk["#turns li"].last).to_contain_text("配半裙")
    desk.service.say("qingluo", "b1", "好的")
    desk.service.suggest("qingluo", "b1", ["不客气"])
    expect(desk.hits.first).to_contain_text("不客气")
    until(lambda: "superseded" in [event.get("reason") for event in told(desk)], "what came after")
    assert "sent" not in [event["kind"] for event in told(desk)]


def of_offers(desk: Desk) -> list[tuple[str, str]]:
    return [(event["kind"], event["reason"]) for event in told(desk) if event.get("rank") == 8]


def test_an_offer_is_a_card_that_is_shown_and_passed_over(desk: Desk) -> None:
    until(lambda: of_offers(desk) == [("shown", "upsell:p2")], "that it was shown")
    desk.service.say("qingluo", "b1", "还有呢")
    desk.service.suggest("qingluo", "b1", ["还有腰带"])
    expect(desk["#upsell"]).to_be_hidden()
    until(lambda: of_offers(desk)[1:] == [("ignored", "superseded")], "its end")


def test_an_offer_can_be_refused_once(desk: Desk) -> None:
    desk["#upsell-reject"].click()
    expect(desk["#upsell"]).to_contain_text("✗ 不合适")
    expect(desk["#upsell-reject"]).to_be_disabled()
    until(lambda: ("rejected", "") in of_offers(desk), "the refusal")
    assert not any(event.get("asked") for event in told(desk) if event.get("rank") == 8)


def test_u_copies_the_offer(desk: Desk) -> None:
    desk["#hits"].focus()
    desk.press("u")
    expect(desk["#upsell"]).to_contain_text("✓ 已复制")
    assert desk.clipboard() == "配这条围巾"
    until(lambda: ("inserted", "upsell:p2") in of_offers(desk), "the record")


def test_two_replies_that_were_marked_while_the_service_was_away_are_both_told(desk: Desk) -> None:
    desk.expect_complaint("net::ERR_")
    desk.service.stop()
    expect(desk["#banner-offline"]).to_be_visible()
    for rank in ("1", "2"):
        desk.press(rank)
        expect(desk["#toast"]).to_contain_text(f"已复制 第{rank}条")
        desk.press("s")
        expect(desk["#toast"]).to_contain_text("恢复后会自动补发")
    desk.service.start()
    until(lambda: len(desk.service.said_to("conversations/messages")) == 2, "both")
    assert [said["text"] for said in desk.service.said_to("conversations/messages")] == ["配半裙", "配长裤"]


def test_an_answer_that_was_lost_while_another_chat_was_on_screen_is_asked_for(desk: Desk) -> None:
    desk.open("b2")
    expect(desk.hits.first).to_contain_text("可以带上飞机")
    desk.service.answers = ["自己问来的"]
    desk.service.say("qingluo", "b1", "没有推送的话")
    expect(desk.row("b1")).to_contain_text("没有推送的话")
    desk.open("b1")
    expect(desk.hits.first).to_contain_text("自己问来的")


@pytest.mark.parametrize(("role", "may"), [("lead", True), ("trainer", True), ("manager", False), ("qc", False)])
def test_only_who_may_answer_a_plea_is_shown_them(role: str, may: bool, chromium: Browser) -> None:
    service = StandIn(role=role)
    service.open("qingluo", "b1", "在吗")
    with sit(chromium, service) as desk:
        expect(desk["#queue-list .row"]).to_have_count(1)
        expect(desk["#lead-toggle"]).to_be_visible(visible=may)
