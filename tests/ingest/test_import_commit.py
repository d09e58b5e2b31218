"""The door: one transaction for a whole file, nothing twice, nothing half."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from ingest import importer
from ingest.importer import commit, preview, read_file
from kb.errors import BadFile, Conflict, EngineFailed, Invalid
from kb.model import EntryKind, Status
from kb.store.change import Change
from kb.store.merchant import MerchantStore

Make = Callable[..., bytes]
HEAD = ["编号", "问题", "相似问", "答案"]
ROWS = [["Q1", "怎么退货", "能退吗；想退", "可以"], ["Q2", "怎么换货", "能换吗", "也可以"]]


class HashEngine:
    """Vectors that depend on the text alone."""

    fingerprint = "hash/test"
    dim = 8

    def __init__(self) -> None:
        self.embedded: list[str] = []

    def embed(self, texts: Sequence[str]) -> Any:
        self.embedded += texts
        return np.array([[len(text), *map(ord, (text + " " * 7)[:7])] for text in texts], np.float32)


class BrokenEngine(HashEngine):
    def embed(self, texts: Sequence[str]) -> Any:
        raise EngineFailed("坏了")


@pytest.fixture
def model() -> HashEngine:
    return HashEngine()


@pytest.fixture
def faq(make_csv: Make) -> bytes:
    return make_csv([HEAD, *ROWS])


def test_a_commit_writes_everything_at_once(shop: MerchantStore, model: HashEngine, faq: bytes) -> None:
    steps: list[tuple[int, int]] = []
    report = commit(shop, model, faq, "常见问题.csv", actor="训练师", progress=lambda *step: steps.append(step))
    assert (report.committed, report.generation, report.added, report.embedded) == (True, 1, 2, 5)
    assert report.message == "新增 2 条，更新 0 条，未变 0 条"
    assert steps[-1] == (5, 5)
    assert [(e.key, e.version, len(e.phrasings)) for e in shop.entries()] == [("Q1", 1, 2), ("Q2", 1, 1)]
    assert len(shop.known_hashes(model.fingerprint)) == 5
    (record,) = shop.imports()
    assert (record.file, record.kind, record.added, record.changed, record.actor) == (
        "常见问题.csv",
        "faq",
        2,
        0,
        "训练师",
    )


def test_the_same_file_again_changes_nothing(shop: MerchantStore, model: HashEngine, faq: bytes) -> None:
    commit(shop, model, faq, "常见问题.csv")
    before = shop.entries()
    model.embedded.clear()
    report = commit(shop, model, faq, "常见问题.csv")
    assert (report.added, report.changed, report.unchanged, report.embedded) == (0, 0, 2, 0)
    assert (report.committed, report.generation, shop.generation()) == (True, 1, 1)
    assert (model.embedded, shop.entries()) == ([], before)
    assert len(shop.imports()) == 2


def test_only_new_texts_are_embedded(shop: MerchantStore, model: HashEngine, faq: bytes, make_csv: Make) -> None:
    commit(shop, model, faq, "常见问题.csv")
    model.embedded.clear()
    changed = make_csv([HEAD, ["Q1", "怎么退货", "能退吗；怎么申请", "可以"], ROWS[1]])
    report = commit(shop, model, changed, "常见问题.csv")
    assert (report.changed, report.unchanged, model.embedded) == (1, 1, ["怎么申请"])
    assert shop.entries()[0].version == 2
    assert len(shop.known_hashes(model.fingerprint)) == 5  # 想退 is gone, and so is its vector


def test_a_preview_writes_nothing(shop: MerchantStore, faq: bytes) -> None:
    report = preview(shop, faq, "常见问题.csv")
    assert (report.mode, report.committed, report.added, report.generation) == ("preview", False, 2, 0)
    assert (shop.entries(), shop.imports()) == ([], [])


def test_a_file_with_errors_is_written_only_when_asked(shop: MerchantStore, model: HashEngine, make_csv: Make) -> None:
    data = make_csv([HEAD, *ROWS, ["Q3", "没有答案", "", ""]])
    refused = commit(shop, model, data, "常见问题.csv")
    assert (refused.committed, refused.errors, shop.entries(), model.embedded) == (False, 1, [], [])
    assert "什么都没有写入" in refused.message
    partial = commit(shop, model, data, "常见问题.csv", partial=True)
    assert (partial.committed, len(shop.entries())) == (True, 2)
    assert "出错的行没有导入" in partial.message
    assert "有 1 处错误" in preview(shop, data, "常见问题.csv").message


def test_what_cannot_be_imported_is_never_written(shop: MerchantStore, make_csv: Make) -> None:
    report = commit(shop, None, make_csv([["物流单号", "备忘"], ["1", "x"]]), "表.csv", partial=True)
    assert (report.committed, shop.imports(), report.sheets[0].kind) == (False, [], "")
    assert "看不出这是什么表" in report.message


def test_all_sheets_of_a_file_are_one_change(shop: MerchantStore, model: HashEngine, make_xlsx: Make) -> None:
    book = make_xlsx(
        {
            "商品": [["款号", "商品名称", "售价"], ["K1", "甲", 9]],
            "商品二": [["款号", "商品名称", "售价"], ["K2", "乙", 9]],
            "问答": [HEAD, *ROWS],
            "话术": [["快捷短语编码", "快捷短语"], ["hi", "您好"]],
            "通知": [["标题", "内容"], ["双11", "满减"]],
            "说明": [["本表由运营部整理"]],
        }
    )
    report = commit(shop, model, book, "全部.xlsx")
    assert (report.generation, report.added, len(shop.products()), len(shop.entries())) == (1, 6, 2, 4)
    assert [(r.kind, r.added) for r in reversed(shop.imports())] == [
        ("product", 2), ("faq", 2), ("phrase", 1), ("notice", 1),
    ]  # fmt: skip
    assert [(p.severity, p.sheet, p.code) for p in report.problems] == [("warning", "说明", "sheet_unknown")]


def test_drafts_and_retired_entries(shop: MerchantStore, faq: bytes, make_csv: Make) -> None:
    commit(shop, None, faq, "常见问题.csv", as_draft=True)
    assert {entry.status for entry in shop.entries()} == {Status.DRAFT}
    commit(shop, None, make_csv([HEAD, ["Q1", "怎么退货", "", "不可以"]]), "常见问题.csv")
    assert shop.entries()[0].status is Status.DRAFT


def test_without_an_engine_words_are_enough(shop: MerchantStore, faq: bytes) -> None:
    report = commit(shop, None, faq, "常见问题.csv")
    assert (report.committed, report.embedded, len(shop.entries())) == (True, 0, 2)


def test_a_failing_engine_does_not_stop_an_import(shop: MerchantStore, faq: bytes) -> None:
    report = commit(shop, BrokenEngine(), faq, "常见问题.csv")
    assert (report.committed, report.embedded, len(shop.entries())) == (True, 0, 2)
    assert "语义模型暂时不可用" in report.message


class Meddler:
    """A store in which somebody saves something just before the first writes arrive."""

    def __init__(self, store: MerchantStore, times: int, error: type[Exception]) -> None:
        self._store, self._times, self._error = store, times, error

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def apply(self, change: Change) -> int:
        if self._times:
            self._times -= 1
            raise self._error("别人改过")
        return self._store.apply(change)


@pytest.mark.parametrize("error", [Conflict, Invalid])
def test_a_conflict_is_looked_at_once_more(
    shop: MerchantStore, model: HashEngine, faq: bytes, error: type[Exception]
) -> None:
    meddled: Any = Meddler(shop, 1, error)
    report = commit(meddled, model, faq, "常见问题.csv")
    assert (report.committed, report.embedded, len(model.embedded)) == (True, 5, 5)
    meddled = Meddler(shop, 3, error)
    with pytest.raises(error):
        commit(meddled, model, faq, "常见问题.csv")


def test_the_kind_may_be_given(shop: MerchantStore, make_csv: Make) -> None:
    data = make_csv([["标题", "内容"], ["双11", "满减"]])
    assert commit(shop, None, data, "表.csv", kind="notice").committed
    assert shop.entries()[0].kind is EntryKind.NOTICE
    assert not commit(shop, None, data, "表.csv", kind="faq").committed
    with pytest.raises(Invalid, match="auto、product"):
        commit(shop, None, data, "表.csv", kind="其他")


def test_a_file_without_anything_is_a_bad_file() -> None:
    with pytest.raises(BadFile, match="没有内容"):
        read_file(b"\n\n", "空白.csv")


def test_the_record_holds_the_files_own_name(shop: MerchantStore, faq: bytes) -> None:
    commit(shop, None, faq, "C:\\资料\\常见问题.csv")
    assert shop.imports()[0].file == "常见问题.csv"
    assert str(shop.entries()[0].source) == "常见问题.csv › Sheet1 › A2"
    assert importer.AUTO == "auto"
