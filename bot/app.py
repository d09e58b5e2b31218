"""The application: settings in, ASGI app out."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from importlib.metadata import version
from typing import Any

from fastapi import Depends, FastAPI

from bot import problem
from bot.access import COOKIE, admitted
from bot.doors import Doors
from bot.guard import Guard
from bot.live.live import Live, Terms
from bot.live.rules import Rulebook
from bot.rehearsal import rehearse
from bot.routes import (
    assist,
    audit,
    check,
    entries,
    events,
    experiments,
    exports,
    health,
    hooks,
    imports,
    keys,
    live,
    outcomes,
    pages,
    people,
    profile,
    proposals,
    session,
    stream,
    tickets,
)
from bot.service import Service
from bot.settings import Settings
from bot.shapes.problem import ProblemOut
from bot.table import Reach, Rule, missing
from bot.trail import Trail

_ABOUT = """给外包客服的话术推荐与知识库。

除健康检查外，每个请求都要带 `Authorization: Bearer hs_…`（或登录页的会话 cookie）；店铺由 `shop` 参数在所管的店里选择。
谁能用哪个接口见各接口的 `x-roles`；限定了用途的密钥还要有 `x-scope` 里的用途。
出错时返回 RFC 9457 问题文档，`code` 固定不变。"""


_SCHEMES = {
    "HTTPBearer": {"type": "http", "scheme": "bearer", "description": "访问密钥 hs_…"},
    "APIKeyCookie": {"type": "apiKey", "in": "cookie", "name": COOKIE, "description": "登录页设置的会话"},
}


class App(FastAPI):
    """FastAPI, with who may call what in its document, and the one schema that no route names as its own reply."""

    def openapi(self) -> dict[str, Any]:
        document = super().openapi()
        table = self.state.doors.table
        for path, methods in document["paths"].items():
            for method, operation in methods.items():
                operation.update(_access(table[f"{method.upper()} {path}"]))
        document["components"]["securitySchemes"] = _SCHEMES
        schemas = document["components"]["schemas"]
        if ProblemOut.__name__ not in schemas:
            model = ProblemOut.model_json_schema(ref_template="#/components/schemas/{model}")
            schemas.update({**model.pop("$defs"), ProblemOut.__name__: model})
        return document


def _access(rule: Rule) -> dict[str, Any]:
    """Of one operation, for the document."""
    if rule.reach is Reach.PUBLIC:
        return {}
    return {"security": [{name: []} for name in _SCHEMES], "x-roles": sorted(rule.roles), "x-scope": rule.scope}


def _check_table(app: FastAPI) -> None:
    """Deny by default: what nobody has decided on must not be served."""
    if unknown := missing(app.routes, app.state.doors.table):
        raise RuntimeError(f"no row in bot/access.toml for {', '.join(unknown)}")


def create_app(settings: Settings, service: Service | None = None) -> FastAPI:
    """Build the app around an open service, or around the one that it opens when it starts; it closes either."""

    rulebook = Rulebook.read(settings.clocks)  # a mistake in it is told before anything is opened

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        _check_table(app)
        app.state.service = opened = service or Service.open(settings)
        opened.warm(partial(rehearse, opened))
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
        dependencies=[Depends(admitted)],
    )
    app.state.settings = settings
    app.state.doors = Doors.of(settings)
    problem.install(app)
    app.add_middleware(Trail)
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
        people,
        keys,
        audit,
        experiments,
        health,
        pages,
    ):
        app.include_router(routes.router)
    app.mount("/static", pages.static, name="static")
    _check_table(app)
    return app
