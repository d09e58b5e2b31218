"""Play the demo's written conversations into a service, beside it or from anywhere."""

from __future__ import annotations

import signal
import threading
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING, Annotated

import typer

from cli.console import complain, err, fail, out
from cli.places import DEMO
from kb.errors import HuashuError

if TYPE_CHECKING:
    from cli.shift.player import Plan, Player

OPEN, SPEED, SEED = 6, 1.0, 20261144


def play(
    address: Annotated[str, typer.Argument(help="服务地址，例如 http://127.0.0.1:8000。")],
    key: Annotated[str, typer.Option(envvar="HUASHU_KEY", help="演示店铺的客服密钥；回复也以它的名义发出。")],
    open_: Annotated[int, typer.Option("--open", min=1, help="最多同时进行几个会话。")] = OPEN,
    speed: Annotated[float, typer.Option(min=0.1, help="快慢；2 为快一倍。")] = SPEED,
    seed: Annotated[int, typer.Option(help="同一个种子，买家来的先后相同。")] = SEED,
) -> None:
    """把写好的演示会话实时播放到正在运行的服务里：有忙有闲，有人连发几条；没人接待的，一位模拟同事会回复一部分。"""
    from cli.shift.player import Plan

    player = _player(address, key, Plan(open_, speed, seed))
    out.print(
        f"正在播放到 {address}（{len(player.talks)} 段会话，最多同时 {open_} 个）。按 Ctrl+C 停止。", highlight=False
    )
    stop = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):  # said outright: a shell's background jobs are started deaf to Ctrl+C
        signal.signal(name, lambda *_: stop.set())
    player.play(stop)
    err.print("[dim]已停止。[/]", highlight=False)


def play_beside(address: str, key: str, stop: threading.Event) -> None:
    """Play on a thread of its own until `stop`, into a service of this process. A refusal is told, and ends the play only."""
    from cli.shift.player import Plan

    def run() -> None:
        try:
            _player(address, key, Plan()).play(stop)
        except HuashuError as error:
            complain(f"演示会话停了 {error.code}", error.message, error.advice)

    threading.Thread(target=run, name="play", daemon=True).start()


def _player(address: str, key: str, plan: Plan) -> Player:
    """A shift of the conversations of the shops that the key names."""
    from cli.shift.desk import Desk, Unreachable
    from cli.shift.player import Player
    from cli.shift.talk import read_talks

    with ExitStack() as refused:
        desk = Desk(address, key)
        refused.callback(desk.leave)
        try:
            shops = desk.shops()
        except Unreachable:
            fail(f"连不上 {address}。", "请确认服务已经启动，地址没有写错。")
        talks = [talk for talk in read_talks(DEMO) if talk.shop in shops]
        if not talks:
            fail("这把密钥不管任何演示店铺。", "请用 huashu demo 打印的密钥，或先导入演示店铺。")
        refused.pop_all()  # from here on the player leaves
    return Player(desk, talks, plan, f"{int(time.time()):x}")
