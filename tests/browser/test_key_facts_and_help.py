"""Key facts confirmed with one key; help asked, answered by the lead, and copied like an answer."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from browser.desks import Desk, sit
from browser.driving import until
from browser.standin import NO_FACTS, StandIn

FACTS = {
    **NO_FACTS,
    "topic": "物流催促",
    "wish": "问什么时候到",
    "promises": ["今天发出", "送运费险"],
    "confirmed": False,
}


def service() -> StandIn:
    made = StandIn()
    made.open("qingluo", "b1", "我的大衣到哪了", allowed_s=600, key_facts=FACTS)
    made.suggest("qingluo", "b1", ["大衣在路上"])
    return made


@pytest.fixture
def desk(chromium: Browser) -> Iterator[Desk]:
    with sit(chromium, service()) as one:
        one.open("b1")
        expect(one.hits).to_have_count(1)
        yield one


def test_f_confirms_the_draft_and_its_clock_ends(desk: Desk) -> None:
    expect(desk["#kf-topic"]).to_have_value("物流催促")
    expect(desk["#kf-promises"]).to_have_value("今天发出；送运费险")
    expect(desk["#kf-clock"]).to_contain_text("秒")
    desk.press("f")
    expect(desk["#kf-state"]).to_have_text("✓ 已确认")
    expect(desk["#kf-clock"]).to_be_hidden()
    (sent,) = desk.service.said_to("conversations/key-facts")
    assert sent == {**NO_FACTS, "topic": "物流催促", "wish": "问什么时候到", "promises": ["今天发出", "送运费险"]}


def test_what_is_typed_stays_when_the_draft_changes_and_is_what_is_confirmed(desk: Desk) -> None:
    desk["#kf-wish"].fill("要求今天送到")
    desk.service.change("qingluo", "b1", key_facts={**FACTS, "topic": "催派送", "wish": "问派送"})
    expect(desk["#kf-topic"]).to_have_value("催派送")
    expect(desk["#kf-wish"]).to_have_value("要求今天送到")
    desk.press("Enter")
    expect(desk["#kf-state"]).to_have_text("✓ 已确认")
    (sent,) = desk.service.said_to("conversations/key-facts")
    assert (sent["topic"], sent["wish"]) == ("催派送", "要求今天送到")


def test_help_is_asked_with_a_note_and_its_answer_is_copied_with_seven(desk: Desk) -> None:
    desk.press("h")
    expect(desk["#help-note"]).to_be_focused()
    desk.type("能承诺明天到吗")
    desk.press("Enter")
    expect(desk["#help-state"]).to_contain_text("已向班长求助")
    expect(desk["#help-clock"]).to_contain_text("秒")
    expect(desk.row("b1")).to_contain_text("求助中")
    (asked,) = desk.service.said_to("conversations/help")
    assert asked["note"] == "能承诺明天到吗"
    desk.service.answer_help(asked["id"], "不能承诺，说预计明天")
    expect(desk["#lead-answer"]).to_contain_text("班长老王答复")
    expect(desk["#lead-text"]).to_have_text("不能承诺，说预计明天")
    expect(desk["#help-state"]).to_be_hidden()
    desk.press("7")
    expect(desk["#toast"]).to_contain_text("已复制 班长的答复")
    assert desk.clipboard() == "不能承诺，说预计明天"


def test_help_without_a_note_takes_two_keys(desk: Desk) -> None:
    desk.press("h", "Enter")
    expect(desk["#help-state"]).to_be_visible()
    assert desk.service.said_to("conversations/help")[0]["note"] == ""


def test_help_that_meets_no_service_is_sent_when_it_is_back(desk: Desk) -> None:
    desk.expect_complaint("net::ERR_", "502")
    desk.service.refuse["conversations/help"] = 502
    desk.press("h", "Enter")
    expect(desk["#toast"]).to_contain_text("恢复后会自动补发")
    expect(desk["#help-state"]).to_be_visible()
    first, second = desk.service.said_to("conversations/help")
    assert first["id"] == second["id"], "the same request, not a second one"


def test_a_lead_sees_requests_of_all_shops_and_answers_in_place(chromium: Browser) -> None:
    made = service()
    made.role = "lead"
    made.open("xingdian", "b2", "能带上飞机吗", allowed_s=600)
    made.ask_help("qingluo", "b1", "h1", "能承诺明天到吗", by="小美")
    with sit(chromium, made) as desk:
        expect(desk["#lead-toggle"]).to_have_text("求助 1")
        desk["#hits"].focus()
        desk.press("l")
        expect(desk["#pleas .plea"]).to_have_count(1)
        expect(desk["#pleas textarea"]).to_be_focused()
        desk.type("不能承诺")
        made.ask_help("xingdian", "b2", "h2", "100Wh 以上行吗", by="小李")
        expect(desk["#pleas .plea"]).to_have_count(2)
        expect(desk["#pleas textarea"].first).to_have_value("不能承诺")
        expect(desk["#pleas .plea"].nth(1)).to_contain_text("星点数码")
        desk["#pleas textarea"].first.press("Control+Enter")
        expect(desk["#pleas .plea"]).to_have_count(1)
        assert made.helps["h1"]["answer"] == "不能承诺"
        expect(desk["#lead-toggle"]).to_have_text("求助 1")
        desk.press("Escape")
        expect(desk["#lead"]).to_be_hidden()


def test_a_lead_reads_the_chat_behind_a_request_and_takes_nothing(chromium: Browser) -> None:
    made = service()
    made.role = "lead"
    made.say("qingluo", "b1", "稍等，我查一下", speaker="agent")
    made.say("qingluo", "b1", "快点")
    made.ask_help("qingluo", "b1", "h1", "能承诺明天到吗")
    with sit(chromium, made) as desk:
        desk["#lead-toggle"].click()
        desk["#pleas textarea"].fill("不能")
        behind, look = desk["#pleas .behind"], desk["#pleas .plea button[aria-controls]"]
        expect(behind).to_be_hidden()
        look.click()
        expect(behind.locator(".turn-text")).to_have_text(["我的大衣到哪了", "稍等，我查一下", "快点"])
        expect(behind.locator(".turn-who").nth(1)).to_contain_text("客服")  # not the lead
        made.say("qingluo", "b1", "到底什么时候到")  # and on it goes while the lead reads
        expect(behind.locator(".turn-text").last).to_have_text("到底什么时候到")
        expect(desk["#pleas textarea"]).to_have_value("不能")
        assert not made.said_to("conversations/claim")
        look.click()
        expect(behind).to_be_hidden()


def test_a_chat_that_cannot_be_read_says_why_and_can_be_tried_again(chromium: Browser) -> None:
    made = service()
    made.role = "lead"
    made.ask_help("qingluo", "b1", "h1", "")
    with sit(chromium, made) as desk:
        desk.expect_complaint("507")
        desk["#lead-toggle"].click()
        made.refuse["conversations"] = 507
        look = desk["#pleas .plea button[aria-controls]"]
        look.click()
        expect(desk["#pleas .behind"]).to_have_text("不行")
        look.click()
        look.click()
        expect(desk["#pleas .behind .turn-text"]).to_have_text(["我的大衣到哪了"])


def test_requests_of_chats_that_are_over_leave_the_list_unless_somebody_writes(chromium: Browser) -> None:
    made = service()
    made.role = "lead"
    made.open("xingdian", "b2", "能带上飞机吗", allowed_s=600)
    made.ask_help("qingluo", "b1", "h1", "能承诺明天到吗")
    made.ask_help("xingdian", "b2", "h2", "100Wh 以上行吗")
    with sit(chromium, made) as desk:
        desk["#lead-toggle"].click()
        expect(desk["#pleas .plea"]).to_have_count(2)
        desk["#pleas .plea[data-id=h2] textarea"].fill("可以随身带")
        made.close("qingluo", "b1")
        expect(desk["#pleas .plea"]).to_have_count(1)
        made.close("xingdian", "b2")
        expect(desk["#pleas .plea"]).to_contain_text("会话已结束")
        expect(desk["#pleas .plea textarea"]).to_have_value("可以随身带")
        desk["#pleas textarea"].press("Control+Enter")
        expect(desk["#pleas .plea"]).to_have_count(0)
        assert made.helps["h2"]["answer"] == "可以随身带"


def test_an_agent_whose_chat_was_closed_over_a_request_may_ask_again(desk: Desk) -> None:
    desk.service.ask_help("qingluo", "b1", "h1", "能承诺明天到吗")
    expect(desk.row("b1")).to_contain_text("求助中")
    desk.service.change(
        "qingluo", "b1", help=desk.service.helps["h1"] | {"closed_ms": 1}
    )  # closed, and opened by the buyer
    expect(desk.row("b1")).not_to_contain_text("求助")
    expect(desk["#help-state"]).to_be_hidden()
    expect(desk["#lead-answer"]).to_be_hidden()
    expect(desk["#help-ask"]).to_be_enabled()


def test_an_agent_has_no_leads_view(desk: Desk) -> None:
    desk.press("l")
    expect(desk["#lead"]).to_be_hidden()
    expect(desk["#lead-toggle"]).to_be_hidden()


def test_the_service_is_gone_and_back_in_a_live_chat(desk: Desk) -> None:
    """Said within two seconds; what is on screen still works; what happened meanwhile is there afterwards, each thing once."""
    desk.expect_complaint("net::ERR_")
    desk.service.stop()
    assert desk.soon("() => !document.getElementById('banner-offline').hidden") < 2.0
    desk.press("1")
    expect(desk["#toast"]).to_contain_text("已复制 第1条")
    assert desk.clipboard() == "大衣在路上"
    desk.press("f")
    expect(desk["#toast"]).to_contain_text("恢复后会自动补发")
    desk.service.say("qingluo", "b1", "人呢")
    desk.service.open("baicao", "b9", "在吗")
    desk.service.suggest("qingluo", "b1", ["人在的"])
    desk.service.start()
    expect(desk["#banner-offline"]).to_be_hidden()
    expect(desk.row("b9")).to_be_visible()
    expect(desk["#turns li"]).to_have_count(2)
    expect(desk.hits.first).to_contain_text("人在的")
    expect(desk["#kf-state"]).to_have_text("✓ 已确认")
    desk.until_delivered()
    ids = [event["id"] for body in desk.service.said_to("events") for event in body["events"]]
    assert len(ids) == len(set(ids))


def test_a_line_that_breaks_goes_on_where_it_stopped(desk: Desk) -> None:
    desk.service.break_lines()
    desk.service.say("qingluo", "b1", "断线时说的")
    expect(desk["#turns li"].last).to_contain_text("断线时说的")
    until(lambda: desk.service.watchers == 1, "the line")
