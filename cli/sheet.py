"""A merchant's sheet, looked at or imported."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.console import fail, out, progress_bar
from cli.options import DATA, ENGINE, DataOption, EngineOption, engine_or_words

if TYPE_CHECKING:
    from ingest.report import Report


def import_(
    shop: Annotated[str, typer.Argument(help="店铺代号。")],
    file: Annotated[Path, typer.Argument(help="商家的表：xlsx 或 csv。")],
    sheet: Annotated[
        str, typer.Option(help="表的种类：auto、product、faq、phrase、notice、handover（交接表）、order（订单）。")
    ] = "auto",
    preview: Annotated[bool, typer.Option("--preview", help="只看会发生什么，不写入。")] = False,
    partial: Annotated[bool, typer.Option("--partial", help="有错误时仍导入没有问题的行。")] = False,
    draft: Annotated[bool, typer.Option("--draft", help="新条目先存为草稿。")] = False,
    retire: Annotated[
        bool, typer.Option("--retire-missing", help="下架上次由同名文件导入、这次表里已删除的内容。")
    ] = False,
    marked: Annotated[Path | None, typer.Option("--marked", help="另存一份标好问题的 xlsx，可以交还商家。")] = None,
    data: DataOption = DATA,
    engine: EngineOption = ENGINE,
) -> None:
    """把商家的一张表导入店铺。服务运行时请在训练师页面导入。"""
    from ingest import importer
    from kb.store.folder import DataFolder

    content = _read(file)
    with DataFolder(data) as folder:
        store = folder.merchant(shop)
        if marked:  # before anything is written: afterwards no row is new
            _save_marked(
                marked, content, file.name, importer.preview(store, content, file.name, kind=sheet, everything=True)
            )
        if preview:
            report = importer.preview(
                store, content, file.name, kind=sheet, engine=engine_or_words(engine), retire=retire
            )
        else:
            with progress_bar("生成向量") as progress:
                report = importer.commit(
                    store, engine_or_words(engine), content, file.name, kind=sheet, partial=partial, as_draft=draft,
                    retire=retire, actor="命令行", progress=progress,
                )  # fmt: skip
    out.print(report.text(), highlight=False, markup=False, soft_wrap=True)
    if not preview and not report.committed:
        raise typer.Exit(1)


def _save_marked(path: Path, content: bytes, name: str, report: Report) -> None:
    from ingest.mark import marked

    try:
        path.write_bytes(marked(content, name, report))
    except OSError as error:
        fail(f"文件 {path} 写不进去：{error.strerror}", "请检查路径和权限，或先关闭打开它的程序。")
    out.print(f"标好问题的表在 {path}", highlight=False, markup=False, soft_wrap=True)


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        fail(f"文件 {file} 打不开：{error.strerror}", "请检查路径和权限。")
