"""An import that is stopped: nothing of it is there, and the next one goes on from where it stopped."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.importer import commit
from ingest.pace import Pace, Stage
from kb.embed import Vectors
from kb.errors import Cancelled
from kb.shelf import Shelf
from kb.store.folder import DataFolder
from kb.store.merchant import MerchantStore
from making import BagEngine

Make = Callable[..., bytes]
ROWS = 700  # more than two batches of vectors


@pytest.fixture
def sheet(make_csv: Make) -> bytes:
    return make_csv([["编号", "标准问题", "答复"], *([f"Q{i}", f"第{i}个问题怎么办", "好的"] for i in range(ROWS))])


class Stopping(BagEngine):
    """An engine during whose work somebody presses Ctrl+C."""

    def __init__(self, after: int) -> None:
        super().__init__()
        self.after = after

    def stopped(self) -> bool:
        return len(self.embedded) >= self.after

    def embed(self, texts: Sequence[str]) -> Vectors:
        assert not self.stopped()
        return super().embed(texts)


@pytest.mark.parametrize("after", [0, 1, 256, 300, ROWS])
def test_what_was_embedded_before_a_stop_is_not_embedded_again(store: MerchantStore, sheet: bytes, after: int) -> None:
    first, second = Stopping(after), BagEngine()
    with pytest.raises(Cancelled, match="什么都没有写入"):
        commit(store, first, sheet, "问.csv", stopped=first.stopped)
    assert (store.entries(), store.imports(), store.generation()) == ([], [], 0)
    steps: list[tuple[int, int]] = []
    report = commit(store, second, sheet, "另存.csv", progress=lambda *step: steps.append(step))
    assert report.committed and report.embedded == len(second.embedded) == ROWS - len(first.embedded)
    assert not set(first.embedded) & set(second.embedded)
    assert all(earlier <= later for earlier, later in pairwise(steps))
    assert not steps or steps[-1] == (report.embedded, report.embedded)
    with store._file.read() as db:
        assert db["staged_vectors"].count == 0


def test_a_restart_between_keeps_the_vectors_and_the_shop_is_whole(tmp_path: Path, sheet: bytes) -> None:
    first, second = Stopping(400), BagEngine()
    with DataFolder(tmp_path) as folder:
        folder.hub.add_merchant("a", "甲店")
        with pytest.raises(Cancelled):
            commit(folder.merchant("a"), first, sheet, "问.csv", stopped=first.stopped)
    with DataFolder(tmp_path) as folder:
        commit(folder.merchant("a"), second, sheet, "问.csv")
        shard = Shelf(folder, second).shard("a")
    assert shard.complete and len(second.embedded) == ROWS - 400
    assert shard.dense is not None
    expected = BagEngine().embed([line.text for line in shard.lines])
    assert np.allclose(shard.dense.rows, expected, atol=1e-3)


def test_vectors_ahead_of_their_texts_are_of_one_shop_and_one_engine(folder: DataFolder, sheet: bytes) -> None:
    # That another shop knows a sentence must show nowhere, not even in how long an import takes.
    stores = [folder.merchant(folder.hub.add_merchant(slug, slug).slug) for slug in ("a", "b")]
    first = Stopping(400)
    with pytest.raises(Cancelled):
        commit(stores[0], first, sheet, "问.csv", stopped=first.stopped)
    other = BagEngine()
    assert commit(stores[1], other, sheet, "问.csv").embedded == ROWS
    retrained = BagEngine()
    retrained.fingerprint = "bag-of-bigrams/retrained"
    assert commit(stores[0], retrained, sheet, "问.csv").embedded == ROWS


def test_each_stage_is_told_once_in_order_and_a_stop_at_any_of_them_writes_nothing(
    store: MerchantStore, sheet: bytes
) -> None:
    for last in Stage:
        told: list[Stage] = []

        def stopped(last: Stage = last, told: list[Stage] = told) -> bool:
            return last in told or (last is Stage.READING and not told)

        if last is Stage.WRITING:  # too late: it is written whole
            assert commit(store, BagEngine(), sheet, "问.csv", at=told.append, stopped=stopped).committed
        else:
            with pytest.raises(Cancelled):
                commit(store, BagEngine(), sheet, "问.csv", at=told.append, stopped=stopped)
            assert store.entries() == []
        assert told == list(Stage)[: len(told)]
    assert len(store.entries()) == ROWS
    told = []
    commit(store, BagEngine(), sheet, "问.csv", at=told.append)
    assert told == [Stage.READING, Stage.COMPARING, Stage.WRITING]  # nothing to embed


def test_a_stop_ends_the_child_that_reads(store: MerchantStore, make_xlsx: Make) -> None:
    book = make_xlsx({"问答": [["编号", "标准问题", "答复"], *([f"Q{i}", f"问题{i}", "好"] for i in range(3_000))]})
    asked: list[None] = []

    def stopped() -> bool:
        asked.append(None)
        return len(asked) > 2  # after the first stage was entered

    with pytest.raises(Cancelled):
        commit(store, None, book, "问.xlsx", stopped=stopped)
    assert store.imports() == []


def test_the_same_text_twice_is_embedded_once(store: MerchantStore, make_csv: Make) -> None:
    rows = [[f"Q{i}", "包邮吗", f"答{i}"] for i in range(20)] + [["Q20", "  包邮吗", "答"]]
    engine = BagEngine()
    report = commit(store, engine, make_csv([["编号", "标准问题", "答复"], *rows]), "问.csv")
    assert (len(store.entries()), report.embedded, engine.embedded) == (21, 1, ["包邮吗"])


def test_vectors_nobody_came_for_are_dropped_in_time(store: MerchantStore, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = BagEngine()
    monkeypatch.setattr("kb.store.merchant.time.time", lambda: 1_000_000.0)
    store.stage_vectors(engine.fingerprint, {"old": engine.embed(["旧"])[0]})
    monkeypatch.undo()
    store.stage_vectors(engine.fingerprint, {"new": engine.embed(["新"])[0]})
    assert store.known_hashes(engine.fingerprint) == {"old", "new"}
    commit(store, engine, "问题,答复\n包邮吗,包\n".encode(), "问.csv")
    assert "new" in store.known_hashes(engine.fingerprint) and "old" not in store.known_hashes(engine.fingerprint)


# -- rate and time left


@given(st.lists(st.tuples(st.floats(0.01, 30), st.integers(0, 500)), min_size=1, max_size=40))
def test_a_pace_says_nothing_or_something_sensible(steps: list[tuple[float, int]]) -> None:
    pace, now, done = Pace(), 0.0, 0
    total = sum(amount for _, amount in steps)
    pace.at(0, total, now)
    for waited, amount in steps:
        now, done = now + waited, done + amount
        pace.at(done, total, now)
        assert (pace.rate is None) == (pace.left_s is None)
        assert pace.rate is None or (pace.rate > 0 and pace.left_s is not None and pace.left_s >= 0)
    assert pace.left_s in (None, 0)


def test_a_pace_is_that_of_the_last_while() -> None:
    pace = Pace()
    for second in range(31):
        pace.at(second * 100, 10_000, float(second))
    for second in range(31, 100):
        pace.at(3_000 + (second - 30) * 10, 10_000, float(second))
    assert pace.rate == pytest.approx(10) and pace.left_s == pytest.approx((10_000 - 3_690) / 10)
