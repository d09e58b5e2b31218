"""Clocks are made of what is stored: laws that hold whatever was said when, and the cases that people argue about."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.live.clock import Rules, breached, clocks, due_ms, telling, urgency
from bot.live.rules import Rulebook
from kb.errors import Invalid
from kb.model import Clock, ClockKind, Conversation, Help, Message, Speaker, Turn
from kb.store.chats import Chat

RULES = Rules()
FIRST, REPLY, FACTS, HELP = ClockKind.FIRST_REPLY, ClockKind.REPLY, ClockKind.KEY_FACTS, ClockKind.HELP


def chat(
    said: str, closings: tuple[int, ...] = (), confirmations: tuple[int, ...] = (), helps: tuple[Help, ...] = ()
) -> Chat:
    """A conversation written as "b0 b10 a20": who spoke, and when in seconds."""
    messages = []
    for number, one in enumerate(said.split()):
        speaker = Speaker.BUYER if one[0] == "b" else Speaker.AGENT
        messages.append(Message(str(number), Turn(speaker, "话"), int(one[1:]) * 1000))
    return Chat(Conversation("c", "buyer", messages=tuple(messages)), 0, closings, confirmations, helps)


def told(kept: Chat) -> list[tuple[ClockKind, int, int | None]]:
    """(kind, started, ended) in seconds."""
    return [
        (c.kind, c.started_ms // 1000, None if c.ended_ms is None else c.ended_ms // 1000) for c in clocks(kept, RULES)
    ]


# -- cases


def test_the_first_reply_is_measured_from_the_first_of_a_burst() -> None:
    assert told(chat("b0 b5 b9 a20")) == [(FACTS, 0, None), (FIRST, 0, 20)]


def test_each_later_wait_is_a_reply_clock_of_its_own() -> None:
    assert told(chat("b0 a10 a12 b30 b40 a55 b70")) == [
        (FACTS, 0, None),
        (FIRST, 0, 10),
        (REPLY, 30, 55),
        (REPLY, 70, None),
    ]


def test_who_greets_first_starts_no_clock() -> None:
    assert told(chat("a0 a5")) == []
    assert told(chat("a0 b10")) == [(FACTS, 10, None), (FIRST, 10, None)]


def test_closing_ends_what_runs_and_a_conversation_that_comes_back_begins_anew() -> None:
    # Chatwoot counted the first reply from the first creation (PR 12058): every returning buyer was a breach of days.
    kept = chat("b0 a10 b20 a5000 b9000", closings=(60_000,), confirmations=(30_000,))
    assert told(kept) == [(FACTS, 0, 30), (FIRST, 0, 10), (REPLY, 20, 60), (FACTS, 9000, None), (FIRST, 9000, None)]


def test_key_facts_are_due_from_the_first_message_and_ended_by_confirming() -> None:
    (facts, _) = clocks(chat("b0 a10", confirmations=(45_000, 80_000)), RULES)
    assert (facts.due_ms, facts.ended_ms, breached(facts, 10**12)) == (60_000, 45_000, False)


def test_help_has_its_own_clock() -> None:
    waiting = Help("h", "c", "k", "", 5_000, 35_000)
    assert told(chat("b0", helps=(waiting,)))[-1] == (HELP, 5, None)


def test_a_closing_ends_the_wait_for_help_and_no_later_answer_undoes_that() -> None:
    asked = Help("h", "c", "k", "", 5_000, 35_000)
    answered = replace(asked, answered_ms=20_000)
    assert told(chat("b0", closings=(9_000,), helps=(asked,)))[0] == (FACTS, 0, 9)
    for closings, one, ended in (
        ((9_000,), asked, 9), ((9_000,), answered, 9), ((4_000,), asked, None), ((4_000, 8_000, 30_000), answered, 8),
        ((30_000,), answered, 20), ((), answered, 20),
    ):  # fmt: skip
        kept = chat("b0", closings=closings, helps=(one,))
        assert (HELP, 5, ended) in told(kept)
        assert kept.waits(one) is (ended is None)


def test_a_clock_is_breached_after_its_time_and_not_at_it() -> None:
    running, late = Clock(FIRST, 0, 30_000), Clock(FIRST, 0, 30_000, 30_001)
    assert [breached(running, at) for at in (0, 30_000, 30_001)] == [False, False, True]
    assert breached(late, 0) and not breached(Clock(FIRST, 0, 30_000, 30_000), 99_999)


def test_the_queue_goes_by_time_to_breach_then_by_who_spoke_last() -> None:
    rows = [(None, 5), (40_000, 1), (None, 9), (30_000, 2)]
    assert sorted(rows, key=lambda row: urgency(*row)) == [(30_000, 2), (40_000, 1), (None, 9), (None, 5)]


# -- laws


@st.composite
def stored(draw: st.DrawFn) -> Chat:
    """What a store may hold: messages by time, closings and confirmations after what was said by then."""
    at, said, closings, confirmations = 0, [], [], []
    for what in draw(st.lists(st.sampled_from("bbaacf"), max_size=25)):
        at += draw(st.integers(0, 90))
        if what in "ba":
            said.append(f"{what}{at}")
        else:
            (closings if what == "c" else confirmations).append(at * 1000)
            at += 1  # a message that comes after is later than the closing that it comes after
    asked = draw(st.integers(0, 100_000))
    answered = draw(st.none() | st.integers(asked, asked + 90_000))
    helps = (Help("h", "c", "k", "", asked, asked + 30_000, "", "", answered),) if draw(st.booleans()) else ()
    return chat(" ".join(said), tuple(closings), tuple(confirmations), helps)


@given(stored())
def test_no_span_is_negative_and_at_most_one_of_a_kind_runs(kept: Chat) -> None:
    found = clocks(kept, RULES)
    assert all(c.started_ms < c.due_ms and (c.ended_ms is None or c.ended_ms >= c.started_ms) for c in found)
    running = [c.kind for c in found if c.ended_ms is None]
    assert len(set(running)) == len(running)
    assert [c.started_ms for c in found] == sorted(c.started_ms for c in found)


@given(stored())
def test_a_buyer_waits_exactly_while_a_reply_clock_runs(kept: Chat) -> None:
    """An independent reading: somebody waits where the last thing said since the closing was said by the buyer."""
    running = [c for c in clocks(kept, RULES) if c.ended_ms is None and c.kind in (FIRST, REPLY)]
    settled = kept.closings[-1] if kept.closings else -1
    since = [m for m in kept.conversation.messages if m.at_ms > settled]
    assert bool(running) == bool(since and since[-1].turn.speaker is Speaker.BUYER) == bool(kept.unanswered)
    if running:
        assert running[0].started_ms == kept.unanswered[0].at_ms


@given(stored())
def test_the_longest_waits_are_covered_and_none_is_counted_twice(kept: Chat) -> None:
    spans = sorted((c.started_ms, c.ended_ms or 10**9) for c in clocks(kept, RULES) if c.kind in (FIRST, REPLY))
    assert all(before[1] <= after[0] for before, after in pairwise(spans))
    waiting = {m.at_ms for m in kept.conversation.messages if m.turn.speaker is Speaker.BUYER}
    assert all(any(start <= at <= end for start, end in spans) for at in waiting)


@given(stored(), st.integers(0, 200_000), st.integers(0, 200_000))
def test_a_breach_never_heals(kept: Chat, now: int, later: int) -> None:
    for clock in clocks(kept, RULES):
        assert breached(clock, now) <= breached(clock, now + later)


@given(stored(), st.integers(0, 90))
def test_more_messages_never_change_what_has_ended(kept: Chat, wait: int) -> None:
    last = max((*(m.at_ms for m in kept.conversation.messages), *kept.closings, *kept.confirmations, 0))
    said = Message("new", Turn(Speaker.AGENT, "好的"), last + 1 + wait * 1000)
    longer = Chat(
        Conversation("c", "b", messages=(*kept.conversation.messages, said)),
        0,
        kept.closings,
        kept.confirmations,
        kept.helps,
    )
    ended = [c for c in clocks(kept, RULES) if c.ended_ms is not None]
    after = clocks(longer, RULES)
    assert all(c in after for c in ended)
    assert not any(c.ended_ms is None and c.kind in (FIRST, REPLY) for c in after)


@given(stored())
def test_what_is_shown_is_what_counts(kept: Chat) -> None:
    found = clocks(kept, RULES)
    shown = telling(found)
    assert due_ms(shown) == due_ms(found)
    assert {c.kind for c in shown} == {c.kind for c in found} and len(shown) == len({c.kind for c in shown})


# -- the rules


def test_every_shipped_rule_says_where_it_is_from() -> None:
    import tomllib

    import bot.live.rules

    told = tomllib.loads(Path(bot.live.rules.__file__).with_name("clocks.toml").read_text(encoding="utf-8"))
    for row in [told["default"], *told["platform"]]:
        assert row["source"] and row["date"]
    book = Rulebook.read()
    assert book.default == Rules() == book.of("") == book.of("没有的平台")
    assert book.of("pdd").reply_ms == book.of("拼多多").reply_ms == 180_000


def test_the_operators_file_goes_over_the_shipped_one(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text('[default]\nfirst_reply_s = 20\n[[platform]]\nname = "京东"\nreply_s = 45\n', encoding="utf-8")
    book = Rulebook.read(own)
    assert (book.of("").first_reply_ms, book.of("").reply_ms) == (20_000, 60_000)
    assert (book.of("jd").first_reply_ms, book.of("jd").reply_ms) == (20_000, 45_000)
    assert (book.of("拼多多").first_reply_ms, book.of("拼多多").reply_ms) == (20_000, 180_000)
    assert book.of("淘系").reply_ms == 60_000  # of two platforms the stricter


@pytest.mark.parametrize(
    "text", ["不是 TOML", "[default]\nreply_s = 0", "[default]\nreply_s = true", "[default]\nreplys = 9"]
)
def test_a_mistake_in_the_rules_is_told_with_its_file(text: str, tmp_path: Path) -> None:
    own = tmp_path / "时限.toml"
    own.write_text(text, encoding="utf-8")
    with pytest.raises(Invalid, match=r"时限\.toml"):
        Rulebook.read(own)
    with pytest.raises(Invalid):
        Rulebook.read(tmp_path / "没有.toml")
