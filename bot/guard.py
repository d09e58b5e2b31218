"""What surrounds every request: body limits, cross-site checks, security headers. Pure ASGI, no per-route code."""

from __future__ import annotations

from urllib.parse import urlsplit

from fastapi import Request, Response
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.access import COOKIE
from bot.problem import bug, respond
from kb.errors import Forbidden, HuashuError, TooLarge

JSON_LIMIT = 64 * 1024
UPLOAD_LIMIT = 21 * 1024 * 1024  # the gate's 20 MB and the multipart wrapping
HOOK_LIMIT = 512 * 1024  # a host's delivery carries its whole conversation along
_UPLOADS = {"/v1/imports", "/v1/imports/jobs", "/v1/imports/marked"}
_SAFE = {"GET", "HEAD", "OPTIONS"}


class Guard:
    """ASGI middleware around the whole app."""

    def __init__(self, app: ASGIApp, frame_ancestors: str) -> None:
        self.app = app
        self.headers = {
            "content-security-policy": (
                "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; "
                f"frame-ancestors {frame_ancestors}"
            ),
            "x-content-type-options": "nosniff",
            "referrer-policy": "no-referrer",
            "permissions-policy": "camera=(), microphone=(), geolocation=()",
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request = Request(scope)

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._add_headers(scope, message)
            await send(message)

        limit = _limit(scope["path"])
        refusal = _too_long(request, limit) or _cross_site(request)
        if refusal is not None:
            await respond(request, refusal)(scope, receive, send_with_headers)
            return
        body = _LimitedBody(receive, send_with_headers, limit)
        reply: Response | None = None
        try:
            await self.app(scope, body.receive, body.send)
        except Exception as error:
            # Caught here and not by Starlette's outermost layer: that one answers without our headers, and raises
            # again so that the server logs the error a second time, unmasked.
            reply = None if body.over else bug(request, error)
        if body.over:
            reply = respond(request, _over(limit))
        if reply is not None and not body.started:
            await reply(scope, receive, send_with_headers)

    def _add_headers(self, scope: Scope, message: Message) -> None:
        headers = MutableHeaders(scope=message)
        for name, value in self.headers.items():
            headers.setdefault(name, value)
        # Pages and scripts are re-checked at each opening: an upgrade must not meet yesterday's script.
        headers.setdefault("cache-control", "no-store" if scope["path"].startswith("/v1/") else "no-cache")


class _LimitedBody:
    """Counts the body as it arrives: a client may lie about its length or send none.

    Past the limit the handler sees a client that hung up, and its answer to that is dropped.
    """

    def __init__(self, receive: Receive, send: Send, limit: int) -> None:
        self._receive = receive
        self._send = send
        self._left = limit
        self.over = False
        self.started = False

    async def receive(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.request":
            self._left -= len(message.get("body", b""))
            self.over = self.over or self._left < 0
        return {"type": "http.disconnect"} if self.over else message

    async def send(self, message: Message) -> None:
        if self.started or not self.over:
            self.started = True
            await self._send(message)


def _limit(path: str) -> int:
    if path in _UPLOADS:
        return UPLOAD_LIMIT
    return HOOK_LIMIT if path.startswith("/v1/hooks/") else JSON_LIMIT


def _over(limit: int) -> HuashuError:
    return TooLarge(f"请求内容超过上限 {limit // 1024} KB。")


def _too_long(request: Request, limit: int) -> HuashuError | None:
    length = request.headers.get("content-length", "")
    return _over(limit) if length.isdecimal() and int(length) > limit else None


def _cross_site(request: Request) -> HuashuError | None:
    """Header-based CSRF protection after datasette's csrf.py: browsers say where a request comes from.

    Requests without our cookie carry no ambient authority and pass; then Sec-Fetch-Site decides, then Origin; a
    client that sends neither is no browser.
    """
    if request.method in _SAFE or COOKIE not in request.cookies:
        return None
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return None if site in {"same-origin", "none"} else _refused()
    origin = request.headers.get("origin")
    return None if origin is None or _host_of(origin) == request.headers.get("host") else _refused()


def _host_of(origin: str) -> str:
    """Host and port of an origin; "" for one that is no address ("null", "http://[")."""
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return ""


def _refused() -> HuashuError:
    return Forbidden("请求来自别的网站，已拒绝。", remedy="请直接打开 huashu 页面操作。")
