"""Is it alive, is it ready, in which mode: for monitors and for the page's own banner. No shop is named here.

Async, and nothing but memory is read: a monitor must be answered while every worker thread is busy.
"""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from bot.access import service_of
from bot.shapes.health import HealthOut

router = APIRouter(tags=["运行状况"])


@router.get("/healthz", summary="是否活着、以何种方式检索")
async def healthz(request: Request) -> HealthOut:
    service = service_of(request)
    return HealthOut(
        status="degraded" if service.trouble else "ok",
        mode=service.mode,
        engine=service.shelf.fingerprint,
        trouble=service.trouble,
    )


@router.get(
    "/readyz",
    summary="店铺的索引是否就绪（前 20 家；其余随后载入，或由第一次提问载入）",
    responses={503: {"description": "还在准备"}},
)
async def readyz(request: Request, response: Response) -> dict[str, bool]:
    ready = service_of(request).ready.is_set()
    response.status_code = 200 if ready else 503
    return {"ready": ready}
