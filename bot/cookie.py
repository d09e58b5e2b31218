"""The session cookie: for the server alone, and never sent along by a foreign page.

A sidebar in a frame of another *site* gets no SameSite=Strict cookie back (of another origin on the same site it does).
Such a page says so when it logs in, and gets one that is bound to the outer site instead: Partitioned (CHIPS), which
browsers take over HTTPS only. A foreign page that makes a request with it is still refused: `bot.guard` asks where a
request comes from whatever the cookie says.
"""

from __future__ import annotations

from fastapi import Response

from bot.access import COOKIE
from bot.settings import Settings

_EMBEDDED = "HttpOnly; Path=/; SameSite=None; Secure; Partitioned"  # Starlette writes the last word from Python 3.14 on


def give(response: Response, session: str, settings: Settings, *, embedded: bool) -> None:
    """Hand the session to the browser. Without HTTPS, or without other origins, embedding changes nothing."""
    if embedded and settings.secure_cookie and settings.origins:
        response.headers.append("set-cookie", f"{COOKIE}={session}; {_EMBEDDED}")
        return
    response.set_cookie(COOKIE, session, httponly=True, samesite="strict", secure=settings.secure_cookie, path="/")


def take_back(response: Response, settings: Settings) -> None:
    """Make the browser forget it, whichever of the two it holds."""
    response.delete_cookie(COOKIE, path="/")
    if settings.secure_cookie and settings.origins:
        response.headers.append("set-cookie", f"{COOKIE}=; Max-Age=0; {_EMBEDDED}")
