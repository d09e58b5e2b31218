"""A merchant's sheet, looked at or imported."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.console import fail, out, progress_bar
from cli.options import DATA, ENGINE, DataOption, EngineOption, engine_or_words


def import_(
    shop: Annotated[str, typer.Argument(help="店铺代号。")],
    file: Annotated[Path, typer.Argument(help="商家的表：xlsx 或 csv。")],
    sheet: Annotated[str, typer.Option(help="表的种类：auto、product、faq、phrase、notice。")] = "auto",
    preview: Annotated[bool, typer.Option("--preview", help="只看会发生什么，不写入。")] = False,
    partial: Annotated[bool, typer.Option("--partial", help="有错误时仍导入没有问题的行。")] = False,
    draft: Annotated[bool, typer.Option("--draft", help="新条目先存为草稿。")] = False,
    data: DataOption = DATA,
    engine: EngineOption = ENGINE,
) -> None:
    """把商家的一张表导入店铺。服务运行时请在训练师页面导入。"""
    from ingest import importer
    from kb.store.folder import DataFolder

    content = _read(file)
    with DataFolder(data) as folder:
        store = folder.merchant(shop)
        if preview:
            report = importer.preview(store, content, file.name, kind=sheet, engine=engine_or_words(engine))
        else:
            with progress_bar("生成向量") as progress:
                report = importer.commit(
                    store, engine_or_words(engine), content, file.name, kind=sheet, partial=partial, as_draft=draft,
                    actor="命令行", progress=progress,
                )  # fmt: skip
    out.print(report.text(), highlight=False, markup=False, soft_wrap=True)
    if not preview and not report.committed:
        raise typer.Exit(1)


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        fail(f"文件 {file} 打不开：{error.strerror}", "请检查路径和权限。")
