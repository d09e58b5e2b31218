"""Logging in with a key, and the shops it names."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from bot import cookie
from bot.access import COOKIE, AnyGrant, service_of
from bot.service import Service
from bot.shapes.session import LoginIn, SessionOut, ShopOut, ShopsOut
from kb.errors import Invalid
from kb.store.hub import Grant, Merchant

router = APIRouter(prefix="/v1", tags=["登录与店铺"])


def _shops(service: Service, grant: Grant) -> list[ShopOut]:
    return [_shop(service, merchant) for merchant in service.folder.hub.merchants(grant.shops)]


def _shop(service: Service, merchant: Merchant) -> ShopOut:
    """A damaged shop is listed, empty: whoever works for it and for others must still be able to log in."""
    shard = service.shard(merchant.slug)
    return ShopOut(
        slug=merchant.slug,
        name=merchant.name,
        platform=merchant.platform,
        color=merchant.color,
        generation=shard.generation if shard else 0,
        entries=len(shard.entries) if shard else 0,
        products=len(shard.catalog.products) if shard else 0,
    )


def _session(service: Service, grant: Grant, ends: int | None) -> SessionOut:
    return SessionOut(
        label=grant.label, actor=grant.key_id, role=grant.role, expires_at=ends, shops=_shops(service, grant)
    )


@router.post("/session", summary="用访问密钥或登录票据登录，设置会话 cookie")
def log_in(login: LoginIn, request: Request, response: Response) -> SessionOut:
    service = service_of(request)
    session, grant, ends = _open(service, login)
    cookie.give(response, session, request.app.state.settings, embedded=login.embedded)
    return _session(service, grant, ends)


def _open(service: Service, login: LoginIn) -> tuple[str, Grant, int]:
    """A new session. The ticket's key may have ended since it was issued: then the session is dead, and says so here."""
    hub = service.folder.hub
    if (login.key is None) == (login.ticket is None):
        raise Invalid("登录要么用密钥，要么用票据。")
    if login.key is not None:
        return hub.open_session(login.key)
    session, _, ends = hub.open_session_of(service.tickets.redeem(login.ticket or ""))
    return session, hub.grant_of_session(session), ends


@router.get("/session", summary="当前登录的是谁、管哪些店")
def who(request: Request, grant: AnyGrant) -> SessionOut:
    return _session(service_of(request), grant, grant.expires_at)


@router.delete("/session", status_code=204, summary="退出登录")
def log_out(request: Request) -> Response:
    if session := request.cookies.get(COOKIE):
        service_of(request).folder.hub.close_session(session)
    response = Response(status_code=204)
    cookie.take_back(response, request.app.state.settings)
    return response


@router.get("/shops", summary="这把密钥管的店铺")
def shops(request: Request, grant: AnyGrant) -> ShopsOut:
    return ShopsOut(shops=_shops(service_of(request), grant))
