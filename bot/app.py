"""The application: settings in, ASGI app out."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import Any

from fastapi import FastAPI

from bot import problem
from bot.guard import Guard
from bot.live.live import Live, Terms
from bot.live.rules import Rulebook
from bot.routes import (
    assist,
    check,
    entries,
    events,
    exports,
    health,
    hooks,
    imports,
    live,
    outcomes,
    pages,
    profile,
    proposals,
    session,
    stream,
    tickets,
)
from bot.service import Service
from bot.settings import Settings
from bot.shapes.problem import ProblemOut

_ABOUT = """给外包客服的话术推荐与知识库。

除健康检查外，每个请求都要带 `Authorization: Bearer hs_…`（或登录页的会话 cookie）；店铺由 `shop` 参数在密钥所管的店里选择。
出错时返回 RFC 9457 问题文档，`code` 固定不变。"""


class App(FastAPI):
    """FastAPI, with the one schema in its document that no route names as its own reply."""

    def openapi(self) -> dict[str, Any]:
        document = super().openapi()
        schemas = document["components"]["schemas"]
        if ProblemOut.__name__ not in schemas:
            model = ProblemOut.model_json_schema(ref_template="#/components/schemas/{model}")
            schemas.update({**model.pop("$defs"), ProblemOut.__name__: model})
        return document


def create_app(settings: Settings, service: Service | None = None) -> FastAPI:
    """Build the app around an open service, or around the one that it opens when it starts; it closes either."""

    rulebook = Rulebook.read(settings.clocks)  # a mistake in it is told before anything is opened

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.service = opened = service or Service.open(settings)
        opened.warm()
        app.state.live = live_side = Live(opened, rulebook, Terms(settings.idle_minutes, settings.kept_days))
        yield
        live_side.close()
        opened.close()

    app = App(
        title="huashu 话术",
        version=version("huashu"),
        description=_ABOUT,
        lifespan=lifespan,
        openapi_url="/v1/openapi.json",
        docs_url=None,  # the built-in docs pages load scripts from a CDN; the service makes no outside request
        redoc_url=None,
        responses=problem.RESPONSES,
    )
    app.state.settings = settings
    problem.install(app)
    app.add_middleware(Guard, frame_ancestors=" ".join(["'self'", *settings.origins.split()]))
    for routes in (
        session,
        tickets,
        hooks,
        assist,
        events,
        outcomes,
        check,
        live,
        stream,
        entries,
        imports,
        exports,
        profile,
        proposals,
        health,
        pages,
    ):
        app.include_router(routes.router)
    app.mount("/static", pages.static, name="static")
    return app
