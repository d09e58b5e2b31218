"""What a shop's buyers buy together, from the order lists that were imported."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.console import fail, out
from cli.options import DATA, DataOption, folder_of


def pairs(
    shop: Annotated[str, typer.Argument(help="店铺代号。")],
    item: Annotated[str, typer.Option(help="只看这个商品（编号或名称）的搭档。")] = "",
    limit: Annotated[int, typer.Option(min=1, help="最多列出几对。")] = 30,
    data: DataOption = DATA,
) -> None:
    """列出常一起买的商品：同单次数、占比、提升度（可靠下限）。先导入订单表。"""
    from kb.baskets import bought_together

    with folder_of(data) as folder:
        store = folder.merchant(shop)
        together = bought_together(store.baskets())
        names = {product.key: product.name for product in store.products()}
    if not together.baskets:
        fail("这家店还没有订单。", f"请先导入订单表：huashu import {shop} 订单.csv")
    found = [(one, p) for one, partners in together.partners.items() for p in partners if one < p.item or item]
    wanted = [(one, p) for one, p in found if not item or item in (one, names.get(one))]
    wanted.sort(key=lambda pair: (-pair[1].at_least, -pair[1].count, pair[0], pair[1].item))
    out.print(f"{together.baskets} 单，{len(wanted)} 对一起买过至少两次", highlight=False, markup=False)
    for one, partner in wanted[:limit]:
        both = " + ".join(f"{names[key]}（{key}）" if key in names else key for key in (one, partner.item))
        line = (
            f"{both}\t{partner.count} 单\t{partner.support:.1%}\t提升 {partner.lift:.1f}（至少 {partner.at_least:.1f}）"
        )
        out.print(line, highlight=False, markup=False, soft_wrap=True)
