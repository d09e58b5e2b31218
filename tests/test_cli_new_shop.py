"""A merchant's folder becomes a shop with one command."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cli.new_shop import slug_of
from kb.store.folder import DataFolder
from terminal import Done, typed


def new_shop(folder: Path, data: Path, *more: str) -> Done:
    return typed("new-shop", folder, "--data", data, "--engine", "none", *more)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "山野茶铺"
    folder.mkdir()
    (folder / "资料一.csv").write_text("问题,答案\n可以开发票吗,可以\n退货寄到哪里,寄回杭州仓\n", encoding="gbk")
    (folder / "资料二.csv").write_text("商品编号,商品名称,净含量\nT1,明前龙井,100g\n", encoding="utf-8-sig")
    (folder / "坏的.xlsx").write_bytes(b"not a workbook")
    (folder / "~$资料一.xlsx").write_bytes(b"lock")
    (folder / ".DS_Store").write_bytes(b"\0")
    return folder


def test_a_size_table_of_its_own_finds_its_product_whatever_the_files_are_called(tmp_path: Path) -> None:
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "a尺码.csv").write_text("犬用雨衣尺码表\n尺码,胸围,背长\nS,36,25\nM,42,30\n", encoding="utf-8")
    (folder / "z商品.csv").write_text("商品编号,商品名称,材质\nP1,犬用雨衣,涤纶\n", encoding="utf-8")
    first, again = (new_shop(folder, tmp_path / "data").stderr for _ in range(2))
    assert "z商品.csv：新增 1 条" in first and "a尺码.csv：新增 0 条，更新 1 条" in first
    assert again.count("更新 0 条，未变 1 条") == 2  # the product sheet took nothing of the size table away


def test_what_cannot_be_imported_is_said_with_what_to_do(folder: Path, tmp_path: Path) -> None:
    (folder / "照片.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    said = new_shop(folder, tmp_path / "data").stderr
    assert "“照片.png”是图片，不能直接导入。请把图里的文字整理成 xlsx 表格" in said


def test_a_folder_becomes_a_shop(folder: Path, tmp_path: Path) -> None:
    done = new_shop(folder, tmp_path / "data")
    assert done.returncode == 0, done.stderr
    assert "常见问题覆盖率" in done.stdout and "先问商家这 12 个问题" in done.stdout
    assert "坏的.xlsx" in done.stderr and "~$" not in done.stderr and "DS_Store" not in done.stderr
    assert done.stderr.index("资料二.csv") < done.stderr.index(
        "资料一.csv"
    )  # products first, whatever files are called
    with DataFolder(tmp_path / "data") as opened:
        (merchant,) = opened.hub.merchants()
        assert (merchant.slug, merchant.name) == ("shanyechapu", "山野茶铺")
        store = opened.merchant(merchant.slug)
        assert {entry.question for entry in store.entries()} == {"可以开发票吗", "退货寄到哪里"}
        assert [product.name for product in store.products()] == ["明前龙井"]


def test_the_same_folder_again_changes_nothing(folder: Path, tmp_path: Path) -> None:
    first = json.loads(new_shop(folder, tmp_path / "data", "--json").stdout)
    with DataFolder(tmp_path / "data") as opened:
        generation = opened.merchant("shanyechapu").generation()
    assert json.loads(new_shop(folder, tmp_path / "data", "--json").stdout) == first
    with DataFolder(tmp_path / "data") as opened:
        assert opened.merchant("shanyechapu").generation() == generation


def test_a_folder_without_knowledge_makes_no_shop(tmp_path: Path) -> None:
    empty = tmp_path / "空"
    empty.mkdir()
    done = new_shop(empty, tmp_path / "data")
    assert done.returncode == 2 and "没有能导入的文件" in done.stderr
    assert not (tmp_path / "data").exists()


def test_a_missing_folder_is_said(tmp_path: Path) -> None:
    done = new_shop(tmp_path / "哪里", tmp_path / "data")
    assert done.returncode == 2 and "不是文件夹" in done.stderr and "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("青萝女装", "qingluonvzhuang"),
        ("qingluo", "qingluo"),
        ("A 店（新）", "a-dian-xin"),
        ("！？", "shop"),
        ("x" * 99, "x" * 40),
    ],
)
def test_a_folders_name_as_a_shops_code(name: str, slug: str) -> None:
    assert slug_of(name) == slug
