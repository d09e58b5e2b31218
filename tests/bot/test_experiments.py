"""Hold-outs over HTTP: who gets nothing gets nothing, whoever is exposed is on disk once, and who may start what."""

from __future__ import annotations

import json
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from lines import listening, say
from running import Inside, client, serving, until
from world import World, build, canary

from bot.access import Shop
from bot.arms import ALL, arms_of
from bot.shapes.brief import UpsellOut
from bot.upsell import Upsell
from kb.experiment.arm import arm, place, unit_id
from kb.experiment.experiment import Arm, Experiment, Treatment, Unit
from kb.experiment.stages import draft
from kb.store.exposures import Exposure
from kb.store.folder import DataFolder, open_hub
from kb.store.grant import Role
from kb.store.hub import Hub

ASKED = "什么时候发货"
OFFER = UpsellOut(
    product="p",
    name="kanarie-offer",
    price="9元",
    text="配一条",
    why="",
    reason="r",
    origin="搭配",
    stage="售前",
    source="",
)
EMPTY_TONE = {
    "scene": "其他",
    "complaint": 0,
    "complaining": False,
    "escalation": False,
    "urgent": False,
    "reasons": [],
}


@pytest.fixture
def hub(server: Inside) -> Iterator[Hub]:
    hub = server.service.folder.hub
    yield hub
    for one in hub.experiments.running():
        hub.experiments.stop(one.id, now=int(time.time()))


def begin(
    hub: Hub, id: str, share: float, treatment: Treatment = Treatment.ASSIST, unit: Unit = Unit.CONVERSATION
) -> Experiment:
    shops = ["a", "b"] if unit is Unit.MERCHANT else ["a"]
    now = int(time.time())
    return hub.experiments.add(draft(id, "", treatment, unit, shops, share, now=now), start=True)


def suggest(http: httpx.Client, chat: str, text: str = ASKED) -> httpx.Response:
    reply = http.post("/v1/suggest", json={"text": text, "conversation": chat})
    assert reply.status_code == 200, reply.text
    return reply


def exposures(server: Inside, id: str) -> list[Exposure]:
    return server.service.folder.merchant("a").exposures(id)


# -- nothing of what a control would have got


def test_a_control_gets_nothing_over_http_and_a_treated_one_all(
    server: Inside, world: World, hub: Hub, agent: httpx.Client
) -> None:
    one = begin(hub, "http", 0.5)
    arms = set()
    for number in range(40):
        chat = f"http-{number}"
        expected = arm(one, f"a/{chat}", int(time.time()))
        reply = suggest(agent, chat)
        told = reply.json()
        arms.add(expected)
        if expected is Arm.CONTROL:
            assert world.leaked("a", reply.text, str(reply.headers)) == []
            assert told["withheld"] == "control" and told["tone"] == EMPTY_TONE
            empty = {
                "hits": [],
                "facts": [],
                "products": [],
                "warnings": [],
                "upsell": None,
                "answerable": 0,
                "timings_ms": {},
            }
            assert {name: told[name] for name in empty} == empty
            assert not any(told["key_facts"].values())
        else:
            assert told["withheld"] == "" and told["hits"] and canary("a") in reply.text
    assert arms == set(Arm)
    assert {e.conversation: e.arm for e in exposures(server, "http")} == {
        f"http-{n}": arm(one, f"a/http-{n}", int(time.time())) for n in range(40)
    }


def test_a_control_gets_nothing_over_the_stream_and_when_it_is_opened(
    server: Inside, world: World, hub: Hub, agent: httpx.Client
) -> None:
    begin(hub, "stream", 0.0)
    # Who oversees sees more than an agent, and must not see this either.
    with (
        listening(server.client(world.keys["agent-a"])) as line,
        listening(server.client(world.keys["trainer-a"])) as lead,
    ):
        say(agent, "held", "m1", ASKED)
        for each in (line, lead):
            pushed = each.wait("suggestion", lambda data: data["conversation"] == "held")
            assert pushed.data["suggestion"]["withheld"] == "control"
            assert world.leaked("a", *each.raw) == []
    opened = agent.get("/v1/conversations/held")
    assert opened.json()["suggestion"]["withheld"] == "control" and world.leaked("a", opened.text) == []
    assert world.leaked("a", agent.get("/v1/conversations").text) == []


def test_the_same_line_carries_everything_to_a_treated_one(
    server: Inside, world: World, hub: Hub, agent: httpx.Client
) -> None:
    """So that the test above can fail."""
    begin(hub, "stream-all", 1.0)
    with listening(server.client(world.keys["agent-a"])) as line:
        say(agent, "given", "m1", ASKED)
        line.wait("suggestion", lambda data: data["conversation"] == "given")
        assert canary("a") in world.leaked("a", *line.raw)


def test_typed_search_and_the_check_stay(hub: Hub, agent: httpx.Client) -> None:
    begin(hub, "search", 0.0)
    assert suggest(agent, "s1").json()["withheld"] == "control"
    assert agent.get("/v1/search", params={"q": "发货"}).json()["results"]
    assert agent.post("/v1/check", json={"text": "我们是全网第一"}).json()["findings"]


def test_without_a_conversation_there_is_no_experiment(server: Inside, hub: Hub, agent: httpx.Client) -> None:
    begin(hub, "pasted", 0.0)
    assert suggest(agent, "").json()["hits"]
    assert exposures(server, "pasted") == []


def test_a_hold_out_of_upsell_leaves_the_answers_and_nobody_looks_for_an_offer(
    server: Inside, world: World, hub: Hub, agent: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def offer(*about: object) -> Upsell:
        asked.append(str(about[-1]))
        return Upsell(OFFER, "")

    monkeypatch.setattr("bot.suggest.offer", offer)
    one = begin(hub, "upsell", 0.5, Treatment.UPSELL)
    treated = [arm(one, f"a/u{number}", int(time.time())) is Arm.TREATMENT for number in range(20)]
    for number in range(20):
        reply = suggest(agent, f"u{number}")
        told = reply.json()
        assert told["hits"] and told["withheld"] == ""
        assert (told["upsell"] is not None) is ("kanarie-offer" in reply.text) is treated[number]
    assert asked == [f"u{number}" for number in range(20) if treated[number]] and 0 < len(asked) < 20
    assert len(exposures(server, "upsell")) == 20  # noted in both arms alike


def test_an_offer_over_the_stream_is_not_shown_once_its_conversation_is_held_out(
    server: Inside, world: World, hub: Hub, agent: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.suggest.offer", lambda *_: Upsell(OFFER, ""))
    begin(hub, "pushed", 1.0, Treatment.UPSELL)
    with listening(server.client(world.keys["agent-a"])) as line:
        say(agent, "pushed", "m1", ASKED)
        line.wait("suggestion", lambda data: data["conversation"] == "pushed")
        assert any("kanarie-offer" in piece for piece in line.raw)
    assert "kanarie-offer" in agent.get("/v1/conversations/pushed").text
    hub.experiments.ramp("pushed", 0.0, now=int(time.time()))
    assert "kanarie-offer" not in agent.get("/v1/conversations/pushed").text
    with listening(server.client(world.keys["agent-a"])) as line:
        say(agent, "pushed", "m2", "还有吗")
        line.wait("suggestion", lambda data: data["after"] == "m2")
        assert not any("kanarie-offer" in piece for piece in line.raw)


def test_two_experiments_at_once_have_arms_of_their_own(server: Inside, hub: Hub) -> None:
    offers, assist = begin(hub, "both-1", 0.5, Treatment.UPSELL), begin(hub, "both-2", 0.5)
    shop, now, seen = handle(server, "k_agent"), int(time.time()), set()
    for number in range(64):
        found = arms_of(shop, f"b{number}")
        treated = [arm(one, f"a/b{number}", now) is Arm.TREATMENT for one in (offers, assist)]
        seen.add(tuple(treated))
        assert found.assist is treated[1]
        assert found.upsell is (treated[0] and treated[1])  # an offer stands beside answers
    assert len(seen) == 4
    assert len(exposures(server, "both-1")) == len(exposures(server, "both-2")) == 64


# -- exposure


def test_exposure_is_logged_once_however_many_ask_at_once(server: Inside, world: World, hub: Hub) -> None:
    begin(hub, "once", 0.5)

    def ask(number: int) -> None:
        with client(server.address, world.keys["agent-a"]) as http:
            suggest(http, f"once-{number % 3}")

    with ThreadPoolExecutor(12) as pool:
        list(pool.map(ask, range(48)))
    found = exposures(server, "once")
    assert sorted(e.conversation for e in found) == ["once-0", "once-1", "once-2"]
    assert all(e.mixed_at is None for e in found)


def test_an_exposure_that_was_answered_survives_kill_9_and_is_there_once(tmp_path: Path) -> None:
    world = build(tmp_path / "data")
    with open_hub(world.data) as hub:
        begin(hub, "kill", 0.5)
    answered: set[str] = set()
    with serving(world.data) as server:

        def ask(thread: int) -> None:
            with client(server.address, world.keys["agent-a"]) as http:
                for number in range(10_000):
                    chat = f"k{thread}-{number // 2}"  # each twice
                    try:
                        suggest(http, chat)
                    except httpx.TransportError:
                        return
                    answered.add(chat)

        threads = [threading.Thread(target=ask, args=(thread,)) for thread in range(3)]
        for thread in threads:
            thread.start()
        until(lambda: len(answered) >= 40, "answers")
        server.stop(signal.SIGKILL)
        for thread in threads:
            thread.join()
    with DataFolder(world.data) as folder:
        one = folder.hub.experiments.get("kill")
        found = folder.merchant("a").exposures("kill")
    stored = [e.conversation for e in found]
    assert len(stored) == len(set(stored)) and answered <= set(stored)
    assert all(e.arm is arm(one, f"a/{e.conversation}", e.at) and e.mixed_at is None for e in found)


def test_a_changed_share_that_moves_a_conversation_is_counted(server: Inside, hub: Hub, agent: httpx.Client) -> None:
    begin(hub, "ramp", 0.0)
    assert suggest(agent, "r1").json()["withheld"] == "control"
    hub.experiments.ramp("ramp", 1.0, now=int(time.time()))
    assert suggest(agent, "r1").json()["withheld"] == ""
    suggest(agent, "r2")
    met = {e.conversation: (e.arm, e.mixed_by) for e in exposures(server, "ramp")}
    assert met == {"r1": (Arm.CONTROL, "a/r1"), "r2": (Arm.TREATMENT, "")}


# -- agents' shifts


@pytest.fixture
def pair(server: Inside, hub: Hub) -> Iterator[tuple[httpx.Client, httpx.Client, str]]:
    """Two agents, the first treated and the second not, while an experiment on agents' shifts runs; its id."""
    secrets = [hub.issue_key(f"班{number}", Role.AGENT, ["a"]) for number in range(2)]
    names = {hub.grant_of_key(secret).key_id: secret for secret in secrets}
    id = f"shift{time.monotonic_ns():x}"
    now = int(time.time())
    one = draft(id, "", Treatment.ASSIST, Unit.AGENT_SHIFT, ["a"], 0.5, now=now)
    places = {name: place(one.salt, unit_id(one, shop="a", conversation="", agent=name, at=now)) for name in names}
    first, second = sorted(names, key=lambda name: places[name])
    hub.experiments.add(one, start=True)
    hub.experiments.ramp(id, (places[first] + places[second]) / 2, now=now)
    yield server.client(names[first]), server.client(names[second]), id


def test_nobodys_conversation_is_shown_to_whoever_asks_in_their_own_arm(
    server: Inside, world: World, pair: tuple[httpx.Client, httpx.Client, str]
) -> None:
    treated, control, id = pair
    with listening(server.client(world.keys["agent-a"])) as line:
        say(treated, "free", "m1", ASKED)
        pushed = line.wait("suggestion", lambda data: data["conversation"] == "free")
        assert pushed.data["suggestion"]["withheld"] == "unclaimed" and world.leaked("a", *line.raw) == []
    assert exposures(server, id) == []  # nobody could have acted on it
    assert suggest(treated, "free").json()["hits"]
    reply = suggest(control, "free")
    assert reply.json()["withheld"] == "control" and world.leaked("a", reply.text) == []
    [met] = exposures(server, id)
    assert (
        met.arm is Arm.TREATMENT
        and met.mixed_at is not None
        and met.mixed_by.startswith(control.get("/v1/session").json()["actor"])
    )


def test_what_a_colleague_of_the_other_arm_was_shown_is_not_shown_after_a_handover(
    server: Inside, world: World, pair: tuple[httpx.Client, httpx.Client, str]
) -> None:
    treated, control, id = pair
    control_id = control.get("/v1/session").json()["actor"]
    say(treated, "handed", "m0", "你好")
    treated.post("/v1/conversations/handed/claim", json={}).raise_for_status()
    with listening(server.client(world.keys["trainer-a"])) as line:
        say(treated, "handed", "m1", ASKED)
        line.wait("suggestion", lambda data: data["after"] == "m1" and data["suggestion"]["hits"] != [])
    assert treated.get("/v1/conversations/handed").json()["suggestion"]["hits"]
    with server.client(world.keys["trainer-a"]) as lead:
        lead.post("/v1/conversations/handed/claim", json={"agent": control_id}).raise_for_status()
    opened = control.get("/v1/conversations/handed")
    assert opened.json()["suggestion"] is None and world.leaked("a", opened.text) == []
    assert suggest(control, "handed").json()["withheld"] == "control"
    # Whoever served it first looks again: it is the other arm's now.
    assert suggest(treated, "handed").json()["withheld"] == "control"
    [met] = [e for e in exposures(server, id) if e.conversation == "handed"]
    assert met.arm is Arm.TREATMENT and met.mixed_by.startswith(control_id)


def test_a_host_with_one_key_for_all_is_in_nobodys_shift(server: Inside, hub: Hub) -> None:
    begin(hub, "host", 0.0, unit=Unit.AGENT_SHIFT)
    with server.client(hub.issue_key("接口", Role.SERVICE, ["a"])) as http:
        assert suggest(http, "h1").json()["hits"]
    assert exposures(server, "host") == []


def test_whole_shops_are_one_unit(server: Inside, world: World, hub: Hub) -> None:
    begin(hub, "shops", 0.0, unit=Unit.MERCHANT)
    for slug in ("a", "b"):
        with server.client(world.keys[f"agent-{slug}"]) as http:
            assert suggest(http, "w1").json()["withheld"] == "control"
    assert [e.unit for e in exposures(server, "shops")] == ["a"]


# -- cheap


def handle(server: Inside, key_id: str) -> Shop:
    from kb.store.grant import Grant

    grant = Grant(key_id, "客服", frozenset({Role.AGENT}), ("a",), None)
    return Shop(server.service.folder.hub.merchant("a"), grant, server.service)


def test_where_nothing_runs_nothing_is_looked_up(server: Inside, hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    shop = handle(server, "k_1")
    assert arms_of(shop, "c1") is ALL
    monkeypatch.setattr(hub._file, "read", lambda: pytest.fail("the hub was read"))
    monkeypatch.setattr(hub, "_look_at", float("inf"))
    monkeypatch.setattr(Shop, "serving", lambda *_: pytest.fail("the conversation was read"))
    assert arms_of(shop, "c1") is ALL


def test_a_file_that_cannot_be_written_keeps_nobody_from_their_arm(
    server: Inside, hub: Hub, agent: httpx.Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from kb.errors import StoreFailed
    from kb.store.merchant import MerchantStore

    begin(hub, "full", 1.0)

    def full(*_: object) -> bool:
        raise StoreFailed("磁盘满了")

    monkeypatch.setattr(MerchantStore, "expose", full)
    assert suggest(agent, "f1").json()["hits"]
    assert "exposure of experiment full" in caplog.text


# -- who may


@pytest.fixture(scope="module")
def people(server: Inside) -> dict[str, httpx.Client]:
    hub = server.service.folder.hub
    made = {f"manager-{slug}": hub.issue_key(f"经理{slug}", Role.MANAGER, [slug]) for slug in ("a", "b")}
    made["admin"] = hub.issue_key("管理实验", Role.ADMIN)
    return {name: server.client(key) for name, key in made.items()}


NEW = {"id": "web", "title": "加购对照", "treatment": "upsell", "shops": ["a"], "share": 0.5}


def test_a_manager_runs_experiments_in_the_own_shops_and_sees_no_others(
    people: dict[str, httpx.Client], hub: Hub, server: Inside
) -> None:
    mine, other, admin = people["manager-a"], people["manager-b"], people["admin"]
    made = mine.post("/v1/experiments", json=NEW)
    assert made.status_code == 201 and made.json()["stage"] == "running"
    assert "salt" not in made.text and hub.experiments.get("web").salt not in mine.get("/v1/experiments").text
    assert [one["id"] for one in mine.get("/v1/experiments").json()["experiments"]].count("web") == 1
    assert "web" not in other.get("/v1/experiments").text
    assert '"web"' in admin.get("/v1/experiments").text
    for path, body in (("start", None), ("ramp", {"share": 0.9}), ("stop", None)):
        foreign = other.post(f"/v1/experiments/web/{path}", json=body)
        unknown = other.post(f"/v1/experiments/wob/{path}", json=body)
        assert foreign.status_code == unknown.status_code == 404
        assert foreign.json()["detail"].replace("web", "wob") == unknown.json()["detail"]
    assert mine.post("/v1/experiments/web/ramp", json={"share": 0.8}).json()["share"] == 0.8
    assert mine.post("/v1/experiments/web/start").status_code == 409
    assert mine.post("/v1/experiments/web/stop").json()["stage"] == "stopped"
    assert mine.post("/v1/experiments/web/stop").status_code == 409


def test_a_foreign_shop_is_refused_like_one_that_is_not_there(people: dict[str, httpx.Client]) -> None:
    told = [
        people["manager-a"].post("/v1/experiments", json={**NEW, "id": "w2", "shops": ["a", slug]})
        for slug in ("b", "no")
    ]
    assert [reply.status_code for reply in told] == [404, 404]
    assert told[0].json()["detail"].replace("“b”", "“no”") == told[1].json()["detail"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"share": 1.5},
        {"share": -1},
        {"treatment": "price"},
        {"shops": []},
        {"id": "大写"},
        {"shifts": "白班"},
        {"salt": "x"},
    ],
)
def test_what_is_wrong_is_refused_and_makes_nothing(
    wrong: dict[str, object], people: dict[str, httpx.Client], hub: Hub
) -> None:
    before = hub.experiments.all()
    reply = people["admin"].post("/v1/experiments", json={**NEW, "id": "w3", **wrong})
    assert reply.status_code == 422 and hub.experiments.all() == before


def test_a_second_one_of_the_same_treatment_in_a_shop_is_refused(people: dict[str, httpx.Client], hub: Hub) -> None:
    admin = people["admin"]
    assert admin.post("/v1/experiments", json={**NEW, "id": "w4"}).status_code == 201
    refused = admin.post("/v1/experiments", json={**NEW, "id": "w5", "shops": ["b", "a"]})
    assert refused.status_code == 409 and "w4" in refused.json()["detail"] and refused.json()["remedy"]
    assert admin.post("/v1/experiments", json={**NEW, "id": "w5", "treatment": "assist"}).status_code == 201
    assert admin.post("/v1/experiments", json={**NEW, "id": "w6", "start": False}).json()["stage"] == "draft"
    assert admin.post("/v1/experiments/w6/start").status_code == 409


def test_the_counts_of_a_running_one_are_told(people: dict[str, httpx.Client], hub: Hub, agent: httpx.Client) -> None:
    begin(hub, "counted", 0.0)
    for chat in ("n1", "n2", "n1"):
        suggest(agent, chat)
    hub.experiments.ramp("counted", 1.0, now=int(time.time()))
    suggest(agent, "n1")
    found = json.loads(people["manager-a"].get("/v1/experiments").text)["experiments"]
    [counts] = [one["counts"] for one in found if one["id"] == "counted"]
    assert {one["arm"]: (one["conversations"], one["contaminated"]) for one in counts} == {
        "treatment": (0, 0),
        "control": (2, 1),
    }
