"""A row that is gone is counted and named; it is retired only when asked, and comes back with its row."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from ingest import importer
from ingest.review.removed import is_most
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


# -- undo


def test_what_came_back_and_was_undone_is_missing_again_and_comes_back_again(
    store: MerchantStore, make_csv: Make
) -> None:
    # The mark names a version and an undo makes a new one, so the row stayed retired for ever.
    importer.commit(store, None, make_csv([HEAD, ONE, TWO]), "问答.csv", retire=True)
    for _ in range(3):
        importer.commit(store, None, make_csv([HEAD, ONE, TWO, THREE]), "问答.csv")
        assert statuses(store)["3"] is Status.PUBLISHED
        store.undo(store.imports()[0].id, actor="训练师")
        assert statuses(store)["3"] is Status.RETIRED
    assert importer.commit(store, None, make_csv([HEAD, ONE, TWO, THREE]), "问答.csv").changed == 1
    assert statuses(store)["3"] is Status.PUBLISHED


def test_what_a_person_decided_about_a_missing_row_stands_after_an_undo(store: MerchantStore, make_csv: Make) -> None:
    importer.commit(store, None, make_csv([HEAD, ONE, TWO]), "问答.csv", retire=True)
    entry = next(e for e in store.entries() if e.key == "3")
    set_status(store, set_status(store, entry, Status.DRAFT), Status.RETIRED)
    changed = ["3", "包邮吗", "满百包邮"]
    importer.commit(store, None, make_csv([HEAD, ONE, TWO, changed]), "问答.csv")
    store.undo(store.imports()[0].id, actor="训练师")
    importer.commit(store, None, make_csv([HEAD, ONE, TWO, THREE]), "问答.csv")
    assert statuses(store)["3"] is Status.RETIRED


# -- another file of the same name


def many(count: int, word: str = "问") -> list[list[str]]:
    return [[f"{word}{i}", f"{word}题{i}怎么办", "好"] for i in range(count)]


@pytest.mark.parametrize("kept", [0, 9])
def test_a_file_that_has_little_in_common_retires_nothing_unless_asked_twice(
    tmp_path: Path, make_csv: Make, kept: int
) -> None:
    store = MerchantStore(tmp_path / "most.db", "shop")
    importer.commit(store, None, make_csv([HEAD, *many(20)]), "表.csv")
    other = make_csv([HEAD, *many(20)[:kept], *many(5, "别")])
    seen = importer.preview(store, other, "表.csv", retire=True)
    assert seen.to_json()["most_removed"] is True and seen.to_json()["retired"] == 0
    [problem] = [p for p in seen.problems if p.code == "removed_most"]
    assert f"导入的 20 条，这次只有 {kept} 条还在，{20 - kept} 条没有了" in problem.text
    assert seen.sheets[0].problems[0] == problem and "--retire-most" in seen.text()
    done = importer.commit(store, None, other, "表.csv", retire=True)
    assert (done.added, done.sheets[0].retired, set(statuses(store).values())) == (5, 0, {Status.PUBLISHED})
    sure = importer.commit(store, None, other, "表.csv", retire_most=True)
    assert sure.sheets[0].retired == 20 - kept == list(statuses(store).values()).count(Status.RETIRED)


def test_most_is_all_of_several_or_more_than_half_of_many() -> None:
    most = {(gone, brought) for brought in range(40) for gone in range(1, brought + 1) if is_most(gone, brought)}
    assert {(2, 2), (11, 21), (11, 12), (40 - 1, 39)} <= most
    assert not {(1, 1), (9, 10), (10, 11), (11, 22), (15, 30)} & most


# -- what is told


def test_a_refused_import_and_a_preview_say_what_would_be_retired(store: MerchantStore, make_csv: Make) -> None:
    data = make_csv([HEAD, ONE, TWO, ["4", "发什么快递", ""]])
    refused = importer.commit(store, None, data, "问答.csv", retire=True)
    assert not refused.committed and set(statuses(store).values()) == {Status.PUBLISHED}
    assert "已下架" not in refused.text() and "会下架（还没有写入）" in refused.text()
    seen = importer.preview(store, make_csv([HEAD, ONE, TWO]), "问答.csv", retire=True)
    assert "已下架" not in seen.text() and "会下架 1 条" in seen.message
    done = importer.commit(store, None, data, "问答.csv", retire=True, partial=True)
    assert "已下架" in done.text() and "，下架 1 条" in done.message


def test_a_question_and_a_process_of_one_number_are_counted_as_two(tmp_path: Path, make_csv: Make) -> None:
    ours = ["行类型（问答表）", "编号", "标准问题", "相似问（一行一句）", "答复", "种类"]
    faq, process = ["知识", "1", "怎么退货", "", "申请", ""], ["知识", "1", "退货流程", "", "先申请再寄回", "流程"]
    store = MerchantStore(tmp_path / "kinds.db", "shop")
    first = importer.commit(store, None, make_csv([ours, faq, process]), "导出.csv")
    assert (first.added, len(store.entries()), store.imports()[0].added) == (2, 2, 2)
    process[4] = "先申请，审核后寄回"
    again = importer.commit(store, None, make_csv([ours, faq, process]), "导出.csv")
    assert (again.changed, again.unchanged) == (1, 1)
    assert [str(sample.change) for sample in again.sheets[0].sample] == ["changed", "unchanged"]


def test_a_process_of_the_same_number_does_not_stand_for_a_question_that_is_gone(
    store: MerchantStore, make_csv: Make
) -> None:
    ours = ["行类型（问答表）", "编号", "标准问题", "相似问（一行一句）", "答复", "种类"]
    rows = [["知识", key, question, "", answer, ""] for key, question, answer in (ONE, TWO)]
    seen = importer.preview(store, make_csv([ours, *rows, ["知识", "3", "包邮流程", "", "满百", "流程"]]), "问答.csv")
    assert [gone.key for gone in seen.sheets[0].gone] == ["3"]
