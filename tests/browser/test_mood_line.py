"""The mood line: said in words and shape, on one line, gone with the message it spoke of."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from browser.conftest import Keys
from browser.driving import People

WORST = "衬衫三天了还没发货，再不处理我就打12315投诉你们！！！今天就要穿"


@pytest.mark.parametrize("size", [(360, 740), (768, 900)])
def test_the_mood_is_one_line_that_does_not_rely_on_colour(people: People, keys: Keys, size: tuple[int, int]) -> None:
    agent = people.login(keys.agent, shop="qingluo", size=size)
    agent.ask(WORST)
    expect(agent["#tone .chip"]).to_have_text(["升级投诉", "加急"])
    assert agent["#tone .chip svg"].count() == 2
    expect(agent["#tone .tone-why"].first).to_have_text("提到12315")
    assert agent["#tone"].bounding_box()["height"] < 30  # type: ignore[index]
    assert agent.overflow() == 0
    agent.ask("洗一次就掉色，质量太差了")
    # The first message is still unanswered: its threat stands, and what was said since is read together.
    expect(agent["#tone"]).to_contain_text("升级投诉")
    agent.press("Escape", "Escape")
    expect(agent["#tone"]).to_be_empty()
    agent.ask("洗一次就掉色，质量太差了")
    expect(agent["#tone .chip"]).to_have_text(["投诉风险"])
    expect(agent["#tone .tone-why"]).to_have_text("质量不满")
    agent.press("Escape", "Escape")
    agent.ask("这件会不会起球")
    expect(agent["#tone"]).to_be_empty()
    agent.until_delivered()
