"""What a shop learns by is in its file: an old file opens, a decision and its phrasing are written together or not."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlite_utils import Database, Migrations

from kb.errors import Conflict
from kb.model import Decision, Event, EventKind, Gold, Polarity, Proposal, Speaker, Turn
from kb.store import schema
from kb.store.change import Change
from kb.store.file import StoreFile
from kb.store.folder import DataFolder
from kb.store.grant import Role
from kb.store.merchant import MerchantStore
from making import faq

PROPOSAL = Proposal("pr_1", "e1", "几天能寄", Polarity.POSITIVE, 3, 1, 2, 99)


def test_a_file_of_the_first_version_opens_with_all_that_was_in_it(tmp_path: Path) -> None:
    first = Migrations("merchant")
    first()(schema.m001_foundation)
    path = tmp_path / "kb.db"
    old = StoreFile(path, first)
    old.write(_fill_as_the_first_version_did)
    old.close()
    store = MerchantStore(path, "shop-a")
    [event] = store.events()
    assert (event.id, event.text, event.asked, event.actor) == ("event-0001", "改过的话", "", "k_1")
    assert store.generation() == 7 and store.telling_events() == [] and store.gold() == store.decisions() == []
    store.record_events([Event("event-0002", EventKind.INSERTED, "sg", entry="e1", asked="几天能寄")], actor="k_2")
    store.apply(Change(entries=[faq("1", "什么时候发货", "48小时")], decisions=[Decision(PROPOSAL, True, "甲")]))
    store.close()
    again = MerchantStore(path, "shop-a")
    assert [e.id for e in again.telling_events()] == ["event-0002"]
    assert again.decisions() == [Decision(PROPOSAL, True, "甲")]
    again.close()


def _fill_as_the_first_version_did(db: Database) -> None:
    db.conn.execute("UPDATE meta SET value = '7' WHERE key = 'generation'")
    db.conn.execute(
        "INSERT INTO events (id, kind, suggestion, entry, rank, probability, generation, text, reason, at, received_at,"
        " actor) VALUES ('event-0001', 'edited', 'sg', 'e1', 1, 0.5, 7, '改过的话', '', 5, 6, 'k_1')"
    )


def test_only_what_tells_something_is_read_for_learning(store: MerchantStore) -> None:
    events = [
        Event(f"event-{i:04}", EventKind.INSERTED, "sg", entry="e1", asked=asked)
        for i, asked in enumerate(["", "几天能寄", "", "怎么退"])
    ]
    store.record_events(events, actor="k_9")
    assert [(e.id, e.asked, e.actor) for e in store.telling_events()] == [
        ("event-0001", "几天能寄", "k_9"),
        ("event-0003", "怎么退", "k_9"),
    ]


TEXT = st.text(st.characters(blacklist_categories=("Cs",)), max_size=20)
GOLD = st.builds(
    Gold,
    st.uuids().map(str),
    TEXT,
    st.lists(st.builds(Turn, st.sampled_from(Speaker), TEXT), max_size=3).map(tuple),
    st.frozensets(TEXT, max_size=3),
)


@given(st.lists(GOLD, max_size=6, unique_by=lambda g: g.id), st.lists(GOLD, max_size=6, unique_by=lambda g: g.id))
def test_the_gold_set_is_what_was_given_last(
    tmp_path_factory: pytest.TempPathFactory, first: list[Gold], second: list[Gold]
) -> None:
    store = _shared_store(tmp_path_factory)
    for given_ in (first, second):
        store.replace_gold(given_)
        assert store.gold() == given_


_shared: dict[str, MerchantStore] = {}


def _shared_store(factory: pytest.TempPathFactory) -> MerchantStore:
    if not _shared:
        _shared["store"] = MerchantStore(factory.mktemp("gold") / "kb.db", "s")
    return _shared["store"]


def test_a_decision_against_another_takes_its_phrasings_down_with_it(store: MerchantStore) -> None:
    store.apply(Change(decisions=[Decision(PROPOSAL, False, "甲")]))
    with pytest.raises(Conflict, match="几天能寄"):
        store.apply(Change(entries=[faq("1", "什么时候发货", "48小时")], decisions=[Decision(PROPOSAL, True, "乙")]))
    assert store.entries() == [] and store.generation() == 0
    assert store.decisions() == [Decision(PROPOSAL, False, "甲")]


def test_of_all_who_decide_at_once_the_first_decides(store: MerchantStore) -> None:
    start = threading.Barrier(8)

    def decide(i: int) -> bool:
        start.wait(10)
        try:
            store.apply(Change(decisions=[Decision(PROPOSAL, i % 2 == 0, f"k{i}")]))
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        done = list(pool.map(decide, range(8)))
    [decision] = store.decisions()
    assert [i for i, ok in enumerate(done) if ok] == [i for i in range(8) if (i % 2 == 0) is decision.accepted]


def test_a_decision_alone_makes_no_new_generation(store: MerchantStore) -> None:
    assert store.apply(Change(decisions=[Decision(replace(PROPOSAL, id="pr_2"), False, "甲")])) == 0


def test_trainers_keys_are_those_of_this_shop_ended_ones_too(folder: DataFolder) -> None:
    for slug in ("a", "b"):
        folder.hub.add_merchant(slug, slug)
    keys = [folder.hub.issue_key(f"{role}{slug}", role, [slug]) for role in Role for slug in ("a", "b")]
    ids = [folder.hub.grant_of_key(key).key_id for key in keys]
    folder.hub.revoke_keys("trainera")
    assert folder.hub.keys_of("a", Role.TRAINER) == {ids[2]}
    assert folder.hub.keys_of("b", Role.AGENT) == {ids[1]}
