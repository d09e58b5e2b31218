"""Learning over HTTP: agents decide, a trainer sees what could be learned and what it would do, and says yes or no."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest
from running import Inside, inside
from world import World, build, canary

from bot.settings import Settings
from kb.model import Gold
from kb.store.merchant import MerchantStore

_numbers = count()


@pytest.fixture
def shops(tmp_path: Path) -> Iterator[tuple[Inside, World]]:
    """A service of its own for every test: what is decided stays decided."""
    world = build(tmp_path / "data")
    with inside(Settings(data=world.data, engine="none")) as running:
        yield running, world


@pytest.fixture
def server(shops: tuple[Inside, World]) -> Inside:
    return shops[0]


@pytest.fixture
def world(shops: tuple[Inside, World]) -> World:
    return shops[1]


@pytest.fixture
def store(server: Inside) -> MerchantStore:
    return server.service.folder.merchant("a")


@pytest.fixture
def trainer(server: Inside, world: World) -> httpx.Client:
    return server.client(world.keys["trainer-a"])


def asked_for(slug: str) -> str:
    return f"{canary(slug)}的包裹几天寄走"


def tell(http: httpx.Client, entry: str, asked: str, kind: str = "inserted", times: int = 2, **more: Any) -> None:
    events = [
        {"id": f"event-{i:06}", "kind": kind, "suggestion": f"sg_{i}", "entry": entry, "asked": asked, **more}
        for i in (next(_numbers) for _ in range(times))
    ]
    assert http.post("/v1/events", json={"events": events}).json() == {"accepted": times, "duplicates": 0}


def proposals(http: httpx.Client) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = http.get("/v1/proposals").json()["proposals"]
    return found


def first(http: httpx.Client, text: str) -> tuple[str, float]:
    hits = http.post("/v1/suggest", json={"text": text}).json()["hits"]
    return (hits[0]["entry"], hits[0]["probability"]) if hits else ("", 0.0)


def test_what_agents_use_is_proposed_accepted_and_live_at_once(
    agent: httpx.Client, trainer: httpx.Client, store: MerchantStore, world: World
) -> None:
    entry, asked = world.entries["a"][0], asked_for("a")
    store.replace_gold([Gold("g", f"{canary('a')}什么时候发货", keys=frozenset({store.entry(entry).key}))])
    tell(agent, entry, f"亲，{asked}呀")
    [proposal] = proposals(trainer)
    assert (proposal["entry"], proposal["polarity"], proposal["support"], proposal["agents"]) == (entry, "+", 2, 1)
    assert (proposal["title"], proposal["verdict"]) == (store.entry(entry).question, "harmless")
    assert (proposal["trial"]["answerable"], proposal["trial"]["right_before"], proposal["trial"]["lost"]) == (1, 1, [])
    reply = trainer.post("/v1/proposals/accept", json={"ids": [proposal["id"]]}).json()
    assert reply == {"decided": 1, "generation": store.generation()}
    assert first(agent, asked)[1] == 0.99
    assert [p["origin"] for p in trainer.get(f"/v1/entries/{entry}").json()["phrasings"]][-1] == "feedback"
    record = trainer.get("/v1/imports").json()["imports"][0]
    assert (record["kind"], record["added"], record["by"]) == ("learn", 1, "trainer-a")
    assert proposals(trainer) == []
    assert trainer.post("/v1/proposals/accept", json={"ids": [proposal["id"]]}).json()["decided"] == 0


def test_what_is_dismissed_is_gone_for_good(agent: httpx.Client, trainer: httpx.Client, world: World) -> None:
    tell(agent, world.entries["a"][0], asked_for("a"), "rejected")
    [proposal] = proposals(trainer)
    assert (proposal["polarity"], proposal["verdict"], proposal["trial"]) == ("-", "open", None)
    ids = {"ids": [proposal["id"]]}
    assert trainer.post("/v1/proposals/dismiss", json=ids).json()["decided"] == 1
    tell(agent, world.entries["a"][0], asked_for("a"), "rejected", times=5)
    assert proposals(trainer) == []
    reply = trainer.post("/v1/proposals/accept", json=ids)
    assert (reply.status_code, reply.json()["code"]) == (409, "HS-409")


def test_a_harmful_one_is_listed_as_such_and_refused_in_chinese(
    agent: httpx.Client, trainer: httpx.Client, store: MerchantStore, world: World
) -> None:
    question = f"{canary('a')}什么时候发货"
    first_key = store.entry(world.entries["a"][0]).key
    store.replace_gold([Gold("g", question, keys=frozenset({first_key})), Gold("r", asked_for("a"))])
    tell(agent, world.entries["a"][0], asked_for("a"))
    [proposal] = proposals(trainer)
    assert (proposal["verdict"], proposal["trial"]["lost"]) == ("harmful", [asked_for("a")])
    reply = trainer.post("/v1/proposals/accept", json={"ids": [proposal["id"]]})
    assert (reply.status_code, reply.json()["code"]) == (422, "HS-422")
    assert asked_for("a") in reply.json()["detail"] and reply.json()["remedy"]


def test_a_trainers_own_choice_is_enough_an_agents_is_not(
    agent: httpx.Client, trainer: httpx.Client, world: World
) -> None:
    tell(agent, world.entries["a"][0], asked_for("a"), times=1)
    assert proposals(trainer) == []
    tell(trainer, world.entries["a"][0], f"{canary('a')}打包好要多少时间", times=1)
    assert [p["text"] for p in proposals(trainer)] == [f"{canary('a')}打包好要多少时间"]


def test_how_many_must_agree_is_a_setting(tmp_path: Path) -> None:
    world = build(tmp_path / "data")
    with inside(Settings(data=world.data, engine="none", least_support=3)) as running:
        agent, trainer = running.client(world.keys["agent-a"]), running.client(world.keys["trainer-a"])
        tell(agent, world.entries["a"][0], asked_for("a"))
        assert proposals(trainer) == []
        tell(agent, world.entries["a"][0], asked_for("a"), times=1)
        assert len(proposals(trainer)) == 1


def test_what_a_buyer_wrote_is_masked_cut_and_kept_with_decisions_only(
    agent: httpx.Client, store: MerchantStore, world: World
) -> None:
    private = "寄到上海市浦东新区花园路12号3室，电话13800138000"
    for kind in ("shown", "viewed", "ignored"):
        tell(agent, world.entries["a"][0], private, kind, times=1)
    assert store.telling_events() == []
    for kind in ("inserted", "edited", "sent", "rejected"):
        tell(agent, world.entries["a"][0], private + "长" * 9_000, kind, times=1)
    kept = store.telling_events()
    assert len(kept) == 4
    for event in kept:
        assert "13800138000" not in event.asked and "花园路" not in event.asked and len(event.asked) <= 500
    raw = b"".join(path.read_bytes() for path in (world.data / "merchants" / "a").glob("kb.db*"))
    assert b"13800138000" not in raw and "花园路12号".encode() not in raw


def test_an_older_client_that_sends_no_message_is_served_as_before(agent: httpx.Client, store: MerchantStore) -> None:
    event = {"id": "event-older", "kind": "inserted", "suggestion": "sg_1", "entry": "e_1"}
    assert agent.post("/v1/events", json={"events": [event]}).json()["accepted"] == 1
    assert store.telling_events() == []


def test_a_shop_sees_its_own_proposals_and_decides_them_only(server: Inside, world: World) -> None:
    for slug in ("a", "b"):
        tell(server.client(world.keys[f"agent-{slug}"]), world.entries[slug][0], asked_for(slug))
    mine, theirs = (server.client(world.keys[f"trainer-{slug}"]) for slug in ("a", "b"))
    told = mine.get("/v1/proposals")
    assert canary("a") in told.text and world.leaked("b", told.text, str(told.headers)) == []
    foreign = {"ids": [proposals(theirs)[0]["id"]]}
    for act in ("accept", "dismiss"):
        reply = mine.post(f"/v1/proposals/{act}", json=foreign)
        assert reply.status_code == 404 and world.leaked("b", reply.text) == []
    assert len(proposals(theirs)) == 1


@pytest.mark.parametrize(
    "body", [{}, {"ids": []}, {"ids": "pr_1"}, {"ids": ["x" * 65]}, {"ids": ["p"] * 201}, {"ids": [1]}]
)
def test_a_strange_decision_is_refused(body: dict[str, Any], trainer: httpx.Client) -> None:
    for act in ("accept", "dismiss"):
        assert trainer.post(f"/v1/proposals/{act}", json=body).status_code == 422


def test_half_a_character_is_no_proposal(trainer: httpx.Client) -> None:
    half = {"content": b'{"ids": ["\\ud83d"]}', "headers": {"Content-Type": "application/json"}}
    assert trainer.post("/v1/proposals/accept", **half).status_code in (404, 422)  # type: ignore[arg-type]
