"""A folder of files, imported: each is parsed once, though it is looked at before anything is imported."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ingest import importer
from ingest.folder import import_file, import_folder, recognise
from ingest.report import Report
from kb.store.merchant import MerchantStore

QUESTIONS = [["问题", "答案"], ["什么时候发货", "48小时内"], ["包邮吗", "满99包邮"]]
GOODS = [["货号", "商品名称", "材质"], ["M801", "羊毛大衣", "羊毛"], ["M802", "双排扣大衣", "羊毛"]]


@pytest.fixture
def folder(tmp_path: Path, make_csv: Callable[..., bytes], make_xlsx: Callable[..., bytes]) -> Path:
    root = tmp_path / "shop"
    root.mkdir()
    (root / "问答.csv").write_bytes(make_csv(QUESTIONS))
    (root / "商品.xlsx").write_bytes(make_xlsx({"商品": GOODS}))
    (root / "坏的.xlsx").write_bytes(b"PK\x03\x04 nothing")
    return root


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often each file was parsed."""
    counted: Counter[str] = Counter()
    read = importer.read

    def counting(data: bytes, filename: str, **more: Any) -> Any:
        counted[filename] += 1
        return read(data, filename, **more)

    monkeypatch.setattr(importer, "read", counting)
    return counted


def test_each_file_is_parsed_once_and_products_come_first(
    folder: Path, shop: MerchantStore, parsed: Counter[str]
) -> None:
    done = dict(import_folder(shop, None, folder))
    assert [*done] == ["商品.xlsx", "问答.csv", "坏的.xlsx"]
    assert (parsed["商品.xlsx"], parsed["问答.csv"]) == (1, 1)
    assert [isinstance(report, Report) for report in done.values()] == [True, True, False]
    assert {entry.question for entry in shop.entries()} == {"什么时候发货", "包邮吗"}
    assert {product.name for product in shop.products()} == {"羊毛大衣", "双排扣大衣"}


def test_a_folder_says_of_each_file_what_the_file_alone_says(folder: Path, shop: MerchantStore, tmp_path: Path) -> None:
    together = dict(import_folder(shop, None, folder))
    apart = MerchantStore(tmp_path / "apart.db", "apart")
    for name in ("商品.xlsx", "问答.csv"):
        alone = importer.commit(apart, None, (folder / name).read_bytes(), name, partial=True)
        told = together[name]
        assert isinstance(told, Report) and told.message == alone.message
    ours, theirs = (
        [(e.question, [a.text for a in e.answers], e.source) for e in store.entries()] for store in (shop, apart)
    )
    assert ours == theirs
    apart.close()


def test_a_file_that_changed_since_it_was_looked_at_is_read_as_it_is_now(
    folder: Path, shop: MerchantStore, parsed: Counter[str], make_csv: Callable[..., bytes]
) -> None:
    [file] = [file for file in recognise(folder) if file.path.name == "问答.csv"]
    file.path.write_bytes(make_csv([*QUESTIONS, ["能开发票吗", "可以开电子发票"]]))
    import_file(shop, None, file)
    assert parsed["问答.csv"] == 2
    assert "能开发票吗" in {entry.question for entry in shop.entries()}
