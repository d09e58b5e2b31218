"""A file beside the store: what is new, what changed, and what a trainer did that must survive."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from ingest.compare.changeset import Changeset, Mark, compare, known
from ingest.importer import read_file
from kb.model import Answer, Condition, Entry, EntryKind, Origin, Phrasing, Product, Status

Make = Callable[..., bytes]
Diff = Callable[..., Changeset]
HEAD = ["编号", "问题", "相似问", "答案"]
ROW = ["Q1", "怎么退货", "能退吗；想退", "可以"]


@pytest.fixture
def diff(make_csv: Make) -> Diff:
    def make(*rows: list[str], stored: list[Entry] | None = None, as_draft: bool = False) -> Changeset:
        draft = read_file(make_csv([HEAD, *rows]), "常见问题.csv")
        found = compare(draft.sheets[0], known(stored or [], []), as_draft=as_draft)
        assert found is not None
        return found

    return make


def stored(diff: Diff, *rows: list[str]) -> list[Entry]:
    """The entries as the store would hold them after a first import."""
    return [replace(entry, version=3) for entry in diff(*rows).entries]


def test_what_is_new_gets_ids_and_version_zero(diff: Diff) -> None:
    changes = diff(ROW)
    (entry,) = changes.entries
    assert (changes.marks, entry.version, entry.status) == ({("faq", "Q1"): Mark.ADDED}, 0, Status.PUBLISHED)
    ids = [entry.id, *(p.id for p in entry.phrasings), *(a.id for a in entry.answers)]
    assert [i[:2] for i in ids] == ["e_", "p_", "p_", "a_"]
    assert len(set(ids)) == 4


def test_new_things_may_arrive_as_drafts(diff: Diff) -> None:
    assert diff(ROW, as_draft=True).entries[0].status is Status.DRAFT


def test_the_same_row_is_unchanged_whatever_a_trainer_did(diff: Diff) -> None:
    (entry,) = stored(diff, ROW)
    edited = replace(entry, question="退货怎么办理", origin=Origin.TRAINER)
    changes = diff(ROW, stored=[edited])
    assert (changes.entries, changes.count(Mark.UNCHANGED), changes.problems) == ((), 1, ())


def test_a_changed_row_keeps_the_identity_of_what_stayed(diff: Diff) -> None:
    (old,) = stored(diff, ROW)
    old = replace(
        old,
        status=Status.RETIRED,
        phrasings=(*old.phrasings, Phrasing("p_x", "不想要了", origin=Origin.FEEDBACK)),
        answers=(replace(old.answers[0], condition=Condition(platforms=frozenset({"天猫"})), origin=Origin.TRAINER),),
    )
    changes = diff(["Q1", "怎么退货", "能退吗；怎么申请退货", "可以"], stored=[old])
    (new,) = changes.entries
    assert (changes.marks, new.id, new.version, new.status) == (
        {("faq", "Q1"): Mark.CHANGED},
        old.id,
        3,
        Status.RETIRED,
    )
    assert [p.text for p in new.phrasings] == ["能退吗", "怎么申请退货", "不想要了"]
    assert (new.phrasings[0].id, new.phrasings[2].id) == (old.phrasings[0].id, "p_x")
    assert new.answers == old.answers


def test_a_phrasing_somebody_decided_on_stands(diff: Diff) -> None:
    (old,) = stored(diff, ROW)
    mine = Phrasing("p_x", "怎么申请退货", origin=Origin.TRAINER)
    (new,) = diff(["Q1", "怎么退货", "怎么申请退货？", "可以"], stored=[replace(old, phrasings=(mine,))]).entries
    assert new.phrasings == (mine,)


def test_overwriting_a_trainer_is_said(diff: Diff) -> None:
    (old,) = stored(diff, ROW)
    changes = diff(["Q1", "怎么退货", "", "不可以"], stored=[replace(old, origin=Origin.TRAINER)])
    assert [(p.severity, p.code, p.row) for p in changes.problems] == [("warning", "trainer_edit_overwritten", 2)]
    assert changes.entries[0].origin is Origin.MERCHANT


def test_a_kept_condition_is_said_even_after_the_row_is_the_merchants_again(diff: Diff) -> None:
    (old,) = stored(diff, ROW)
    held = replace(
        old, answers=(*old.answers, Answer("a_x", "京东可以", Condition(frozenset({"京东"})), origin=Origin.TRAINER))
    )
    changes = diff(["Q1", "怎么退货", "", "不可以"], stored=[held])
    assert [p.code for p in changes.problems] == ["trainer_edit_overwritten"]
    assert diff(["Q1", "怎么退货", "", "不可以"], stored=[old]).problems == ()


def test_a_question_that_became_a_process_is_still_the_same_row(diff: Diff) -> None:
    (old,) = stored(diff, ROW)
    process = replace(old, kind=EntryKind.PROCESS, origin=Origin.TRAINER)
    assert diff(ROW, stored=[process]).count(Mark.UNCHANGED) == 1
    (new,) = diff(["Q1", "怎么退货", "", "不可以"], stored=[process]).entries
    assert (new.id, new.kind) == (old.id, EntryKind.PROCESS)


def test_products_keep_their_ids_and_those_of_their_variants(make_csv: Make) -> None:
    def changes(price: int, old: list[Product]) -> Changeset:
        rows = [
            ["款号", "商品名称", "规格", "售价"],
            ["K1", "甲", "S", price],
            ["K1", "甲", "M", 9],
            ["K1", "甲", f"L{price}", 9],
        ]
        found = compare(read_file(make_csv(rows), "商品表.csv").sheets[0], known([], old))
        assert found is not None
        return found

    (first,) = changes(9, []).products
    held = replace(first, version=2, status=Status.RETIRED)
    assert changes(9, [held]).products == ()
    (second,) = changes(8, [held]).products
    assert (second.id, second.version, second.status) == (first.id, 2, Status.RETIRED)
    assert [sku.id for sku in second.skus[:2]] == [sku.id for sku in first.skus[:2]]
    assert second.skus[2].id != first.skus[2].id
