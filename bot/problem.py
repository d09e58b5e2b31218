"""Errors as RFC 9457 problem documents, in this one place; every code is stable and listed in docs/errors.md."""

from __future__ import annotations

import logging
import math
import secrets
import traceback
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from bot.logs import safe
from kb.errors import Busy, HuashuError, Invalid, NotFound, StoreFailed, TooMany

_log = logging.getLogger(__name__)
_TYPE = "application/problem+json"
_RETRY_S = "2"
_LONGEST_PLACE = 100  # characters of a field name shown back: a client may send one of 64 KB

# For the OpenAPI document: every route may answer with a problem.
RESPONSES: dict[int | str, dict[str, Any]] = {
    "default": {
        "description": "问题文档（RFC 9457）；code 固定不变，见 docs/errors.md",
        "content": {_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemOut"}}},
    }
}


def document(request: Request, error: HuashuError, errors: list[dict[str, str]] | None = None) -> dict[str, Any]:
    """The problem document of one error; `errors` points at single fields."""
    body: dict[str, Any] = {
        "type": f"urn:huashu:{error.code}",
        "title": error.title,
        "status": error.status,
        "detail": _sendable(error.message),
        "code": error.code,
        "remedy": error.advice,
        # Not request.url: that is put together with the Host header, which is the client's to fill.
        "instance": _sendable(request.scope["path"]),
    }
    return body | ({"errors": errors} if errors else {})


def respond(request: Request, error: HuashuError, errors: list[dict[str, str]] | None = None) -> JSONResponse:
    headers = {"Retry-After": _RETRY_S} if isinstance(error, Busy | StoreFailed) else {}
    if isinstance(error, TooMany):
        headers["Retry-After"] = str(math.ceil(error.retry_s))
    if error.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return JSONResponse(document(request, error, errors), error.status, headers, media_type=_TYPE)


def bug(request: Request, error: Exception) -> JSONResponse:
    """The reply to an error nobody foresaw: it says nothing of its cause but the number it is logged under."""
    number = secrets.token_hex(4)
    trace = "".join(traceback.format_exception(error))
    _log.error("unexpected error %s on %s %s\n%s", number, request.method, _route(request), safe(trace))
    return respond(request, HuashuError(f"服务内部出错，已记录，编号 {number}。"))


def install(app: FastAPI) -> None:
    """Make every error of the app answer as a problem document; what escapes these handlers, `Guard` catches."""

    @app.exception_handler(HuashuError)
    async def ours(request: Request, error: HuashuError) -> JSONResponse:
        return respond(request, error)

    @app.exception_handler(RequestValidationError)
    async def shape(request: Request, error: RequestValidationError) -> JSONResponse:
        # What was sent is not repeated: it may hold personal data, or half a character that no reply can carry.
        errors = [{"where": _place(e["loc"]), "what": _say(e)} for e in error.errors()[:20]]
        where = errors[0]["where"] if errors else "请求"
        return respond(request, Invalid(f"请求里的 {where} 不符合要求。"), errors)

    @app.exception_handler(HTTPException)
    async def framework(request: Request, error: HTTPException) -> JSONResponse:
        if error.status_code == 404:
            return respond(request, NotFound("没有这个地址。", remedy="请检查网址。"))
        title, detail = _FRAMEWORK.get(error.status_code, _UNREADABLE)
        headers = dict(error.headers or {}) | _allowed(request, error.status_code)
        body = document(request, Invalid(detail)) | {
            "title": title,
            "status": error.status_code,
            "code": f"HS-{error.status_code}",
            "type": f"urn:huashu:HS-{error.status_code}",
        }
        return JSONResponse(body, error.status_code, headers, media_type=_TYPE)


_UNREADABLE = ("请求读不懂", "请求的内容读不出来，没有处理。")
_FRAMEWORK = {405: ("请求方式不对", "这个地址不支持这种请求方式。")}

_SAYINGS = {
    "missing": "缺少这一项",
    "extra_forbidden": "不认识这一项",
    "string_too_long": "太长",
    "string_too_short": "不能为空",
    "too_long": "项数太多",
    "too_short": "至少要有一项",
    "json_invalid": "不是合法的 JSON",
    "string_unicode": "含有不完整的字符",
    "enum": "不在可选值之内",
    "literal_error": "不在可选值之内",
}


def _say(error: dict[str, Any]) -> str:
    return _SAYINGS.get(error["type"], "类型或取值不对")


def _place(location: tuple[int | str, ...]) -> str:
    """Where in the request; a field that we do not know has a name that the client made up."""
    return safe(_sendable(".".join(map(str, location)))[:_LONGEST_PLACE])


def _allowed(request: Request, status: int) -> dict[str, str]:
    """The Allow header of a 405. Starlette's own names only the methods of the first route of an address."""
    methods = request.app.openapi()["paths"].get(_route(request), {}) if status == 405 else {}
    return {"allow": ", ".join(sorted(method.upper() for method in methods))} if methods else {}


def _sendable(text: str) -> str:
    """The text as UTF-8 can carry it: half a surrogate pair becomes a question mark."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _route(request: Request) -> str:
    """The pattern of the route, not the path: a path is typed by the client."""
    return str(getattr(request.scope.get("route"), "path", "?"))
