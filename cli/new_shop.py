"""A merchant's folder becomes a live shop: every file recognised and imported, and what is still to be asked for."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.console import err, fail, out, progress_bar, write_json
from cli.options import DATA, ENGINE, DataOption, EngineOption, JsonOption, engine_or_words, operator, put_on_record

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from eval.coverage.report import CoverageReport
    from ingest.folder import Recognised
    from kb.embed import Engine
    from kb.model import Fact
    from kb.store.folder import DataFolder

_NOT_SLUG = re.compile(r"[^a-z0-9]+")
_LONGEST = 40  # characters of a shop's code
_NAMES, _PLATFORMS = ("店铺名称", "店铺名", "店铺"), ("平台", "店铺平台")  # as handover forms call them


def new_shop(
    folder: Annotated[
        Path, typer.Argument(help="商家给的文件夹：商品表、问答、快捷短语、通知、交接表、订单、聊天记录。")
    ],
    slug: Annotated[str, typer.Option(help="店铺代号；不写就用文件夹名。")] = "",
    name: Annotated[str, typer.Option(help="店铺名称；不写就用交接表里的，再不然用文件夹名。")] = "",
    platform: Annotated[str, typer.Option(help="平台；不写就用交接表里的。")] = "",
    trade: Annotated[str, typer.Option(help="行业：general、apparel、beauty、digital；不写就看商品。")] = "",
    as_json: JsonOption = False,
    data: DataOption = DATA,
    engine: EngineOption = ENGINE,
) -> None:
    """商家的一个文件夹变成一家能用的店：认出每个文件，全部导入，报告还缺什么、先问商家什么。再运行一次就是更新。"""
    from ingest.folder import recognise
    from kb.store.folder import DataFolder

    if not folder.is_dir():
        fail(f"{folder} 不是文件夹。", "请指明商家给的文件夹。")
    loaded = engine_or_words(engine)
    files = recognise(folder)
    if not any(file.kinds for file in files):
        fail(f"文件夹 {folder.name} 里没有能导入的文件。", "请放入商品表、问答表等文件；模板见 huashu template。")
    told = [fact for file in files if file.draft for sheet in file.draft.sheets for fact in sheet.profile]
    slug = slug or slug_of(folder.resolve().name)
    with DataFolder(data) as opened:
        opened.hub.add_merchant(
            slug,
            name or _told(told, _NAMES) or folder.resolve().name,
            platform=platform or _told(told, _PLATFORMS),
            by=operator(),
        )
        _import(opened, slug, files, loaded)
        _judge_by_gold(opened, slug, folder)
        found = _coverage(opened, slug, loaded, trade)
        shown = opened.hub.merchant(slug)
    if as_json:
        write_json({"shop": shown.slug, "name": shown.name, **found.to_json()})
        return
    out.print(found.text(), highlight=False, markup=False, soft_wrap=True)
    out.print(
        f"店铺 {shown.name}（{shown.slug}）已就绪。启动：huashu serve --data {data}；"
        f"发密钥：huashu key issue 姓名 --role agent --shop {shown.slug}",
        highlight=False, markup=False, soft_wrap=True,
    )  # fmt: skip


def slug_of(name: str) -> str:
    """A shop's code from a folder's name: letters as they are, 汉字 as they sound (青萝女装 → qingluonvzhuang)."""
    from pypinyin import lazy_pinyin

    return _NOT_SLUG.sub("-", "".join(lazy_pinyin(name)).lower()).strip("-")[:_LONGEST].strip("-") or "shop"


def _import(opened: DataFolder, slug: str, files: Sequence[Recognised], engine: Engine | None) -> None:
    """Every file in its turn, with a line for each on stderr and its problems below, or why not and what to do."""
    from ingest.folder import import_file
    from kb.errors import HuashuError

    store = opened.merchant(slug)
    for file in files:
        with progress_bar(file.path.name) as progress:
            done = import_file(store, engine, file, progress)
        if not isinstance(done, HuashuError) and done.committed:
            put_on_record(opened, "import.commit", slug, summary=f"{done.file}：{done.message}")
        told = f"{file.path.name}：{done.message}{done.advice}" if isinstance(done, HuashuError) else done.text()
        err.print(told, highlight=False, markup=False, soft_wrap=True)


def _judge_by_gold(opened: DataFolder, slug: str, folder: Path) -> None:
    """Gold messages that lie in the folder judge what the shop may learn."""
    from eval.gold import import_gold
    from ingest.folder import GOLD

    if found := [folder / name for name in GOLD if (folder / name).is_file()]:
        import_gold(opened.merchant(slug), found)


def _coverage(opened: DataFolder, slug: str, engine: Engine | None, trade: str) -> CoverageReport:
    from eval.coverage.report import report
    from kb.shelf import Shelf

    return report(Shelf(opened, engine).shard(slug), engine, trade)


def _told(facts: Iterable[Fact], names: Sequence[str]) -> str:
    return next((fact.value for fact in facts if fact.name in names), "")
