"""From an agent's keys to a trainer's yes: what was used twice is proposed, judged, accepted and found at once."""

from __future__ import annotations

import re

import httpx
import pytest
from playwright.sync_api import Locator, expect

from browser.conftest import Keys
from browser.driving import People, Server, Visit, create_entry

SHOP = {"shop": "leer"}


def _use_twice(agent: Visit, message: str, server: Server) -> None:
    """The buyer's message comes in twice, in two conversations, and the first answer is copied each time."""
    for _ in range(2):
        agent["#new-talk"].click()
        agent.ask(message)
        agent.press("1")
        expect(agent["#hits .hit[data-rank='1']"]).to_contain_text("✓ 已复制")  # the toast may be the one before
    agent.until_delivered()


def _lesson(trainer: Visit, text: str) -> Locator:
    return trainer["#lesson-rows tr"].filter(has_text=text)


@pytest.fixture
def entry(api: httpx.Client) -> dict:
    found = api.get("/v1/entries", params={**SHOP, "q": "雨伞怎么收纳"}).json()["entries"]
    return found[0] if found else create_entry(api, "leer", question="雨伞怎么收纳", answer="晾干再收")


def test_a_used_answer_becomes_a_phrasing(people: People, keys: Keys, server: Server, entry: dict) -> None:
    message = "湿了的雨伞收纳之前要先晾干吗，我的电话是13800138000"
    agent = people.login(keys.agent, shop="leer")
    _use_twice(agent, "雨伞湿了怎么收纳好", server)
    _use_twice(agent, message, server)
    told = [e for e in server.events("leer", agent.suggestions) if e.kind == "inserted"]
    assert [e.asked for e in told][:2] == ["雨伞湿了怎么收纳好"] * 2
    assert all("13800138000" not in e.asked for e in told)
    assert {e.asked for e in server.events("leer", agent.suggestions) if e.kind in ("shown", "ignored")} <= {""}

    trainer = people.login(keys.trainer, "/trainer", "leer")
    trainer["#tab-lessons"].click()
    row = _lesson(trainer, "雨伞湿了怎么收纳好")
    expect(row).to_contain_text("作为相似问 → 雨伞怎么收纳")
    expect(row).to_contain_text("采用 2 次")
    expect(row).to_contain_text("待确认")  # the shop has no gold messages …
    expect(trainer["#lesson-gold"]).to_be_visible()  # … and the page says so
    expect(_lesson(trainer, "手机号")).to_have_count(0)
    row.get_by_role("button", name="采纳").click()
    expect(trainer["#toast"]).to_contain_text("已采纳 1 条，立即生效")
    expect(row).to_have_count(0)
    agent["#new-talk"].click()
    agent.ask("雨伞湿了怎么收纳好")
    expect(agent["#hits .hit[data-rank='1']"]).to_contain_text("99%")
    trainer["#tab-history"].click()
    expect(trainer["#history-rows tr"].first).to_contain_text("反馈学习")


def _clear(api: httpx.Client) -> None:
    """Without what other tests have left in the list: one of theirs between two of ours would take the focus."""
    if left := [p["id"] for p in api.get("/v1/proposals", params={**SHOP, "limit": 200}).json()["proposals"]]:
        assert api.post("/v1/proposals/dismiss", params=SHOP, json={"ids": left}).status_code == 200


def test_lessons_are_worked_through_by_keyboard(people: People, keys: Keys, api: httpx.Client, entry: dict) -> None:
    _clear(api)
    texts = ["折叠雨伞收纳袋有送吗", "收纳雨伞会不会发霉", "雨伞收纳挂钩哪里买"]
    events = [
        {
            "id": f"event-k-{n}-{i}",
            "kind": "rejected",
            "suggestion": f"sg_k_{n}_{i}",
            "entry": entry["id"],
            "asked": text,
        }
        for n, text in enumerate(texts)
        for i in range(2)
    ]
    assert api.post("/v1/events", params=SHOP, json={"events": events}).status_code == 200
    trainer = people.login(keys.trainer, "/trainer", "leer")
    trainer["#tab-entries"].focus()
    trainer.press("ArrowRight")
    expect(trainer["#tab-lessons"]).to_be_focused()
    rows = trainer["#lesson-rows tr"].filter(has_text="作为反例")
    expect(rows).to_have_count(3)
    ignore = rows.nth(0).locator("[data-act=dismiss]")
    ignore.focus()
    trainer.press("ArrowDown", "ArrowUp")
    expect(ignore).to_be_focused()
    trainer.press("Enter")
    expect(rows).to_have_count(2)
    expect(rows.nth(0).locator("[data-act=dismiss]")).to_be_focused()
    trainer.press("Enter")
    expect(rows).to_have_count(1)
    expect(rows.nth(0).locator("[data-act=dismiss]")).to_be_focused()
    trainer.press("Enter")
    expect(rows).to_have_count(0)
    left = api.get("/v1/proposals", params=SHOP).json()["proposals"]
    assert not {p["text"] for p in left} & set(texts)


def test_a_shop_without_lessons_says_what_will_come(people: People, keys: Keys) -> None:
    trainer = people.login(keys.trainer, "/trainer", "baicao")
    trainer["#tab-lessons"].click()
    expect(trainer["#lesson-say"]).to_contain_text("没有待学习的说法")
    expect(trainer["#lesson-all"]).to_be_disabled()
    expect(trainer["#lesson-gold"]).to_be_hidden()


@pytest.mark.parametrize(("size", "kind"), [((360, 740), "长柄"), ((768, 1024), "折叠"), ((1440, 900), "自动")])
def test_the_list_fits_every_width_and_draws_no_markup(
    people: People, keys: Keys, api: httpx.Client, entry: dict, size: tuple[int, int], kind: str
) -> None:
    nasty = f"<img src=x onerror=alert(1)>{kind}雨伞收纳<b>多少钱"  # its own: what was decided never returns
    events = [
        {
            "id": f"event-n{size[0]}-{i}",
            "kind": "inserted",
            "suggestion": f"sg_n{size[0]}_{i}",
            "entry": entry["id"],
            "asked": nasty,
        }
        for i in range(2)
    ]
    api.post("/v1/events", params=SHOP, json={"events": events})
    trainer = people.login(keys.trainer, "/trainer", "leer", size=size)
    trainer["#tab-lessons"].click()
    expect(_lesson(trainer, f"{kind}雨伞收纳<b>多少钱")).to_have_count(1)
    assert trainer.overflow() <= 0
    assert trainer["#panel-lessons img"].count() == 0


def test_a_chat_log_proposes_what_its_buyers_asked(people: People, keys: Keys, api: httpx.Client) -> None:
    answer = "亲，帐篷收好前请先晾干，不然容易发霉"
    create_entry(api, "leer", question="帐篷怎么收纳", answer=answer)
    talks = [
        line
        for i in range(4)
        for line in (
            f"会话：{i}",
            f"买家{i} 2026-11-0{i + 1} 10:00:00",
            "帐篷用完怎么收纳好",
            f"客服小林 2026-11-0{i + 1} 10:01:00",
            answer,
        )
    ]
    log = {"name": "聊天.txt", "mimeType": "text/plain", "buffer": "\n".join(talks).encode()}
    trainer = people.login(keys.trainer, "/trainer", "leer")
    trainer["#tab-import"].click()
    trainer["#import-file"].set_input_files(log)
    expect(trainer["#report .sheet-note"]).to_contain_text("读了 4 段会话")
    expect(trainer["#report .sheet tbody tr"].first).to_contain_text("加到已有")
    expect(trainer["#import-draft"]).to_be_hidden()  # what comes of a log is always a draft
    trainer["#import-commit"].click()
    trainer["#import-say"].get_by_role("button", name="去看待学习").click()
    row = _lesson(trainer, "帐篷用完怎么收纳好")
    expect(row).to_contain_text("作为相似问 → 帐篷怎么收纳")
    expect(row).to_contain_text(re.compile(r"聊天记录里 \d+ 段会话这样问答"), use_inner_text=True)
