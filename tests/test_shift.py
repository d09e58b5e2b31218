"""The player, against a desk in memory that does as the service does: a whole shift in the time of a breath."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cli.places import DEMO
from cli.shift.chat import REPLY_S, Act, Chat, Seen
from cli.shift.desk import Desk, Unreachable, _checked
from cli.shift.player import Plan, Player
from cli.shift.talk import Line, Talk, read_talks
from kb.errors import Conflict, Invalid
from kb.model import Speaker

TALKS = read_talks(DEMO)
SHIFT_S = 900.0  # one and a half miniature days
Key = tuple[str, str]


class Room(Desk):
    """Conversations as the service keeps them, and what was done to them and when; `person` serves some."""

    def __init__(self, person: Callable[[str], bool] = lambda _: False) -> None:
        self.now, self.person = 0.0, person
        self.rows: dict[Key, dict[str, Any]] = {}
        self.said: dict[Key, list[tuple[float, dict[str, Any]]]] = defaultdict(list)
        self.ends: dict[Key, float] = {}
        self.most = self.gone = 0

    def say(self, shop: str, conversation: str, message: dict[str, Any]) -> dict[str, Any]:
        key = shop, conversation
        row = self.rows.setdefault(key, {"shop": shop, "id": conversation, "agent": "", "unanswered": 0})
        assert message["id"] not in {said["id"] for _, said in self.said[key]} and key not in self.ends
        self.said[key].append((self.now, message))
        row["unanswered"] = row["unanswered"] + 1 if message["speaker"] == "buyer" else 0
        if self.person(conversation):
            row["agent"] = "person"
        self.most = max(self.most, len(self.rows))
        return dict(row)

    def claim(self, shop: str, conversation: str) -> str:
        row = self.rows[shop, conversation]
        if row["agent"] == "person":
            raise Conflict("已有人接待")
        row["agent"] = "colleague"
        return "colleague"

    def close(self, shop: str, conversation: str) -> None:
        if self.rows.pop((shop, conversation), None):
            self.ends[shop, conversation] = self.now

    def queue(self) -> list[dict[str, Any]]:
        if self.gone:
            self.gone -= 1
            raise Unreachable
        return [dict(row) for row in self.rows.values()]

    def leave(self) -> None:
        """Nothing is held."""

    def answer_all(self) -> None:
        """What a quick person does: reply to every buyer who waits."""
        for key, row in self.rows.items():
            if row["agent"] == "person" and row["unanswered"]:
                self.said[key].append((self.now, {"id": f"p{len(self.said[key])}", "speaker": "person", "text": "亲"}))
                row["unanswered"] = 0


def shift(room: Room, seed: int = 7, seconds: float = SHIFT_S, quick: bool = False) -> None:
    player = Player(room, TALKS, Plan(seed=seed), "run")
    while room.now < seconds:
        player.look()
        player.step(room.now)
        if quick:
            room.answer_all()
        room.now += 0.5


@pytest.fixture(scope="module")
def alone() -> Room:
    room = Room()
    shift(room)
    return room


def talk_of(room: Room, key: Key) -> Talk:
    """By the buyer, who is in one talk only."""
    buyer = room.said[key][0][1]["buyer"]
    return next(talk for talk in TALKS if talk.buyer == buyer)


def test_a_few_are_open_at_once_and_the_rush_fills_all_places(alone: Room) -> None:
    assert alone.most == 6
    assert len(alone.said) > 30


def test_what_is_said_is_what_is_written_in_its_order(alone: Room) -> None:
    finished = 0
    for key in alone.said:
        talk = talk_of(alone, key)
        assert key[0] == talk.shop
        script = [line.text for line in talk.lines]
        spoken = [message["text"] for _, message in alone.said[key]]
        kept = [text for text in spoken if text in script]
        assert kept == script[: len(kept)]
        finished += kept == script
    assert finished > len(alone.said) / 3


def test_bursts_are_as_quick_as_written(alone: Room) -> None:
    key = next(key for key in alone.said if talk_of(alone, key).id == "which-cable")
    times = [at for at, _ in alone.said[key][:4]]
    assert [b - a for a, b in pairwise(times)] == [2.0, 2.0, 2.0]


def test_the_colleague_is_sometimes_in_time_and_sometimes_late(alone: Room) -> None:
    took = []
    for said in alone.said.values():
        replies = [n for n, (_, message) in enumerate(said) if message["speaker"] == "agent"]
        took += [said[n][0] - said[n - 1][0] for n in replies]
    assert REPLY_S[0] <= min(took) < 15 and 30 < max(took) <= REPLY_S[1] + 1
    silent = [said for said in alone.said.values() if all(message["speaker"] == "buyer" for _, message in said)]
    assert 0.2 < len(silent) / len(alone.said) < 0.6


def test_everybody_leaves_in_the_end(alone: Room) -> None:
    for key in alone.rows:
        assert alone.now - alone.said[key][-1][0] < 160  # two patiences
    assert len(alone.ends) >= len(alone.said) - 6


def test_the_same_seed_plays_the_same_shift(alone: Room) -> None:
    again, other = Room(), Room()
    shift(again)
    shift(other, seed=3)
    assert again.said == alone.said != other.said


def test_what_a_person_serves_is_left_to_the_person() -> None:
    room = Room(lambda _: True)
    shift(room, quick=True)
    assert all(message["speaker"] != "agent" for said in room.said.values() for _, message in said)
    # The buyer goes on talking with the person, to the end of what is written.
    for key, ended in room.ends.items():
        texts = [message["text"] for _, message in room.said[key]]
        assert [line.text for line in talk_of(room, key).lines if line.speaker is Speaker.BUYER] == [
            t for t in texts if t != "亲"
        ]
        assert ended - room.said[key][-1][0] >= 85  # time for the key facts


def test_a_slow_person_is_asked_again_once_and_not_left() -> None:
    room = Room(lambda _: True)
    shift(room, seconds=900)
    assert not room.ends
    for key, said in room.said.items():
        first = next(n for n, line in enumerate(talk_of(room, key).lines) if line.speaker is Speaker.AGENT)
        assert len(said) <= first + 1


def test_what_a_person_closes_stays_closed() -> None:
    room = Room()
    player = Player(room, TALKS, Plan(seed=20261122), "run")
    for _ in range(200):
        player.look()
        player.step(room.now)
        room.now += 0.5
        for key in [
            key for key in room.rows if room.said[key][-1][1]["speaker"] == "buyer" and len(room.said[key]) == 3
        ]:
            room.close(*key)
            player.look()
    assert room.ends and all(len(room.said[key]) == 3 for key in room.ends)


class Lossy(Room):
    """Takes every fifth message but its answer is lost; the same id with other words is refused, as by the service."""

    def say(self, shop: str, conversation: str, message: dict[str, Any]) -> dict[str, Any]:
        known = {said["id"]: said for _, said in self.said[shop, conversation]}.get(message["id"])
        if known:
            if known["text"] != message["text"]:
                raise Conflict("编号已经用过")
            return dict(self.rows[shop, conversation])
        row = super().say(shop, conversation, message)
        if sum(map(len, self.said.values())) % 5 == 0:
            raise Unreachable
        return row


def test_a_shift_goes_on_where_an_answer_was_lost() -> None:
    room, lost = Lossy(), 0
    player = Player(room, TALKS, Plan(seed=7), "run")
    while room.now < SHIFT_S:
        try:
            player.look()
            player.step(room.now)
        except Unreachable:
            lost += 1
        room.now += 0.5
    assert lost > 20 and len(room.ends) > 20


def test_an_earlier_shift_is_cleared_away_and_nothing_else() -> None:
    room = Room()
    for name in ("play-old-3", "host-7"):
        room.say("qingluo", name, {"id": "1", "speaker": "buyer", "text": "在吗"})
    Player(room, TALKS, Plan(), "new").clear()
    assert [row["id"] for row in room.queue()] == ["host-7"]


@given(st.integers(0, 2**31), st.lists(st.booleans(), min_size=60, max_size=60), st.booleans())
@settings(max_examples=60, deadline=None)
def test_a_chat_never_replies_to_itself_whoever_comes_and_goes(seed: int, persons: list[bool], colleague: bool) -> None:
    draw = random.Random(seed)
    chat = Chat(draw.choice(TALKS), "c", draw, colleague, 0.0)
    answered, ids = False, []
    for step, person in enumerate(persons):
        now = step * 9.0
        answered = answered or draw.random() < 0.2
        act = chat.next(now, Seen(person, answered))
        if act is Act.CLOSE:
            break
        if act is not None:
            ids.append(chat.message(act)["id"])
            assert chat.text(act)
            assert act is Act.BUYER or (colleague and not person and not answered)
            chat.done(act, now)
            answered = act is Act.REPLY
    assert len(set(ids)) == len(ids)


def test_a_card_in_the_middle_changes_what_the_chat_is_about() -> None:
    lines = (Line(Speaker.BUYER, "裙子"), Line(Speaker.BUYER, "这件呢", product="B"), Line(Speaker.BUYER, "好"))
    chat = Chat(Talk("s", "t", "b", lines, product="A"), "c", random.Random(1), True, 0.0)
    seen = []
    for now in range(3):
        seen.append(chat.message(Act.BUYER)["product"])
        chat.done(Act.BUYER, float(now))
    assert seen == ["A", "B", "B"]


@pytest.mark.parametrize("address", ["ftp://127.0.0.1", "http://127.0.0.1:port"])
def test_an_address_that_is_none_is_said(address: str) -> None:
    with pytest.raises(Invalid):
        Desk(address, "k")


def test_nobody_there_is_told_as_such(tmp_path: Path) -> None:
    with pytest.raises(Unreachable):
        Desk("127.0.0.1:9", "k").queue()


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_service_that_is_busy_is_asked_again_and_ends_no_shift(status: int) -> None:
    with pytest.raises(Unreachable):
        _checked(status, b'{"detail": "later"}')
