"""kill -9 while events come in and while the server ends what is open: nothing acknowledged is lost, nothing is there twice."""

from __future__ import annotations

import random
import signal
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

import httpx
import pytest
from running import Server, client, serving, until
from world import build

from kb.events.life import card_of, is_ours, lives
from kb.model import Event
from kb.store.folder import DataFolder

SEED = 20261122
LONG_AGO = 7200  # seconds: what is shown so long ago is due at the first sweep


def shown_and_some_used(name: str, chance: random.Random) -> list[dict[str, Any]]:
    """A suggestion of three cards, and what became of some of them; the rest is left open."""
    at = int(time.time()) - LONG_AGO
    cards = [{"suggestion": f"sg_{name}", "entry": f"e{i}", "rank": i, "at": at} for i in (1, 2, 3)]
    batch = [{**card, "id": f"shown-{name}-{card['rank']}", "kind": "shown"} for card in cards]
    for card in chance.sample(cards, chance.randint(0, 2)):
        kind = chance.choice(["inserted", "rejected", "ignored", "edited"])
        batch.append({**card, "id": f"{kind}-{name}-{card['rank']}", "kind": kind})
    chance.shuffle(batch)
    return batch


def post_until_killed(server: Server, key: str, name: str, acknowledged: set[str]) -> None:
    chance, number = random.Random(f"{SEED} {name}"), 0
    with client(server.address, key) as http:
        while True:
            batch = shown_and_some_used(f"{name}-{number:04}", chance)
            number += 1
            try:
                reply = http.post("/v1/events", json={"events": batch})
            except httpx.TransportError:
                return
            assert reply.status_code == 200, reply.text
            acknowledged.update(one["id"] for one in batch)
            time.sleep(0.01)  # a busy shop, not a flood


def events_of(data: Path) -> list[Event]:
    with DataFolder(data) as folder:
        return folder.merchant("a").events()


@pytest.mark.slow
def test_after_kills_and_restarts_every_card_shown_has_one_end(tmp_path: Path) -> None:
    world = build(tmp_path / "data")
    key, acknowledged = world.keys["agent-a"], set[str]()
    before = 0
    for name in ("one", "two"):  # killed amid events, and amid the server's ends
        with serving(world.data) as server:
            workers = [
                threading.Thread(target=post_until_killed, args=(server, key, f"{name}-{i}", acknowledged))
                for i in range(2)
            ]
            for worker in workers:
                worker.start()
            with client(server.address, world.keys["trainer-a"]) as http:
                until(lambda least=before: ended(http) > least, "the first ends of the server")
            server.stop(signal.SIGKILL)
            for worker in workers:
                worker.join()
        told = events_of(world.data)
        assert acknowledged <= {e.id for e in told}
        before = sum(is_ours(e) for e in told)
    with serving(world.data) as server, client(server.address, world.keys["trainer-a"]) as http:
        until(lambda: http.get("/v1/events/summary").json()["open"] == 0, "every card's end")
        server.stop(signal.SIGKILL)
    told = events_of(world.data)
    assert acknowledged <= {e.id for e in told} and len(acknowledged) > 100
    assert len({e.id for e in told}) == len(told)
    assert all(life.end for life in lives(told).values() if life.shown)
    assert set(Counter(card_of(e) for e in told if is_ours(e)).values()) == {1}


def ended(http: httpx.Client) -> int:
    reasons: dict[str, int] = http.get("/v1/events/summary").json()["reasons"]
    return reasons.get("timeout", 0) + reasons.get("superseded", 0)
