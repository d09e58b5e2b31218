"""huashu template, huashu export: files a person can use, and told what to do where there is nothing to write."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

import huashu
from kb.errors import Invalid
from kb.store.change import Change
from kb.store.folder import DataFolder
from making import faq, product


def run(*words: object) -> Result:
    result = CliRunner().invoke(huashu.app, [str(word) for word in words])
    if isinstance(result.exception, Invalid):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result


@pytest.fixture
def data(tmp_path: Path) -> Path:
    with DataFolder(tmp_path / "data") as folder:
        for slug in ("full", "empty"):
            folder.hub.add_merchant(slug, slug)
        store = folder.merchant("full")
        store.apply(Change(entries=[faq("Q1", "怎么退", "可以退")], products=[product("P1", "大衣")]))
    return tmp_path / "data"


def test_an_export_to_a_folder_is_a_file_for_each_kind_there_is(data: Path, tmp_path: Path) -> None:
    run("export", "full", tmp_path / "out", "--data", data)
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"商品表.xlsx", "问答表.xlsx"}


def test_an_exported_folder_is_imported_elsewhere_and_is_the_same_again(data: Path, tmp_path: Path) -> None:
    run("export", "full", tmp_path / "one.xlsx", "--data", data)
    run("import", "empty", tmp_path / "one.xlsx", "--data", data, "--engine", "none")
    run("export", "empty", tmp_path / "two.xlsx", "--data", data)
    assert (tmp_path / "one.xlsx").read_bytes() == (tmp_path / "two.xlsx").read_bytes()


def test_csv_is_one_kind_a_file(data: Path, tmp_path: Path) -> None:
    run("export", "full", tmp_path / "问答.csv", "--kind", "问答表", "--data", data)
    assert "怎么退" in (tmp_path / "问答.csv").read_text("utf-8-sig")
    run("export", "full", tmp_path / "out", "--format", "csv", "--data", data)
    assert {path.suffix for path in (tmp_path / "out").iterdir()} == {".csv"}
    with pytest.raises(Invalid, match="只能放一种表"):
        run("export", "full", tmp_path / "x.csv", "--data", data)


def test_a_template_is_written_for_either_name_of_a_kind(tmp_path: Path) -> None:
    run("template", "faq", tmp_path / "a.xlsx")
    run("template", "问答表", tmp_path / "b.xlsx")
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()
    with pytest.raises(Invalid, match="不认识表的种类"):
        run("template", "nonsense", tmp_path / "c.xlsx")


def test_what_is_not_there_is_said(data: Path, tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="还没有内容"):
        run("export", "empty", tmp_path / "out", "--data", data)
    with pytest.raises(Invalid, match="不保存订单表"):
        run("export", "full", tmp_path / "out", "--kind", "order", "--data", data)
