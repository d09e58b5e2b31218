"""One browser and one server for all of these tests; every page is judged when its test ends."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, sync_playwright

from browser.driving import CHROMIUM, DEMO, NO_CHROMIUM, People, Server, client, launch
from ingest.folder import import_folder, read_shops
from kb.store.folder import DataFolder
from kb.store.grant import Role

NASTY_NAME = "<img src=x onerror=alert('shop')>店"
NASTY_PLATFORM = "\"><script>alert('platform')</script>"


@dataclass(frozen=True)
class Keys:
    """Access keys by what they open."""

    agent: str
    trainer: str
    nasty: str


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)
            if not Path(CHROMIUM).exists():
                item.add_marker(pytest.mark.skip(reason=NO_CHROMIUM))


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two demo shops with all their files, an empty one to write to, and two that mean harm."""
    root = tmp_path_factory.mktemp("browser") / "data"
    with DataFolder(root) as folder:
        for shop in read_shops(DEMO)[:2]:
            folder.hub.add_merchant(shop.slug, shop.name, platform=shop.platform, color=shop.color)
            for _ in import_folder(folder.merchant(shop.slug), None, shop.folder):
                pass
        for slug, name, platform in (
            ("leer", "空白店", "抖音"),
            ("nasty", NASTY_NAME, NASTY_PLATFORM),
            ("decide", NASTY_NAME, NASTY_PLATFORM),
        ):
            folder.hub.add_merchant(slug, name, platform=platform)
            folder.merchant(slug)
    return root


@pytest.fixture(scope="session")
def keys(data: Path) -> Keys:
    shops = ["qingluo", "baicao", "leer"]
    with DataFolder(data) as folder:
        return Keys(
            folder.hub.issue_key("客服", Role.AGENT, shops),
            folder.hub.issue_key("训练师", Role.TRAINER, shops),
            folder.hub.issue_key("红队", Role.TRAINER, ["nasty", "decide"]),
        )


@pytest.fixture(scope="session")
def running(data: Path, keys: Keys) -> Iterator[Server]:
    with Server(data).serving() as server:
        yield server


@pytest.fixture
def server(running: Server) -> Server:
    """Running, whatever the test before did to it."""
    running.start()
    return running


@pytest.fixture
def people(chromium: Browser, server: Server) -> Iterator[People]:
    here = People(chromium, server)
    yield here
    here.leave()


@pytest.fixture
def api(server: Server, keys: Keys) -> Iterator[httpx.Client]:
    """The API with the trainer's key."""
    with client(server.address, keys.trainer) as http:
        yield http
