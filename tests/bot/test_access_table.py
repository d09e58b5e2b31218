"""Role × route × shop: the service does what the access table says, and nothing is served that it does not name."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from calls import ADMIN, AGENT, ANY_KEY, CALLS, HIDDEN, TRAINER, Call, served
from fastapi import APIRouter
from running import ROOT, Inside
from world import World

from aside import run_aside
from bot.access import OneShop
from bot.app import create_app
from bot.settings import Settings
from bot.table import HUB, PUBLIC, Reach, read_table, table, to_markdown
from kb.store.audit import ACTIONS
from kb.store.grant import Role, Scope

TABLE = table()
PAGES = {f"GET {path}" for path in HIDDEN}
KNOWN = [call for call in CALLS if TABLE[call.name] != PUBLIC and TABLE[call.name].reach is not Reach.PUBLIC]


@pytest.fixture(scope="module")
def keys(server: Inside, world: World) -> Iterator[dict[str, str]]:
    """A key of every role for shop a, one for both shops where the role may have that, and one for every scope."""
    hub = server.service.folder.hub
    made = {f"{role}": hub.issue_key(f"角色{role}", role, ["a"]) for role in Role}
    made |= {f"{role}-ab": hub.issue_key(f"两店{role}", role, ["a", "b"]) for role in Role if role is not Role.MERCHANT}
    made |= {f"scope {scope}": hub.issue_key(f"用途{scope}", Role.TRAINER, ["a"], scopes=[scope]) for scope in Scope}
    yield made
    for label in [f"角色{role}" for role in Role] + [f"两店{role}" for role in Role] + [f"用途{s}" for s in Scope]:
        hub.revoke_keys(label)


# -- the table itself


def test_every_route_has_a_row_and_every_row_a_route(server: Inside) -> None:
    assert set(TABLE) - PAGES == {call.name for call in CALLS} == set(served(server.app.routes))


def test_an_app_with_a_route_that_nobody_decided_on_does_not_start() -> None:
    app = create_app(Settings(engine="none"))

    @app.get("/v1/forgotten")
    def forgotten() -> None: ...

    async def start() -> None:
        async with app.router.lifespan_context(app):
            pass

    with pytest.raises(RuntimeError, match="GET /v1/forgotten"):
        run_aside(start())


def test_a_route_that_slips_in_while_the_service_runs_is_refused_to_all(server: Inside, world: World) -> None:
    router = APIRouter()

    @router.get("/v1/slipped")
    def slipped(shop: OneShop) -> str:
        return shop.merchant.slug

    server.app.include_router(router)
    try:
        with server.client(world.keys["trainer-a"]) as http:
            assert http.get("/v1/slipped").status_code == 403
    finally:
        server.app.router.routes.pop()


def test_the_table_says_what_the_tests_were_told_of_each_route() -> None:
    """Written twice, in other words: an agent, a trainer and an admin are told apart in calls.py too."""
    for call in KNOWN:
        roles = TABLE[call.name].roles
        who = [role for role in (Role.AGENT, Role.TRAINER, Role.ADMIN) if role in roles]
        expected = {
            ANY_KEY: [[Role.AGENT, Role.TRAINER, Role.ADMIN], [Role.AGENT, Role.TRAINER]],
            AGENT: [[Role.AGENT, Role.TRAINER]],
            TRAINER: [[Role.TRAINER]],
            ADMIN: [[Role.ADMIN]],
        }[call.needs]
        assert who in expected, call.name


def test_a_merchant_reads_and_changes_nothing_but_a_password() -> None:
    may = {name for name, rule in TABLE.items() if Role.MERCHANT in rule.roles and not name.startswith("GET ")}
    assert may == {"POST /v1/session/password"}


def test_people_and_keys_are_an_admins_alone() -> None:
    for name, rule in TABLE.items():
        if name.split()[1].startswith(("/v1/people", "/v1/keys")):
            assert rule.roles == {Role.ADMIN} and rule.scope is Scope.ADMIN


def test_every_action_that_is_told_of_has_a_name_and_every_name_a_use() -> None:
    assert {rule.audit for rule in TABLE.values()} <= {"", HUB, *ACTIONS}
    assert all(rule.audit in ("", "export") for name, rule in TABLE.items() if name.startswith("GET "))


@pytest.mark.parametrize(
    "row",
    [
        '{ shop = "one", may = ["agent"] }', '{ shop = "one", may = ["king"], audit = "export" }',
        '{ shop = "public", may = ["agent"], audit = "export" }', '{ shop = "one", may = [], audit = "export" }',
        '{ shop = "two", may = ["agent"], audit = "export" }', '{ shop = "one", may = ["agent"], audit = "dancing" }',
        '{ shop = "one", may = ["agent"], audit = "export", unaudited = "no" }', '{ may = ["agent"], audit = "export" }',
        '{ shop = "one", may = ["agent"], audit = "export", scope = "x" }',
        '{ shop = "one", mai = ["agent"], audit = "export" }',
    ],
)  # fmt: skip
def test_a_row_that_says_nonsense_is_refused(row: str) -> None:
    read_table('[roles]\n[routes]\n"POST /x" = { shop = "one", may = ["agent"], audit = "export" }')
    with pytest.raises((ValueError, KeyError)):
        read_table(f'[roles]\n[routes]\n"POST /x" = {row}')


def test_the_document_of_the_table_is_the_table() -> None:
    # Made anew by: python -m huashu access > docs/access.md
    assert (ROOT / "docs" / "access.md").read_text(encoding="utf-8") == to_markdown(TABLE)


# -- the service


def may(call: Call, role: Role) -> bool:
    return role in TABLE[call.name].roles


@pytest.mark.parametrize("role", Role)
def test_each_role_gets_what_the_table_gives_it(role: Role, server: Inside, world: World, keys: dict[str, str]) -> None:
    with server.client(keys[role]) as http:
        for call in CALLS:
            reply = call.send(http, entry=world.entries["a"][0])
            allowed = TABLE[call.name].reach is Reach.PUBLIC or may(call, role)
            assert reply.status_code == (call.status if allowed else 403), (call.name, reply.text)
            if not allowed:
                assert Role(min(TABLE[call.name].roles)).label in reply.json()["detail"]


@pytest.mark.parametrize("role", Role)
def test_no_role_reaches_a_foreign_shop(role: Role, server: Inside, world: World, keys: dict[str, str]) -> None:
    with server.client(keys[role]) as http:
        for call in (call for call in KNOWN if TABLE[call.name].reach is Reach.ONE):
            reply = call.send(http, entry=world.entries["b"][0], shop="b")
            assert reply.status_code == (404 if may(call, role) else 403), call.name
            assert world.leaked("b", {k: v for k, v in reply.json().items() if k != "instance"}.__repr__()) == []


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.MERCHANT])
def test_who_has_two_shops_says_which(role: Role, server: Inside, world: World, keys: dict[str, str]) -> None:
    with server.client(keys[f"{role}-ab"]) as http:
        for call in (call for call in KNOWN if TABLE[call.name].reach is Reach.ONE):
            assert call.send(http, entry="e_nothing").status_code == (422 if may(call, role) else 403), call.name


@pytest.mark.parametrize("who", [None, "expired", "revoked", "unknown"])
def test_nobody_gets_nothing(who: str | None, server: Inside, world: World) -> None:
    with server.client(world.keys[who] if who else None) as http:
        for call in KNOWN:
            assert call.send(http, entry=world.entries["a"][0]).status_code == 401, call.name


@pytest.mark.parametrize("scope", Scope)
def test_a_key_for_one_purpose_serves_no_other(
    scope: Scope, server: Inside, world: World, keys: dict[str, str]
) -> None:
    with server.client(keys[f"scope {scope}"]) as http:
        for call in (call for call in KNOWN if may(call, Role.TRAINER)):
            reply = call.send(http, entry=world.entries["a"][0])
            assert reply.status_code == (call.status if TABLE[call.name].scope is scope else 403), call.name


def test_the_document_says_who_may(server: Inside) -> None:
    paths = server.app.openapi()["paths"]
    for call in KNOWN:
        operation = paths[call.path][call.method.lower()]
        assert operation["x-roles"] == sorted(TABLE[call.name].roles)
        assert operation["x-scope"] == TABLE[call.name].scope
