"""The routes of a conversation: a message comes, somebody serves it, its clocks run, and a restart changes nothing."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from lines import listening, say
from running import Inside, inside, until
from world import World, build, canary

from bot.live.board import Board
from bot.live.live import Live, Terms
from bot.live.rules import Rulebook
from bot.live.stream import Told
from bot.settings import Settings
from bot.shapes.assist import SuggestIn
from bot.suggest import suggest
from kb.model import Speaker
from kb.store.conversations import ConversationStore, Heard, Who
from kb.store.folder import DataFolder


def queue(http: httpx.Client, **query: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = http.get("/v1/conversations", params=query).json()["conversations"]
    return found


# -- messages


def test_a_message_makes_a_conversation_and_a_repeated_one_does_not(agent: httpx.Client) -> None:
    order = {"number": "SO-20261122-8899", "product": "SP1", "sku": "颜色:白", "payment": "paid"}
    first = say(agent, "made", "m1", "我的电话13812345678", buyer="王先生", product="SP1", order=order, tags=["老客"])
    again = say(agent, "made", "m1", "我的电话13812345678")
    assert (first.status_code, again.status_code) == (201, 200)
    told = first.json()
    assert (told["duplicate"], again.json()["duplicate"]) == (False, True)
    assert told["message"] == again.json()["message"]
    assert told["message"]["text"] == "我的电话[手机号]"
    conversation = told["conversation"]
    assert conversation["order"] == {
        "tail": "8899", "product": "SP1", "sku": "颜色:白", "payment": "paid", "logistics": None, "refund": None
    }  # fmt: skip
    assert conversation["buyer"].startswith("买家 ") and len(conversation["buyer"]) == 7
    assert (conversation["unanswered"], conversation["open"], conversation["agent"]) == (1, True, "")
    assert {clock["kind"] for clock in conversation["clocks"]} == {"first_reply", "key_facts"}
    assert conversation["due_ms"] == told["message"]["at_ms"] + 30_000
    assert "王先生" not in first.text and "20261122" not in first.text


def test_a_reply_ends_the_wait(agent: httpx.Client) -> None:
    say(agent, "replied", "m1")
    told = say(agent, "replied", "m2", "在的", speaker="agent").json()["conversation"]
    (first,) = [clock for clock in told["clocks"] if clock["kind"] == "first_reply"]
    assert first["ended_ms"] == told["last"]["at_ms"] and not first["breached"]
    assert told["unanswered"] == 0


@pytest.mark.parametrize(
    "wrong",
    [
        {"at_ms": 1_795_000_000},  # seconds
        {"id": "有中文"},
        {"id": ""},
        {"id": "x" * 65},
        {"speaker": "robot"},
        {"text": "x" * 10_001},
        {"tags": ["t"] * 21},
        {"tags": ["x" * 41]},
        {"buyer": "x" * 201},
        {"order": {"state": "paid"}},
        {"order": {"payment": "maybe"}},
        {"unknown": 1},
    ],
)
def test_what_a_host_says_wrongly_is_refused_and_nothing_is_made_of_it(
    wrong: dict[str, Any], agent: httpx.Client
) -> None:
    body = {"id": "m1", "speaker": "buyer", "text": "在吗", **wrong}
    reply = agent.post("/v1/conversations/wrong/messages", json=body)
    assert (reply.status_code, reply.json()["code"]) == (422, "HS-422")
    assert agent.get("/v1/conversations/wrong").status_code == 404


@pytest.mark.parametrize("chat", ["%E4%BC%9A%E8%AF%9D", "a%20b", "x" * 65, "a%00b"])
def test_a_conversation_has_a_plain_id(chat: str, agent: httpx.Client) -> None:
    assert say(agent, chat, "m1").status_code == 422


# -- the queue


def test_the_queue_is_ordered_by_what_is_due_first(host: httpx.Client, agent: httpx.Client) -> None:
    now = int(time.time() * 1000)
    say(host, "q-late", "m1", at_ms=now - 5_000)
    say(host, "q-soon", "m1", at_ms=now - 25_000)
    say(host, "q-breached", "m1", at_ms=now - 600_000)
    say(host, "q-done", "m1", at_ms=now - 20_000)
    say(agent, "q-done", "m2", "在的", speaker="agent")
    assert agent.put("/v1/conversations/q-done/key-facts", json={"topic": "打招呼"}).status_code == 200
    listed = [one["id"] for one in queue(agent) if one["id"].startswith("q-")]
    assert listed == ["q-breached", "q-soon", "q-late", "q-done"]
    told = agent.get("/v1/conversations", params={"limit": 1}).json()
    assert len(told["conversations"]) == 1 and told["total"] >= 4
    (first,) = [clock for clock in queue(agent)[0]["clocks"] if clock["kind"] == "first_reply"]
    assert first["breached"]


def test_closed_conversations_leave_the_queue_and_stay_readable(agent: httpx.Client) -> None:
    say(agent, "closing", "m1")
    closed = agent.post("/v1/conversations/closing/close").json()
    assert (closed["open"], closed["due_ms"]) == (False, None)
    assert "closing" not in [one["id"] for one in queue(agent)]
    assert "closing" in [one["id"] for one in queue(agent, state="closed")]
    assert len(agent.get("/v1/conversations/closing").json()["messages"]) == 1
    assert agent.post("/v1/conversations/closing/reopen").json()["open"]
    assert "closing" in [one["id"] for one in queue(agent)]


def test_a_conversation_that_nobody_touches_closes_by_itself(server: Inside, agent: httpx.Client) -> None:
    say(agent, "idle", "m1")
    board = server.app.state.live._board("a")
    with listening(agent) as line:
        time.sleep(0.01)
        board.close_idle(5)
        line.wait("conversation", lambda data: data["id"] == "idle" and not data["open"])


# -- who serves


def test_one_of_two_agents_wins_and_the_other_is_told_by_whom(
    server: Inside, world: World, agent: httpx.Client
) -> None:
    say(agent, "won", "m1")
    barrier = threading.Barrier(2)

    def claim(name: str) -> httpx.Response:
        with server.client(world.keys[name]) as http:
            http.get("/healthz")
            barrier.wait()
            return http.post("/v1/conversations/won/claim", params={"shop": "a"}, json={})

    with ThreadPoolExecutor(2) as pool:
        replies = list(pool.map(claim, ["agent-a", "agent-ab"]))
    assert sorted(reply.status_code for reply in replies) == [200, 409]
    winner = next(reply.json()["agent_name"] for reply in replies if reply.is_success)
    assert next(reply.json()["detail"] for reply in replies if reply.is_error).startswith(winner)
    mine = queue(agent, mine="true")
    assert ("won" in [one["id"] for one in mine]) == (winner == "agent-a")


def test_only_who_oversees_may_give_a_conversation_to_others(
    server: Inside, world: World, agent: httpx.Client, lead: httpx.Client
) -> None:
    hub = server.service.folder.hub
    ids = {name: hub.grant_of_key(world.keys[name]).key_id for name in ("agent-a", "agent-ab", "agent-b")}
    say(agent, "given", "m1")
    give = "/v1/conversations/given/claim"
    assert agent.post(give, json={"agent": ids["agent-ab"]}).status_code == 403
    assert lead.post(give, json={"agent": ids["agent-b"]}).status_code == 422  # who does not see this shop
    assert lead.post(give, json={"agent": ids["agent-ab"]}).json()["agent_name"] == "两店客服"
    assert agent.post(give, json={}).status_code == 409
    assert agent.post(give, json={"agent": ""}).status_code == 409  # not hers to give back
    assert lead.post(give, json={"agent": ids["agent-a"]}).json()["agent_name"] == "agent-a"
    assert agent.post(give, json={"agent": ""}).json()["agent"] == ""


# -- key facts


def test_key_facts_are_confirmed_once_seen(agent: httpx.Client) -> None:
    told = say(agent, "facts", "m1").json()["conversation"]
    facts = {
        "topic": "发货",
        "product": "外套",
        "order": "SO-20268899",
        "wish": "快点",
        "mood": "急",
        "promises": ["今天发", " "],
        "next_step": "催仓库13812345678",
    }
    late = agent.put("/v1/conversations/facts/key-facts", json={**facts, "version": told["version"] - 1})
    assert (late.status_code, late.json()["code"]) == (409, "HS-409")
    done = agent.put("/v1/conversations/facts/key-facts", json={**facts, "version": told["version"]}).json()
    assert done["key_facts"] == {
        **facts, "order": "8899", "promises": ["今天发"], "next_step": "催仓库[手机号]", "confirmed": True
    }  # fmt: skip
    (clock,) = [clock for clock in done["clocks"] if clock["kind"] == "key_facts"]
    assert clock["ended_ms"] is not None


def test_key_facts_are_drafted_from_the_chat_until_an_agent_says_otherwise(
    server: Inside, world: World, agent: httpx.Client
) -> None:
    with listening(server.client(world.keys["agent-a"])) as line:
        say(agent, "drafted", "m1", "怎么还不发货，我要投诉", order={"number": "SO-20261122-8899", "payment": "paid"})
        told = line.wait("suggestion", lambda data: data["conversation"] == "drafted").data["suggestion"]
        pushed = line.wait("conversation", lambda data: data["id"] == "drafted" and data["tone"] is not None).data
    assert told["conversation"] == "drafted" and told["key_facts"]["order"] == "尾号8899"
    assert pushed["key_facts"] == {**told["key_facts"], "confirmed": False}
    confirmed = {**told["key_facts"], "mood": "平静"}
    assert agent.put("/v1/conversations/drafted/key-facts", json=confirmed).status_code == 200
    assert agent.get("/v1/conversations/drafted").json()["key_facts"] == {**confirmed, "confirmed": True}


# -- suggestions


@pytest.fixture
def quiet(tmp_path: Path) -> Iterator[tuple[World, DataFolder]]:
    world = build(tmp_path / "data")
    with DataFolder(world.data) as folder:
        yield world, folder


def board_of(folder: DataFolder, pushed: list[Told]) -> Board:
    return Board(
        lambda: folder.hub.merchant("a"), lambda: folder.conversations("a"), Rulebook.read(),
        lambda *told: pushed.extend(told), lambda conversation: None,
    )  # fmt: skip


def buyer(key: str, text: str = "在吗") -> Heard:
    return Heard(key, Speaker.BUYER, text)


def test_a_burst_becomes_one_question_that_is_answered_in_time(
    server: Inside, world: World, agent: httpx.Client
) -> None:
    mark = canary("a")
    with listening(server.client(world.keys["agent-a"])) as line:
        for key, text in (("m1", "你好"), ("m2", mark), ("m3", "几时发货")):
            say(agent, "burst", key, text)
        last = line.wait("suggestion", lambda data: data["after"] == "m3").data["suggestion"]
    assert "四十八小时内发货" in last["hits"][0]["answer"]["text"]


def test_a_suggestion_for_what_is_past_is_dropped(
    quiet: tuple[World, DataFolder], server: Inside, agent: httpx.Client
) -> None:
    _, folder = quiet
    pushed: list[Told] = []
    board = board_of(folder, pushed)
    board.take("c", buyer("m1"))
    asked = board.unasked("c")
    assert asked is not None
    template = server.app.state.live
    told = suggest(template._handle("a"), SuggestIn(text="在吗"))
    board.take("c", buyer("m2"))
    assert not board.suggested(asked, told)  # the buyer went on
    again = board.unasked("c")
    board.take("c", Heard("m3", Speaker.AGENT, "在的"))
    assert again is not None and not board.suggested(again, told)  # somebody replied
    assert board.unasked("c") is None
    assert [one.name for one in pushed].count("suggestion") == 0
    board.take("c", buyer("m4"))
    final = board.unasked("c")
    assert final is not None and board.suggested(final, told)
    assert board.unasked("c") is None  # the same is not worked out twice
    assert [one.name for one in pushed].count("suggestion") == 1


def test_of_one_message_one_suggestion_is_made_however_many_watch(world: World, server: Inside) -> None:
    made: list[SuggestIn] = []
    live = Live(
        server.service, Rulebook.read(), Terms(120, 30), lambda shop, asked: made.append(asked) or suggest(shop, asked)
    )  # type: ignore[func-returns-value]
    try:
        board = live._board("a")
        board.take("once", buyer("m1", "这句话只问一次"))
        until(lambda: board.standing("once").advice is not None, "the suggestion")
        live._workers.heard("a", "once")
        time.sleep(0.3)
        assert [asked.text for asked in made].count("这句话只问一次") == 1
    finally:
        live.close()


def test_an_engine_that_fails_costs_a_suggestion_and_nothing_else(
    server: Inside, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> Any:
        raise RuntimeError("模型坏了")

    live = Live(server.service, Rulebook.read(), Terms(120, 30), broken)
    try:
        live._board("a").take("broken", buyer("m1"))
        until(lambda: "no suggestion" in caplog.text, "the log")
        live._suggest = suggest
        live._board("a").take("broken", buyer("m2"))
        until(lambda: live._board("a").standing("broken").advice is not None, "the next suggestion")
    finally:
        live.close()


# -- the board and the store


def test_whatever_comes_at_once_the_board_says_what_is_stored(quiet: tuple[World, DataFolder]) -> None:
    """Many threads change the same conversations; replies overtake each other. At the end memory and disk agree, and no
    watcher was told an older state after a newer one."""
    _, folder = quiet
    pushed: list[Told] = []
    board = board_of(folder, pushed)

    def work(thread: int) -> None:
        for step in range(12):
            chat = f"c{(thread + step) % 3}"
            board.take(chat, Heard(f"{thread}-{step}", Speaker.BUYER if step % 3 else Speaker.AGENT, "话"))
            if step % 5 == 1:
                board.shut(chat, instead=True)
            if step % 5 == 3:
                board.claim(chat, Who(f"k{thread}", f"客服{thread}"), instead=True)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(work, range(6)))
    stored = {kept.id: kept for kept in folder.conversations("a").opened()}
    assert {one.chat.id: one.chat for one in board.queue(wanted_open=True)} == stored

    seen: dict[str, int] = {}
    for one in pushed:
        if one.name == "conversation":
            data = json.loads(one.data)
            assert data["version"] >= seen.get(data["id"], 0)
            seen[data["id"]] = data["version"]
    messages = [json.loads(one.data)["message"]["id"] for one in pushed if one.name == "message"]
    assert sorted(messages) == sorted(f"{t}-{s}" for t in range(6) for s in range(12))


def test_a_restart_changes_nothing(tmp_path: Path) -> None:
    world = build(tmp_path / "data")
    told: list[list[dict[str, Any]]] = []
    for round_ in range(2):
        with inside(Settings(data=world.data, engine="none")) as server:
            http = server.client(world.keys["agent-a"])
            if not round_:
                for chat in ("x", "y", "z"):
                    say(http, chat, "m1", f"{canary('a')}什么时候发货", buyer=chat)
                http.post("/v1/conversations/x/claim", json={})
                say(http, "y", "m2", "在的", speaker="agent")
                http.put("/v1/conversations/y/key-facts", json={"topic": "发货"})
                http.post("/v1/conversations/x/help", json={"id": "h1", "note": "怎么办"})
            until(lambda: all(one["tone"] or not one["unanswered"] for one in queue(http)), "suggestions, made again")  # noqa: B023
            told.append([{k: v for k, v in one.items() if k != "tone"} for one in queue(http)])
    assert told[0] == told[1] and len(told[0]) == 3


def test_one_shop_whose_conversations_cannot_be_read_hides_no_other(tmp_path: Path) -> None:
    world = build(tmp_path / "data")
    broken = world.data / "merchants" / "a" / "conversations.db"
    ConversationStore(broken).close()
    broken.write_bytes(b"not a database" * 100)
    with inside(Settings(data=world.data, engine="none")) as server, server.client(world.keys["agent-ab"]) as http:
        reply = http.post(
            "/v1/conversations/c/messages", params={"shop": "b"}, json={"id": "m", "speaker": "buyer", "text": "在吗"}
        )
        assert reply.status_code == 201
        assert [one["shop"] for one in queue(http)] == ["b"]
        assert http.get("/v1/conversations/c", params={"shop": "a"}).status_code == 507
        server.app.state.live.sweep(forget=True)  # goes on to the next shop
