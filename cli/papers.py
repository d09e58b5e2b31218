"""Where a report goes: the options that every command with a report has, and the writing of its forms."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.console import err

if TYPE_CHECKING:
    from eval.paper.paper import Paper

HtmlOption = Annotated[Path | None, typer.Option("--html", help="把报告写成一个 HTML 文件（可打印）。")]
XlsxOption = Annotated[Path | None, typer.Option("--xlsx", help="把报告和逐条数据写成 Excel 文件。")]
JsonFileOption = Annotated[Path | None, typer.Option("--json", help="把报告写成 JSON 文件，给程序读。")]
LangOption = Annotated[str, typer.Option("--lang", help="报告的语言：zh 或 en。")]


def save_paper(paper: Paper, html: Path | None, xlsx: Path | None, json_file: Path | None, lang: str) -> None:
    """Write the forms that were asked for and say where they are."""
    from eval.paper.write import write

    for path in write(paper, html=html, xlsx=xlsx, json_file=json_file, lang=lang):
        err.print(f"已写出 {path}", highlight=False, markup=False, soft_wrap=True)
