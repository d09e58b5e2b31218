"""A row that is gone is counted and named; it is retired only when asked, and comes back with its row."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from ingest import importer
from kb.edit import save_entry, set_status
from kb.model import Status
from kb.store.merchant import MerchantStore

Make = Callable[..., bytes]
HEAD = ["编号", "问题", "答案"]
ONE, TWO, THREE = ["1", "怎么退货", "申请"], ["2", "保修多久", "一年"], ["3", "包邮吗", "包邮"]


@pytest.fixture
def store(tmp_path: Path, make_csv: Make) -> MerchantStore:
    store = MerchantStore(tmp_path / "kb.db", "shop")
    importer.commit(store, None, make_csv([HEAD, ONE, TWO, THREE]), "问答.csv")
    return store


def statuses(store: MerchantStore) -> dict[str, Status]:
    return {entry.key: entry.status for entry in store.entries()}


def test_a_missing_row_is_told_and_left_alone(store: MerchantStore, make_csv: Make) -> None:
    report = importer.commit(store, None, make_csv([HEAD, ONE, TWO]), "问答.csv")
    sheet = report.sheets[0]
    assert (sheet.removed, sheet.retired, [gone.title for gone in sheet.gone]) == (1, 0, ["包邮吗"])
    assert "表里已删除 1 条（没有下架）" in report.message and "包邮吗" in report.text()
    assert statuses(store)["3"] is Status.PUBLISHED


def test_a_missing_row_is_retired_when_asked_and_recorded(store: MerchantStore, make_csv: Make) -> None:
    report = importer.commit(store, None, make_csv([HEAD, ONE, TWO]), "问答.csv", retire=True)
    assert (statuses(store)["3"], report.to_json()["retired"]) == (Status.RETIRED, 1)
    assert store.imports()[0].retired == 1
    again = importer.commit(store, None, make_csv([HEAD, ONE, TWO]), "问答.csv", retire=True)
    assert (again.sheets[0].removed, again.sheets[0].unchanged) == (0, 2)


def test_a_preview_retires_nothing(store: MerchantStore, make_csv: Make) -> None:
    report = importer.preview(store, make_csv([HEAD, ONE]), "问答.csv", retire=True)
    assert report.sheets[0].retired == 2
    assert set(statuses(store).values()) == {Status.PUBLISHED}


def test_what_an_import_retired_comes_back_with_its_row(store: MerchantStore, make_csv: Make) -> None:
    importer.commit(store, None, make_csv([HEAD, ONE, TWO]), "问答.csv", retire=True)
    report = importer.commit(store, None, make_csv([HEAD, ONE, TWO, THREE]), "问答.csv")
    assert (report.changed, statuses(store)["3"]) == (1, Status.PUBLISHED)
    assert importer.commit(store, None, make_csv([HEAD, ONE, TWO, THREE]), "问答.csv").unchanged == 3


def test_what_a_person_retired_stays_retired(store: MerchantStore, make_csv: Make) -> None:
    entry = next(e for e in store.entries() if e.key == "3")
    set_status(store, entry, Status.RETIRED)
    report = importer.commit(store, None, make_csv([HEAD, ONE, TWO, THREE]), "问答.csv")
    assert (report.unchanged, statuses(store)["3"]) == (3, Status.RETIRED)


def test_a_person_decides_after_an_import_did(store: MerchantStore, make_csv: Make) -> None:
    """Retired by an import, published by hand, retired by hand: the hand counts."""
    importer.commit(store, None, make_csv([HEAD, ONE, TWO]), "问答.csv", retire=True)
    entry = next(e for e in store.entries() if e.key == "3")
    entry = set_status(store, entry, Status.PUBLISHED)
    set_status(store, entry, Status.RETIRED)
    report = importer.commit(store, None, make_csv([HEAD, ONE, TWO, THREE]), "问答.csv")
    assert (report.unchanged, statuses(store)["3"]) == (3, Status.RETIRED)


def test_undoing_the_import_brings_it_back(store: MerchantStore, make_csv: Make) -> None:
    before = store.entries()
    importer.commit(store, None, make_csv([HEAD, ONE]), "问答.csv", retire=True)
    store.undo(store.imports()[0].id, actor="训练师")
    assert [replace(e, version=0) for e in store.entries()] == [replace(e, version=0) for e in before]


def test_another_file_and_another_kind_miss_nothing(store: MerchantStore, make_csv: Make) -> None:
    assert importer.preview(store, make_csv([HEAD, ONE]), "别的.csv").sheets[0].removed == 0
    products = make_csv([["商品编号", "商品名称", "价格"], ["P1", "杯子", "9"]])
    assert importer.preview(store, products, "问答.csv").sheets[0].removed == 0


def test_a_trainers_entry_is_never_missing(store: MerchantStore, make_csv: Make) -> None:
    save_entry(store, None, next(e for e in store.entries() if e.key == "3"))
    assert importer.preview(store, make_csv([HEAD, ONE, TWO]), "问答.csv").sheets[0].removed == 0


def test_a_row_with_an_error_is_not_gone(store: MerchantStore, make_csv: Make) -> None:
    data = make_csv([HEAD, ONE, TWO, ["3", "包邮吗", ""]])
    report = importer.commit(store, None, data, "问答.csv", partial=True, retire=True)
    assert (report.errors, report.sheets[0].removed, statuses(store)["3"]) == (1, 0, Status.PUBLISHED)


def test_an_error_row_without_identity_keeps_everything(store: MerchantStore, make_csv: Make) -> None:
    data = make_csv([["编号", "问题", "答案", "相似问"], [*ONE, ""], ["", "。", "包邮", ""]])
    report = importer.commit(store, None, data, "问答.csv", partial=True, retire=True)
    assert "removed_unclear" in {p.code for p in report.problems}
    assert set(statuses(store).values()) == {Status.PUBLISHED}


def test_a_sheet_that_was_not_understood_keeps_what_it_brought(tmp_path: Path, make_xlsx: Make) -> None:
    store = MerchantStore(tmp_path / "two.db", "shop")
    importer.commit(store, None, make_xlsx({"一": [HEAD, ONE], "二": [HEAD, TWO]}), "问答.xlsx")
    spoilt = make_xlsx({"一": [HEAD, ONE], "二": [["甲", "乙", "丙"], TWO]})
    assert importer.preview(store, spoilt, "问答.xlsx").sheets[0].removed == 0
    whole = make_xlsx({"一": [HEAD, ONE]})
    assert importer.preview(store, whole, "问答.xlsx").sheets[0].removed == 1


def test_products_go_and_come_back_too(store: MerchantStore, make_csv: Make) -> None:
    head = ["商品编号", "商品名称", "价格"]
    both = make_csv([head, ["P1", "杯子", "9"], ["P2", "碗", "5"]])
    importer.commit(store, None, both, "商品.csv")
    importer.commit(store, None, make_csv([head, ["P1", "杯子", "9"]]), "商品.csv", retire=True)
    assert {p.key: p.status for p in store.products()}["P2"] is Status.RETIRED
    importer.commit(store, None, both, "商品.csv")
    assert {p.key: p.status for p in store.products()}["P2"] is Status.PUBLISHED


@pytest.mark.parametrize("rows", [[], [["", "", ""]], [["【示例】1", "【示例】怎么退货", "申请"]]])
def test_a_table_without_any_row_retires_nothing(store: MerchantStore, make_csv: Make, rows: list[list[str]]) -> None:
    # A blank template under the old name is sooner a slip than a shop that gives up all it knows.
    report = importer.commit(store, None, make_csv([HEAD, *rows]), "问答.csv", retire=True)
    assert report.sheets[0].retired == 0 and set(statuses(store).values()) == {Status.PUBLISHED}
    assert "removed_unclear" in {problem.code for problem in report.problems}
