"""A merchant's sheet: looked at, imported, or taken back."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.console import fail, out, stages, stoppable
from cli.options import DATA, ENGINE, DataOption, EngineOption, engine_or_words, folder_of, put_on_record

if TYPE_CHECKING:
    from ingest.report import Report
    from kb.store.merchant import MerchantStore

_LISTED = 30


def import_(
    shop: Annotated[str, typer.Argument(help="店铺代号。")],
    file: Annotated[Path, typer.Argument(help="商家的文件：Excel、WPS、csv、Word、PDF、txt、md 或 json。")],
    sheet: Annotated[
        str,
        typer.Option(
            help="表的种类：auto、product、faq、phrase、notice、handover（交接表）、order（订单）、offer（加购规则）、chat（聊天记录）。"
        ),
    ] = "auto",
    columns: Annotated[
        list[str] | None,
        typer.Option(
            "--map",
            help="列的含义，可重复：Sheet1!C=答复（或 answer）、Sheet1!header=3（表头在第 3 行）、Sheet1!kind=faq。",
        ),
    ] = None,
    preview: Annotated[bool, typer.Option("--preview", help="只看会发生什么，不写入。")] = False,
    partial: Annotated[bool, typer.Option("--partial", help="有错误时仍导入没有问题的行。")] = False,
    draft: Annotated[bool, typer.Option("--draft", help="新条目先存为草稿。")] = False,
    retire: Annotated[
        bool, typer.Option("--retire-missing", help="下架上次由同名文件导入、这次表里已删除的内容。")
    ] = False,
    retire_most: Annotated[
        bool,
        typer.Option("--retire-most", help="以前同名文件的内容大部分都没有了，也确认下架（先用 --preview 看清楚）。"),
    ] = False,
    marked: Annotated[Path | None, typer.Option("--marked", help="另存一份标好问题的 xlsx，可以交还商家。")] = None,
    data: DataOption = DATA,
    engine: EngineOption = ENGINE,
) -> None:
    """把商家的一张表导入店铺。服务运行时请在训练师页面导入。"""
    from ingest import importer
    from ingest.columns.correction import read_options
    from ingest.pace import STAGE_LABELS

    content, mapping = _read(file), read_options(columns or [])
    with folder_of(data) as folder:
        store = folder.merchant(shop)
        if marked:  # before anything is written: afterwards no row is new
            _save_marked(
                marked,
                content,
                file.name,
                importer.preview(store, content, file.name, kind=sheet, mapping=mapping, everything=True),
            )
        if preview:
            report = importer.preview(
                store, content, file.name, kind=sheet, mapping=mapping, engine=engine_or_words(engine), retire=retire,
                retire_most=retire_most,
            )  # fmt: skip
        else:
            model = engine_or_words(engine)
            with stoppable() as stopped, stages() as (enter, progress):
                report = importer.commit(
                    store, model, content, file.name, kind=sheet, mapping=mapping, partial=partial, as_draft=draft, retire=retire,
                    retire_most=retire_most, actor="命令行", at=lambda stage: enter(STAGE_LABELS[stage]), progress=progress,
                    stopped=stopped,
                )  # fmt: skip
            if report.committed:
                put_on_record(folder, "import.commit", shop, summary=f"{report.file}：{report.message}")
    out.print(report.text(), highlight=False, markup=False, soft_wrap=True)
    if not preview and not report.committed:
        raise typer.Exit(1)


def undo(
    shop: Annotated[str, typer.Argument(help="店铺代号。")],
    import_: Annotated[str, typer.Argument(metavar="[IMPORT]", help="导入的编号；不写则列出最近的导入。")] = "",
    data: DataOption = DATA,
) -> None:
    """撤销一次导入，整个文件恢复到导入之前；不写编号则列出最近的导入。服务运行时请在训练师页面撤销。"""
    with folder_of(data) as folder:
        store = folder.merchant(shop)
        if import_:
            store.undo(import_, actor="命令行")
            files = "、".join(dict.fromkeys(record.file for record in store.batch_of(import_)))
            put_on_record(folder, "import.undo", shop, import_, files)
            said = f"已撤销：{files} 带来的改动全部恢复到导入之前。"
            out.print(said, highlight=False, markup=False, soft_wrap=True)
        else:
            _list_imports(store)


def _list_imports(store: MerchantStore) -> None:
    undoable = store.undoable()
    for record in store.imports(_LISTED):
        state = "已撤销" if record.undone_at else "可撤销" if record.batch in undoable else ""
        counts = f"新增 {record.added}，更新 {record.changed}，未变 {record.unchanged}"
        when = datetime.fromtimestamp(record.at).strftime("%Y-%m-%d %H:%M")
        line = "\t".join((record.id, when, record.file, counts, record.actor, state))
        out.print(line.rstrip(), highlight=False, markup=False, soft_wrap=True)


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
    except FileNotFoundError:
        fail(f"没有文件 {file}。", "请检查路径和文件名。")
    except OSError as error:
        fail(f"文件 {file} 打不开：{error.strerror}", "请检查路径和权限。")
