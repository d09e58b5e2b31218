"""The ends that a shop's file finds by SQL are those of the pure rules; what came before is there; outcomes count once."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlite_utils import Database, Migrations
from sqlite_utils.utils import sqlite3

from kb.events.ending import close_open
from kb.events.life import is_ours, lives
from kb.model import Event, EventKind, Outcome, OutcomeKind
from kb.store import ending, events, schema
from kb.store.file import StoreFile
from kb.store.merchant import MerchantStore

TIMEOUT_S = 600
kinds = st.sampled_from([EventKind.SHOWN] * 4 + [EventKind.VIEWED, EventKind.INSERTED, EventKind.IGNORED])
cards = st.sampled_from([("e1", 1), ("e2", 2), ("", 3)])
told = st.tuples(kinds, st.sampled_from(["s1", "s2", "s3", "s4"]), cards, st.integers(1, 2000))
BELONGS = {"s1": ("c1", "k1"), "s2": ("c1", "k2"), "s3": ("", "k1"), "s4": ("", "k1")}


def memory() -> Database:
    db = Database(sqlite3.connect(":memory:", isolation_level=None), execute_plugins=False)
    schema.merchant.apply(db)
    return db


@settings(max_examples=60)
@given(st.lists(st.tuples(st.lists(told, max_size=6), st.integers(1, 4000)), max_size=5))
def test_a_sweep_by_sql_ends_what_the_rules_end(rounds: list[tuple[list[tuple], int]]) -> None:  # type: ignore[type-arg]
    """Batches arrive, sweeps run in between, at times that need not go forward."""
    db, number = memory(), 0
    for batch, now in rounds:
        for kind, sg, (entry, rank), at in batch:
            number += 1
            chat, actor = BELONGS[sg]
            one = Event(f"event-{number:04}", kind, sg, entry, rank, at=at, conversation=chat)
            events.put_events(db, [one], received_at=now, actor=actor)
        before = list(events.all_events(db))
        wanted = close_open(before, now, TIMEOUT_S)
        assert ending.end_due(db, now, TIMEOUT_S) == len(wanted)
        after = list(events.all_events(db))[len(before) :]
        assert {e.id: e for e in after} == {e.id: e for e in wanted}
        assert ending.end_due(db, now, TIMEOUT_S) == 0 and not ending.due(db, now, TIMEOUT_S)
    ending.end_due(db, 99_999, TIMEOUT_S)
    assert all(life.end for life in lives(events.all_events(db)).values() if life.shown)
    db.conn.close()


def shown(number: int, at: int = 100, chat: str = "c1") -> Event:
    return Event(f"shown-{number:04}", EventKind.SHOWN, f"sg_{number}", "e1", 1, at=at, conversation=chat)


def test_a_sweep_looks_only_at_what_came_after_everything_had_its_end(store: MerchantStore) -> None:
    store.record_events([shown(i) for i in range(1200)], actor="k")
    assert store.end_open(99_999, TIMEOUT_S) == 1200
    assert store.end_open(99_999, TIMEOUT_S) == 0
    with store._file.read() as db:
        assert ending._mark(db) == 2400  # beyond the shown and their ends
    store.record_events([shown(9999, at=99_999)], actor="k")
    assert store.end_open(99_999, TIMEOUT_S) == 0 and store.end_open(200_000, TIMEOUT_S) == 1


def test_a_closed_conversation_ends_its_own_cards_only(store: MerchantStore) -> None:
    store.record_events([shown(1), shown(2, chat="c2"), shown(3, chat="")], actor="k")
    assert store.end_conversation("c1", now=150) == 1
    assert store.end_conversation("c1", now=160) == 0
    [end] = [e for e in store.events() if is_ours(e)]
    assert (end.suggestion, end.reason, end.at, end.conversation, end.actor) == ("sg_1", "closed", 150, "c1", "")


def test_what_was_shown_before_this_version_gets_its_end_too(tmp_path: Path) -> None:
    before = Migrations("merchant")
    steps = (schema.m001_foundation, schema.m002_learning, schema.m003_ingest, schema.m004_orders_and_conditions)
    for step in steps:
        before()(step)
    path = tmp_path / "kb.db"
    old = StoreFile(path, before)
    row = "INSERT INTO events (id, kind, suggestion, entry, rank, probability, generation, text, reason, at, received_at, actor)"
    old.write(lambda db: db.conn.execute(f"{row} VALUES ('event-0001','shown','sg','e1',1,0.5,7,'','',5,6,'k')"))
    old.close()
    store = MerchantStore(path, "shop-a")
    assert store.end_open(10_000, TIMEOUT_S) == 1
    assert [(e.kind, e.conversation, e.diff) for e in store.events()] == [("shown", "", ""), ("ignored", "", "")]
    store.close()


def test_only_suggestions_first_heard_of_since_then(store: MerchantStore, monkeypatch: pytest.MonkeyPatch) -> None:
    for now, batch in ((100, [shown(1), shown(2)]), (200, [shown(3)])):
        monkeypatch.setattr("kb.store.merchant.time.time", lambda now=now: now)
        store.record_events(batch, actor="k")
    used = Event("used-0001", EventKind.INSERTED, "sg_1", "e1", 1, at=200)
    store.record_events([used], actor="k")
    assert [e.suggestion for e in store.events(200)] == ["sg_3"]
    assert len(store.events(100)) == len(store.events()) == 4


def test_an_outcome_told_twice_counts_once_and_the_first_word_stands(store: MerchantStore) -> None:
    order = Outcome("outcome-1", OutcomeKind.ORDER, "c1", 12_900, 5, "digest")
    refund = Outcome("outcome-2", OutcomeKind.REFUND, "c1", 12_900, 9)
    assert store.record_outcomes([order, refund, order], actor="k") == 2
    changed = Outcome("outcome-1", OutcomeKind.PAYMENT, "c2", 1, 6)
    assert store.record_outcomes([changed], actor="k2") == 0
    assert store.outcomes() == [order, refund]
