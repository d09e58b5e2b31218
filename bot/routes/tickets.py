"""Tickets for pages that live in a host's frame: the host's server holds the key, its page gets a minute's way in."""

from __future__ import annotations

from fastapi import APIRouter, Request

from bot.access import AnyGrant, bearer_of, service_of
from bot.shapes.session import TicketOut
from bot.tickets import LIFETIME_S
from kb.errors import Forbidden

router = APIRouter(prefix="/v1", tags=["登录与店铺"])


@router.post("/tickets", status_code=201, summary="用密钥换一张一次性登录票据，给嵌入的侧边栏用")
def issue(request: Request, grant: AnyGrant) -> TicketOut:
    # Only who holds the key itself: a page, were it ever tricked into asking, must not be able to hand its session on.
    if not bearer_of(request):
        raise Forbidden("票据只发给用密钥调用的程序。", remedy="请在自己的服务器上用 Authorization: Bearer hs_… 调用。")
    ticket = service_of(request).tickets.issue(grant)
    return TicketOut(ticket=ticket, expires_in_s=LIFETIME_S, path=f"/login#ticket={ticket}")
