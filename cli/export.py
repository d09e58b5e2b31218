"""What goes out: blank templates for merchants, and a shop's knowledge in the same sheets."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.console import fail, out
from cli.options import DATA, DataOption, folder_of, put_on_record

if TYPE_CHECKING:
    from ingest.columns.fields import SheetKind
    from ingest.export import Knowledge


class Form(StrEnum):
    """The file formats that can be written."""

    XLSX = "xlsx"
    CSV = "csv"


KindHelp = "表的种类：product、faq、phrase、notice、handover、order、offer、chat，或中文名，如 问答表。"


def template(
    kind: Annotated[str, typer.Argument(help=KindHelp)],
    file: Annotated[Path, typer.Argument(help="写到哪个 xlsx 文件。")],
) -> None:
    """写一份空白模板，附填写说明，可以直接发给商家。例：huashu template faq 问答表.xlsx"""
    from ingest import template as templates

    _write(file, templates.template(_kind(kind)))


def export(
    shop: Annotated[str, typer.Argument(help="店铺代号。")],
    to: Annotated[Path, typer.Argument(help="文件夹（每种表一个文件），或一个 .xlsx、.csv 文件。")],
    kind: Annotated[list[str] | None, typer.Option(help="只导出这种表，可以写几次。")] = None,
    form: Annotated[Form, typer.Option("--format", help="文件夹里写 xlsx 还是 csv。")] = Form.XLSX,
    data: DataOption = DATA,
) -> None:
    """把店铺的知识导出成和模板一样的表，改好可以再导入。例：huashu export myshop 导出/"""
    from ingest.export import EXPORTED, export_xlsx, knowledge_of

    wanted = [_kind(name) for name in kind or []]
    if foreign := [each for each in wanted if each not in EXPORTED]:
        fail(
            f"店铺里不保存{_label(foreign[0])}，没有可以导出的。",
            "可以导出的有" + "、".join(map(_label, EXPORTED)) + "。",
        )
    with folder_of(data) as folder:
        knowledge = knowledge_of(folder.merchant(shop))
        kinds = wanted or _filled(knowledge)
        if not kinds:
            fail(f"店铺“{shop}”里还没有内容。", "请先导入商家的表。")
        put_on_record(folder, "export", shop, summary="、".join(map(_label, kinds)))
    if to.suffix.lower() == ".xlsx":
        _write(to, export_xlsx(knowledge, kinds))
    elif to.suffix.lower() == ".csv":
        _write_csv(knowledge, kinds, to)
    else:
        _fill_folder(knowledge, kinds, to, form)


def _fill_folder(knowledge: Knowledge, kinds: list[SheetKind], folder: Path, form: Form) -> None:
    from ingest.export import export_xlsx

    folder.mkdir(parents=True, exist_ok=True)
    for kind in kinds:
        path = folder / f"{_label(kind)}.{form}"
        if form is Form.CSV:
            _write_csv(knowledge, [kind], path)
        else:
            _write(path, export_xlsx(knowledge, [kind]))


def _write_csv(knowledge: Knowledge, kinds: list[SheetKind], path: Path) -> None:
    from ingest.export import export_csv

    if len(kinds) != 1:
        fail("一个 csv 文件只能放一种表。", "请用 --kind 说明是哪一种，或导出到文件夹。")
    for number, content in enumerate(export_csv(knowledge, kinds[0]), start=1):
        _write(path.with_stem(path.stem + str(number)) if number > 1 else path, content)


def _filled(knowledge: Knowledge) -> list[SheetKind]:
    from ingest.export import EXPORTED, holds

    return [kind for kind in EXPORTED if holds(knowledge, kind)]


def _kind(name: str) -> SheetKind:
    from ingest.columns.fields import KIND_LABELS, SheetKind

    for kind in SheetKind:
        if name in (str(kind), _label(kind)):
            return kind
    fail(
        f"不认识表的种类“{name}”。",
        "可以是 " + "、".join(f"{kind}（{label}）" for kind, label in KIND_LABELS.items()) + "。",
    )


def _label(kind: SheetKind) -> str:
    from ingest.columns.fields import KIND_LABELS

    return KIND_LABELS[kind]


def _write(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    out.print(f"已写入 {file}（{len(content) / 1024:.0f} KB）", highlight=False, markup=False, soft_wrap=True)
