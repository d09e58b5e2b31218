"""docs/integrate.md does what it says: its examples are run, in their order, against the service on the demo shops."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from browser.driving import DEMO, Server, client
from ingest.folder import import_folder, read_shops
from integrating import DOCUMENT, Example, examples
from kb.store.folder import DataFolder
from kb.store.grant import Role

EXAMPLES = examples("bash", "python")


@dataclass(frozen=True)
class Place:
    """The running service and what the examples know of it."""

    address: str
    environment: dict[str, str]
    routes: frozenset[str]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    data = tmp_path_factory.mktemp("integrate") / "data"
    with DataFolder(data) as folder:
        shops = [shop for shop in read_shops(DEMO) if shop.slug in ("qingluo", "baicao")]
        for shop in shops:
            folder.hub.add_merchant(shop.slug, shop.name, platform=shop.platform, color=shop.color)
        for _ in import_folder(folder.merchant("qingluo"), None, DEMO / "qingluo"):
            pass
        slugs = [shop.slug for shop in shops]
        keys = {name: folder.hub.issue_key(name, Role.AGENT, slugs) for name in ("KEY", "AGENT_KEY")}
        hook = folder.hub.hooks.add("chatwoot", "", {"3": "qingluo", "4": "baicao"})
    with Server(data).serving() as server:
        with client(server.address) as http:
            routes = frozenset(http.get("/v1/openapi.json").json()["paths"])
        known = {"BASE": server.address, "HOOK": hook.id, "HOOK_SECRET": hook.secret, **keys}
        yield Place(server.address, known, routes)


def run(example: Example, place: Place, folder: Path) -> str:
    """Its output, as a reader would see it."""
    command = {"bash": ["bash", "-euo", "pipefail"], "python": [sys.executable, "-W", "error"]}[example.language]
    script = folder / f"example.{example.language}"
    script.write_text(example.text, encoding="utf-8")
    kept = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}
    done = subprocess.run(
        [*command, script],
        env={**kept, "PYTHONUTF8": "1", **place.environment},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, f"{DOCUMENT.name}, {example.name}:\n{done.stdout}{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def printed(place: Place, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """All of them in the order of the text: a later one may build on an earlier one."""
    return {
        example.name: run(example, place, tmp_path_factory.mktemp("example"))
        for example in EXAMPLES
        if _served(example, place)
    }


def _served(example: Example, place: Place) -> bool:
    """Whether the service has the fixed addresses that the example calls."""
    called = set(re.findall(r"/v1/(?:outcomes|events|suggest|stream|tickets)\b", example.text))
    return called <= place.routes


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_an_example_does_what_it_says(example: Example, printed: dict[str, str], place: Place) -> None:
    if not _served(example, place):
        pytest.skip("the service has no such address yet")
    assert example.prints, f"{example.name} says nothing about what it prints"
    assert example.prints in printed[example.name]


def test_what_the_examples_told_is_kept_masked_and_in_its_shop(printed: dict[str, str], place: Place) -> None:
    with httpx.Client(
        base_url=place.address, headers={"Authorization": f"Bearer {place.environment['AGENT_KEY']}"}, trust_env=False
    ) as http:
        open_chats = http.get("/v1/conversations").json()["conversations"]
        first = http.get("/v1/conversations/c-1001", params={"shop": "qingluo"}).json()
        assert http.get("/v1/conversations/c-1001", params={"shop": "baicao"}).status_code == 404
    assert {chat["id"] for chat in open_chats} == {"c-1001", "c-1002", "c-1003", f"{place.environment['HOOK']}:12"}
    assert {chat["shop"] for chat in open_chats} == {"qingluo"}
    assert [said["text"] for said in first["messages"]] == ["羊毛大衣可以机洗吗"]


def test_the_document_has_the_examples_it_promises() -> None:
    languages = [example.language for example in examples("bash", "python", "html")]
    assert (languages.count("bash"), languages.count("python"), languages.count("html")) == (4, 4, 1)
    fences = DOCUMENT.read_text(encoding="utf-8").count("```")
    assert fences % 2 == 0
    if shutil.which("curl") is None:
        pytest.fail("the examples need curl")
