"""Each change over HTTP leaves exactly one row of the audit trail, driven from the access table; a refusal leaves none."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from calls import CALLS
from running import Inside, inside, until
from test_proposals import asked_for, tell
from world import World, build, canary, faq_csv

from bot.settings import Settings
from bot.table import HUB, Reach, table
from kb.errors import StoreFailed
from kb.experiment.experiment import Treatment, Unit
from kb.experiment.stages import draft
from kb.store.audit import Record
from kb.store.grant import Role
from kb.store.hub import Hub

TABLE = table()
GOOD, OTHER = "柳暗花明又一村路", "山重水复疑无路呀"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return build(tmp_path_factory.mktemp("law") / "data")


@pytest.fixture(scope="module")
def server(world: World) -> Iterator[Inside]:
    with inside(Settings(data=world.data, engine="none", wrong_logins_per_minute=0)) as running:
        hub = running.service.folder.hub
        hub.people.add("老板", GOOD, [Role.ADMIN])
        world.keys["admin"] = hub.issue_key("管理", Role.ADMIN)
        yield running


@pytest.fixture
def hub(server: Inside) -> Hub:
    return server.service.folder.hub


class Doing:
    """Each changing operation, done so that it succeeds."""

    def __init__(self, server: Inside, world: World) -> None:
        self.world = world
        self.hub = server.service.folder.hub
        self.trainer = server.client(world.keys["trainer-a"])
        self.admin = server.client(world.keys["admin"])
        self.nobody = server.client()
        self.number = time.monotonic_ns()

    def fresh(self, text: str) -> str:
        self.number += 1
        return f"{text}{self.number:x}".translate(str.maketrans("0123456789", "ghijklmnop"))

    def sheet(self) -> dict[str, tuple[str, bytes]]:
        return {"file": ("新表.csv", faq_csv([(self.fresh("N"), self.fresh("新问题"), "", "新答复")]))}

    def entry(self) -> dict[str, object]:
        made: dict[str, object] = self.trainer.post(
            "/v1/entries", json={"question": self.fresh("问"), "answers": [{"text": "答"}]}
        ).json()
        return made

    def person(self) -> str:
        return self.hub.people.add(self.fresh("人"), GOOD, [Role.AGENT], ["a"]).id

    def proposal(self) -> str:
        asked = self.fresh(asked_for("a"))
        tell(self.trainer, self.world.entries["a"][0], asked)
        found = self.trainer.get("/v1/proposals", params={"limit": 200}).json()["proposals"]
        return next(one["id"] for one in found if one["text"] == asked)

    def asked(self) -> str:
        chat, request = self.fresh("chat"), self.fresh("help-")
        message = {"id": "m1", "speaker": "buyer", "text": "能便宜点吗"}
        self.trainer.post(f"/v1/conversations/{chat}/messages", json=message).raise_for_status()
        self.trainer.post(f"/v1/conversations/{chat}/help", json={"id": request, "note": "怎么答"}).raise_for_status()
        return request

    def imported(self) -> str:
        self.trainer.post("/v1/imports", params={"mode": "commit"}, files=self.sheet())
        newest: str = self.trainer.get("/v1/imports").json()["imports"][0]["id"]
        return newest

    def job(self, mode: str) -> str:
        made: str = self.trainer.post("/v1/imports/jobs", params={"mode": mode}, files=self.sheet()).json()["id"]
        self.until_done(made)
        return made

    def until_done(self, job: str) -> None:
        until(lambda: self.trainer.get(f"/v1/imports/jobs/{job}").json()["state"] == "done", "the job")

    def experiment(self) -> str:
        for one in self.hub.experiments.running():
            self.hub.experiments.stop(one.id, now=one.created_at)
        made = draft(self.fresh("x"), "", Treatment.UPSELL, Unit.CONVERSATION, ["a"], 0.5, now=1)
        return self.hub.experiments.add(made).id

    def running(self) -> str:
        return self.hub.experiments.start(self.experiment(), now=2).id


def own_password(do: Doing, send: Callable[..., httpx.Response]) -> httpx.Response:
    name = do.hub.people.one(do.person()).name
    do.nobody.post("/v1/session", json={"name": name, "password": GOOD})
    return send(do.nobody, json={"old": GOOD, "new": OTHER})


def import_aside(do: Doing, send: Callable[..., httpx.Response]) -> httpx.Response:
    reply = send(do.trainer, params={"mode": "commit"}, files=do.sheet())
    do.until_done(reply.json()["id"])  # its second row belongs to this test, not to whichever comes next
    return reply


# How to do what each row tells of: prepare, and then call `send` once, with what the address lacks.
DO: dict[str, Callable[[Doing, Callable[..., httpx.Response]], httpx.Response]] = {
    "POST /v1/session": lambda do, send: send(do.nobody, json={"name": "老板", "password": GOOD}),
    "POST /v1/session/password": own_password,
    "POST /v1/entries": lambda do, send: send(do.trainer, json={"question": do.fresh("问"), "answers": [{"text": "答"}]}),
    "PUT /v1/entries/{entry_id}": lambda do, send: send(
        do.trainer, (e := do.entry())["id"], json={"version": e["version"], "question": e["question"], "answers": [{"text": "改"}]}
    ),
    "POST /v1/entries/{entry_id}/status": lambda do, send: send(
        do.trainer, (e := do.entry())["id"], json={"version": e["version"], "status": "retired"}
    ),
    "POST /v1/proposals/accept": lambda do, send: send(do.trainer, json={"ids": [do.proposal()]}),
    "POST /v1/proposals/dismiss": lambda do, send: send(do.trainer, json={"ids": [do.proposal()]}),
    "POST /v1/imports": lambda do, send: send(do.trainer, params={"mode": "commit"}, files=do.sheet()),
    "POST /v1/imports/{import_id}/undo": lambda do, send: send(do.trainer, do.imported()),
    "POST /v1/imports/jobs": import_aside,
    "DELETE /v1/imports/jobs/{job_id}": lambda do, send: send(do.trainer, do.job("preview")),
    "POST /v1/help/{request}/answer": lambda do, send: send(do.trainer, do.asked(), json={"text": "可以的"}),
    "GET /v1/export/{kind}": lambda do, send: send(do.trainer, "faq"),
    "POST /v1/people": lambda do, send: send(
        do.admin, json={"name": do.fresh("人"), "password": GOOD, "roles": ["agent"], "shops": ["a"]}
    ),
    "PUT /v1/people/{person_id}/access": lambda do, send: send(do.admin, do.person(), json={"roles": ["qc"], "everywhere": True}),
    "POST /v1/people/{person_id}/password": lambda do, send: send(do.admin, do.person(), json={"password": OTHER}),
    "POST /v1/people/{person_id}/disable": lambda do, send: send(do.admin, do.person()),
    "POST /v1/people/{person_id}/enable": lambda do, send: send(do.admin, do.person()),
    "POST /v1/keys": lambda do, send: send(do.admin, json={"label": do.fresh("钥"), "role": "agent", "shops": ["a"]}),
    "POST /v1/keys/{key_id}/revoke": lambda do, send: send(
        do.admin, do.hub.grant_of_key(do.hub.issue_key(do.fresh("钥"), Role.AGENT, ["a"])).key_id
    ),
    "POST /v1/experiments": lambda do, send: send(
        do.admin, json={"id": do.fresh("x"), "treatment": "assist", "shops": ["a"], "start": False}
    ),
    "POST /v1/experiments/{experiment}/start": lambda do, send: send(do.admin, do.experiment()),
    "POST /v1/experiments/{experiment}/ramp": lambda do, send: send(do.admin, do.running(), json={"share": 0.75}),
    "POST /v1/experiments/{experiment}/stop": lambda do, send: send(do.admin, do.running()),
}  # fmt: skip


def newest(hub: Hub) -> int:
    records = hub.audit(limit=1)
    return records[0].number if records else 0


def since(hub: Hub, number: int) -> list[Record]:
    return [record for record in hub.audit(limit=100) if record.number > number]


def test_the_law_knows_every_row_that_is_audited() -> None:
    assert set(DO) == {name for name, rule in TABLE.items() if rule.audit}


@pytest.mark.parametrize("name", DO)
def test_a_change_leaves_exactly_one_row(name: str, server: Inside, world: World, hub: Hub) -> None:
    method, path = name.split()
    before = -1

    def send(http: httpx.Client, given: str = "", **more: object) -> httpx.Response:
        nonlocal before
        address = path if "{" not in path else path[: path.index("{")] + given + path[path.index("}") + 1 :]
        before = newest(hub)
        return http.request(method, address, **more)  # type: ignore[arg-type]

    reply = DO[name](Doing(server, world), send)
    assert reply.status_code < 300, reply.text
    rows = [
        row for row in since(hub, before) if not (name == "POST /v1/imports/jobs" and row.action == "import.commit")
    ]
    assert len(rows) == 1, rows
    rule, [row] = TABLE[name], rows
    assert row.action == rule.audit or rule.audit == HUB
    assert row.shop == ("a" if rule.reach is Reach.ONE or "experiment" in name else "")
    assert row.actor and row.name and row.seal
    assert row.subject or row.summary or row.action == "login"
    assert hub.verify_audit().broken == ""


def test_a_file_that_went_in_as_a_job_is_told_when_it_began_and_when_it_was_in(
    server: Inside, world: World, hub: Hub
) -> None:
    before = newest(hub)
    job = Doing(server, world).job("commit")
    done, begun = since(hub, before)
    assert (begun.action, done.action) == ("import.start", "import.commit")
    assert begun.subject == done.subject == job and begun.after == done.after and begun.actor == done.actor


def test_what_changes_nothing_leaves_nothing(server: Inside, world: World, hub: Hub) -> None:
    """Previews, refusals of every kind, and the routes that say why they are not audited."""
    do = Doing(server, world)
    before = newest(hub)
    do.trainer.post("/v1/imports", params={"mode": "preview"}, files=do.sheet())
    do.job("preview")
    bad = {"file": ("坏表.csv", faq_csv([("N1", "问", "", "")]))}
    assert do.trainer.post("/v1/imports", params={"mode": "commit"}, files=bad).json()["committed"] is False
    with server.client(world.keys["agent-a"]) as agent:
        for call in CALLS:
            if call.name != "POST /v1/session":
                for http in (do.trainer, agent, do.admin):
                    reply = call.send(http, entry=world.entries["a"][0])
                    looked = call.query.get("mode") == "preview"
                    changed = reply.status_code < 400 and TABLE[call.name].audit and not looked
                    assert len(since(hub, before)) == bool(changed), call.name
                    before = newest(hub)


def test_a_wrong_login_is_told_and_what_was_typed_is_not(server: Inside, hub: Hub) -> None:
    before = newest(hub)
    with server.client() as http:
        assert http.post("/v1/session", json={"name": "老板", "password": OTHER}).status_code == 401
        assert http.post("/v1/session", json={"name": OTHER, "password": "x"}).status_code == 401
        assert http.post("/v1/session", json={"key": "hs_nothing"}).status_code == 401
    rows = since(hub, before)
    assert [row.action for row in rows] == ["login.failed"] * 3
    assert rows[-1].name == "老板" and OTHER not in str(rows)


def test_a_row_that_cannot_be_written_is_told_instead_of_success(
    server: Inside, world: World, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise StoreFailed("磁盘满了。")

    do = Doing(server, world)
    monkeypatch.setattr(hub, "record", full)
    reply = do.trainer.post("/v1/entries", json={"question": do.fresh("问"), "answers": [{"text": "答"}]})
    assert (reply.status_code, reply.json()["code"]) == (507, "HS-507")


def test_an_admin_sees_all_of_it_and_a_manager_the_own_shops(server: Inside, world: World, hub: Hub) -> None:
    do = Doing(server, world)
    do.entry()
    with server.client(hub.issue_key("乙店经理", Role.MANAGER, ["b"])) as other:
        assert {row["shop"] for row in other.get("/v1/audit").json()["records"]} <= {"b"}
        assert world.leaked("a", other.get("/v1/audit").text) == []
    with server.client(hub.issue_key("甲店经理", Role.MANAGER, ["a"])) as manager:
        seen = manager.get("/v1/audit", params={"limit": 200}).json()["records"]
    assert seen and {row["shop"] for row in seen} == {"a"}
    numbers, before = [], None
    while True:
        page = do.admin.get("/v1/audit", params={"limit": 7, **({"before": before} if before else {})}).json()
        numbers += [row["number"] for row in page["records"]]
        before = page["next"]
        if before is None:
            break
    assert numbers == list(range(newest(hub), 0, -1))


def test_no_text_of_a_shop_is_in_the_trail(server: Inside, world: World, hub: Hub, tmp_path: Path) -> None:
    do = Doing(server, world)
    body = {"question": f"{canary('a')}机密问题", "answers": [{"text": f"{canary('a')}机密答复"}]}
    assert do.trainer.post("/v1/entries", json=body).status_code == 201
    assert "机密" not in str(hub.audit(limit=1))
