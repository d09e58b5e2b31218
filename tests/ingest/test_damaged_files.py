"""Two thousand damaged files: each ends in sheets or in one of our errors, and leaves the shop whole.

`pytest -m fuzz tests/ingest/test_damaged_files.py` runs all of them (some minutes, and prints what became of them); every
run of the suite takes some.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pytest

from damage import damaged, whole
from ingest.importer import commit, preview
from ingest.readers import read
from kb.errors import BadFile, HuashuError, Invalid, TooLarge
from kb.store.merchant import MerchantStore
from making import BagEngine

ALL = 2_000
SOME = range(0, ALL, 19)


def state(store: MerchantStore) -> tuple[int, list[str], list[str], int]:
    entries, products = store.entries(), store.products()
    return store.generation(), [e.id for e in entries], [p.id for p in products], len(store.imports())


def imported(store: MerchantStore, engine: BagEngine, data: bytes, name: str) -> str:
    """How a commit ends, and that it did all of it or nothing."""
    before = state(store)
    try:
        report = commit(store, engine, data, name, partial=True)
    except HuashuError as error:
        assert isinstance(error, BadFile | TooLarge), (error.code, error.message)
        assert error.message
        assert error.advice
        assert state(store) == before
        return type(error).__name__
    after = state(store)
    assert len(after[1]) + len(after[2]) == len(before[1]) + len(before[2]) + report.added
    assert (after[0] > before[0]) == (report.added + report.changed > 0)
    return "written" if report.committed else "sheets without content for the shop"


def try_all(seeds: Iterable[int], folder: Path) -> Counter[str]:
    outcomes: Counter[str] = Counter()
    engine = BagEngine()
    store = MerchantStore(folder / "kb.db", "shop")
    try:
        for seed in seeds:
            data, name = damaged(seed)
            try:
                outcome = imported(store, engine, data, name)
            except Exception as error:
                raise AssertionError(f"damaged({seed})") from error
            outcomes[outcome] += 1
            if seed % 10 == 0:
                before = state(store)
                try:
                    preview(store, data, name)
                except HuashuError as error:
                    assert isinstance(error, Invalid | TooLarge)
                assert state(store) == before
        assert all(entry.question and entry.answers for entry in store.entries())
        # The shop still takes an honest file after all that.
        assert commit(store, engine, "问题,答案\n还能用吗,能\n".encode(), "好.csv").added == 1
    finally:
        store.close()
    return outcomes


@pytest.mark.parametrize(
    "extension", ["xlsx", "xls", "et", "ods", "docx", "pdf", "csv", "tsv", "txt", "md", "json", "jsonl"]
)
def test_undamaged_they_are_read(extension: str) -> None:
    assert sum(len(sheet.rows) for sheet in read(whole(extension), f"好.{extension}")) > 8


def test_some_damaged_files(tmp_path: Path) -> None:
    outcomes = try_all(SOME, tmp_path)
    assert {"BadFile", "written"} <= outcomes.keys(), outcomes


@pytest.mark.fuzz
@pytest.mark.timeout(3600)
def test_two_thousand_damaged_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    outcomes = try_all(range(ALL), tmp_path)
    with capsys.disabled():
        sys.stdout.write(
            f"\n{ALL} damaged files: " + ", ".join(f"{count} {what}" for what, count in outcomes.most_common()) + "\n"
        )
    assert outcomes.total() == ALL
