"""T8–T10, T12: cross-site requests, headers, cookies, logs, and no connection to the outside."""

from __future__ import annotations

import logging
import re
import socket
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from calls import CALLS, Call
from fastapi import FastAPI
from running import Inside, inside, serving, until
from world import World, build, faq_csv

from bot import logs
from bot.access import COOKIE
from bot.settings import Settings
from bot.table import PUBLIC

CSP = "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'"
HEADERS = {
    "content-security-policy": CSP,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
}


def add_bug(app: FastAPI) -> None:
    def bug() -> None:
        raise RuntimeError("boom")

    app.add_api_route("/v1/bug", bug)
    app.state.doors.table = {**app.state.doors.table, "GET /v1/bug": PUBLIC}


@pytest.fixture(scope="module")
def server(world: World) -> Iterator[Inside]:
    with inside(Settings(data=world.data, engine="none"), add_bug) as running:
        yield running


# -- cross-site requests (T9)

SITES = {None: True, "same-origin": True, "none": True, "same-site": False, "cross-site": False, "": False, "x": False}
SAFE = {"GET", "HEAD", "OPTIONS"}
CREDENTIALS = {"none": "", "bearer": "b", "cookie": "c", "cookie and bearer": "cb"}


def headers_for(credential: str, session: str, key: str) -> dict[str, str]:
    parts = CREDENTIALS[credential]
    made = {"Cookie": f"{COOKIE}={session}"} if "c" in parts else {}
    return made | ({"Authorization": f"Bearer {key}"} if "b" in parts else {})


def refused(reply: httpx.Response) -> bool:
    return reply.status_code == 403 and "别的网站" in reply.json()["detail"]


@pytest.fixture(scope="module")
def session(server: Inside, world: World) -> str:
    with server.client() as http:
        http.post("/v1/session", json={"key": world.keys["trainer-a"]})
        return http.cookies[COOKIE]


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "POST", "PUT", "DELETE", "PATCH"])
@pytest.mark.parametrize("credential", CREDENTIALS)
def test_a_foreign_page_cannot_write_with_our_cookie(
    method: str, credential: str, server: Inside, world: World, session: str
) -> None:
    # Only what the browser adds by itself, the cookie, can be abused by a foreign page; and only writes are worth it.
    with server.client() as http:
        for site, ours in SITES.items():
            headers = headers_for(credential, session, world.keys["trainer-a"])
            headers |= {} if site is None else {"Sec-Fetch-Site": site}
            reply = http.request(method, "/v1/suggest", headers=headers)
            assert refused(reply) == (method not in SAFE and "cookie" in credential and not ours), (site, reply.text)


@pytest.mark.parametrize("call", [c for c in CALLS if c.method not in SAFE], ids=lambda call: call.name)
def test_every_writing_operation_is_guarded(call: Call, server: Inside, world: World, session: str) -> None:
    headers = {"Cookie": f"{COOKIE}={session}", "Sec-Fetch-Site": "cross-site"}
    with server.client(**headers) as http:
        assert refused(call.send(http, entry=world.entries["a"][0]))


@pytest.mark.parametrize(
    ("origin", "ours"),
    [
        (None, True), ("http://{host}", True), ("https://{host}", True), ("null", False), ("", False), ("http://[", False),
        ("http://127.0.0.1", False), ("http://127.0.0.1:1", False), ("http://evil.example", False),
        ("http://{host}.evil.example", False), ("http://evil.example/{host}", False), ("{host}", False),
    ],
)  # fmt: skip
def test_an_older_browser_is_judged_by_its_origin(origin: str | None, ours: bool, server: Inside, session: str) -> None:
    headers = {"Cookie": f"{COOKIE}={session}"}
    if origin is not None:
        headers["Origin"] = origin.format(host=server.address.removeprefix("http://"))
    with server.client() as http:
        assert refused(http.post("/v1/suggest", headers=headers, json={"text": ""})) == (not ours)


def test_what_the_browser_says_of_the_site_wins_over_the_origin(server: Inside, session: str) -> None:
    headers = {"Cookie": f"{COOKIE}={session}", "Sec-Fetch-Site": "cross-site", "Origin": server.address}
    with server.client() as http:
        assert refused(http.post("/v1/suggest", headers=headers, json={"text": ""}))


def test_no_other_origin_is_ever_invited(server: Inside) -> None:
    asked = {"Origin": "http://evil.example", "Access-Control-Request-Method": "POST"}
    with server.client() as http:
        for method, path in (("OPTIONS", "/v1/suggest"), ("GET", "/healthz"), ("GET", "/"), ("OPTIONS", "/v1/session")):
            reply = http.request(method, path, headers=asked)
            assert [name for name in reply.headers if name.startswith("access-control")] == []


# -- headers (T8)


def replies(server: Inside, world: World) -> Iterator[tuple[str, httpx.Response]]:
    """One reply of every kind the service gives."""
    trainer, nobody = server.client(world.keys["trainer-a"]), server.client()
    for path in (
        "/",
        "/trainer",
        "/login",
        "/static/shared/style.css",
        "/static/shared/api.js",
        "/healthz",
        "/readyz",
        "/v1/openapi.json",
    ):
        yield path, nobody.get(path)
    yield (
        "304",
        nobody.get("/static/shared/style.css", headers={"If-None-Match": nobody.get("/static/shared/style.css").headers["etag"]}),
    )
    yield "200", trainer.get("/v1/shops")
    yield "201", trainer.post("/v1/entries", json={"kind": "script", "answers": [{"text": "好"}]})
    yield "204", nobody.delete("/v1/session")
    yield "login", nobody.post("/v1/session", json={"key": world.keys["agent-a"]})
    yield "307", trainer.get("/v1/shops/")
    yield "401", nobody.get("/v1/shops", headers={"Authorization": "Bearer x"})
    yield "403", server.client(world.keys["agent-a"]).get("/v1/entries")
    yield "403 foreign page", nobody.post("/v1/suggest", headers={"Sec-Fetch-Site": "cross-site"})
    yield "404", trainer.get("/v1/entries/e_x")
    yield "404 static", nobody.get("/static/nothing.js")
    yield "405", trainer.put("/v1/shops")
    yield "413", trainer.post("/v1/suggest", content=b"x" * 70_000)
    yield "413 chunked", trainer.post("/v1/suggest", content=(b"x" * 1000 for _ in range(70)))
    yield "415", trainer.post("/v1/imports", files={"file": ("a.png", b"x")})
    yield "422", trainer.post("/v1/suggest", json={})
    # A bug was answered by Starlette's outermost layer, around ours: without any of these headers.
    yield "500", trainer.get("/v1/bug")


def test_every_reply_carries_the_security_headers(server: Inside, world: World) -> None:
    seen = set()
    for what, reply in replies(server, world):
        seen.add(reply.status_code)
        assert {name: reply.headers.get(name) for name in HEADERS} == HEADERS, what
        assert "server" not in reply.headers, what
        private = httpx.URL(reply.request.url).path.startswith("/v1/")
        assert reply.headers["cache-control"] == ("no-store" if private else "no-cache"), what
    assert seen == {200, 201, 204, 304, 307, 401, 403, 404, 405, 413, 415, 422, 500}


def test_pages_bring_no_script_of_their_own_and_none_from_elsewhere(server: Inside) -> None:
    # The policy above would block them, and the page would be dead.
    with server.client() as http:
        for path in ("/", "/trainer", "/login", "/bookmarklet", "/pocket"):
            html = http.get(path).text
            assert re.findall(r"<script(?![^>]*\bsrc=)", html) == []
            assert re.findall(r"<[^>]+\s(?:on\w+|style)=", html) == []
            assert [u for u in re.findall(r"(?:src|href)=[\"']([^\"']+)", html) if not u.startswith(("/", "#"))] == []


def test_who_may_embed_the_sidebar_and_talk_to_it_is_one_setting(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, engine="none", origins="https://desk.example.com  http://10.0.0.5:8080/")
    with inside(settings) as running, running.client() as http:
        page = http.get("/")
    policy = page.headers["content-security-policy"]
    assert policy.endswith("; frame-ancestors 'self' https://desk.example.com http://10.0.0.5:8080")
    assert '<meta name="huashu-origins" content="https://desk.example.com http://10.0.0.5:8080">' in page.text


# -- cookies


@pytest.mark.parametrize("secure", [False, True])
def test_the_cookie_is_for_the_server_alone(secure: bool, tmp_path: Path) -> None:
    world = build(tmp_path / "data")
    with inside(Settings(data=world.data, engine="none", secure_cookie=secure)) as running, running.client() as http:
        parts = http.post("/v1/session", json={"key": world.keys["agent-a"]}).headers["set-cookie"].split("; ")
    name, _, value = parts[0].partition("=")
    assert name == COOKIE and len(value) >= 43  # 256 bits
    # No Max-Age: it ends with the browser. No Domain: it goes to no other host.
    flags = {"HttpOnly", "Path=/", "SameSite=strict"} | ({"Secure"} if secure else set())
    assert set(parts[1:]) == flags


# -- logs (T12)

PHONE, CARD, MAIL = "13912345678", "6222021234567890128", "wang.fang@example.com"
SECRET = f"我的电话{PHONE}，邮箱{MAIL}"


def tell_secrets(http: httpx.Client) -> None:
    """Personal data in every place where a client can put any."""
    http.post("/v1/suggest", json={"text": SECRET, "turns": [{"speaker": "buyer", "text": SECRET}]})
    http.post("/v1/suggest", json={"text": SECRET, PHONE: 1})
    http.post("/v1/suggest", json={"text": [SECRET]})
    http.post(
        "/v1/suggest", content=f'{{"text": "{SECRET}\\ud800"}}'.encode(), headers={"Content-Type": "application/json"}
    )
    http.post("/v1/suggest", content=SECRET.encode())
    event = {"id": "event-secret-1", "kind": "edited", "suggestion": "sg", "text": SECRET, "reason": SECRET}
    http.post("/v1/events", json={"events": [event, {**event, "id": SECRET}]})
    http.post("/v1/events", json={"events": [event]})
    http.get("/v1/search", params={"q": SECRET})
    http.get("/v1/search", params={"q": "x", "limit": PHONE, "shop": PHONE})
    http.get(f"/v1/entries/{PHONE}")
    http.put(f"/v1/entries/{PHONE}", json={"version": 1, "question": SECRET})
    http.post("/v1/session", json={"key": f"hs_{PHONE}"})
    http.get("/v1/shops", headers={"Authorization": f"Bearer {PHONE}"})
    http.post("/v1/imports", files={"file": (f"{PHONE}.png", SECRET.encode())})
    http.post(
        "/v1/imports", params={"mode": "commit"}, files={"file": ("问.csv", faq_csv([("1", SECRET, SECRET, "好")]))}
    )
    http.post("/v1/entries", json={"question": SECRET, "answers": [{"text": "好"}], "status": "published"})
    http.get(f"/{PHONE}/{MAIL}")
    http.request("BREW", f"/{PHONE}")


def test_the_real_server_writes_no_personal_data_to_its_output(tmp_path: Path) -> None:
    world = build(tmp_path / "data")
    with serving(world.data) as running:
        with httpx.Client(
            base_url=running.address, headers={"Authorization": f"Bearer {world.keys['trainer-a']}"}, trust_env=False
        ) as http:
            tell_secrets(http)
        running.stop()
        said = running.said()
    assert [mark for mark in (PHONE, CARD, MAIL, "hs_") if mark in said] == []
    kept = b"".join(path.read_bytes() for path in world.data.rglob("*") if path.is_file())
    assert [mark for mark in (PHONE, MAIL) if mark.encode() in kept] == []


def test_a_question_with_a_number_is_masked_in_its_key_too(server: Inside, world: World) -> None:
    # The key of a new entry was made of the question as typed; the mask covered the question only.
    with server.client(world.keys["trainer-a"]) as http:
        reply = http.post("/v1/entries", json={"question": SECRET, "answers": [{"text": "好"}]})
    assert reply.status_code == 201
    assert PHONE not in reply.text and MAIL not in reply.text


def test_a_logged_exception_is_masked_whatever_it_quotes() -> None:
    # SQLite, pydantic and every codec quote the value they choke on.
    try:
        raise ValueError(f"cannot encode {SECRET} with hs_{'k' * 43}")
    except ValueError as error:
        info = (ValueError, error, error.__traceback__)
        record = logging.LogRecord("bot", logging.ERROR, __file__, 1, "while writing %s", (CARD,), info)
    line = logs.SafeFormatter().format(record)
    assert [mark for mark in (PHONE, MAIL, CARD, "kkkk") if mark in line] == []
    assert "ValueError" in line and "test_guard.py" in line


# -- the outside (T10)


def test_nothing_is_fetched_from_the_outside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world = build(tmp_path / "data")
    real, outside = socket.socket.connect, []

    def connect(self: socket.socket, address: object) -> object:
        host = address[0] if isinstance(address, tuple) else "local"
        if host not in ("127.0.0.1", "::1", "local"):
            outside.append(address)
            raise OSError("the tests have no outside")
        return real(self, address)

    monkeypatch.setattr(socket.socket, "connect", connect)
    with inside(Settings(data=world.data)) as running, running.client(world.keys["trainer-a"]) as http:
        tell_secrets(http)
        until(lambda: http.post("/v1/suggest", json={"text": "发货"}).json()["mode"] == "hybrid", "the model")
    assert outside == []
