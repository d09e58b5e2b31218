"""A shop under a merchant's files, a trainer's hands and undo, beside a model that knows only rows and decisions.

The model has no versions, hashes or journal: of every question it knows what the sheet said last, what is shown, whether it
is on sale, and who saw to that; of every import, which questions it touched and what they were before.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ingest.importer import commit
from ingest.report import Report
from kb.edit import save_entry, set_status
from kb.errors import Conflict
from kb.model import Entry, Status
from kb.store.merchant import MerchantStore
from making import empty_shop

FILE, HAND = "问答.csv", "hand"
KEYS = ("1", "2", "3")


@dataclass(frozen=True)
class Row:
    """What a shop knows of one question. `gone`: an import retired it because its row was gone."""

    sheet: str
    shown: str
    status: Status = Status.PUBLISHED
    gone: bool = False
    edited: bool = False


@dataclass
class Model:
    rows: dict[str, Row] = field(default_factory=dict)
    writers: dict[str, list[str]] = field(default_factory=dict)
    before: dict[str, dict[str, Row | None]] = field(default_factory=dict)  # by import, what it touched
    undone: set[str] = field(default_factory=set)

    def bring(self, sheet: dict[str, str], *, retire: bool) -> tuple[dict[str, Row], dict[str, int]]:
        """What the rows it touches become, and what the report counts."""
        touched: dict[str, Row] = {}
        counts = {"added": 0, "changed": 0, "unchanged": 0, "retired": 0}
        for key, text in sheet.items():
            old = self.rows.get(key)
            if old and old.sheet == text and not old.gone:
                counts["unchanged"] += 1
                continue
            counts["changed" if old else "added"] += 1
            status = Status.PUBLISHED if old is None or old.gone else old.status
            touched[key] = Row(text, text, status)
        there = {key for key, row in self.rows.items() if not row.edited and row.status is not Status.RETIRED}
        lost = sorted(there - set(sheet))
        most = 1 < len(lost) == len(there)
        if retire and sheet and not most:
            counts["retired"] = len(lost)
            touched |= {key: replace(self.rows[key], status=Status.RETIRED, gone=True) for key in lost}
        return touched, counts

    def write(self, name: str, touched: dict[str, Row]) -> None:
        if name != HAND:
            self.before[name] = {key: self.rows.get(key) for key in touched}
        self.rows |= touched
        for key in touched:
            self.writers.setdefault(key, []).append(name)

    def may_undo(self, name: str) -> bool:
        touched = self.before[name]
        return name not in self.undone and bool(touched) and all(self.writers[key][-1] == name for key in touched)

    def undo(self, name: str) -> None:
        self.undone.add(name)
        for key, row in self.before[name].items():
            self.writers[key].pop()
            if row is None:
                del self.rows[key]
            else:
                self.rows[key] = row


def told(report: Report) -> dict[str, int]:
    [sheet] = report.sheets
    return {name: getattr(sheet, name) for name in ("added", "changed", "unchanged", "retired")}


def shown(store: MerchantStore) -> dict[str, tuple[str, Status]]:
    return {entry.key: (entry.answers[0].text, entry.status) for entry in store.entries()}


def entry_of(store: MerchantStore, key: str) -> Entry:
    return next(entry for entry in store.entries() if entry.key == key)


KEY = st.sampled_from(KEYS)
SHEETS = st.dictionaries(KEY, st.sampled_from(["好的", "好的", "可以"]), min_size=1)
IMPORTS = st.tuples(st.just("import"), SHEETS, st.booleans())
STEPS = st.lists(
    st.one_of(
        IMPORTS,
        IMPORTS,
        st.tuples(st.just("edit"), KEY),
        st.tuples(st.just("status"), KEY, st.sampled_from([Status.RETIRED, Status.PUBLISHED])),
        st.tuples(st.just("undo"), st.integers(0, 3)),  # 0: the latest
    ),
    max_size=10,
)
ALL, FEWER = dict.fromkeys(KEYS, "好的"), dict.fromkeys(KEYS[:2], "好的")
BACK_AND_AWAY = [("import", ALL, False), ("import", FEWER, True), ("import", ALL, False), ("undo", 0)]


def take(step: Any, store: MerchantStore, model: Model) -> None:
    name, *rest = step
    if name == "import":
        sheet, retire = rest
        lines = "".join(f"{key},第{key}个问题怎么办,{text}\n" for key, text in sorted(sheet.items()))
        touched, counts = model.bring(sheet, retire=retire)
        report = commit(store, None, f"编号,问题,答案\n{lines}".encode(), FILE, retire=retire)
        assert told(report) == counts
        model.write(store.imports()[0].id, touched)
    elif name == "undo":
        names = list(model.before)
        if names:
            undo(names[-1 - rest[0] % len(names)], store, model)
    elif rest[0] in model.rows:
        by_hand(name, rest, store, model)


def by_hand(name: str, rest: list[Any], store: MerchantStore, model: Model) -> None:
    key, entry = rest[0], entry_of(store, rest[0])
    if name == "edit":
        text = entry.answers[0].text + "改"
        save_entry(store, None, replace(entry, answers=(replace(entry.answers[0], text=text),)))
        model.write(HAND, {key: replace(model.rows[key], shown=text, gone=False, edited=True)})
    else:
        set_status(store, entry, rest[1])
        model.write(HAND, {key: replace(model.rows[key], status=rest[1], gone=False)})


def undo(name: str, store: MerchantStore, model: Model) -> None:
    if model.may_undo(name):
        store.undo(name, actor="训练师")
        model.undo(name)
    else:
        with pytest.raises(Conflict):
            store.undo(name, actor="训练师")


@settings(max_examples=40)
@given(STEPS)
@example(BACK_AND_AWAY)  # seldom drawn
@example([*BACK_AND_AWAY, ("undo", 1), ("import", FEWER, True), ("status", "3", Status.RETIRED)])
def test_a_shop_is_what_its_files_hands_and_undos_make_of_it(steps: list[Any]) -> None:
    with empty_shop() as store:
        model = Model()
        for step in steps:
            take(step, store, model)
            assert shown(store) == {key: (row.shown, row.status) for key, row in model.rows.items()}
        # And whatever happened, an import with all rows brings back what only an import had retired.
        take(("import", ALL, False), store, model)
        assert shown(store) == {key: (row.shown, row.status) for key, row in model.rows.items()}
