"""A command that stands in the wrong folder says so, and makes no empty data folder there that would look like a real one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

import huashu
from kb.errors import Invalid

MAKE = {"serve", "demo", "new-shop", "shop add"}  # are meant to begin
AS_KPI = {"eval merchant-report"}  # opens the folder as `eval kpi` does, after its other files
CALLS: dict[str, tuple[str, ...]] = {
    "import": ("a", "{sheet}"),
    "export": ("a", "{out}"),
    "pairs": ("a",),
    "events": ("a",),
    "undo": ("a",),
    "gold": ("a", "{sheet}"),
    "learn": ("a", "--engine", "none"),
    "shop list": (),
    "admin person add": ("张三", "--role", "admin", "--generate"),
    "admin person list": (),
    "admin person access": ("张三", "--role", "admin"),
    "admin person passwd": ("张三", "--generate"),
    "admin person disable": ("张三",),
    "admin person enable": ("张三",),
    "admin key issue": ("张三", "--all-shops"),
    "admin key list": (),
    "admin key revoke": ("张三",),
    "admin audit": ("--verify",),
    "key issue": ("张三", "--all-shops"),
    "key revoke": ("张三",),
    "eval kpi": (),
    "eval replay": ("--shop", "a", "--engine", "none"),
    "hook add": ("chatwoot", "--inbox", "3=a"),
    "hook list": (),
    "hook secret": ("cw_1",),
    "hook remove": ("cw_1",),
    "experiment start": ("x", "--treatment", "upsell", "--shop", "a"),
    "experiment ramp": ("x", "--share", "60"),
    "experiment stop": ("x",),
    "experiment list": (),
    "experiment show": ("x",),
    "experiment export": ("x", "--out", "{out}"),
}


def commands(group: Any, above: str = "") -> Iterator[tuple[str, Any]]:
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, f"{above}{name} ")
        else:
            yield f"{above}{name}", command


def test_every_command_with_a_data_folder_is_looked_at() -> None:
    tree = typer.main.get_command(huashu.app)
    asked = {name for name, command in commands(tree) if any(p.name == "data" for p in command.params)}
    assert asked == MAKE | AS_KPI | set(CALLS)


@pytest.mark.parametrize("name", CALLS)
def test_a_wrong_folder_is_said_and_stays_empty(name: str, tmp_path: Path) -> None:
    sheet, wrong = tmp_path / "faq.csv", tmp_path / "wrong"
    sheet.write_text("问题,答复\n在吗,在的\n", encoding="utf-8")
    wrong.mkdir()
    for data in (wrong, tmp_path / "nowhere"):
        rest = [word.format(sheet=sheet, out=tmp_path / "out") for word in CALLS[name]]
        done = CliRunner().invoke(huashu.app, [*name.split(), *rest, "--data", str(data)], input="geheim\n")
        assert isinstance(done.exception, Invalid), done.output
        assert str(data) in done.exception.message and "--data" in done.exception.advice
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["faq.csv", "wrong"]
