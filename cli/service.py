"""The service: started on an address, or described as OpenAPI."""

from __future__ import annotations

import gc
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.console import fail, out, write_json, write_text
from cli.options import DATA, DataOption

if TYPE_CHECKING:
    import uvicorn

    from bot.settings import Settings


def serve(
    data: DataOption = DATA,
    host: Annotated[str | None, typer.Option(help="监听地址。")] = None,
    port: Annotated[int | None, typer.Option(help="监听端口；0 为任选空闲端口。")] = None,
    engine: Annotated[str | None, typer.Option(help="语义模型，见 huashu import --help。")] = None,
) -> None:
    """启动服务（客服侧边栏、训练师页面、HTTP 接口）。"""
    given = {"data": data, "host": host, "port": port, "engine": engine}
    run_service({name: value for name, value in given.items() if value is not None}, announce_address)


def openapi() -> None:
    """接口文档（OpenAPI）写到标准输出；docs/openapi.json 由它生成。"""
    from bot.app import create_app

    write_json(create_app(read_settings({})).openapi(), indent=1, sort_keys=True)


def access() -> None:
    """访问表（谁能用哪个接口）写到标准输出；docs/access.md 由它生成。"""
    from bot.table import table, to_markdown

    write_text(to_markdown(table()))


def announce_address(address: str) -> None:
    out.print(f"客服侧边栏  {address}/\n训练师页面  {address}/trainer\n按 Ctrl+C 停止。", highlight=False)


def run_service(given: dict[str, Any], announce: Callable[[str], None]) -> None:
    """Serve until stopped; `announce` gets the address once requests are accepted."""
    from bot import logs

    settings = read_settings(given)
    logs.to_stderr()
    with listen(settings.host, settings.port) as listener:
        serve_on(listener, settings, announce)


def read_settings(given: dict[str, Any]) -> Settings:
    """The settings given on the command line, over those of the environment, over the defaults."""
    from pydantic import ValidationError

    from bot.settings import Settings

    try:
        return Settings(**given)
    except ValidationError as error:
        wrong = "、".join(f"{e['loc'][0]}（{e['msg']}）" for e in error.errors())
        fail(f"设置不对：{wrong}", "各项设置见 docs/operations.md。")


def listen(host: str, port: int) -> socket.socket:
    """A socket that accepts connections; port 0 is any free one."""
    try:
        listener = socket.create_server((host, port))
        # asyncio switches Nagle's algorithm off only on sockets that say they are TCP, and create_server's do not:
        # a reply's body then waits 40 ms for the client to acknowledge its head. Accepted sockets inherit this.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return listener
    except OSError as error:
        fail(f"端口 {port} 打不开：{error.strerror}", "请换一个端口（--port），或停止占用它的程序。")


def port_is_free(port: int) -> bool:
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True


def serve_on(listener: socket.socket, settings: Settings, announce: Callable[[str], None]) -> None:
    from bot.server import Server

    host, port = listener.getsockname()[:2]

    class Announcing(Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            if not self.should_exit:
                announce(f"http://{host}:{port}")

    with _nothing_is_garbage():
        server = Announcing(_configured(settings))
    for name in (signal.SIGINT, signal.SIGTERM):
        # uvicorn stops gracefully, then raises the signal again for whoever was there before: its own handler, which
        # only says "stop" once more, so exit 0. A signal that comes before uvicorn listens for it is not lost either.
        signal.signal(name, server.handle_exit)
    server.run(sockets=[listener])
    if not server.started:
        raise typer.Exit(1)


@contextmanager
def _nothing_is_garbage() -> Iterator[None]:
    """What is loaded now stays: to look through it for garbage again and again is a tenth of the start."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.freeze()


def _configured(settings: Settings) -> uvicorn.Config:
    """The service is opened here, not by uvicorn: a folder in use is two Chinese lines and exit code 2, no traceback."""
    import uvicorn

    from bot.app import create_app
    from bot.service import Service

    # No access log: addresses of typed searches hold what people typed. No log_config: uvicorn's own handlers would
    # write what ours mask.
    return uvicorn.Config(
        create_app(settings, Service.open(settings)),
        access_log=False,
        log_level="warning",
        log_config=None,
        server_header=False,
        timeout_graceful_shutdown=10,
    )
