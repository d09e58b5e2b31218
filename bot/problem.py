"""Errors as RFC 9457 problem documents, in this one place; every code is stable and listed in docs/errors.md."""

from __future__ import annotations

import logging
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from kb.errors import Busy, HuashuError, Invalid, NotFound, StoreFailed

_log = logging.getLogger(__name__)
_TYPE = "application/problem+json"
_RETRY_S = "2"


def document(request: Request, error: HuashuError, errors: list[dict[str, str]] | None = None) -> dict[str, Any]:
    """The problem document of one error; `errors` points at single fields."""
    body: dict[str, Any] = {
        "type": f"urn:huashu:{error.code}",
        "title": error.title,
        "status": error.status,
        "detail": error.message,
        "code": error.code,
        "remedy": error.advice,
        "instance": request.url.path,
    }
    return body | ({"errors": errors} if errors else {})


def respond(request: Request, error: HuashuError, errors: list[dict[str, str]] | None = None) -> JSONResponse:
    headers = {"Retry-After": _RETRY_S} if isinstance(error, Busy | StoreFailed) else {}
    if error.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return JSONResponse(document(request, error, errors), error.status, headers, media_type=_TYPE)


def install(app: FastAPI) -> None:
    """Make every error of the app answer as a problem document."""

    @app.exception_handler(HuashuError)
    async def ours(request: Request, error: HuashuError) -> JSONResponse:
        return respond(request, error)

    @app.exception_handler(RequestValidationError)
    async def shape(request: Request, error: RequestValidationError) -> JSONResponse:
        # What was sent is not repeated: it may hold personal data, or half a character that no reply can carry.
        errors = [{"where": ".".join(map(str, e["loc"])), "what": _say(e)} for e in error.errors()[:20]]
        where = errors[0]["where"] if errors else "请求"
        return respond(request, Invalid(f"请求里的 {where} 不符合要求。"), errors)

    @app.exception_handler(HTTPException)
    async def framework(request: Request, error: HTTPException) -> JSONResponse:
        if error.status_code == 404:
            return respond(request, NotFound("没有这个地址。", remedy="请检查网址。"))
        body = document(request, Invalid("请求的方式不对。")) | {
            "status": error.status_code,
            "code": f"HS-{error.status_code}",
            "type": f"urn:huashu:HS-{error.status_code}",
        }
        return JSONResponse(body, error.status_code, dict(error.headers or {}), media_type=_TYPE)

    @app.exception_handler(Exception)
    async def bug(request: Request, error: Exception) -> JSONResponse:
        _log.error("unexpected error on %s %s", request.method, request.url.path, exc_info=error)
        return respond(request, HuashuError("服务内部出错，已记录。"))


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
