"""What became of each card: the same whatever order events come in, however often; and every card shown has one end."""

from __future__ import annotations

from functools import reduce

from hypothesis import given
from hypothesis import strategies as st

from kb.events.ending import GRACE_S, Left, close_open, end_id, ended
from kb.events.life import ENDS, Life, card_of, is_ours, join, lives
from kb.events.tally import tally
from kb.model import Event, EventKind

HOUR = 3600
moments = st.integers(1, 3 * HOUR)


def event(number: int, kind: EventKind, sg: str, entry: str, rank: int, at: int, chat: str, actor: str) -> Event:
    return Event(f"event-{number:04}", kind, sg, entry, rank, at=at, conversation=chat, actor=actor)


@st.composite
def batches(draw: st.DrawFn) -> list[Event]:
    """Events as pages send them: a suggestion belongs to one agent and one chat; clocks are as they are."""
    made = []
    for number in range(draw(st.integers(0, 14))):
        sg = draw(st.sampled_from(["s1", "s2", "s3"]))
        chat, actor = {"s1": ("c1", "k1"), "s2": ("c1", "k2"), "s3": ("", "k1")}[sg]
        entry, rank = draw(st.sampled_from([("e1", 1), ("e2", 2), ("", 3)]))
        kind = draw(st.sampled_from(list(EventKind)))
        made.append(event(number, kind, sg, entry, rank, draw(moments), chat, actor))
    return made


@given(batches(), st.data())
def test_order_and_repetition_change_nothing(batch: list[Event], data: st.DataObject) -> None:
    again = [*batch, *data.draw(st.lists(st.sampled_from(batch), max_size=10) if batch else st.just([]))]
    shuffled = data.draw(st.permutations(again))
    assert lives(shuffled) == lives(batch)


@given(batches(), batches(), batches())
def test_joining_is_a_semilattice(a: list[Event], b: list[Event], c: list[Event]) -> None:
    one, two, three = (lives([*said, event(99, EventKind.VIEWED, "s1", "e1", 1, 1, "", "")]) for said in (a, b, c))
    x, y, z = (found[card_of(event(0, EventKind.SHOWN, "s1", "e1", 1, 1, "", ""))] for found in (one, two, three))
    assert join(x, x) == x and join(x, y) == join(y, x) and join(join(x, y), z) == join(x, join(y, z))
    assert reduce(join, (x, y), Life()) == join(x, y)


@given(batches(), moments)
def test_every_card_shown_has_exactly_one_end_when_time_has_passed(batch: list[Event], now: int) -> None:
    later = close_open([*batch, *close_open(batch, now)], now=10 * HOUR)
    told = [*batch, *close_open(batch, now), *later]
    ours = [e.id for e in told if is_ours(e)]
    assert len(ours) == len(set(ours)), "a card is ended once"
    assert all(life.end for life in lives(told).values() if life.shown)
    assert close_open(told, now=20 * HOUR) == []
    counted = tally(told)
    assert counted.open == 0 and counted.complete == 1.0 and sum(counted.ends.values()) == counted.shown


@given(batches(), batches(), moments)
def test_what_a_page_says_late_is_heard_where_it_says_more(early: list[Event], late: list[Event], now: int) -> None:
    """The oracle: the weightiest kind that any page named; the server's word only where none did."""
    late = [Event(**{name: getattr(e, name) for name in Event.__slots__} | {"id": f"late-{e.id}"}) for e in late]
    told = [*early, *close_open(early, now), *late]
    for card, life in lives(told).items():
        kinds = [e.kind for e in (*early, *late) if card_of(e) == card and e.kind in ENDS]
        if kinds:
            assert life.end is not None and not is_ours(life.end)
            assert life.end.kind is max(kinds, key=ENDS.index)


def card(sg: str, at: int, chat: str = "", actor: str = "k1", entry: str = "e1") -> Event:
    return Event(f"shown-{sg}-{entry}", EventKind.SHOWN, sg, entry, 1, at=at, conversation=chat, actor=actor)


def reasons(events: list[Event], now: int, timeout_s: int = 1800) -> dict[str, str]:
    return {e.suggestion: e.reason for e in close_open(events, now, timeout_s)}


def test_the_next_suggestion_of_the_same_chat_supersedes_after_a_minute() -> None:
    two = [card("s1", 100, "c1"), card("s2", 200, "c1", actor="k2"), card("s3", 150, "c2")]
    assert reasons(two, 200 + GRACE_S - 1) == {}
    assert reasons(two, 200 + GRACE_S) == {"s1": Left.SUPERSEDED}
    [end] = close_open(two, 200 + GRACE_S)
    assert (end.at, end.kind, end.entry, end.conversation) == (200, EventKind.IGNORED, "e1", "c1")


def test_cards_of_one_suggestion_do_not_supersede_each_other() -> None:
    told = [card("s1", 100, "c1"), card("s1", 101, "c1", entry="e2")]
    assert reasons(told, 1000) == {}


def test_without_a_chat_it_is_the_same_agents_next_suggestion() -> None:
    told = [card("s1", 100), card("s2", 200, actor="k2"), card("s3", 300)]
    assert reasons(told, 1000) == {"s1": Left.SUPERSEDED}


def test_what_nothing_follows_ends_by_time_and_is_dated_when_it_was_due() -> None:
    assert reasons([card("s1", 100)], 1899) == {}
    [end] = close_open([card("s1", 100)], 99_999)
    assert (end.reason, end.at) == (Left.TIMEOUT, 1900)
    # What followed only after that had nothing to do with it.
    assert reasons([card("s1", 100, "c"), card("s2", 5000, "c")], 9000) == {"s1": Left.TIMEOUT, "s2": Left.TIMEOUT}


def test_of_two_in_the_same_second_one_stays() -> None:
    assert reasons([card("s1", 100, "c"), card("s2", 100, "c")], 200) == {"s1": Left.SUPERSEDED}


def test_the_servers_id_is_the_cards_and_no_clients() -> None:
    one, two = card("s1", 100), card("s1", 500)
    assert end_id(one) == end_id(ended(two, Left.CLOSED, 9)) != end_id(card("s1", 100, entry="e2"))
    assert ":" in end_id(one)  # which POST /v1/events refuses in an id


def test_a_tally_says_what_became_of_everything() -> None:
    told = [
        card("s1", 1), card("s1", 1, entry="e2"), card("s2", 1), card("s3", 1),
        Event("v", EventKind.VIEWED, "s1", "e1", 1, at=2),
        Event("i", EventKind.INSERTED, "s1", "e1", 1, at=2),
        Event("g", EventKind.IGNORED, "s1", "e2", 2, reason="closed", at=3),
        Event("r", EventKind.REJECTED, "s2", "e1", 1, reason="price", at=3),
        Event("u", EventKind.INSERTED, "ts_1", "e9", 1, at=3),
        Event("x", EventKind.IGNORED, "s9", "e9", 1, at=3),
    ]  # fmt: skip
    found = tally(told)
    assert (found.shown, found.viewed, found.ended, found.open, found.unshown) == (4, 1, 3, 1, 1)
    assert found.complete == 0.75 and found.reasons == {"closed": 1, "price": 1}
    assert {kind: n for kind, n in found.ends.items() if n} == {"inserted": 1, "rejected": 1, "ignored": 1}
    assert found.events["shown"] == 4 and found.events["sent"] == 0
    assert tally([]).complete == 1.0
