"""T1, T2: no byte of one shop reaches a key of another, whatever is asked and however it is put."""

from __future__ import annotations

import random
from typing import Any

import httpx
import pytest
from calls import CALLS, Call, operations, served
from running import Inside
from world import World, canary, faq_csv

REFUSED = {401, 403, 404, 422}
BOUND = [call for call in CALLS if call.shop_bound]
WITH_BODY = [call for call in BOUND if call.json is not None]
by_name = pytest.mark.parametrize("call", BOUND, ids=lambda call: call.name)


def told(reply: httpx.Response) -> tuple[str, str]:
    """All that a client can read of a reply."""
    return reply.text, str(reply.headers)


def without_instance(reply: httpx.Response) -> dict[str, Any]:
    return {name: value for name, value in reply.json().items() if name != "instance"}


def test_the_table_lists_every_operation(server: Inside) -> None:
    listed = {call.name for call in CALLS}
    assert listed == operations(server.app)
    assert listed == set(served(server.app.routes))


@by_name
def test_a_foreign_shop_is_refused_and_says_nothing(call: Call, server: Inside, world: World) -> None:
    for key in ("agent-a", "trainer-a"):
        with server.client(world.keys[key]) as http:
            reply = call.send(http, entry=world.entries["b"][0], shop="b")
        assert reply.status_code in REFUSED
        said = str(without_instance(reply)), str(reply.headers)
        assert world.leaked("b", *said) == []  # but for the address, which repeats the id that was asked for


@by_name
def test_a_foreign_shop_and_one_that_does_not_exist_answer_alike(call: Call, server: Inside, world: World) -> None:
    # A different message, status or header for "exists, but not yours" would let a competitor list our customers.
    with server.client(world.keys["trainer-a"]) as http:
        foreign = call.send(http, entry=world.entries["b"][0], shop="b")
        missing = call.send(http, entry="e_nothing", shop="nowhere")
    assert foreign.status_code == missing.status_code == 404
    assert without_instance(foreign) == without_instance(missing)
    assert sorted(foreign.headers) == sorted(missing.headers)


@pytest.mark.parametrize("call", [c for c in BOUND if "{entry_id}" in c.path], ids=lambda call: call.name)
def test_a_foreign_entry_and_one_that_does_not_exist_answer_alike(call: Call, server: Inside, world: World) -> None:
    with server.client(world.keys["trainer-a"]) as http:
        for shop in ("a", None):
            missing = call.send(http, entry="e_nothing", shop=shop)
            for entry in world.entries["b"]:
                foreign = call.send(http, entry=entry, shop=shop)
                assert foreign.status_code == missing.status_code == 404
                assert without_instance(foreign) == without_instance(missing)
                said = str(without_instance(foreign)), str(foreign.headers)
                assert world.leaked("b", *said) == []


@by_name
def test_without_a_shop_a_key_gets_its_own(call: Call, server: Inside, world: World) -> None:
    with server.client(world.keys["trainer-a"]) as http:
        reply = call.send(http, entry=world.entries["a"][0])
    assert reply.status_code == call.status
    assert world.leaked("b", *told(reply)) == []


@by_name
def test_a_key_of_two_shops_must_say_which(call: Call, server: Inside, world: World) -> None:
    with server.client(world.keys["trainer-ab"]) as http:
        reply = call.send(http, entry="e_nothing")
    assert reply.status_code == 422 and "shop" in reply.json()["detail"]
    assert world.leaked("a", *told(reply)) == world.leaked("b", *told(reply)) == []


@pytest.mark.parametrize("call", WITH_BODY, ids=lambda call: call.name)
@pytest.mark.parametrize("field", ["shop", "merchant", "merchant_id", "slug"])
def test_a_body_cannot_name_a_shop(call: Call, field: str, server: Inside, world: World) -> None:
    with server.client(world.keys["trainer-a"]) as http:
        reply = call.send(http, entry=world.entries["a"][0], more={field: "b"})
    assert reply.status_code == 422
    assert reply.json()["errors"] == [{"where": f"body.{field}", "what": "不认识这一项"}]


@pytest.mark.parametrize("field", ["id", "key", "origin", "source", "version", "updated_at", "row_hash"])
def test_a_new_entry_cannot_bring_what_only_the_service_sets(field: str, server: Inside, world: World) -> None:
    body = {"question": "问", "answers": [{"text": "答"}], field: world.entries["b"][0]}
    with server.client(world.keys["trainer-a"]) as http:
        assert http.post("/v1/entries", json=body).status_code == 422


def test_two_shops_in_one_address_are_not_a_way_around(server: Inside, world: World) -> None:
    with server.client(world.keys["agent-a"]) as http:
        for order in ("shop=a&shop=b", "shop=b&shop=a", "shop=a&Shop=b", "shop=a%00b", "shop=a;shop=b"):
            reply = http.get(f"/v1/search?q=发货&{order}")
            assert world.leaked("b", *told(reply)) == []


def test_the_two_shops_that_are_asked_for_are_the_ones_that_answer(server: Inside, world: World) -> None:
    # The tests above would all pass on a service that answers nothing.
    for slug, other in (("a", "b"), ("b", "a")):
        with server.client(world.keys["agent-ab"]) as http:
            replies = [
                http.post("/v1/suggest", params={"shop": slug}, json={"text": f"{canary(slug)}什么时候发货"}),
                http.get("/v1/search", params={"shop": slug, "q": "发货"}),
            ]
        for reply in replies:
            assert canary(slug) in reply.text
            assert world.leaked(other, *told(reply)) == []


# -- everything at once


class Script:
    """A seeded run of both shops' trainers and agents on one service."""

    def __init__(self, server: Inside, world: World, seed: int) -> None:
        self.random = random.Random(seed)
        self.world = world
        self.http = {slug: server.client(world.keys[f"trainer-{slug}"]) for slug in ("a", "b")}
        self.entries = {slug: list(world.entries[slug]) for slug in ("a", "b")}
        self.steps = [
            self.suggest, self.search, self.listed, self.opened, self.edit, self.create, self.imported, self.events,
            self.products, self.trespass, self.refused,
        ]  # fmt: skip

    def step(self, number: int) -> tuple[str, str, httpx.Response]:
        slug = self.random.choice(["a", "b"])
        step = self.random.choice(self.steps)
        return slug, step.__name__, step(slug, number)

    def suggest(self, slug: str, number: int) -> httpx.Response:
        texts = ["什么时候发货", "能退吗", "外套什么面料", f"{canary(slug)}几时发货", f"问题{number - 3}怎么办"]
        body = {
            "text": self.random.choice(texts),
            "product": self.random.choice(["", f"SP{canary('a')}", f"SP{canary('b')}"]),
        }
        return self.http[slug].post("/v1/suggest", json={**body, "limit": 10})

    def search(self, slug: str, number: int) -> httpx.Response:
        return self.http[slug].get("/v1/search", params={"q": self.random.choice(["发", "fh", "外套", "SKU", "问题"])})

    def listed(self, slug: str, number: int) -> httpx.Response:
        return self.http[slug].get("/v1/entries", params={"q": self.random.choice(["", "发货", "问题"]), "limit": 200})

    def opened(self, slug: str, number: int) -> httpx.Response:
        return self.http[slug].get(f"/v1/entries/{self.random.choice(self.entries[slug])}")

    def edit(self, slug: str, number: int) -> httpx.Response:
        entry = self.opened(slug, number).json()
        body = {
            "question": entry["question"], "kind": entry["kind"], "status": "published", "version": entry["version"],
            "phrasings": [{"text": f"{canary(slug)}换个问法{number}"}],
            "answers": [{"text": f"{canary(slug)}改过的答复{number}"}],
        }  # fmt: skip
        return self.http[slug].put(f"/v1/entries/{entry['id']}", json=body)

    def create(self, slug: str, number: int) -> httpx.Response:
        body = {
            "question": f"{canary(slug)}问题{number}怎么办", "status": self.random.choice(["draft", "published"]),
            "answers": [{"text": f"{canary(slug)}这样办{number}"}],
        }  # fmt: skip
        reply = self.http[slug].post("/v1/entries", json=body)
        self.entries[slug].append(reply.json()["id"])
        return reply

    def imported(self, slug: str, number: int) -> httpx.Response:
        sheet = faq_csv(
            [(f"{canary(slug)}行{number}", f"{canary(slug)}第{number}行的问题", "", f"{canary(slug)}答{number}")]
        )
        mode = self.random.choice(["preview", "commit"])
        name = f"{canary(slug)}{number}.csv"
        return self.http[slug].post("/v1/imports", params={"mode": mode}, files={"file": (name, sheet)})

    def events(self, slug: str, number: int) -> httpx.Response:
        event = {"id": f"event-{number:05}", "kind": "sent", "suggestion": "sg_1", "text": f"{canary(slug)}发了"}
        return self.http[slug].post("/v1/events", json={"events": [event]})

    def products(self, slug: str, number: int) -> httpx.Response:
        return self.http[slug].get("/v1/products", params={"q": self.random.choice(["", "外套"])})

    def trespass(self, slug: str, number: int) -> httpx.Response:
        other = "b" if slug == "a" else "a"
        return self.http[slug].post("/v1/suggest", params={"shop": other}, json={"text": "什么时候发货"})

    def refused(self, slug: str, number: int) -> httpx.Response:
        body = {"question": f"{canary(slug)}什么时候发货", "answers": [], "status": "published"}
        return self.http[slug].post("/v1/entries", json=body)


def test_whatever_the_shops_do_in_turn_neither_hears_the_other(server: Inside, world: World) -> None:
    script = Script(server, world, seed=20260830)
    seen: dict[str, set[int]] = {}
    for number in range(300):
        slug, step, reply = script.step(number)
        other = "b" if slug == "a" else "a"
        seen.setdefault(step, set()).add(reply.status_code)
        assert world.leaked(other, *told(reply)) == [], (number, slug, step)
    assert len(seen) == len(script.steps)
    good = {"suggest": 200, "search": 200, "edit": 200, "create": 201, "imported": 200, "events": 200}
    assert {step: seen[step] for step in good} == {step: {status} for step, status in good.items()}
    assert seen["trespass"] == {404} and seen["refused"] == {422}
