"""`huashu pairs`: what a shop's buyers buy together, on the terminal."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

import huashu
from cli.pairs import pairs
from ingest import importer
from kb.errors import Invalid
from kb.store.folder import DataFolder

DEMO = Path(__file__).resolve().parent.parent / "demo" / "qingluo"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    with DataFolder(tmp_path) as folder:
        folder.hub.add_merchant("qingluo", "青萝女装")
        folder.merchant("qingluo")
    return tmp_path


def listed(data: Path, *options: str) -> list[str]:
    done = CliRunner().invoke(huashu.app, ["pairs", "qingluo", "--data", str(data), *options])
    assert done.exit_code == 0, done.output
    return done.stdout.splitlines()


def test_without_orders_it_says_what_to_do(data: Path) -> None:
    with pytest.raises(Invalid) as refused:
        pairs("qingluo", data=data)
    assert "请先导入订单表" in refused.value.advice


def test_pairs_of_a_demo_shop(data: Path) -> None:
    with DataFolder(data) as folder:
        for file in ("商品表.xlsx", "订单.csv"):
            importer.commit(folder.merchant("qingluo"), None, (DEMO / file).read_bytes(), file)
    head, *lines = listed(data, "--limit", "3")
    assert head.startswith("240 单")
    assert len(lines) == 3
    assert "提升" in lines[0] and "（QL26" in lines[0]
    key = lines[0].split("（")[1].split("）")[0]
    assert all(key in line for line in listed(data, "--item", key)[1:])
