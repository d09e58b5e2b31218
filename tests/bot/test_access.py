"""T2, T4: who may call what, as one table (calls.py); and what a session is."""

from __future__ import annotations

import httpx
import pytest
from calls import AGENT, ANY_KEY, ANYBODY, CALLS, TRAINER, Call, operations
from running import Inside
from world import World

from bot.access import COOKIE
from kb.store.grant import Role

MAY = {
    "nobody": {ANYBODY},
    "expired": {ANYBODY},
    "revoked": {ANYBODY},
    "unknown": {ANYBODY},
    "agent-a": {ANYBODY, ANY_KEY, AGENT},
    "trainer-a": {ANYBODY, ANY_KEY, AGENT, TRAINER},
}


def expected(call: Call, who: str) -> int:
    if call.needs in MAY[who]:
        return call.status
    return 403 if who in ("agent-a", "trainer-a") else 401


def log_in(http: httpx.Client, key: str) -> None:
    assert http.post("/v1/session", json={"key": key}).status_code == 200


def test_no_operation_is_missing_from_the_table(server: Inside) -> None:
    assert {call.name for call in CALLS} == operations(server.app)


@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.name)
@pytest.mark.parametrize("who", MAY)
def test_the_access_table_is_what_the_service_does(call: Call, who: str, server: Inside, world: World) -> None:
    with server.client(world.keys.get(who)) as http:
        reply = call.send(http, entry=world.entries["a"][0])
    assert reply.status_code == expected(call, who)


@pytest.mark.parametrize("call", [c for c in CALLS if c.needs != ANYBODY], ids=lambda call: call.name)
@pytest.mark.parametrize("who", ["agent-a", "trainer-a"])
def test_a_session_may_do_what_its_key_may(call: Call, who: str, server: Inside, world: World) -> None:
    with server.client() as http:
        log_in(http, world.keys[who])
        assert call.send(http, entry=world.entries["a"][0]).status_code == (call.by_session or expected(call, who))


@pytest.mark.parametrize("call", [c for c in CALLS if c.needs != ANYBODY], ids=lambda call: call.name)
def test_a_refusal_says_how_to_get_in(call: Call, server: Inside, world: World) -> None:
    with server.client() as http:
        reply = call.send(http, entry=world.entries["a"][0])
    assert reply.headers["www-authenticate"] == "Bearer"
    assert reply.json()["code"] == "HS-401"


@pytest.mark.parametrize(
    "header", ["Bearer", "bearer hs_x", "Basic aHNfeDp4", "hs_x", "Bearer hs_x hs_y", "Bearer \xe4\xbd\xa0"]
)
def test_a_strange_authorization_is_no_key(header: str, server: Inside) -> None:
    with server.client() as http:
        reply = http.get("/v1/shops", headers={b"Authorization": header.encode("latin-1")})
    assert reply.status_code == 401


def test_a_key_works_in_the_header_and_nowhere_else(server: Inside, world: World) -> None:
    # In an address it would be written to every log on the way.
    key = world.keys["agent-a"]
    with server.client() as http:
        for query in ("key", "token", "access_token", "api_key", COOKIE):
            assert http.get("/v1/shops", params={query: key}).status_code == 401
        assert http.get("/v1/shops", headers={"X-Api-Key": key}).status_code == 401
        assert http.get("/v1/shops", headers={"Cookie": f"{COOKIE}={key}"}).status_code == 401


# -- sessions


def test_logging_in_tells_who_one_is_and_which_shops(server: Inside, world: World) -> None:
    with server.client() as http:
        told = http.post("/v1/session", json={"key": world.keys["agent-ab"]}).json()
        again = http.get("/v1/session").json()
    assert (told["label"], told["role"], [shop["slug"] for shop in told["shops"]]) == ("两店客服", "agent", ["a", "b"])
    assert {**again, "expires_at": None} == {**told, "expires_at": None}
    assert {"slug", "name", "platform", "color", "generation", "entries", "products"} == set(told["shops"][0])


def test_logging_out_ends_the_session_on_the_server_too(server: Inside, world: World) -> None:
    # Forgetting the cookie in the browser is not enough: a copy of it must be dead as well.
    with server.client() as http:
        log_in(http, world.keys["agent-a"])
        copy = http.cookies[COOKIE]
        assert http.delete("/v1/session").status_code == 204
        assert COOKIE not in http.cookies
        assert http.get("/v1/session", headers={"Cookie": f"{COOKIE}={copy}"}).status_code == 401


def test_logging_out_one_session_leaves_the_others(server: Inside, world: World) -> None:
    with server.client() as here, server.client() as there:
        for http in (here, there):
            log_in(http, world.keys["agent-a"])
        here.delete("/v1/session")
        assert there.get("/v1/session").status_code == 200


def test_every_login_is_a_session_of_its_own(server: Inside, world: World) -> None:
    with server.client() as http:
        log_in(http, world.keys["agent-a"])
        first = http.cookies[COOKIE]
        log_in(http, world.keys["agent-a"])
        assert http.cookies[COOKIE] != first


@pytest.mark.parametrize("who", ["expired", "revoked", "unknown"])
def test_a_dead_key_opens_no_session(who: str, server: Inside, world: World) -> None:
    with server.client() as http:
        reply = http.post("/v1/session", json={"key": world.keys[who]})
    assert reply.status_code == 401
    assert "set-cookie" not in reply.headers
    assert world.keys[who] not in reply.text


def test_a_revoked_key_ends_at_once_in_the_header_and_in_the_session(server: Inside) -> None:
    hub = server.service.folder.hub
    key = hub.issue_key("要停用的", Role.AGENT, ["a"])
    with server.client() as browser, server.client(key) as program:
        log_in(browser, key)
        assert browser.get("/v1/shops").status_code == program.get("/v1/shops").status_code == 200
        hub.revoke_keys("要停用的")
        assert browser.get("/v1/shops").status_code == program.get("/v1/shops").status_code == 401


def test_a_bearer_key_wins_over_a_session(server: Inside, world: World) -> None:
    with server.client() as http:
        log_in(http, world.keys["trainer-a"])
        reply = http.get("/v1/session", headers={"Authorization": f"Bearer {world.keys['agent-b']}"})
        assert [shop["slug"] for shop in reply.json()["shops"]] == ["b"]
        dead = http.get("/v1/session", headers={"Authorization": f"Bearer {world.keys['revoked']}"})
        assert dead.status_code == 401  # and does not fall back on the cookie
