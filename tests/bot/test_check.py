"""POST /v1/check: what is wrong with a text is told with its place, and nothing of another shop with it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest
from running import Inside, inside
from world import World, canary

from bot.settings import Settings
from kb.store.folder import DataFolder


def checked(http: httpx.Client, text: str, **more: Any) -> dict[str, Any]:
    reply = http.post("/v1/check", json={"text": text, **more}, params={"shop": "a"})
    assert reply.status_code == 200, reply.text
    body: dict[str, Any] = reply.json()
    return body


@pytest.fixture
def agent(server: Inside, world: World) -> httpx.Client:
    return server.client(world.keys["agent-ab"])


def test_spans_count_code_points(agent: httpx.Client) -> None:
    text = "😀😀加V❤️聊"
    (found,) = checked(agent, text)["findings"]
    assert (found["start"], found["end"], found["text"]) == (2, 5, "加V❤")
    assert found["kind"] == "contact" and found["severity"] == "block" and found["advice"]


def test_a_clean_text_has_no_findings_and_all_shops_were_compared(agent: httpx.Client) -> None:
    body = checked(agent, "亲，在的")
    assert (body["findings"], body["blocked"], body["complete"]) == ([], False, True)
    assert body["took_ms"] >= 0


def test_a_paste_of_another_shop_is_blocked_and_its_own_shop_may_send_it(agent: httpx.Client) -> None:
    text = f"亲，外套{canary('b')}有货"
    body = checked(agent, text)
    assert body["blocked"] and {found["kind"] for found in body["findings"]} == {"wrong_shop"}
    own = agent.post("/v1/check", json={"text": text}, params={"shop": "b"}).json()
    assert own["findings"] == []


def test_the_reply_holds_nothing_of_the_other_shop(agent: httpx.Client, world: World) -> None:
    # The words that are checked are its own, cut in pieces: no piece may be answered with the rest of it.
    for text in ("店kanarie", "外套kanarieb", "发 SPkanarie", "仓kanariebbbvoge"):
        assert world.leaked("b", str(checked(agent, text))) == []


def test_what_is_published_counts_with_the_next_check(server: Inside, world: World, agent: httpx.Client) -> None:
    said = "亲，退换的大衣请连同防尘罩一起寄回仓库，少了要扣12元"
    assert checked(agent, said)["findings"] == []
    with server.client(world.keys["trainer-b"]) as trainer:
        entry = {"kind": "script", "answers": [{"text": said}], "status": "published"}
        assert trainer.post("/v1/entries", json=entry).status_code == 201
    assert [found["rule"] for found in checked(agent, said)["findings"]] == ["wrong_shop.sentence"]
    with server.client(world.keys["trainer-a"]) as trainer:
        assert trainer.post("/v1/entries", json=entry).status_code == 201
    assert checked(agent, said)["findings"] == []  # now it is its own as well


def test_nothing_of_a_checked_text_is_kept(agent: httpx.Client, world: World) -> None:
    checked(agent, "记住暗号蓝鲸跳舞")
    kept = [path.read_bytes() for path in Path(world.data).rglob("*") if path.is_file() and path.name != "lock"]
    assert not any("蓝鲸跳舞".encode() in content for content in kept)


@pytest.mark.parametrize("body", [{}, {"text": "好" * 10_001}, {"text": "好", "shop": "b"}, {"text": 3}])
def test_a_request_that_is_not_as_agreed_is_refused(body: dict[str, Any], agent: httpx.Client) -> None:
    assert agent.post("/v1/check", json=body, params={"shop": "a"}).status_code == 422


def test_the_salt_outlives_a_restart_and_is_each_vendors_own(tmp_path: Path) -> None:
    salts = []
    for name in ("one", "one", "two"):
        with DataFolder(tmp_path / name) as folder:
            salts.append(folder.hub.check_salt())
    assert salts[0] == salts[1] != salts[2] and len(salts[0]) == 32


def test_after_a_start_the_other_shops_are_known_without_being_asked(tmp_path: Path) -> None:
    from world import build

    world = build(tmp_path / "data")
    with inside(Settings(data=world.data, engine="none")) as running:
        http = running.client(world.keys["agent-a"])
        body = http.post("/v1/check", json={"text": f"外套{canary('b')}"}).json()
    assert body["complete"] and body["blocked"]
