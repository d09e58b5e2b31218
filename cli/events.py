"""How complete a shop's record is of what agents did with suggestions."""

from __future__ import annotations

import time
from dataclasses import asdict
from datetime import datetime
from typing import Annotated

import typer

from cli.console import out, write_json
from cli.options import DATA, DataOption, JsonOption, folder_of

_KINDS = {
    "shown": "展示", "viewed": "看过", "inserted": "采用", "edited": "改后采用", "sent": "已发送", "rejected": "不合适",
    "ignored": "没有用",
}  # fmt: skip
_REASONS = {"superseded": "下一条消息来了", "closed": "会话或页面关了", "timeout": "久无操作", "": "没有说明"}
_WEEK_S = 7 * 86400


def events(
    shop: Annotated[str, typer.Argument(help="店铺代号。")],
    since: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="从哪天算起，如 2026-11-01；默认最近七天。")
    ] = None,
    as_json: JsonOption = False,
    data: DataOption = DATA,
) -> None:
    """推荐的使用记录全不全：各种操作的次数，展示过的有多少知道结局，没用上的为什么。"""
    from kb.events.tally import tally

    start = int(since.timestamp()) if since else int(time.time()) - _WEEK_S
    with folder_of(data) as folder:
        found = tally(folder.merchant(shop).events(start))
    if as_json:
        write_json({"since": start, **asdict(found), "open": found.open, "complete": found.complete})
        return
    lines = [f"自 {datetime.fromtimestamp(start):%Y-%m-%d %H:%M} 起"]
    lines.append("操作\t" + "　".join(f"{_KINDS[kind]} {n}" for kind, n in found.events.items()))
    lines.append(
        f"展示过的推荐\t{found.shown} 条，看过 {found.viewed} 条，有结局 {found.ended} 条（{found.complete:.1%}），还开着 {found.open} 条"
    )
    lines.append("结局\t" + "　".join(f"{_KINDS[kind]} {n}" for kind, n in found.ends.items()))
    if found.reasons:
        lines.append("没用上的原因\t" + "　".join(f"{_REASONS.get(why, why)} {n}" for why, n in found.reasons.items()))
    if found.offers["shown"]:
        ends = "　".join(f"{_KINDS[kind]} {found.offers[kind]}" for kind in found.ends)
        lines.append(f"其中加购推荐\t展示 {found.offers['shown']} 次；{ends}")
    lines.append(f"不经推荐的采用\t{found.unshown} 次（查找到的话术、商品事实）")
    out.print("\n".join(lines), highlight=False, markup=False, soft_wrap=True)
