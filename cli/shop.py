"""Shops: a new one, and those there are."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.console import fail, out
from cli.options import DATA, DataOption, hub_of, operator


def add(
    slug: Annotated[str, typer.Argument(help="店铺代号：小写字母、数字、减号。")],
    name: Annotated[str, typer.Option(help="店铺名称。")],
    platform: Annotated[str, typer.Option(help="平台，如 天猫、京东、拼多多。")] = "",
    color: Annotated[str, typer.Option(help="侧边栏抬头颜色，如 #1f6f54。")] = "",
    data: DataOption = DATA,
) -> None:
    """新建一家店。"""
    from kb.store.folder import open_hub

    with open_hub(data) as hub:
        if hub.merchants([slug]):
            fail(f"店铺代号“{slug}”已经有了。", "请换一个代号；现有店铺见 huashu shop list。")
        merchant = hub.add_merchant(slug, name, platform=platform, color=color, by=operator())
    out.print(f"已建立店铺 {merchant.name}（{merchant.slug}）。", highlight=False, markup=False)


def list_(data: DataOption = DATA) -> None:
    """列出店铺。"""
    with hub_of(data) as hub:
        for merchant in hub.merchants():
            out.print(f"{merchant.slug}\t{merchant.name}\t{merchant.platform}", highlight=False, markup=False)
