"""Server-sent events: what changes in the caller's shops, as it changes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Header, Request
from fastapi.responses import StreamingResponse

from bot.access import AnyGrant, current_grant
from bot.live.board import now_ms
from bot.live.stream import Sight, Stream, Subscriber, wire
from bot.routes.live import TheLive, oversees
from kb.errors import Busy, HuashuError
from kb.store.grant import Grant

router = APIRouter(prefix="/v1", tags=["会话"])

LOOK_S = 2.0  # between two looks at the caller's rights while nothing is pushed
PIECES_S = 5_000  # that all lines together send in a second, at most: with 500 lines each rests 0.1 s after it was told
ALIVE_S = 10.0  # between two signs of life, so that no proxy takes the line for dead
_ALIVE = b": \n\n"
_RETRY = b"retry: 1000\n\n"  # ms that a browser waits before it comes back

_EVENTS: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "hello、conversation、message、suggestion、help、reset；data 是 JSON，见 docs/live.md",
        "content": {"text/event-stream": {"schema": {"type": "string"}}},
    }
}


@router.get(
    "/stream",
    summary="推送（SSE）：会话、消息、推荐、求助的变化",
    response_class=StreamingResponse,
    responses=_EVENTS,
)
async def stream(
    request: Request,
    grant: AnyGrant,
    live: TheLive,
    last_event_id: Annotated[str, Header(max_length=64, description="上次收到的编号；断线重连时带上")] = "",
) -> StreamingResponse:
    live.stream.check_room(grant.key_id)
    # A proxy that collects a reply before it passes it on would hold every event back.
    headers = {"x-accel-buffering": "no"}
    lines = _lines(request, live.stream, grant, last_event_id)
    return StreamingResponse(lines, media_type="text/event-stream", headers=headers)


async def _lines(request: Request, stream: Stream, grant: Grant, last: str) -> AsyncIterator[bytes]:
    """What goes over one line until its client leaves, its rights end, or the service stops."""
    try:
        subscriber = stream.subscribe(_sight(grant), last)
    except Busy:  # the reply has begun: it ends at once, and the client comes back
        return
    loop = asyncio.get_running_loop()
    try:
        hello = {"now_ms": now_ms(), "me": grant.key_id, "name": grant.label}
        yield _RETRY + wire(subscriber.began, "hello", json.dumps(hello, ensure_ascii=False))
        spoke = loop.time()
        while not stream.closed:
            if not await _still_allowed(request, subscriber):
                return
            if piece := subscriber.take():
                yield piece
                spoke = loop.time()
                await asyncio.sleep(len(stream) / PIECES_S)  # what comes meanwhile goes with the next piece
            elif loop.time() - spoke >= ALIVE_S:
                yield _ALIVE
                spoke = loop.time()
            await _until(subscriber.ready, LOOK_S)
    finally:
        stream.leave(subscriber)


async def _still_allowed(request: Request, subscriber: Subscriber) -> bool:
    """Look at the caller's rights again, before anything is pushed: a key that was revoked ends its line, and one that was
    given another shop, or lost one, starts anew with what it may see now."""
    try:
        sight = _sight(await current_grant(request))
    except HuashuError:
        return False
    if sight != subscriber.sight:
        subscriber.sight = sight
        subscriber.lose()
    return True


async def _until(event: asyncio.Event, timeout_s: float) -> None:
    try:
        async with asyncio.timeout(timeout_s):
            await event.wait()
    except TimeoutError:
        pass


def _sight(grant: Grant) -> Sight:
    return Sight(frozenset(grant.shops), grant.key_id, oversees(grant))
