"""The pages fit: at 360 px nothing scrolls sideways, a banner moves nothing, and assistive technology finds its way."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from browser.conftest import Keys
from browser.driving import DEMO, People, Visit

NARROW = (360, 740)
SIZE = "我162体重108斤穿哪个码合适"
AXE = os.environ.get("AXE_JS", "")  # axe.min.js from `npm pack axe-core`; MPL-2.0, so it is not part of this repository


def _fits(visit: Visit, sizes: Iterable[tuple[int, int]]) -> None:
    for width, height in sizes:
        visit.page.set_viewport_size({"width": width, "height": height})
        assert visit.overflow() == 0, (width, visit.page.url)


def test_the_agents_page_fits(people: People, keys: Keys) -> None:
    sizes = (NARROW, (720, 450), (900, 700), (1440, 900))  # 720 × 450 is 1440 × 900 at 200 %
    agent = people.login(keys.agent, shop="qingluo", size=NARROW)
    _fits(agent, sizes)
    agent.ask("云纹雪纺茶歇连衣裙多少钱，有豆绿M吗")
    agent["#goods summary"].first.click()
    _fits(agent, sizes)
    agent["#search"].fill("连衣裙")
    expect(agent["#search-list li"].first).to_be_visible()
    _fits(agent, sizes)
    agent.until_delivered()


def test_the_trainers_page_fits(people: People, keys: Keys) -> None:
    sizes = ((768, 900), (1440, 900), NARROW)
    trainer = people.login(keys.trainer, "/trainer", "qingluo", size=NARROW)
    expect(trainer["#entry-rows .row"].first).to_be_visible()
    _fits(trainer, sizes)
    trainer["#entry-rows .row-open"].first.click()
    expect(trainer["#editor-form"]).to_be_visible()
    expect(trainer["#shop-name"]).to_be_in_viewport()
    _fits(trainer, sizes)
    trainer["#editor-close"].click()
    trainer["#tab-products"].click()
    trainer["#product-rows .row-open"].first.click()
    _fits(trainer, sizes)
    trainer["#tab-import"].click()
    trainer["#import-file"].set_input_files(DEMO / "baicao" / "常见问题.xlsx")
    expect(trainer["#report-verdict"]).to_be_visible()
    _fits(trainer, sizes)
    trainer["#tab-history"].click()
    expect(trainer["#history-rows tr"].first).to_be_visible()
    _fits(trainer, sizes)


def test_shop_name_stays_in_sight_and_answers_do_not_jump(people: People, keys: Keys) -> None:
    agent = people.login(keys.agent, shop="qingluo", size=(360, 600))
    agent.ask(SIZE)
    agent.press("ArrowDown", "ArrowDown")
    expect(agent["#shop-name"]).to_be_in_viewport(ratio=1)
    before = agent.hits.first.bounding_box()
    agent.page.evaluate("() => { document.getElementById('banner-offline').hidden = false; }")
    assert agent.hits.first.bounding_box() == before
    agent.until_delivered()


@pytest.mark.skipif(not AXE, reason="AXE_JS is not set: path of axe.min.js (npm pack axe-core)")
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(people: People, keys: Keys, scheme: str) -> None:
    login = people.visit("/login")
    agent = people.login(keys.agent, shop="qingluo")
    trainer = people.login(keys.trainer, "/trainer", "qingluo")
    for visit in (login, agent, trainer):
        visit.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        visit.page.evaluate(Path(AXE).read_text(encoding="utf-8"))
    _judge(login, "login")
    _judge(agent, "empty")
    agent.ask("云纹雪纺茶歇连衣裙多少钱，有豆绿M吗")
    agent["#goods summary"].first.click()
    _judge(agent, "answers")
    agent["#search"].fill("发货")
    expect(agent["#search-list li"].first).to_be_visible()
    _judge(agent, "search")
    trainer["#entry-rows .row-open"].first.click()
    expect(trainer["#editor-form"]).to_be_visible()
    _judge(trainer, "editor")
    trainer["#tab-products"].click()
    trainer["#product-rows .row-open"].first.click()
    _judge(trainer, "products")
    trainer["#tab-import"].click()
    trainer["#import-file"].set_input_files(DEMO / "baicao" / "常见问题.xlsx")
    expect(trainer["#report-verdict"]).to_be_visible()
    _judge(trainer, "import")
    trainer["#tab-history"].click()
    expect(trainer["#history-rows tr"].first).to_be_visible()
    _judge(trainer, "history")
    agent.until_delivered()


def _judge(visit: Visit, state: str) -> None:
    found = visit.page.evaluate("() => axe.run(document)")["violations"]
    serious = [
        f"{state}: {one['id']} ({one['impact']}): {one['nodes'][0]['html'][:200]} | {one['nodes'][0]['failureSummary']}"
        for one in found
        if one["impact"] in {"serious", "critical"}
    ]
    assert not serious, "\n".join(serious)
