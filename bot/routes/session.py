"""Logging in, with a name and a password or with a key, and the shops one is in charge of."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from anyio import to_thread
from fastapi import APIRouter, Request, Response

from bot import cookie
from bot.access import COOKIE, AnyGrant, doors_of, service_of
from bot.service import Service
from bot.shapes.session import LoginIn, PasswordIn, SessionOut, ShopOut, ShopsOut
from kb.errors import Busy, Forbidden
from kb.store.grant import Grant
from kb.store.hub import Merchant

T = TypeVar("T")

router = APIRouter(prefix="/v1", tags=["登录与店铺"])

_WAITING = 100  # logins in the queue; each takes 64 MiB and 0.1 s of a processor, by design


async def _in_turn(request: Request, work: Callable[..., T], *given: Any) -> T:
    """On a worker thread, few at once, and none of the threads that answer agents held by those that wait."""
    turns = doors_of(request).turns
    if turns.statistics().tasks_waiting >= _WAITING:
        raise Busy("同时登录的人太多。")
    return await to_thread.run_sync(work, *given, limiter=turns)


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


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
        label=grant.label,
        actor=grant.key_id,
        role=grant.role,
        roles=sorted(grant.roles),
        person=grant.person,
        scopes=None if grant.scopes is None else sorted(grant.scopes),
        expires_at=ends,
        shops=_shops(service, grant),
    )


@router.post("/session", summary="登录：用名字和密码、访问密钥或登录票据；设置会话 cookie")
async def log_in(login: LoginIn, request: Request, response: Response) -> SessionOut:
    service = service_of(request)
    attempts, address = doors_of(request).attempts, _address(request)
    attempts.enter(login.name, address)
    session, grant, ends = await _in_turn(request, _opened, service, login)
    attempts.right(login.name, address)
    cookie.give(response, session, request.app.state.settings, embedded=login.embedded)
    return await to_thread.run_sync(_session, service, grant, ends)


@router.post("/session/password", summary="改自己的密码；别处的登录全部结束", status_code=204)
async def change_password(change: PasswordIn, request: Request, grant: AnyGrant) -> None:
    if not grant.person:
        raise Forbidden("用访问密钥登录的没有密码。", remedy="请用名字和密码登录后再改。")
    attempts, address = doors_of(request).attempts, _address(request)
    attempts.enter(grant.label, address)  # who finds an open page must not find the password with it
    here = request.cookies.get(COOKIE, "")
    await _in_turn(request, service_of(request).folder.hub.logins.change_password, grant, change.old, change.new, here)
    attempts.right(grant.label, address)


def _opened(service: Service, login: LoginIn) -> tuple[str, Grant, int]:
    hub = service.folder.hub
    if login.ticket:
        return hub.logins.with_grant(service.tickets.redeem(login.ticket))
    return hub.logins.with_key(login.key) if login.key else hub.logins.with_password(login.name, login.password)


@router.get("/session", summary="当前登录的是谁、管哪些店")
def who(request: Request, grant: AnyGrant) -> SessionOut:
    return _session(service_of(request), grant, grant.expires_at)


@router.delete("/session", status_code=204, summary="退出登录")
def log_out(request: Request) -> Response:
    if session := request.cookies.get(COOKIE):
        service_of(request).folder.hub.logins.end(session)
    response = Response(status_code=204)
    cookie.take_back(response, request.app.state.settings)
    return response


@router.get("/shops", summary="所管的店铺")
def shops(request: Request, grant: AnyGrant) -> ShopsOut:
    return ShopsOut(shops=_shops(service_of(request), grant))
