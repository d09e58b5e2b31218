"""What a Chatwoot tells us: only what it signed, only of its shops, each message once, and nothing but words of a chat."""

from __future__ import annotations

import json
import time
from typing import Any
from unittest.mock import Mock

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from running import Inside
from world import World

from bot.guard import HOOK_LIMIT
from bot.hosts.chatwoot import Ignored, read_delivery, read_message
from bot.hosts.signature import FRESH_S, sign, verify
from kb.errors import Busy, Invalid, StoreFailed, Unauthorised
from kb.model import Speaker
from kb.store.conversations import Heard
from kb.store.hooks import Hook

INBOXES = {"3": "a", "4": "b"}

Taken = list[tuple[str, str, Heard]]


@pytest.fixture
def taken(server: Inside, monkeypatch: pytest.MonkeyPatch) -> Taken:
    """What the live service is told, before it masks and keeps it."""
    live, seen = server.app.state.live, []
    hear = live.hear
    monkeypatch.setattr(live, "hear", lambda *told: seen.append(told) or hear(*told))
    return seen


@pytest.fixture
def hook(server: Inside) -> Hook:
    return server.service.folder.hub.hooks.add("chatwoot", "客服台", INBOXES)


def created(number: int = 57, **fields: Any) -> dict[str, Any]:
    """A delivery as Chatwoot writes it: with names, addresses and telephones that nobody asked for."""
    person = {"id": 8, "name": "王芳", "email": "wang@example.com", "phone_number": "+8613912345678", "type": "contact"}
    told = {
        "event": "message_created", "id": number, "content": "这件大衣能机洗吗", "message_type": "incoming", "private": False,
        "created_at": "2026-09-21T13:33:20.500Z", "content_type": "text", "content_attributes": {}, "source_id": None,
        "sender": person, "account": {"id": 1, "name": "外包客服"}, "inbox": {"id": 3, "name": "青萝旗舰店"},
        "conversation": {"id": 12, "inbox_id": 3, "status": "open", "labels": ["老客"], "meta": {"sender": person}},
    }  # fmt: skip
    return {**told, **fields}


def deliver(
    server: Inside, hook: Hook, told: object, *, secret: str | None = None, at: int | None = None, **headers: str
) -> httpx.Response:
    body = told if isinstance(told, bytes) else json.dumps(told, ensure_ascii=False).encode()
    timestamp = str(int(time.time()) if at is None else at)
    signed = {
        "Content-Type": "application/json",
        "X-Chatwoot-Timestamp": timestamp,
        "X-Chatwoot-Signature": sign(hook.secret if secret is None else secret, timestamp, body),
    }
    with httpx.Client(base_url=server.address, trust_env=False) as http:
        return http.post(f"/v1/hooks/chatwoot/{hook.id}", content=body, headers={**signed, **headers})


# -- what is taken


def test_a_buyers_message_reaches_the_shop_of_its_inbox(server: Inside, hook: Hook, taken: Taken) -> None:
    reply = deliver(server, hook, created())
    assert (reply.status_code, reply.json()) == (200, {"result": "accepted", "reason": ""})
    at_ms = 1_789_997_600_500
    told = Heard(f"{hook.id}:57", Speaker.BUYER, "这件大衣能机洗吗", at_ms, buyer=f"{hook.id}:8", tags=("老客",))
    assert taken == [("a", f"{hook.id}:12", told)]
    kept = server.service.folder.conversations("a").chat(f"{hook.id}:12").conversation
    assert [(said.turn.text, said.turn.speaker) for said in kept.messages] == [(told.text, Speaker.BUYER)]
    assert kept.tags == ("老客",)


def test_nothing_of_the_contact_is_passed_on(server: Inside, hook: Hook, taken: Taken) -> None:
    deliver(server, hook, created())
    assert len(taken) == 1
    assert [mark for mark in ("王芳", "wang@", "139", "外包") if mark in repr(taken)] == []


def test_a_delivery_repeated_is_one_message(server: Inside, hook: Hook) -> None:
    results = [deliver(server, hook, created()).json()["result"] for _ in range(3)]
    assert results == ["accepted", "duplicate", "duplicate"]
    assert len(server.service.folder.conversations("a").chat(f"{hook.id}:12").conversation.messages) == 1


def test_a_delivery_whose_message_was_told_otherwise_before_is_passed_over_and_says_so(
    server: Inside, hook: Hook
) -> None:
    """A page may have told of it first; Chatwoot, which does not come back, needs no error."""
    deliver(server, hook, created())
    reply = deliver(server, hook, created(content="别的话"))
    assert (reply.status_code, reply.json()["result"]) == (200, "duplicate") and "编号已经用过" in reply.json()[
        "reason"
    ]
    kept = server.service.folder.conversations("a").chat(f"{hook.id}:12").conversation
    assert [said.turn.text for said in kept.messages] == ["这件大衣能机洗吗"]


def test_an_agents_reply_is_taken_as_one(server: Inside, hook: Hook, taken: Taken) -> None:
    agent = {"id": 2, "name": "客服小李", "type": "user"}
    deliver(server, hook, created(message_type="outgoing", sender=agent, inbox={"id": 4}))
    ((shop, _, message),) = taken
    assert (shop, message.speaker) == ("b", Speaker.AGENT)
    assert message.buyer == f"{hook.id}:8"  # the contact's, not the agent's who wrote


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"message_type": "template"}, "模板"),
        ({"message_type": "activity"}, "模板"),
        ({"message_type": 2}, "模板"),
        ({"message_type": None}, "模板"),
        ({"message_type": "outgoing", "private": True}, "备注"),
        ({"content": None}, "没有内容"),
        ({"content": " \n"}, "没有内容"),
        ({"inbox": {"id": 99}}, "收件箱 99"),
        ({"event": "message_updated"}, "只收"),
        ({"event": "conversation_created", "id": None, "conversation": None}, "只收"),
    ],
)
def test_what_is_no_message_of_ours_is_passed_over_with_a_reason(
    fields: dict[str, Any], why: str, server: Inside, hook: Hook, taken: Taken
) -> None:
    # 200, because sending it again would change nothing.
    reply = deliver(server, hook, created(**fields))
    assert (reply.status_code, reply.json()["result"]) == (200, "ignored")
    assert why in reply.json()["reason"]
    assert taken == []


def test_attachments_without_words_are_said_as_a_chat_window_shows_them() -> None:
    told = created(content=None, attachments=[{"file_type": "image", "data_url": "http://x"}, {"file_type": "sticker"}])
    *_, message = read_message("cw_1", INBOXES, read_delivery(json.dumps(told).encode()))
    assert message.text == "[图片][附件]"


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (1_790_000_000, 1_790_000_000_000),
        ("1790000000", 1_790_000_000_000),
        ("2026-09-21T13:33:20Z", 1_789_997_600_000),
        ("2026-09-21T21:33:20+08:00", 1_789_997_600_000),
        ("2026-09-21 13:33:20", 1_789_997_600_000),
        (None, None), ("", None), (900_000_000, None), (10**400, None), ("gestern", None),
        (-5, None), (1e300, None), ("nan", None), ("inf", None),
    ],
)  # fmt: skip
def test_times_come_as_seconds_or_as_dates(at: object, expected: int | None) -> None:
    *_, message = read_message("cw_1", INBOXES, read_delivery(json.dumps(created(created_at=at)).encode()))
    assert message.at_ms == expected


def test_a_number_that_is_cut_in_two_is_masked_all_the_same() -> None:
    chat = {**created()["conversation"], "labels": ["回头客" * 11 + "13812345678"]}
    told = created(content="想" * 9_990 + " 13812345678", conversation=chat)
    *_, message = read_message("cw_1", INBOXES, read_delivery(json.dumps(told).encode()))
    assert "1381" not in message.text and "1381" not in message.tags[0]
    assert (len(message.text), len(message.tags[0])) == (9_996, 38)


# -- what is refused


def wrongly(reply: httpx.Response) -> bool:
    return reply.status_code == 401 and reply.json()["code"] == "HS-401"


def test_nothing_unsigned_or_signed_by_another_gets_in(server: Inside, hook: Hook, taken: Taken) -> None:
    assert wrongly(deliver(server, hook, created(), secret="another"))
    assert wrongly(deliver(server, hook, created(), secret=""))
    for signature in ("", "sha256=", "sha256=" + "0" * 64, sign(hook.secret, "1", b"").upper()):
        assert wrongly(deliver(server, hook, created(), **{"X-Chatwoot-Signature": signature})), signature
    unknown = Hook("cw_0000000000000000", "chatwoot", "", {}, hook.secret)
    assert wrongly(deliver(server, unknown, created()))
    assert taken == []


def test_an_overheard_delivery_is_worthless_five_minutes_later(server: Inside, hook: Hook) -> None:
    now = int(time.time())
    assert wrongly(deliver(server, hook, created(), at=now - FRESH_S - 30))
    assert wrongly(deliver(server, hook, created(), at=now + FRESH_S + 30))
    # The time is signed too: with a fresh one the old signature is wrong.
    assert wrongly(deliver(server, hook, created(), at=now - 9_999, **{"X-Chatwoot-Timestamp": str(now)}))
    assert deliver(server, hook, created(), at=now - FRESH_S + 30).status_code == 200


def test_an_unknown_hook_answers_like_a_wrong_signature(server: Inside, hook: Hook) -> None:
    unknown = Hook("cw_0000000000000000", "chatwoot", "", {}, "")
    said = [deliver(server, which, created(), secret="x").json() for which in (hook, unknown)]
    assert {**said[0], "instance": ""} == {**said[1], "instance": ""}


def test_a_removed_hook_refuses_and_a_changed_secret_counts_at_once(server: Inside) -> None:
    hooks = server.service.folder.hub.hooks
    mine = hooks.add("chatwoot", "", {"3": "a"})
    hooks.set_secret(mine.id, "Chatwoots eigenes\n")
    assert deliver(server, mine, created()).status_code == 401
    assert deliver(server, mine, created(), secret="Chatwoots eigenes").status_code == 200
    hooks.remove(mine.id)
    assert deliver(server, mine, created(), secret="Chatwoots eigenes").status_code == 401


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"null", b"\xff", b'{"event": 1}', b'{"event":' + b"[" * 100_000, b'{"event": "x", "id": -1}',
     b'{"event": "message_created"}', json.dumps(created(conversation={"id": "x"})).encode()],
)  # fmt: skip
def test_a_signed_body_that_no_chatwoot_sends_is_the_senders_mistake(body: bytes, server: Inside, hook: Hook) -> None:
    reply = deliver(server, hook, body)
    assert (reply.status_code, reply.json()["code"]) == (422, "HS-422")


def test_what_fails_here_is_told_so_that_a_sender_may_come_back(
    server: Inside, hook: Hook, monkeypatch: pytest.MonkeyPatch
) -> None:
    for failure, status in ((Busy("忙"), 503), (StoreFailed("盘满"), 507)):
        monkeypatch.setattr(server.app.state.live, "hear", Mock(side_effect=failure))
        reply = deliver(server, hook, created())
        assert reply.status_code == status
        assert "retry-after" in reply.headers


def test_a_long_chat_fits_and_a_flood_does_not(server: Inside, hook: Hook, taken: Taken) -> None:
    # 64 KB, the limit of other requests, is less than a conversation with a hundred messages.
    assert deliver(server, hook, created(content="问" * 60_000)).status_code == 200
    assert len(taken[0][2].text) == 10_000
    assert deliver(server, hook, created(content="问" * HOOK_LIMIT)).status_code == 413


# -- laws


@given(st.binary(max_size=300), st.text(max_size=40), st.integers(0, 2**33))
def test_what_is_signed_verifies_and_nothing_else_does(body: bytes, secret: str, now: int) -> None:
    signature = sign(secret, str(now), body)
    if secret:
        verify(secret, str(now), signature, body, now=now)
    for other in ((secret + "x", str(now), body), (secret, str(now), body + b" "), (secret, str(now - 1), body)):
        with pytest.raises(Unauthorised):
            verify(other[0], other[1], signature, other[2], now=now)
    with pytest.raises(Unauthorised):
        verify("", str(now), sign("", str(now), body), body, now=now)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(sorted(created())), JSON, max_size=6))
def test_whatever_a_delivery_holds_it_is_read_ignored_or_refused(fields: dict[str, Any]) -> None:
    body = json.dumps({**created(), **fields}).encode()
    try:
        shop, _, message = read_message("cw_1", INBOXES, read_delivery(body))
    except (Ignored, Invalid):
        return
    assert shop in INBOXES.values()
    assert message.text and len(message.text) <= 10_000
    assert all(0 < len(tag) <= 40 for tag in message.tags)


# -- what a sidebar is told


def test_a_sidebar_learns_of_its_own_shops_inboxes_alone(server: Inside, world: World, hook: Hook) -> None:
    seen = {}
    for who in ("agent-a", "agent-b", "agent-ab"):
        with server.client(world.keys[who]) as http:
            reply = http.get("/v1/hooks")
            assert hook.secret not in reply.text
            seen[who] = next(one["inboxes"] for one in reply.json()["hooks"] if one["id"] == hook.id)
    assert seen["agent-a"] == [{"inbox": "3", "shop": "a"}]
    assert seen["agent-b"] == [{"inbox": "4", "shop": "b"}]
    assert seen["agent-ab"] == seen["agent-a"] + seen["agent-b"]
