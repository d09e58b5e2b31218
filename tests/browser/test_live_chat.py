"""A chat that is followed live: answers come by themselves, go to the right buyer, and change nothing under the finger."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from browser.desks import Desk, sit
from browser.driving import until
from browser.standin import StandIn, hit

MISSING = hit(1, "亲，单号{快递单号}", filled="亲，单号{快递单号}", missing=["快递单号"])
OFFER = {
    "product": "p2",
    "name": "羊绒围巾",
    "price": "199元",
    "text": "配这条围巾满减更划算",
    "why": "常一起买",
    "reason": "upsell:p2",
}
BLOCK = {
    "rule": "r",
    "kind": "wrong_shop",
    "severity": "block",
    "start": 0,
    "end": 2,
    "text": "极兔",
    "why": "本店不发极兔",
    "advice": "",
    "stated": "",
    "source": "",
}


@pytest.fixture
def desk(chromium: Browser) -> Iterator[Desk]:
    service = StandIn()
    service.open("qingluo", "b1", "我的大衣到哪了", allowed_s=600)
    service.open("xingdian", "b2", "能带上飞机吗", allowed_s=900)
    service.suggest("qingluo", "b1", ["大衣在路上", "大衣明天到", "大衣请稍等"])
    service.suggest("xingdian", "b2", ["可以带上飞机", "不能托运", "请看标签"])
    with sit(chromium, service) as one:
        expect(one["#queue-list .row"]).to_have_count(2)
        one.open("b1")
        expect(one.hits).to_have_count(3)
        yield one


def test_an_answer_that_is_pushed_stands_there_and_one_key_copies_it(desk: Desk) -> None:
    desk.press("1")
    expect(desk["#toast"]).to_contain_text("已复制 第1条")
    assert desk.clipboard() == "大衣在路上"
    until(lambda: desk.service.said_to("conversations/claim"), "the claim")
    expect(desk.row("b1")).to_contain_text("已复制，待发出")
    desk.press("s")
    expect(desk["#turns li"].last).to_contain_text("大衣在路上")
    desk.answered("b1")
    (said,) = desk.service.said_to("conversations/messages")
    assert (said["speaker"], said["text"]) == ("agent", "大衣在路上")
    until(lambda: {"inserted", "sent"} <= set(kinds(desk)), "the record")
    expect(desk["#sent"]).to_be_hidden()


def kinds(desk: Desk) -> list[str]:
    return [event["kind"] for body in desk.service.said_to("events") for event in body["events"]]


def test_a_burst_greys_the_old_answers_and_the_new_ones_replace_them(desk: Desk) -> None:
    desk.service.say("qingluo", "b1", "还有衬衫")
    expect(desk["#turns li"]).to_have_count(2)
    expect(desk["#hits"]).to_have_class("stale")
    desk.press("1")
    expect(desk["#toast"]).to_contain_text("请稍等")
    desk.service.suggest("qingluo", "b1", ["两件都在路上"])
    expect(desk.hits).to_have_count(1)
    expect(desk["#hits"]).not_to_have_class("stale")
    assert desk.answer(1) == "两件都在路上"


def test_a_suggestion_to_an_earlier_message_has_no_place_any_more(desk: Desk) -> None:
    first = desk.service.messages["qingluo", "b1"][0]["id"]
    said = desk.service.say("qingluo", "b1", "还有衬衫")
    desk.service.suggest("qingluo", "b1", ["新的"], after=said["id"])
    desk.service.suggest("qingluo", "b1", ["迟到的"], after=first)
    desk.service.open("baicao", "b9", "在吗")  # heard after both
    expect(desk.row("b9")).to_be_visible()
    assert desk.answer(1) == "新的"


def test_a_key_pressed_the_moment_answers_change_copies_nothing(chromium: Browser) -> None:
    service = StandIn()
    service.open("qingluo", "b1", "到哪了", allowed_s=600)
    service.suggest("qingluo", "b1", ["旧的一", "不变的"])
    with sit(chromium, service, clock=True) as desk:
        desk.open("b1")
        expect(desk.hits).to_have_count(2)
        desk.page.evaluate("() => navigator.clipboard.writeText('之前的')")
        desk.page.clock.pause_at(desk.page.evaluate("() => Date.now() / 1000") + 1)
        said = service.say("qingluo", "b1", "还有衬衫")
        service.suggest("qingluo", "b1", ["新的一", "不变的"], after=said["id"])
        expect(desk.hits.first).to_contain_text("新的一")
        desk.press("1")
        expect(desk["#toast"]).to_contain_text("刚刚换过")
        assert desk.clipboard() == "之前的"
        desk.press("2")  # what did not change may be taken at once
        expect(desk["#toast"]).to_contain_text("已复制 第2条")
        desk.page.clock.run_for(500)
        desk.press("1")
        expect(desk["#toast"]).to_contain_text("已复制 第1条")
        assert desk.clipboard() == "新的一"


def test_two_buyers_never_mix(desk: Desk) -> None:
    desk["#message"].focus()
    desk.type("问到一半")
    desk.press("Escape")
    desk.row("b2").click()
    expect(desk.hits.first).to_contain_text("可以带上飞机")
    expect(desk["#shop-name"]).to_have_text("星点数码")
    expect(desk["#message"]).to_have_value("")
    desk.service.say("qingluo", "b1", "快点啊")
    desk.service.suggest("qingluo", "b1", ["给第一位的"])
    expect(desk.row("b1")).to_contain_text("快点啊")
    assert desk.answer(1) == "可以带上飞机"
    expect(desk["#turns li"]).to_have_count(1)
    desk.press("1")
    expect(desk["#toast"]).to_contain_text("已复制 第1条")
    assert desk.clipboard() == "可以带上飞机"
    desk.row("b1").click()
    expect(desk.hits.first).to_contain_text("给第一位的")
    expect(desk["#turns li"]).to_have_count(2)
    expect(desk["#message"]).to_have_value("问到一半")


def test_a_chat_that_closes_under_a_late_check_copies_nothing_elsewhere(desk: Desk) -> None:
    held = []
    desk.page.route("**/v1/check*", lambda route: held.append(route))
    desk.service.say("qingluo", "b1", "还有衬衫")
    desk.service.suggest("qingluo", "b1", ["两件都在路上"])
    expect(desk.hits).to_have_count(1)
    until(lambda: desk.page.wait_for_timeout(20) or held, "the check")
    desk.page.evaluate("() => navigator.clipboard.writeText('之前的')")
    desk.soon(
        "since => performance.now() - since > 450", desk.page.evaluate("() => performance.now()")
    )  # past the glance
    desk.press("1")
    desk.row("b2").click()
    expect(desk["#shop-name"]).to_have_text("星点数码")
    for route in list(held):
        route.fulfill(json={"findings": [], "blocked": False})
    expect(desk.hits).to_have_count(3)
    assert desk.clipboard() == "之前的"


def test_e_mends_an_answer_where_it_stands(desk: Desk) -> None:
    desk.service.findings = {"发极兔": [BLOCK]}
    desk.press("ArrowDown", "e")
    box = desk["#hits .hit-edit textarea"]
    expect(box).to_be_focused()
    expect(box).to_have_value("大衣明天到")
    box.fill("发极兔")
    expect(desk["#hits .hit-edit .finding"]).to_contain_text("本店不发极兔")
    box.fill("大衣明天一定送到您手上 1 2 3")
    desk.press("Control+Enter")
    expect(desk["#toast"]).to_contain_text("已复制 改过的第2条")
    assert desk.clipboard() == "大衣明天一定送到您手上 1 2 3"
    expect(desk["#hits .hit[data-rank='2'] .hit-did"]).to_have_text("✓ 改后复制")
    until(lambda: "edited" in kinds(desk), "the record")
    desk.press("e", "Escape")
    expect(desk["#hits .hit-edit"]).to_have_count(0)


def test_an_edit_is_not_torn_away_by_a_newer_answer(desk: Desk) -> None:
    desk.press("e")
    desk["#hits .hit-edit textarea"].fill("写到一半")
    desk.service.say("qingluo", "b1", "还有衬衫")
    desk.service.suggest("qingluo", "b1", ["新的答案"])
    expect(desk["#answers-say"]).to_contain_text("新答案已备好")
    expect(desk["#hits .hit-edit textarea"]).to_have_value("写到一半")
    desk.row("b2").click()
    expect(desk.hits.first).to_contain_text("可以带上飞机")
    desk.row("b1").click()
    expect(desk["#hits .hit-edit textarea"]).to_have_value("写到一半")
    desk["#hits .hit-edit textarea"].focus()
    desk.press("Escape")
    expect(desk.hits.first).to_contain_text("新的答案")


def test_what_is_missing_is_marked_named_and_where_the_caret_goes(desk: Desk) -> None:
    desk.service.say("qingluo", "b1", "单号多少")
    desk.service.suggest("qingluo", "b1", [MISSING])
    expect(desk["#hits .hit-missing"]).to_contain_text("缺 快递单号")
    expect(desk["#hits mark.fill"]).to_have_text("{快递单号}")
    desk["#hits"].focus()
    desk.press("e")
    desk.type("75123")
    desk.press("Control+Enter")
    expect(desk["#toast"]).to_contain_text("已复制 改过的第1条")
    assert desk.clipboard() == "亲，单号75123"


def test_none_fits_and_one_more_key_says_why(desk: Desk) -> None:
    desk.press("0")
    expect(desk["#why"]).to_be_visible()
    desk.press("3")
    expect(desk["#toast"]).to_contain_text("过时了")
    expect(desk["#why"]).to_be_hidden()
    until(lambda: kinds(desk).count("rejected") == 3, "the record")
    events = [event for body in desk.service.said_to("events") for event in body["events"]]
    assert {event["reason"] for event in events if event["kind"] == "rejected"} == {"outdated"}


def test_filled_text_is_copied_and_where_it_is_from_is_told_on_demand(desk: Desk) -> None:
    used = [{"name": "订单尾号", "value": "3817", "source": "订单"}]
    filled = hit(
        1,
        "尾号{订单尾号}",
        filled="尾号3817",
        used=used,
        source="常见问题.xlsx › C18",
        conditions=[{"code": "c", "text": "物流：运输中"}],
    )
    desk.service.say("qingluo", "b1", "尾号多少")
    desk.service.suggest("qingluo", "b1", [filled])
    card = desk.hits.first
    for text in ("尾号3817", "订单尾号 3817（订单）", "物流：运输中"):
        expect(card).to_contain_text(text)
    expect(card.locator(".hit-source")).to_be_hidden()
    card.focus()
    desk.press("ArrowRight")
    expect(card.locator(".hit-source")).to_be_visible()
    expect(card.locator(".hit-source")).to_have_text("来源：常见问题.xlsx › C18")


def test_a_push_that_was_lost_is_looked_for(desk: Desk) -> None:
    desk.service.answers = ["自己问来的"]
    desk.service.say("qingluo", "b1", "没有推送的话")
    expect(desk.hits.first).to_contain_text("自己问来的")
    (asked,) = desk.service.said_to("suggest")
    assert (asked["text"], asked["conversation"]) == ("没有推送的话", "b1")


def test_by_hand_as_before_while_chats_are_live(desk: Desk) -> None:
    desk.press("m")
    expect(desk["#head"]).to_be_hidden()
    desk.service.answers = ["手动的答案"]
    desk.ask("粘贴来的话")
    assert desk.answer(1) == "手动的答案"
    expect(desk["#turns li"]).to_have_count(1)
    (asked,) = desk.service.said_to("suggest")
    assert asked["turns"] == [] and "conversation" not in asked


def test_an_offer_stands_below_the_answers_and_nothing_where_there_is_none(desk: Desk) -> None:
    expect(desk["#upsell"]).to_be_hidden()
    desk.service.say("qingluo", "b1", "配什么好看")
    desk.service.suggest("qingluo", "b1", ["配围巾"], upsell=OFFER)
    expect(desk["#upsell"]).to_contain_text("配这条围巾满减更划算")
    desk["#hits"].focus()
    desk.press("8")
    expect(desk["#toast"]).to_contain_text("已复制 推荐")
    assert desk.clipboard() == "配这条围巾满减更划算"
    until(
        lambda: (
            "upsell:p2" in [event.get("reason") for body in desk.service.said_to("events") for event in body["events"]]
        ),
        "the record",
    )


def test_of_a_long_chat_only_what_is_new_is_drawn_and_who_reads_further_up_stays_there(desk: Desk) -> None:
    for number in range(40):
        desk.service.say("qingluo", "b1", f"第{number}句", speaker="buyer" if number % 3 else "agent")
    turns = desk["#turns li"]
    expect(turns).to_have_count(41)
    place = "node => [Math.round(node.scrollTop), Math.round(node.scrollHeight - node.clientHeight)]"
    at, bottom = desk["#turns"].evaluate(place)
    assert at == bottom > 0  # the newest is in sight
    turns.first.evaluate("node => { node.seen = true; }")
    desk["#turns"].evaluate("node => { node.scrollTop = 0; }")
    desk.service.say("qingluo", "b1", "最后一句")
    expect(turns).to_have_count(42)
    expect(turns.last).to_have_class(re.compile("turn-open"))
    assert desk["#turns"].evaluate(place)[0] == 0
    assert turns.first.evaluate("node => node.seen") is True  # the same bubble, not one like it
    desk.open("b2")
    expect(turns).to_have_count(1)
    desk.open("b1")
    expect(turns).to_have_count(42)
    at, bottom = desk["#turns"].evaluate(place)
    assert at == bottom
