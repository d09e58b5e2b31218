"""Documents that fail the build when they stop being true."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest
import typer.main

import huashu
from bot.settings import Settings
from kb import errors, model

ROOT = Path(__file__).resolve().parent.parent
READMES = ("README.md", "README.zh-CN.md")


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def test_every_noun_is_in_the_glossary() -> None:
    nouns = [name for name, thing in vars(model).items() if inspect.isclass(thing) and thing.__module__ == "kb.model"]
    table = read("docs/design.md")
    assert [noun for noun in nouns if not re.search(rf"\b{noun}\b", table)] == []


def leaves(base: type[errors.HuashuError]) -> list[type[errors.HuashuError]]:
    return [base, *(leaf for sub in base.__subclasses__() for leaf in leaves(sub))]


def test_every_error_code_is_documented_with_its_status_and_name() -> None:
    table = read("docs/errors.md")
    ours = [e for e in leaves(errors.HuashuError) if e.__module__ == "kb.errors"]
    assert len({e.code for e in ours}) == len(ours)
    for error in ours:
        assert f"| {error.code} | {error.status} | {error.title} |" in table


def test_every_setting_is_documented_with_its_default() -> None:
    table = read("docs/operations.md")
    for name, field in Settings.model_fields.items():
        row = next(line for line in table.splitlines() if f"`HUASHU_{name.upper()}`" in line)
        default = str(field.default).lower() if isinstance(field.default, bool) else str(field.default)
        assert default in row


def commands(group: typer.Typer, prefix: str = "huashu") -> list[str]:
    found = []
    for command in group.registered_commands:
        if not command.hidden:
            found.append(f"{prefix} {command.name or command.callback.__name__}")  # type: ignore[union-attr]
    for sub in group.registered_groups:
        assert sub.typer_instance is not None
        if sub.typer_instance.registered_callback:  # the group does something by itself
            found.append(f"{prefix} {sub.name}")
        found += commands(sub.typer_instance, f"{prefix} {sub.name}")
    return found


def test_every_command_is_documented() -> None:
    said = "".join(read(name) for name in ("README.md", "docs/operations.md", "docs/evaluation.md", "docs/ingest.md"))
    known = set(commands(huashu.app)) - {"huashu demo", "huashu shop list"}
    assert {"huashu bench", "huashu bench peers", "huashu eval fit", "huashu eval fit-tone"} < known
    # "huashu eval fit" is not said by "huashu eval fit-tone".
    assert [name for name in sorted(known) if not re.search(rf"{name}(?![\w-])", said)] == []


def test_only_the_command_line_prints() -> None:
    prints = re.compile(r"\bprint\(|\bsys\.stdout\b|\bConsole\(")
    told = {
        path.relative_to(ROOT).as_posix()
        for room in ("kb", "ingest", "bot", "eval", "cli")
        for path in (ROOT / room).rglob("*.py")
        if prints.search(path.read_text(encoding="utf-8"))
    }
    # Processes of their own; their replies are their stdout.
    assert {path for path in told if not path.startswith("cli/")} == {"eval/bench/worker.py", "ingest/sandbox/child.py"}
    assert "cli/console.py" in told


@pytest.mark.parametrize("name", READMES)
def test_readmes_link_to_files_that_exist(name: str) -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", read(name))
    assert len(links) > 5
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_both_readmes_show_the_same_commands() -> None:
    english, chinese = (re.findall(r"```bash\n(.*?)```", read(name), re.DOTALL) for name in READMES)
    assert english == chinese
    assert "python3 go.py demo\n" in english and "python3 go.py test\n" in english
