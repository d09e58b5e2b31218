"""Events and outcomes over HTTP: whose they are, when they were, what is kept of a text, and how complete the record is."""

from __future__ import annotations

import time
from itertools import count
from typing import Any

import httpx
import pytest
from running import Inside
from world import World, canary, faq_csv

from ingest import importer
from kb.events.edits import rebuild
from kb.model import Event, Outcome
from kb.store.merchant import MerchantStore

PHONE = "13912345678"
_numbers = count()


@pytest.fixture
def store(server: Inside) -> MerchantStore:
    return server.service.folder.merchant("a")


def event(kind: str = "shown", **more: Any) -> dict[str, Any]:
    number = next(_numbers)
    return {"id": f"told-{number:06}", "kind": kind, "suggestion": f"sg_{number}", "entry": "e1", "rank": 1, **more}


def told(agent: httpx.Client, store: MerchantStore, body: dict[str, Any], **batch: Any) -> Event:
    reply = agent.post("/v1/events", json={"events": [body], **batch})
    assert reply.status_code == 200, reply.text
    [stored] = [e for e in store.events() if e.id == body["id"]]
    return stored


# -- whose, when, of which chat


def test_the_session_names_the_actor_and_events_of_somebody_else_are_refused_whole(
    server: Inside, world: World, agent: httpx.Client, store: MerchantStore
) -> None:
    me = agent.get("/v1/session").json()["actor"]
    other = server.client(world.keys["trainer-a"]).get("/v1/session").json()["actor"]
    assert me != other
    assert told(agent, store, event(), actor=me).actor == me
    body = event()
    reply = agent.post("/v1/events", json={"events": [body], "actor": other})
    assert (reply.status_code, reply.json()["code"]) == (403, "HS-403")
    assert body["id"] not in {e.id for e in store.events()}
    assert told(agent, store, body).actor == me  # who does not say whose they are is believed to be the sender


@pytest.mark.parametrize("skew", [-7 * 86400, -60, 0, 60, 7 * 86400])
def test_a_computer_whose_clock_is_wrong_does_not_spoil_the_times(
    agent: httpx.Client, store: MerchantStore, skew: int
) -> None:
    now = int(time.time())
    theirs = now + skew
    assert abs(told(agent, store, event(at=theirs - 300), now=theirs).at - (now - 300)) <= 2


def test_no_event_is_later_than_its_arrival(agent: httpx.Client, store: MerchantStore) -> None:
    now = int(time.time())
    for at in (0, now + 86400, 253_402_300_799):
        assert now <= told(agent, store, event(at=at)).at <= now + 5
    assert told(agent, store, event(at=5), now=now + 99_999).at == 0


def test_the_chat_is_kept_as_the_host_names_it_and_nothing_else_passes(
    agent: httpx.Client, store: MerchantStore
) -> None:
    assert told(agent, store, event(conversation="wx:room-1.a_B")).conversation == "wx:room-1.a_B"
    assert told(agent, store, event()).conversation == ""
    for bad in ("a b", "会话", "x" * 65, "a/b"):
        assert agent.post("/v1/events", json={"events": [event(conversation=bad)]}).status_code == 422


def test_no_client_can_take_the_id_of_a_servers_end(agent: httpx.Client) -> None:
    assert agent.post("/v1/events", json={"events": [event() | {"id": "end:" + "0" * 32}]}).status_code == 422


# -- what is kept of a text


def test_an_edit_keeps_what_was_changed_and_not_the_text(agent: httpx.Client, store: MerchantStore) -> None:
    shown, sent = "亲，48小时内发货的哦", f"亲，今天下午就发货的哦，有事打{PHONE}"
    for kind in ("edited", "sent"):
        stored = told(agent, store, event(kind, shown=shown, text=sent))
        assert stored.text == "" and PHONE not in stored.diff
        assert rebuild(shown, stored.diff) == "亲，今天下午就发货的哦，有事打[手机号]"


def test_without_the_text_on_screen_it_is_held_against_the_entrys_own(
    agent: httpx.Client, store: MerchantStore
) -> None:
    entry = next(e for e in store.entries() if e.answers)
    answer = entry.answers[0].text
    stored = told(agent, store, event("edited", entry=entry.id, text=answer + "，放心"))
    assert rebuild(answer, stored.diff) == answer + "，放心"
    assert answer not in stored.diff
    # Of an entry that is gone nothing can be kept but the words themselves.
    gone = told(agent, store, event("edited", entry="e_gone", text="自己写的"))
    assert rebuild("", gone.diff) == "自己写的"
    assert told(agent, store, event("edited")).diff == ""  # the page was closed, the words went with it


# -- how complete the record is


def test_the_summary_counts_what_became_of_what_was_shown(server: Inside, world: World) -> None:
    trainer = server.client(world.keys["trainer-b"])
    before = trainer.get("/v1/events/summary").json()
    one, two, three = (event() for _ in range(3))
    ends = [{**one, "kind": "inserted"}, {**two, "kind": "ignored", "reason": "closed"}, {**one, "kind": "viewed"}]
    batch = [one, two, three, *({**end, "id": f"end-{end['id']}-{i}"} for i, end in enumerate(ends))]
    assert trainer.post("/v1/events", json={"events": batch}).json()["accepted"] == 6
    after = trainer.get("/v1/events/summary").json()
    assert {name: after[name] - before[name] for name in ("shown", "ended", "open", "viewed")} == {
        "shown": 3, "ended": 2, "open": 1, "viewed": 1
    }  # fmt: skip
    assert after["reasons"]["closed"] == before["reasons"].get("closed", 0) + 1
    assert after["complete"] == after["ended"] / after["shown"]
    server.service.ending.sweep(int(time.time()) + 7200)
    swept = trainer.get("/v1/events/summary").json()
    assert (swept["open"], swept["complete"]) == (0, 1.0)
    assert trainer.get("/v1/events/summary", params={"since": int(time.time()) + 60}).json()["shown"] == 0


def test_a_shop_that_cannot_be_read_does_not_stop_the_sweep(
    server: Inside, agent: httpx.Client, store: MerchantStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    told(agent, store, event())
    folder, real = server.service.folder, type(server.service.folder).merchant

    def merchant(self: object, slug: str) -> MerchantStore:
        if slug == "b":
            raise OSError("b cannot be read")
        return real(folder, slug)

    monkeypatch.setattr(type(folder), "merchant", merchant)
    assert server.service.ending.sweep(int(time.time()) + 7200) >= 1


# -- outcomes


def outcome(**more: Any) -> dict[str, Any]:
    return {"id": f"outcome-{next(_numbers):04}", "conversation": "c:1", "kind": "order", "amount_fen": 12_900, **more}


def test_outcomes_count_once_and_hold_no_order_number(agent: httpx.Client, store: MerchantStore) -> None:
    number = "26091500001234567"
    paid = outcome(kind="payment", order=number, at=1_700_000_000)
    back = outcome(kind="refund", amount_fen=900, order=f" {number} ")
    for accepted, duplicates in ((2, 0), (0, 2)):
        reply = agent.post("/v1/outcomes", json={"outcomes": [paid, back]})
        assert reply.json() == {"accepted": accepted, "duplicates": duplicates}
    one, two = store.outcomes()[-2:]
    assert one == Outcome(paid["id"], one.kind, "c:1", 12_900, 1_700_000_000, one.order)
    assert one.order == two.order and number not in one.order and len(one.order) == 32
    assert two.at >= int(time.time()) - 60
    assert store.outcomes()[-1].kind == "refund"


def test_an_outcome_meets_the_order_that_was_imported(agent: httpx.Client, store: MerchantStore) -> None:
    sheet = faq_csv([("26091500007654321", f"外套{canary('a')}", "1")], ("订单编号", "商品名称", "数量"))
    importer.commit(store, None, sheet, "订单.csv", actor="训练师")
    full_width = "２６０９１５００００７６５４３２１"
    assert agent.post("/v1/outcomes", json={"outcomes": [outcome(order=full_width)]}).json()["accepted"] == 1
    assert store.outcomes()[-1].order in {basket.id for basket in store.baskets()}


@pytest.mark.parametrize(
    "wrong",
    [{"amount_fen": 12.5}, {"amount_fen": 12.0}, {"amount_fen": "12900"}, {"amount_fen": True}, {"amount_fen": -1},
     {"amount_fen": 10**12}, {"kind": "gift"}, {"conversation": ""}, {"id": "short"}, {"at": -1}, {"buyer": "x"}],
)  # fmt: skip
def test_money_is_whole_fen_and_a_batch_with_one_bad_outcome_is_refused_whole(
    agent: httpx.Client, store: MerchantStore, wrong: dict[str, Any]
) -> None:
    before = store.outcomes()
    reply = agent.post("/v1/outcomes", json={"outcomes": [outcome(), {**outcome(), **wrong}]})
    assert reply.status_code == 422 and store.outcomes() == before
