"""The audit trail: whatever is done to a row, the chain says where."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlite_utils.utils import sqlite3

from kb.errors import Invalid
from kb.store.audit import ACTIONS, Deed, digest
from kb.store.folder import open_hub
from kb.store.grant import Actor, Role
from kb.store.hub import Hub
from making import faq

ROWS = 6
SOMEBODY = Actor("u_1", "张三")
COLUMNS = ("at", "actor", "name", "action", "shop", "subject", "summary", "before", "after", "seal")


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    with open_hub(tmp_path / "data") as opened:
        yield opened


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("audit")
    with open_hub(root) as hub:
        for number in range(ROWS):
            hub.record(SOMEBODY, Deed("entry.edit", "a", f"e_{number}", f"第 {number} 版", "x", "y"))
    return root / "hub.db"


def tampered(file: Path, *statements: tuple[str, list[Any]]) -> Hub:
    """A copy in which somebody who can write the file has been at work."""
    copy = file.with_name("copy") / "hub.db"
    copy.parent.mkdir(exist_ok=True)
    for old in copy.parent.iterdir():
        old.unlink()
    copy.write_bytes(file.read_bytes())
    conn = sqlite3.connect(copy)
    for trigger in ("audit_is_not_changed", "audit_is_not_deleted"):
        conn.execute(f"DROP TRIGGER {trigger}")
    for statement, values in statements:
        conn.execute(statement, values)
    conn.commit()
    conn.close()
    return Hub(copy)


def test_what_is_recorded_is_told_newest_first(hub: Hub) -> None:
    hub.record(SOMEBODY, Deed("entry.edit", "a", "e_1", "第 2 版", "x", "y"))
    hub.record(Actor("k_2", "李四"), Deed("export", "b"))
    newest, first = hub.audit()
    assert (newest.number, newest.name, newest.shop) == (2, "李四", "b")
    assert (first.actor, first.subject, first.summary, first.before, first.after) == ("u_1", "e_1", "第 2 版", "x", "y")
    assert [r.shop for r in hub.audit(shops=["a"])] == ["a"] and hub.audit(shops=[]) == []
    assert [r.number for r in hub.audit(before=2)] == [1] and [r.number for r in hub.audit(limit=1)] == [2]
    assert hub.verify_audit().broken == "" and hub.verify_audit().count == 2


def test_no_row_is_changed_or_deleted_by_any_statement_of_ours(hub: Hub) -> None:
    hub.record(SOMEBODY, Deed("export"))
    for statement in ("UPDATE audit SET name = 'x'", "DELETE FROM audit"):
        with pytest.raises(Exception, match="append-only"):
            hub._file.write(lambda db, s=statement: db.conn.execute(s))
    assert hub.verify_audit().count == 1


@given(number=st.integers(1, ROWS), column=st.sampled_from(COLUMNS), value=st.text(max_size=5))
def test_a_changed_cell_is_found_where_it_is(file: Path, number: int, column: str, value: str) -> None:
    new: Any = len(value) if column == "at" else "changed" + value
    with tampered(file, (f"UPDATE audit SET {column} = ? WHERE number = ?", [new, number])) as hub:
        verdict = hub.verify_audit()
    assert verdict.count == number - 1 and f"第 {number} 条" in verdict.broken


@given(st.integers(1, ROWS - 1))
def test_a_row_that_was_taken_out_is_missed(file: Path, number: int) -> None:
    with tampered(file, ("DELETE FROM audit WHERE number = ?", [number])) as hub:
        assert f"第 {number} 条不见了" in hub.verify_audit().broken
    closed = ("UPDATE audit SET number = number - 1 WHERE number > ?", [number])
    with tampered(file, ("DELETE FROM audit WHERE number = ?", [number]), closed) as hub:
        assert f"第 {number} 条" in hub.verify_audit().broken


def test_a_tail_that_was_cut_off_is_missed_by_whoever_noted_the_head(file: Path) -> None:
    with Hub(file) as whole:
        head = f"{ROWS}:{whole.verify_audit().head}"
        assert whole.verify_audit(head).broken == "" and whole.verify_audit(head[:20]).broken == ""
        assert "不一样" in whole.verify_audit(f"{ROWS}:{'0' * 64}").broken
        with pytest.raises(Invalid):
            whole.verify_audit("6:abc")
    with tampered(file, ("DELETE FROM audit WHERE number = ?", [ROWS])) as hub:
        assert hub.verify_audit().broken == ""
        assert "只有" in hub.verify_audit(head).broken


def test_two_processes_write_one_chain(tmp_path: Path) -> None:
    with open_hub(tmp_path) as one, open_hub(tmp_path) as other:
        for number in range(20):
            (one, other)[number % 2].record(SOMEBODY, Deed("export", summary=str(number)))
        assert one.verify_audit() == other.verify_audit() and one.verify_audit().count == 20


def test_a_change_that_is_refused_leaves_no_row(hub: Hub) -> None:
    hub.add_merchant("a", "甲")
    before = hub.verify_audit().count
    for refused in (
        lambda: hub.issue_key("x", Role.AGENT, ["nowhere"]),
        lambda: hub.people.add("张三", "柳暗花明又一村路", [Role.AGENT], ["nowhere"]),
    ):
        with pytest.raises(Exception, match="nowhere"):
            refused()
    assert hub.verify_audit().count == before
    assert hub.people.all() == [] and hub.all_keys() == []


def test_personal_data_does_not_reach_the_trail(hub: Hub) -> None:
    phone = "13912345678"
    hub.record(Actor("u_1", f"张三{phone}"), Deed("import.commit", "a", phone, f"{phone}.xlsx：新增 3 条"))
    assert phone not in str(hub.audit())


def test_only_what_has_a_name_is_recorded(hub: Hub) -> None:
    with pytest.raises(ValueError, match="nonsense"):
        hub.record(SOMEBODY, Deed("nonsense"))
    assert all(ACTIONS.values())


def test_a_digest_tells_states_apart_and_nothing_else() -> None:
    assert digest(faq("Q1", "问", "答")) != digest(faq("Q1", "问", "答。"))
    one = faq("Q1", "问", "答")
    assert digest(one) == digest(one) and len(digest(one)) == 16
    assert digest(b"1") != digest(b"2")
