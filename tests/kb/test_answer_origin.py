"""Who stated an answer's condition: kept by the store; in a file from before it was kept, only people could have."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from sqlite_utils import Database

from kb.model import Answer, Condition, Entry, Origin, Window
from kb.store import schema
from kb.store.change import Change
from kb.store.merchant import MerchantStore
from making import faq

JD = Condition(frozenset({"京东"}))


def entry(*answers: Answer) -> Entry:
    return replace(faq("1", "价保吗", "七天"), answers=answers)


def test_the_owner_of_a_condition_is_stored(tmp_path: Path) -> None:
    answers = (Answer("a1", "七天", JD), Answer("a2", "十天", JD, origin=Origin.TRAINER))
    store = MerchantStore(tmp_path / "kb.db", "shop")
    store.apply(Change(entries=[entry(*answers)]))
    assert store.entries()[0].answers == answers
    store.close()


def test_an_older_file_gets_a_salt_of_its_own_and_conditions_that_are_peoples(tmp_path: Path) -> None:
    salts = set()
    for slug in "ab":
        db = Database(tmp_path / f"{slug}.db")
        schema.merchant.apply(db, stop_before="m004_orders_and_conditions")
        for key, platforms, until in (("a1", "[]", None), ("a2", '["京东"]', None), ("a3", "[]", 9)):
            db.conn.execute(
                "INSERT INTO answers VALUES (?, 'e1', 0, '七天', 'h', ?, '[]', NULL, ?)", [key, platforms, until]
            )
        db.conn.execute(
            "INSERT INTO entries VALUES ('e1', '1', 'faq', '价保吗', 'h', '', '', '', 'published', NULL, NULL, 0,"
            " 'merchant', NULL, 'r', 1, 0)"
        )
        db.conn.commit()
        db.close()
        store = MerchantStore(tmp_path / f"{slug}.db", slug)
        found = {answer.id: answer for answer in store.entries()[0].answers}
        assert {key: answer.origin for key, answer in found.items()} == {
            "a1": Origin.MERCHANT,
            "a2": Origin.TRAINER,
            "a3": Origin.TRAINER,
        }
        assert found["a3"].window == Window(None, 9)
        salts.add(store.order_salt())
        store.close()
    assert len(salts) == 2 and all(len(salt) == 32 for salt in salts)
