"""Living in another site's frame: which sites may, how its server lets an agent in, and what cookie comes of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from running import Inside, inside
from world import World, build

from bot.access import COOKIE
from bot.hosts.origins import read_origins
from bot.settings import Settings
from bot.tickets import LIFETIME_S, Tickets
from kb.errors import Unauthorised
from kb.store.grant import Grant, Role

DESK = "https://desk.example.com"
STRICT = {"HttpOnly", "Path=/", "SameSite=strict", "Secure"}
EMBEDDED = {"HttpOnly", "Path=/", "SameSite=None", "Secure", "Partitioned"}


@pytest.fixture(scope="module")
def server(world: World) -> Iterator[Inside]:
    with inside(Settings(data=world.data, engine="none", origins=DESK, secure_cookie=True)) as running:
        yield running


def ticket(server: Inside, key: str) -> str:
    with server.client(key) as http:
        reply = http.post("/v1/tickets")
    assert reply.status_code == 201, reply.text
    told = reply.json()
    assert told["path"] == f"/login#ticket={told['ticket']}"  # in the fragment, which no server and no log sees
    assert told["expires_in_s"] == LIFETIME_S
    return str(told["ticket"])


# -- tickets


def test_a_ticket_opens_one_session_with_the_rights_of_its_key(server: Inside, world: World) -> None:
    mine = ticket(server, world.keys["agent-ab"])
    with server.client() as http:
        told = http.post("/v1/session", json={"ticket": mine, "embedded": True}).json()
        assert (told["label"], [shop["slug"] for shop in told["shops"]]) == ("两店客服", ["a", "b"])
        again = http.post("/v1/session", json={"ticket": mine, "embedded": True})
    assert (again.status_code, "set-cookie" in again.headers) == (401, False)


def test_a_session_cannot_be_turned_into_tickets(server: Inside, world: World) -> None:
    # A stolen cookie would otherwise never end: each ticket is a new session.
    with server.client() as http:
        cookie = http.post("/v1/session", json={"key": world.keys["agent-a"]}).headers["set-cookie"].split(";")[0]
        for more in ({}, {"Authorization": "Basic eDp5"}, {"Authorization": "Bearer"}, {"Authorization": ""}):
            assert http.post("/v1/tickets", headers={"Cookie": cookie, **more}).status_code == 403


def test_a_ticket_of_a_key_that_ended_meanwhile_opens_nothing(server: Inside) -> None:
    hub = server.service.folder.hub
    mine = ticket(server, hub.issue_key("马上停用", Role.AGENT, ["a"]))
    hub.revoke_keys("马上停用")
    with server.client() as http:
        reply = http.post("/v1/session", json={"ticket": mine})
    assert (reply.status_code, "set-cookie" in reply.headers) == (401, False)


@pytest.mark.parametrize("body", [{}, {"key": "hs_x", "ticket": "ht_x"}, {"ticket": ""}, {"ticket": "x" * 201}])
def test_one_logs_in_with_a_key_or_with_a_ticket(body: dict[str, str], server: Inside) -> None:
    with server.client() as http:
        assert http.post("/v1/session", json=body).status_code == 422


def grant(label: str = "谁") -> Grant:
    return Grant("k_1", label, frozenset({Role.AGENT}), ("a",), None)


@given(st.lists(st.floats(0, 2 * LIFETIME_S), min_size=1, max_size=20))
def test_a_ticket_lives_a_minute_by_a_clock_that_nobody_sets(waits: list[float]) -> None:
    now = [0.0]
    tickets = Tickets(lambda: now[0])
    for wait in waits:
        mine = tickets.issue(grant())
        now[0] += wait
        if wait < LIFETIME_S:
            assert tickets.redeem(mine) == grant()
        with pytest.raises(Unauthorised):
            tickets.redeem(mine)


def test_tickets_nobody_used_are_forgotten() -> None:
    now = [0.0]
    tickets = Tickets(lambda: now[0])
    for _ in range(30_000):  # three times as many as may wait at once
        tickets.issue(grant())
        now[0] += LIFETIME_S / 1000
    assert len(tickets._open) <= 1001


# -- the cookie


def flags(server: Inside, key: str, *, embedded: bool) -> set[str]:
    with server.client() as http:
        reply = http.post("/v1/session", json={"key": key, "embedded": embedded})
    return set(reply.headers["set-cookie"].split("; ")[1:])


def test_only_a_page_in_a_foreign_frame_gets_a_cookie_that_comes_back_there(server: Inside, world: World) -> None:
    assert flags(server, world.keys["agent-a"], embedded=False) == STRICT
    assert flags(server, world.keys["agent-a"], embedded=True) == EMBEDDED


@pytest.mark.parametrize(("origins", "secure"), [("", True), (DESK, False), ("", False)])
def test_without_https_or_other_origins_embedding_weakens_nothing(origins: str, secure: bool, tmp_path: Path) -> None:
    world = build(tmp_path / "data")
    settings = Settings(data=world.data, engine="none", origins=origins, secure_cookie=secure)
    with inside(settings) as running:
        found = flags(running, world.keys["agent-a"], embedded=True)
    assert found == (STRICT if secure else STRICT - {"Secure"})


def test_the_looser_cookie_lets_no_foreign_page_write(server: Inside, world: World) -> None:
    with server.client() as http:
        reply = http.post("/v1/session", json={"key": world.keys["agent-a"], "embedded": True})
        cookie = {"Cookie": reply.headers["set-cookie"].split(";")[0]}
        for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": DESK}):
            assert http.post("/v1/suggest", json={"text": "在"}, headers={**cookie, **headers}).status_code == 403
        assert http.post("/v1/suggest", json={"text": "在"}, headers=cookie).status_code == 200


def test_logging_out_takes_either_cookie_back(server: Inside, world: World) -> None:
    with server.client() as http:
        reply = http.post("/v1/session", json={"key": world.keys["agent-a"], "embedded": True})
        cookie = {"Cookie": reply.headers["set-cookie"].split(";")[0]}
        gone = http.delete("/v1/session", headers=cookie).headers.get_list("set-cookie")
        assert http.get("/v1/session", headers=cookie).status_code == 401
    assert [line.split("=")[0] for line in gone] == [COOKIE, COOKIE]
    assert all("Max-Age=0" in line for line in gone) and sum("Partitioned" in line for line in gone) == 1


# -- origins


@pytest.mark.parametrize(
    ("text", "origins"),
    [
        ("", ()), ("  ", ()), (DESK, (DESK,)), (f"{DESK}/", (DESK,)), ("HTTPS://Desk.Example.com", (DESK,)),
        (f"{DESK}:443 http://a:80 http://a:443", (DESK, "http://a", "http://a:443")),
        (f"{DESK} {DESK}", (DESK,)), ("http://[::1]:8080", ("http://[::1]:8080",)),
        ("http://192.168.1.5:9000", ("http://192.168.1.5:9000",)),
    ],
)  # fmt: skip
def test_origins_are_read_as_browsers_write_them(text: str, origins: tuple[str, ...]) -> None:
    assert read_origins(text) == origins


@pytest.mark.parametrize(
    "text",
    ["*", "https://*", "https://*.example.com", "desk.example.com", "https://", "https://a/b", "https://a?b", "null", "'self'",
     "data:", "https://a;script-src", 'https://a"><script>', "https://a,b", "https://user@a", "ftp://a", "https://a:0",
     "https://a:123456", "https://桌子.cn", " ".join(f"https://a{i}" for i in range(21))],
)  # fmt: skip
def test_what_is_no_origin_stops_the_start(text: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError):
        read_origins(text)
    with pytest.raises(ValidationError):
        Settings(data=tmp_path, origins=text)


@given(st.text(max_size=40))
def test_no_origin_ever_ends_a_header_or_an_attribute(text: str) -> None:
    for wrapped in (text, f"https://{text}", f"https://a{text}"):
        try:
            found = read_origins(wrapped)
        except ValueError:
            continue
        assert not set(" ".join(found)) & set("\"'<>;,*\r\n\t&")
        assert read_origins(" ".join(found)) == found
