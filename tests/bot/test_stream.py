"""The stream: everything that happens reaches whoever may see it, once, and nobody else; and no client can make it grow."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from lines import Line, listening, say
from running import Inside, inside, until
from world import World, build, canary

from aside import run_aside
from bot.live import stream as streams
from bot.live.stream import Event, Sight, Stream, Subscriber, Told, wire
from bot.settings import Settings
from kb.errors import Busy
from kb.store.grant import Role

ENDS_S = 5.0  # after a key is revoked


# -- what is pushed


def test_a_line_begins_with_hello_and_says_who_one_is(server: Inside, world: World, agent: httpx.Client) -> None:
    with listening(server.client(world.keys["agent-a"])) as line:
        hello = line.events[0]
    assert (line.status, hello.name) == (200, "hello")
    assert set(hello.data) == {"now_ms", "me", "name"} and hello.data["name"] == "agent-a"
    assert abs(hello.data["now_ms"] - time.time() * 1000) < 30_000
    assert line.raw[0].startswith("retry: ")  # else a browser waits as long as it likes


def test_a_message_is_pushed_with_its_conversation_and_a_suggestion(
    server: Inside, world: World, agent: httpx.Client
) -> None:
    with listening(server.client(world.keys["agent-a"])) as line:
        told = say(agent, "pushed", "m1", f"{canary('a')}什么时候发货 13812345678").json()
        # Of this chat: what an earlier test asked may be answered only now.
        suggestion = line.wait("suggestion", lambda data: data["conversation"] == "pushed").data
        message = line.wait("message", lambda data: data["conversation"] == "pushed").data
        conversation = line.wait("conversation", lambda data: data["id"] == "pushed").data
    assert message == {"shop": "a", "conversation": "pushed", "message": told["message"]}
    assert conversation == told["conversation"]
    assert (suggestion["shop"], suggestion["conversation"], suggestion["after"]) == ("a", "pushed", "m1")
    assert "四十八小时内发货" in suggestion["suggestion"]["hits"][0]["answer"]["text"]
    numbers = [event.number for event in line.events]
    assert numbers == sorted(numbers)
    opened = agent.get("/v1/conversations/pushed").json()
    assert opened["suggestion"] == suggestion["suggestion"] and opened["tone"] == suggestion["suggestion"]["tone"]


def test_with_a_session_too(server: Inside, world: World, agent: httpx.Client) -> None:
    browser = server.client()
    assert browser.post("/v1/session", json={"key": world.keys["agent-a"]}).status_code == 200
    with listening(browser) as line:
        say(agent, "session", "m1", "在吗")
        assert line.wait("message").data["conversation"] == "session"


def test_who_comes_back_gets_what_was_missed_once_and_in_order(
    server: Inside, world: World, agent: httpx.Client
) -> None:
    with listening(server.client(world.keys["agent-a"])) as line:
        say(agent, "again", "m1", "第一条")
        seen = line.wait("message", lambda data: data["conversation"] == "again")
    for number in range(2, 6):
        say(agent, "again", f"m{number}", f"第{number}条")
    with listening(server.client(world.keys["agent-a"]), last=seen.id) as line:
        line.wait("message", lambda data: data["message"]["id"] == "m5")
        say(agent, "again", "m6", "第六条")
        line.wait("message", lambda data: data["message"]["id"] == "m6")
    said = [event.data["message"]["id"] for event in line.named("message") if event.data["conversation"] == "again"]
    assert said == ["m2", "m3", "m4", "m5", "m6"] and not line.named("reset")
    # Broken off right after hello, a browser would come back with hello's id: it must not skip what was still to come.
    assert line.events[0].id == seen.id


@pytest.mark.parametrize("last", ["00000000-1", "nonsense", "-", "é"])
def test_who_comes_back_from_another_time_is_told_to_start_anew(last: str, server: Inside, world: World) -> None:
    headers = {b"last-event-id": last.encode("latin-1")}
    with server.client(world.keys["agent-a"]) as http, http.stream("GET", "/v1/stream", headers=headers) as reply:
        for line in reply.iter_lines():
            if line == "event: reset":
                return
    raise AssertionError("no reset came")


def test_who_comes_back_too_late_is_told_to_start_anew() -> None:
    stream = Stream(kept=3)
    stream.publish(*(Told("a", "message", str(number)) for number in range(10)))
    assert [event.number for event in stream._missed(f"{stream.epoch}-7") or ()] == [8, 9, 10]
    assert stream._missed(f"{stream.epoch}-6") is None  # the seventh is gone
    assert stream._missed(f"{stream.epoch}-11") is None  # a number that was never given


# -- who may see what


def test_a_colleague_hears_that_a_conversation_is_taken_and_not_what_is_said(
    server: Inside, world: World, agent: httpx.Client
) -> None:
    colleague, lead = server.client(world.keys["agent-ab"]), server.client(world.keys["trainer-a"])
    with (
        listening(colleague) as theirs,
        listening(lead) as leads,
        listening(server.client(world.keys["agent-a"])) as mine,
    ):
        say(agent, "taken", "m1", "谁来接")
        agent.post("/v1/conversations/taken/claim", json={})
        say(agent, "taken", "m2", "接了以后的话")
        agent.post("/v1/conversations/taken/close")
        for line in (theirs, leads, mine):
            line.wait("conversation", lambda data: data["id"] == "taken" and not data["open"])
    said = {
        name: [event.data["message"]["id"] for event in line.named("message") if event.data["conversation"] == "taken"]
        for name, line in (("theirs", theirs), ("leads", leads), ("mine", mine))
    }
    assert said == {"theirs": ["m1"], "leads": ["m1", "m2"], "mine": ["m1", "m2"]}
    agents = [event.data["agent_name"] for event in theirs.named("conversation") if event.data["id"] == "taken"]
    assert agents[0] == "" and "agent-a" in agents


def test_no_line_carries_anything_of_another_shop(server: Inside, world: World) -> None:
    """T2: both shops talk, claim, ask for help and get answers; each hears only itself, whatever it was told last."""
    lines: dict[str, Line] = {}
    with listening(server.client(world.keys["agent-a"])) as a, listening(server.client(world.keys["agent-b"])) as b:
        for slug in ("a", "b", "a", "b"):
            http, lead = server.client(world.keys[f"agent-{slug}"]), server.client(world.keys[f"trainer-{slug}"])
            mark, chat = canary(slug), f"walls-{slug}-{time.monotonic_ns()}"
            say(http, chat, f"m{mark}", f"{mark}什么时候发货")
            http.post(f"/v1/conversations/{chat}/claim", json={})
            http.put(f"/v1/conversations/{chat}/key-facts", json={"topic": f"{mark}问题"})
            http.post(f"/v1/conversations/{chat}/help", json={"id": f"h{chat}", "note": f"{mark}怎么办"})
            lead.post(f"/v1/help/h{chat}/answer", json={"text": f"{mark}这样办"})
            (a if slug == "a" else b).wait("help", lambda data, mark=mark: data["answer"] == f"{mark}这样办")
        lines = {"a": a, "b": b}
        with listening(server.client(world.keys["agent-b"]), last=f"{server.app.state.live.stream.epoch}-0") as again:
            again.wait("help")
        replies = [
            server.client(world.keys["trainer-b"]).get(path).text
            for path in ("/v1/conversations", "/v1/help?state=all")
        ]
    for mine, other, slug in (("a", "b", "a"), ("b", "a", "b")):
        assert world.leaked(slug, *lines[mine].raw) and world.leaked(other, *lines[mine].raw) == []
    assert world.leaked("b", *again.raw) and world.leaked("a", *again.raw, *replies) == []


def test_a_shop_of_nobody_here_is_refused_in_the_lists(server: Inside, world: World) -> None:
    with server.client(world.keys["agent-a"]) as http:
        for path in ("/v1/conversations", "/v1/help"):
            foreign, missing = (http.get(path, params={"shop": shop}) for shop in ("b", "nowhere"))
            assert (foreign.status_code, missing.status_code) == (404, 404)
            assert foreign.json() == missing.json()


def test_an_agent_of_two_shops_sees_both_in_one_queue(server: Inside, world: World) -> None:
    with server.client(world.keys["agent-ab"]) as http:
        for slug in ("a", "b"):
            say(http, "both", "m1", f"{canary(slug)}在吗", shop=slug)
        both = [one["shop"] for one in http.get("/v1/conversations").json()["conversations"] if one["id"] == "both"]
        assert sorted(both) == ["a", "b"]
        only = http.get("/v1/conversations", params={"shop": "b"}).json()["conversations"]
        assert {one["shop"] for one in only} == {"b"}


@pytest.mark.parametrize("way", ["key", "session"])
def test_a_revoked_key_ends_its_line(way: str, server: Inside) -> None:
    hub = server.service.folder.hub
    key = hub.issue_key(f"要停用的{way}", Role.AGENT, ["a"])
    http = server.client(key if way == "key" else None)
    if way == "session":
        http.post("/v1/session", json={"key": key})
    with listening(http) as line:
        hub.revoke_keys(f"要停用的{way}")
        began = time.monotonic()
        until(line.ended.is_set, "the end of the line")
        assert time.monotonic() - began < ENDS_S


def test_a_key_that_is_given_a_shop_hears_it_and_one_that_loses_it_does_not(server: Inside, world: World) -> None:
    hub = server.service.folder.hub
    key = hub.issue_key("借调", Role.AGENT, ["a"])
    own = {"key_id": hub.grant_of_key(key).key_id, "slug": "b"}
    other = server.client(world.keys["agent-b"])
    with listening(server.client(key)) as line:
        hub._write(lambda db: db.table("key_merchants").insert(own))
        line.wait("reset")
        say(other, "lent", "m1", "给两家店的话")
        line.wait("message", lambda data: data["shop"] == "b")
        hub._write(
            lambda db: db.conn.execute("DELETE FROM key_merchants WHERE key_id = ? AND slug = 'b'", [own["key_id"]])
        )
        say(other, "lent", "m2", "不该再听见的话")
        until(lambda: len(line.named("reset")) == 2, "the second reset")
        say(server.client(world.keys["agent-a"]), "still", "m1", "自己店的话")
        line.wait("message", lambda data: data["conversation"] == "still")
        before = line.events.index(line.named("reset")[1])
    assert "不该再听见的话" not in "".join(line.raw)
    assert not [event for event in line.events[before:] if event.data.get("shop") == "b"]


# -- no client can make it grow


def told(number: int, size: int = 0) -> Event:
    return Event(number, "a", "", wire(f"e-{number}", "message", "x" * size))


def test_a_client_that_does_not_read_loses_its_queue_and_is_told() -> None:
    line = Subscriber(Sight(frozenset("a"), "k", False), "e", 0, "e-0")
    for number in range(1, streams.QUEUED + 1):
        line.offer([told(number)])
    assert len(line.waiting) == streams.QUEUED and not line.lost
    line.offer([told(streams.QUEUED + 1)])
    assert (len(line.waiting), line.lost) == (0, True)
    line.offer([told(streams.QUEUED + 2)])
    assert line.take().decode().split("\n\n")[:2] == [
        f"id: e-{streams.QUEUED + 2}\nevent: reset\ndata: {{}}",
        f"id: e-{streams.QUEUED + 2}\nevent: message\ndata: ",
    ]
    assert line.take() == b""


def test_an_event_that_was_offered_is_not_offered_again() -> None:
    line = Subscriber(Sight(frozenset("a"), "k", False), "e", 5, "e-5")
    line.offer([told(5), told(6)])
    line.offer([told(6), told(7)])
    assert [event.number for event in line.waiting] == [6, 7]


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[tuple[Inside, World]]:
    world = build(tmp_path / "data")
    with inside(Settings(data=world.data, engine="none")) as running:
        yield running, world


def test_a_slow_client_holds_nobody_up_and_is_told_to_start_anew(
    own_server: tuple[Inside, World], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "QUEUED", 50)
    server, world = own_server
    stream = server.app.state.live.stream
    where = urlsplit(server.address)
    with socket.socket() as slow, listening(server.client(world.keys["agent-a"])) as quick:
        slow.connect((where.hostname, where.port))
        slow.sendall(
            f"GET /v1/stream HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {world.keys['agent-a']}\r\n\r\n".encode()
        )
        until(lambda: len(stream) == 2, "the second line")
        data = '{"n":"' + "x" * 20_000 + '"}'
        for number in range(1, 101):  # 10 MB: more than the system's buffers and the queue hold
            for _ in range(5):
                stream.publish(Told("a", "bulk", data))
            until(lambda number=number: len(quick.named("bulk")) == number * 5, "the quick client's events")
        assert max(len(line.waiting) for line in stream._subscribers) <= streams.QUEUED
        assert not quick.named("reset")
        stream.publish(Told("a", "last", "{}"))
        slow.settimeout(10)
        got, reset = b"", False
        while b"event: last" not in got:
            got = got[-100:] + slow.recv(1 << 20)
            reset = reset or b"event: reset" in got
        assert reset
    stream.publish(Told("a", "last", "{}"))  # a closed socket is noticed when something is written to it
    until(lambda: len(stream) == 0, "both lines to be forgotten")


def test_a_stop_does_not_wait_for_open_lines(tmp_path: Path) -> None:
    world = build(tmp_path / "data")
    with (
        inside(Settings(data=world.data, engine="none")) as server,
        listening(server.client(world.keys["agent-a"])) as line,
    ):
        until(lambda: len(server.app.state.live.stream) == 1, "the line")
        stopped = time.monotonic()
        server.stop()
        assert line.ended.wait(ENDS_S)
    assert time.monotonic() - stopped < ENDS_S


def test_too_many_lines_are_refused_with_an_answer(
    server: Inside, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "LINES", 0)
    with server.client(world.keys["agent-a"]) as http:
        reply = http.get("/v1/stream")
    assert (reply.status_code, reply.json()["code"]) == (503, "HS-503")


def test_nobody_takes_all_lines_however_many_they_ask_for_at_once(
    server: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "OWN", 2)
    # Keys of this test alone: its limit counts the lines of one key.
    key, others = (server.service.folder.hub.issue_key(name, Role.AGENT, ["a"]) for name in ("一个人", "另一个人"))
    with listening(server.client(key)), listening(server.client(key)):
        assert server.client(key).get("/v1/stream").json()["code"] == "HS-503"
        with listening(server.client(others)) as other:
            assert other.named("hello")

    async def together() -> None:
        stream, sight = Stream(), Sight(frozenset("a"), "k_1", False)
        for _ in range(5):
            stream.check_room("k_1")  # all of them before the first has its line
        stream.subscribe(sight)
        stream.subscribe(sight)
        with pytest.raises(Busy):
            stream.subscribe(sight)

    run_aside(together())
