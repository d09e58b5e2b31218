"""The demo: three shops, imported as their merchants would send them, served, with links that log in."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.console import err, out, progress_bar
from cli.options import ENGINE, DataOption, EngineOption, engine_or_words
from cli.places import DEMO
from cli.play import play_beside
from cli.service import port_is_free, run_service

if TYPE_CHECKING:
    from ingest.folder import ShopFolder
    from kb.embed import Engine
    from kb.store.folder import DataFolder

_PEOPLE = {"agent": "演示客服", "trainer": "演示训练师", "lead": "演示组长"}  # name by role
_COLLEAGUE = "同事小林"  # who answers some of the conversations that are played


def demo(
    data: DataOption = Path("data/demo"),
    port: Annotated[int, typer.Option(help="监听端口；被占用时自动换一个。")] = 8000,
    engine: EngineOption = ENGINE,
    serve: Annotated[bool, typer.Option("--serve/--no-serve", help="导入后启动服务。")] = True,
    play: Annotated[bool, typer.Option("--play/--no-play", help="同时播放写好的会话，让队列动起来。")] = True,
) -> None:
    """导入三家演示店铺，启动服务，播放写好的会话，打印侧边栏地址和登录方法。"""
    keys = prepare(data, engine)
    if not serve:
        return
    player, stop = colleague(data) if play else "", threading.Event()

    def ready(address: str) -> None:
        announce(address, keys, playing=play)
        if play:
            play_beside(address, player, stop)

    try:
        run_service({"data": data, "port": port if port_is_free(port) else 0, "engine": engine}, ready)
    finally:
        stop.set()


def prepare(data: Path, engine_name: str) -> dict[str, str]:
    """Import what is new in the demo folder and issue fresh keys; returns key by role."""
    from ingest.folder import read_shops
    from kb.store.folder import DataFolder

    engine, shops = engine_or_words(engine_name), read_shops(DEMO)
    with DataFolder(data) as folder:
        for shop in shops:
            _open_shop(folder, shop, engine)
        slugs = [shop.slug for shop in shops]
        return {role: _fresh_key(folder, label, role, slugs) for role, label in _PEOPLE.items()}


def colleague(data: Path) -> str:
    """A fresh key of the simulated colleague, in whose name the conversations are played."""
    from kb.store.folder import DataFolder

    with DataFolder(data) as folder:
        return _fresh_key(folder, _COLLEAGUE, "agent", [merchant.slug for merchant in folder.hub.merchants()])


def _open_shop(folder: DataFolder, shop: ShopFolder, engine: Engine | None) -> None:
    """The shop's sheets, and the messages by which it judges what it may learn."""
    from eval.gold import import_gold
    from ingest.folder import import_folder

    folder.hub.add_merchant(shop.slug, shop.name, platform=shop.platform, color=shop.color)
    store = folder.merchant(shop.slug)
    with progress_bar(f"导入 {shop.name}") as progress:
        for name, report in import_folder(store, engine, shop.folder, progress):
            err.print(f"  {shop.name} · {name}：{report.message}", highlight=False, markup=False)
    import_gold(store, [shop.folder / "gold.jsonl", shop.folder / "refuse.jsonl"])


def _fresh_key(folder: DataFolder, label: str, role: str, slugs: Sequence[str]) -> str:
    """Those of an earlier demo end."""
    from kb.store.grant import Role

    folder.hub.revoke_keys(label)
    return folder.hub.issue_key(label, Role(role), slugs)


def announce(address: str, keys: Mapping[str, str], *, playing: bool = False) -> None:
    play = ["写好的会话正在播放：队列里的买家是演出来的，您接待的会话，模拟同事不会插手。"] if playing else []
    lines = [
        "",
        "[bold]演示已就绪[/] · the demo is up",
        f"  客服侧边栏 sidebar   {address}/login#key={keys['agent']}",
        f"  训练师页面 trainer   {address}/login#key={keys['trainer']}&to=/trainer",
        f"  组长席位 team lead   {address}/login#key={keys['lead']}",
        f"  接口文档 OpenAPI     {address}/v1/openapi.json",
        *play,
        "打开链接即登录；密钥也可以粘贴到登录页。按 Ctrl+C 停止。",
        "Open a link to log in; the part after key= is the access key of the HTTP API. Ctrl+C stops.",
    ]
    out.print("\n".join(lines), highlight=False, soft_wrap=True)
