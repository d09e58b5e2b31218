"""People over HTTP: made by an admin, logged in with a name, locked out for a while, ended at once; and the command
line beside a service that runs."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from running import Inside, inside, run, until
from world import World, build

from bot.access import COOKIE
from bot.settings import Settings
from kb.store.grant import Role
from kb.store.hub import Hub

GOOD, OTHER = "柳暗花明又一村路", "山重水复疑无路呀"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return build(tmp_path_factory.mktemp("people") / "data")


@pytest.fixture(scope="module")
def server(world: World) -> Iterator[Inside]:
    settings = Settings(data=world.data, engine="none", wrong_logins_per_minute=0, requests_per_minute=200)
    with inside(settings) as running:
        running.service.folder.hub.people.add("老板", GOOD, [Role.ADMIN])
        yield running


@pytest.fixture
def hub(server: Inside) -> Hub:
    return server.service.folder.hub


@pytest.fixture
def admin(server: Inside) -> httpx.Client:
    return logged_in(server, "老板")


def logged_in(server: Inside, name: str, password: str = GOOD) -> httpx.Client:
    http = server.client()
    reply = http.post("/v1/session", json={"name": name, "password": password})
    assert reply.status_code == 200, reply.text
    return http


def test_an_admin_makes_somebody_who_then_works(server: Inside, admin: httpx.Client) -> None:
    new = {"name": "王芳", "password": GOOD, "roles": ["agent", "trainer"], "shops": ["a"]}
    made = admin.post("/v1/people", json=new)
    assert made.status_code == 201 and GOOD not in made.text
    http = logged_in(server, "王芳")
    told = http.get("/v1/session").json()
    assert (told["label"], told["role"], told["roles"]) == ("王芳", "trainer", ["agent", "trainer"])
    assert told["person"] and [shop["slug"] for shop in told["shops"]] == ["a"]
    assert http.post("/v1/suggest", json={"text": "什么时候发货"}).status_code == 200
    assert http.get("/v1/entries", params={"shop": "b"}).status_code == 404
    assert http.get("/v1/people").status_code == 403

    person = made.json()["id"]
    changed = admin.put(f"/v1/people/{person}/access", json={"roles": ["qc"], "everywhere": True}).json()
    every = [shop.slug for shop in server.service.folder.hub.merchants()]
    assert (changed["roles"], changed["shops"], changed["everywhere"]) == (["qc"], every, True)
    assert http.post("/v1/suggest", params={"shop": "a"}, json={"text": "x"}).status_code == 403  # from now on
    assert http.get("/v1/entries", params={"shop": "b"}).status_code == 200
    assert person in [one["id"] for one in admin.get("/v1/people").json()["people"]]

    assert admin.post(f"/v1/people/{person}/disable").json()["disabled_at"]
    assert http.get("/v1/session").status_code == 401
    assert http.post("/v1/session", json={"name": "王芳", "password": GOOD}).status_code == 401
    assert admin.post(f"/v1/people/{person}/enable").json()["disabled_at"] is None
    assert admin.post(f"/v1/people/{person}/password", json={"password": OTHER}).status_code == 204
    assert logged_in(server, "王芳", OTHER)


def test_an_admin_cannot_shut_the_last_admin_out(server: Inside, admin: httpx.Client, hub: Hub) -> None:
    me = hub.people.named("老板").id
    for reply in (
        admin.post(f"/v1/people/{me}/disable"),
        admin.put(f"/v1/people/{me}/access", json={"roles": ["agent"], "shops": ["a"]}),
    ):
        assert (reply.status_code, "最后一位管理员" in reply.json()["detail"]) == (409, True)
    assert admin.get("/v1/people").status_code == 200


def test_a_key_is_issued_for_one_purpose_and_revoked(server: Inside, admin: httpx.Client) -> None:
    body = {"label": "客服系统", "role": "service", "shops": ["a"], "scopes": ["suggest"], "days": 7}
    key = admin.post("/v1/keys", json=body).json()["key"]
    with server.client(key) as program:
        assert program.post("/v1/suggest", json={"text": "什么时候发货"}).status_code == 200
        assert program.get("/v1/profile").status_code == 403
        [listed] = [one for one in admin.get("/v1/keys").json()["keys"] if one["label"] == "客服系统"]
        assert (
            listed["scopes"] == ["suggest"]
            and listed["expires_at"] > time.time() + 6 * 86_400
            and key not in str(listed)
        )
        assert admin.post(f"/v1/keys/{listed['id']}/revoke").status_code == 204
        assert program.post("/v1/suggest", json={"text": "x"}).status_code == 401
        assert admin.post(f"/v1/keys/{listed['id']}/revoke").status_code == 404


def test_changing_ones_password_keeps_this_page_and_ends_the_others(server: Inside, hub: Hub) -> None:
    hub.people.add("李雷", GOOD, [Role.AGENT], ["a"])
    here, there = logged_in(server, "李雷"), logged_in(server, "李雷")
    assert here.post("/v1/session/password", json={"old": OTHER, "new": OTHER}).status_code == 422
    assert here.post("/v1/session/password", json={"old": GOOD, "new": "12345678"}).status_code == 422
    assert there.get("/v1/session").status_code == 200
    assert here.post("/v1/session/password", json={"old": GOOD, "new": OTHER}).status_code == 204
    assert (here.get("/v1/session").status_code, there.get("/v1/session").status_code) == (200, 401)
    assert logged_in(server, "李雷", OTHER)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"name": "老板"},
        {"password": GOOD},
        {"key": "hs_x", "name": "老板", "password": GOOD},
        {"key": "", "name": ""},
    ],
)
def test_a_login_says_one_thing(body: dict[str, str], server: Inside) -> None:
    with server.client() as http:
        assert http.post("/v1/session", json=body).status_code == 422


def test_wrong_passwords_make_one_wait_and_the_right_one_waits_too(server: Inside, hub: Hub) -> None:
    hub.people.add("韩梅梅", GOOD, [Role.AGENT], ["a"])
    with server.client() as http:
        tries = [http.post("/v1/session", json={"name": "韩梅梅", "password": OTHER}) for _ in range(5)]
        assert [reply.status_code for reply in tries] == [401] * 5
        assert len({(r.json()["detail"], r.json()["remedy"]) for r in tries}) == 1
        waits = http.post("/v1/session", json={"name": "韩梅梅", "password": GOOD})
        body = waits.json()
        assert (waits.status_code, body["code"], body["title"]) == (429, "HS-429", "太频繁")
        assert int(waits.headers["retry-after"]) >= 1 and COOKIE not in waits.cookies
        until(
            lambda: http.post("/v1/session", json={"name": "韩梅梅", "password": GOOD}).status_code == 200, "the wait"
        )


def test_a_name_that_nobody_has_waits_like_one_that_somebody_has(server: Inside) -> None:
    with server.client() as http:
        tries = [http.post("/v1/session", json={"name": "没有这个人", "password": OTHER}) for _ in range(6)]
    assert [reply.status_code for reply in tries] == [401] * 5 + [429]
    assert tries[0].json()["detail"] == "名字或密码不对。"


def test_who_asks_without_end_is_told_when_to_come_back(server: Inside, hub: Hub) -> None:
    key, other = (hub.issue_key(name, Role.AGENT, ["a"]) for name in ("疯了的页面", "别人"))
    with server.client(key) as mad, server.client(other) as calm:
        seen = [mad.get("/v1/profile") for _ in range(450)]
        refused = [reply for reply in seen if reply.status_code == 429]
        assert refused and {reply.status_code for reply in seen} == {200, 429}
        assert refused[0].json()["code"] == "HS-429" and int(refused[0].headers["retry-after"]) >= 1
        assert calm.get("/v1/profile").status_code == 200


def test_the_command_line_works_beside_a_running_service(
    server: Inside, world: World, hub: Hub, tmp_path: Path
) -> None:
    admin = ("admin", "key")
    issued = run(*admin, "issue", "外人", "--shop", "a", "--role", "agent", "--data", world.data)
    key = issued.stdout.splitlines()[0]
    with server.client(key) as http:
        assert http.get("/v1/session").status_code == 200
        assert "已停用 1 把" in run(*admin, "revoke", "外人", "--data", world.data).stdout
        until(lambda: http.get("/v1/session").status_code == 401, "the revocation to be noticed", patience_s=5)
    assert "丙店" in run("shop", "add", "c", "--name", "丙店", "--data", world.data).stdout
    with server.client(world.keys["trainer-a"]):
        until(lambda: any(shop.slug == "c" for shop in hub.merchants()), "the new shop")
    with server.client(hub.issue_key("丙店的", Role.TRAINER, ["c"])) as third:
        made = third.post("/v1/entries", json={"question": "问", "answers": [{"text": "答"}]})
        assert made.status_code == 201
    told = run("admin", "audit", "--data", world.data).stdout
    assert "新建店铺" in told and "停用密钥" in told and "命令行" in told
    whole = run("admin", "audit", "--verify", "--data", world.data)
    assert whole.returncode == 0 and "完好" in whole.stdout
