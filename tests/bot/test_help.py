"""An agent asks the lead; the answer is there at once, is checked, and becomes a draft that only a trainer publishes."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from lines import listening, say
from running import Inside
from world import World

from kb.model import EntryKind, Origin, Status
from kb.store.merchant import MerchantStore


@pytest.fixture
def store(server: Inside) -> MerchantStore:
    return server.service.folder.merchant("a")


def ask(http: httpx.Client, chat: str, key: str, note: str = "怎么答") -> httpx.Response:
    return http.post(f"/v1/conversations/{chat}/help", json={"id": key, "note": note})


def answer(http: httpx.Client, key: str, text: str) -> httpx.Response:
    return http.post(f"/v1/help/{key}/answer", json={"text": text})


def waiting(http: httpx.Client, **query: Any) -> list[str]:
    return [one["id"] for one in http.get("/v1/help", params=query).json()["requests"]]


def test_a_request_reaches_the_lead_and_its_answer_the_agent(
    server: Inside, world: World, agent: httpx.Client, lead: httpx.Client, store: MerchantStore
) -> None:
    say(agent, "h-way", "m1", "这个能拿去送礼吗 13812345678")
    with (
        listening(server.client(world.keys["trainer-a"])) as leads,
        listening(server.client(world.keys["agent-a"])) as mine,
    ):
        asked = ask(agent, "h-way", "h-way-1", "客人问送礼，电话13812345678").json()
        assert leads.wait("help").data == asked
        assert "h-way-1" in waiting(lead) and "h-way-1" in waiting(agent)
        told = answer(lead, "h-way-1", "可以的，有礼盒装").json()
        pushed = mine.wait("help", lambda data: bool(data["answer"])).data
    assert asked["note"] == "客人问送礼，电话[手机号]" and asked["due_ms"] - asked["asked_ms"] == 30_000
    assert (pushed["answer"], pushed["answered_by_name"]) == ("可以的，有礼盒装", "trainer-a")
    assert told["help"]["answered_ms"] >= asked["asked_ms"] and not told["blocked"]
    assert "h-way-1" not in waiting(lead) and "h-way-1" in waiting(lead, state="all")
    entry = store.entry(told["help"]["entry"])
    assert (entry.status, entry.origin, entry.kind) == (Status.DRAFT, Origin.FEEDBACK, EntryKind.FAQ)
    assert (entry.question, [one.text for one in entry.answers]) == ("这个能拿去送礼吗 [手机号]", ["可以的，有礼盒装"])
    # A draft is not an answer: nobody has read it over.
    assert "礼盒" not in agent.post("/v1/suggest", json={"text": "这个能拿去送礼吗"}).text
    assert agent.get("/v1/conversations/h-way").json()["help"] == told["help"]


def test_a_retry_asks_and_answers_once(agent: httpx.Client, lead: httpx.Client, store: MerchantStore) -> None:
    say(agent, "h-twice", "m1", "有小票吗")
    assert ask(agent, "h-twice", "h-twice-1").json() == ask(agent, "h-twice", "h-twice-1").json()
    second = ask(agent, "h-twice", "h-twice-2")
    assert (second.status_code, second.json()["code"]) == (409, "HS-409")
    with ThreadPoolExecutor(4) as pool:
        replies = list(pool.map(lambda _: answer(lead, "h-twice-1", "有的，放在箱子里"), range(4)))
    assert {reply.status_code for reply in replies} == {200}
    assert len({reply.json()["help"]["entry"] for reply in replies}) == 1
    assert [entry.question for entry in store.entries()].count("有小票吗") == 1
    assert answer(lead, "h-twice-1", "没有").status_code == 409


def test_an_agent_sees_only_what_it_asked_itself(server: Inside, world: World, agent: httpx.Client) -> None:
    say(agent, "h-own", "m1", "在吗")
    ask(agent, "h-own", "h-own-1")
    with server.client(world.keys["agent-ab"]) as colleague:
        assert "h-own-1" not in waiting(colleague)
    assert "h-own-1" in waiting(agent)
    assert answer(agent, "h-own-1", "自己回自己").status_code == 403


def test_what_the_check_says_comes_back_and_what_it_blocks_becomes_no_draft(
    server: Inside, world: World, agent: httpx.Client, lead: httpx.Client, store: MerchantStore
) -> None:
    server.service.watching("b")  # the other shop is known to the watch
    say(agent, "h-check", "m1", "哪个好")
    ask(agent, "h-check", "h-check-1")
    before = len(store.entries())
    told = answer(lead, "h-check-1", "推荐外套kanariebbbvogel，加V❤聊").json()
    assert told["blocked"] and told["findings"]
    assert told["help"]["answered_ms"] and told["help"]["entry"] == ""
    assert len(store.entries()) == before


def test_a_question_that_the_shop_has_becomes_a_draft_beside_it(
    agent: httpx.Client, lead: httpx.Client, store: MerchantStore
) -> None:
    known = next(entry.question for entry in store.entries() if entry.question)
    say(agent, "h-known", "m1", known)
    ask(agent, "h-known", "h-known-1")
    key = store.entry(answer(lead, "h-known-1", "答得更好").json()["help"]["entry"])
    assert key.question == known and key.status is Status.DRAFT


def test_a_buyer_who_said_nothing_in_words_leaves_a_phrase(
    agent: httpx.Client, lead: httpx.Client, store: MerchantStore
) -> None:
    say(agent, "h-mute", "m1", "？？？")
    ask(agent, "h-mute", "h-mute-1")
    entry = store.entry(answer(lead, "h-mute-1", "您好，请问有什么可以帮您").json()["help"]["entry"])
    assert (entry.kind, entry.question) == (EntryKind.SCRIPT, "")


def test_a_number_sent_in_pieces_stands_in_no_draft(
    agent: httpx.Client, lead: httpx.Client, store: MerchantStore
) -> None:
    for number, piece in enumerate(("能打我电话吗 138 1234", "5678")):
        say(agent, "h-pieces", f"m{number}", piece)
    ask(agent, "h-pieces", "h-pieces-1")
    entry = store.entry(answer(lead, "h-pieces-1", "稍后由专人联系您").json()["help"]["entry"])
    assert entry.question == "能打我电话吗 [手机号]"
    assert "5678" not in entry.key


@pytest.mark.parametrize("text", ["", "   ", "\u200b", "x" * 10_001])
def test_an_answer_says_something(text: str, agent: httpx.Client, lead: httpx.Client) -> None:
    say(agent, "h-empty", "m1")
    ask(agent, "h-empty", "h-empty-1")
    assert answer(lead, "h-empty-1", text).status_code == 422
    assert "h-empty-1" in waiting(lead)


def test_an_id_is_of_one_conversation(agent: httpx.Client) -> None:
    for chat in ("h-one", "h-two"):
        say(agent, chat, "m1")
    assert ask(agent, "h-one", "h-same").status_code == 200
    assert ask(agent, "h-two", "h-same").status_code == 409


def test_a_request_ends_with_its_chat_and_the_lead_hears_of_it(
    server: Inside, world: World, agent: httpx.Client, lead: httpx.Client, store: MerchantStore
) -> None:
    say(agent, "h-over", "m1", "能寄到乡下吗")
    ask(agent, "h-over", "h-over-1")
    with listening(server.client(world.keys["trainer-a"])) as leads:
        told = agent.post("/v1/conversations/h-over/close").json()
        ended = leads.wait("help", lambda data: data["id"] == "h-over-1").data
    (clock,) = [one for one in told["clocks"] if one["kind"] == "help"]
    assert ended["closed_ms"] == clock["ended_ms"] is not None and ended["answered_ms"] is None
    for http in (lead, agent):
        assert "h-over-1" not in waiting(http) and "h-over-1" in waiting(http, state="all")
    # The buyer comes back: the old question is not asked again by itself, and a new one may be.
    back = say(agent, "h-over", "m2", "还在吗").json()["conversation"]
    assert back["help"]["closed_ms"] == ended["closed_ms"] and "h-over-1" not in waiting(lead)
    assert ask(agent, "h-over", "h-over-2").status_code == 200
    assert "h-over-2" in waiting(lead)
    # A late answer is still worth a draft; the clock stays where the closing ended it.
    late = answer(lead, "h-over-1", "乡镇也送到").json()["help"]
    assert store.entry(late["entry"]).answers[0].text == "乡镇也送到"
    assert late["closed_ms"] == ended["closed_ms"]


def test_nobody_asks_in_a_chat_that_is_over(agent: httpx.Client, lead: httpx.Client) -> None:
    say(agent, "h-late", "m1")
    agent.post("/v1/conversations/h-late/close")
    refused = ask(agent, "h-late", "h-late-1")
    assert (refused.status_code, refused.json()["code"]) == (409, "HS-409")
    assert "h-late-1" not in waiting(lead, state="all")
