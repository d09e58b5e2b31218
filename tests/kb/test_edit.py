"""A trainer's edit: checked, written whole, found at once, and never in the way of a failing model."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kb.edit import save_entry, set_status
from kb.errors import Conflict, Invalid
from kb.language.text import text_hash
from kb.model import EntryKind, Origin, Status, Window
from kb.store.merchant import MerchantStore
from making import BagEngine, faq


def test_a_saved_entry_is_the_trainers_and_has_its_vectors(store: MerchantStore, engine: BagEngine) -> None:
    stored = save_entry(store, engine, faq("Q1", "包邮吗", "满99包邮", "要运费吗"))
    assert (stored.origin, stored.version) == (Origin.TRAINER, 1)
    assert store.known_hashes(engine.fingerprint) == {text_hash("包邮吗"), text_hash("要运费吗")}


def test_a_stale_edit_is_refused_and_writes_nothing(store: MerchantStore, engine: BagEngine) -> None:
    first = save_entry(store, engine, faq("Q1", "包邮吗", "满99包邮"))
    save_entry(store, engine, replace(first, question="包不包邮"))
    with pytest.raises(Conflict):
        save_entry(store, engine, replace(first, question="运费多少"))
    assert store.entry(first.id).question == "包不包邮"


@pytest.mark.parametrize(
    "wrong",
    [
        faq("Q1", " ？", "答"),
        faq("Q1", "包邮吗", ""),
        replace(faq("Q1", "包邮吗", "答"), window=Window(5, 5)),
    ],
)
def test_what_could_never_be_answered_is_refused(store: MerchantStore, engine: BagEngine, wrong: object) -> None:
    with pytest.raises(Invalid):
        save_entry(store, engine, wrong)  # type: ignore[arg-type]
    assert store.entries() == []


def test_a_draft_may_wait_for_its_answer_but_not_be_published(store: MerchantStore, engine: BagEngine) -> None:
    draft = save_entry(store, engine, replace(faq("Q1", "包邮吗", ""), status=Status.DRAFT))
    with pytest.raises(Invalid, match="话术"):
        set_status(store, draft, Status.PUBLISHED)
    assert set_status(store, draft, Status.RETIRED).status is Status.RETIRED


def test_a_script_needs_no_question(store: MerchantStore, engine: BagEngine) -> None:
    script = replace(faq("fh", "", "48小时内发货哦亲"), kind=EntryKind.SCRIPT)
    save_entry(store, engine, script)
    assert store.known_hashes(engine.fingerprint) == {text_hash("48小时内发货哦亲")}


class DeadEngine(BagEngine):
    def embed(self, texts: object) -> object:  # type: ignore[override]
        raise RuntimeError("the model file vanished")


def test_a_failing_model_does_not_stop_an_edit(store: MerchantStore) -> None:
    assert save_entry(store, DeadEngine(), faq("Q1", "包邮吗", "满99包邮")).version == 1
    assert store.known_hashes(DeadEngine.fingerprint) == set()
