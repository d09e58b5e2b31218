"""The host page of docs/integrate.md, as it stands there, on another site than the sidebar."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from browser.driving import Server, client
from browser.hosting import Site, embedded, open_context, site
from integrating import examples
from kb.store.change import Change
from kb.store.folder import DataFolder
from kb.store.grant import Role
from making import faq

ANSWER = "羊毛大衣只能干洗"


@pytest.fixture(scope="module")
def host() -> Iterator[Site]:
    with site() as served:
        yield served


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    data = tmp_path_factory.mktemp("example") / "data"
    with DataFolder(data) as folder:
        folder.hub.add_merchant("qingluo", "青萝")
        folder.merchant("qingluo").apply(Change(entries=[faq("1", "羊毛大衣可以机洗吗", ANSWER)]))
        return data, folder.hub.issue_key("张三", Role.AGENT, ["qingluo"])


@pytest.fixture(scope="module")
def sidebar(key: tuple[Path, str], host: Site) -> Iterator[Server]:
    with embedded(key[0], host) as server:
        yield server


def test_the_host_page_of_the_document_hands_over_and_gets_the_answer(
    chromium: Browser, sidebar: Server, host: Site, key: tuple[Path, str]
) -> None:
    (example,) = examples("html")
    with client(sidebar.address, key[1]) as http:
        path = http.post("/v1/tickets").json()["path"]
    context = open_context(chromium)
    try:
        page = context.new_page()
        said: list[str] = []
        page.on("console", lambda m: said.append(m.text) if m.type in {"error", "warning"} else None)
        page.goto(
            host.put(
                "/", example.text.replace("SIDEBARPATH", sidebar.address + path).replace("SIDEBAR", sidebar.address)
            )
        )
        frame = page.frame_locator("#huashu")
        expect(frame.locator("#hits .hit").first).to_contain_text(ANSWER)
        frame.locator("#hits").focus()
        page.keyboard.press("1")
        expect(page.locator("#reply")).to_have_value(ANSWER)
        assert [text for text in said if "postMessage" in text] == []  # nothing was sent to where nobody listens
    finally:
        context.close()
