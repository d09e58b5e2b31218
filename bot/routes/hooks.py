"""Where hosts' servers tell of messages: signed deliveries in, one function takes what they say."""

from __future__ import annotations

import time
from typing import Annotated

from fastapi import APIRouter, Header, Path, Request
from fastapi.concurrency import run_in_threadpool

from bot.access import AnyGrant, service_of
from bot.hosts.chatwoot import KIND, Ignored, read_delivery, read_message
from bot.hosts.signature import verify
from bot.live.live import Live
from bot.shapes.chatwoot import ReceivedOut
from bot.shapes.hooks import HookOut, HooksOut, InboxOut
from kb.errors import Conflict
from kb.store.hooks import Hook

router = APIRouter(prefix="/v1/hooks", tags=["接入"])

_BODY = {
    "requestBody": {
        "required": True,
        "description": "Chatwoot 的 message_created，原样；别的事件收下不处理",
        "content": {"application/json": {"schema": {"type": "object"}}},
    }
}


@router.get("", summary="这把密钥的店铺接在哪些系统的哪些收件箱上")
def hooks(request: Request, grant: AnyGrant) -> HooksOut:
    """What a sidebar inside a host needs to know whose buyer it shows; nothing of other shops, and no secret."""
    seen = [(hook, _inboxes(hook, grant.shops)) for hook in service_of(request).folder.hub.hooks.all()]
    return HooksOut(hooks=[HookOut(id=hook.id, kind=hook.kind, inboxes=inboxes) for hook, inboxes in seen if inboxes])


def _inboxes(hook: Hook, shops: tuple[str, ...]) -> list[InboxOut]:
    return [InboxOut(inbox=inbox, shop=slug) for inbox, slug in hook.inboxes.items() if slug in shops]


@router.post(
    "/chatwoot/{hook}",
    summary="Chatwoot 的 webhook；验签名（X-Chatwoot-Signature），重复推送只算一次",
    openapi_extra=_BODY,
)
async def chatwoot(
    request: Request,
    hook: Annotated[str, Path(max_length=64)],
    signature: Annotated[str, Header(alias="X-Chatwoot-Signature", max_length=200)] = "",
    timestamp: Annotated[str, Header(alias="X-Chatwoot-Timestamp", max_length=20)] = "",
) -> ReceivedOut:
    """Chatwoot gives 5 s and does not come back: what is passed over is answered 200 with its reason, what failed
    here 503 or 507 with Retry-After, for senders that try again."""
    body = await request.body()  # as sent: the signature is over these bytes
    return await run_in_threadpool(_take, request, hook, timestamp, signature, body)


def _take(request: Request, name: str, timestamp: str, signature: str, body: bytes) -> ReceivedOut:
    found = service_of(request).folder.hub.hooks.find(name)
    hook = found or Hook(name, KIND, "", {}, "")  # an empty secret verifies nothing
    verify(hook.secret, timestamp, signature, body, now=int(time.time()))
    live: Live = request.app.state.live
    try:
        shop, conversation, message = read_message(hook.id, hook.inboxes, read_delivery(body))
    except Ignored as why:
        return ReceivedOut(result="ignored", reason=str(why))
    try:
        return ReceivedOut(result="accepted" if live.hear(shop, conversation, message) else "duplicate")
    except Conflict as why:  # told before with other words, as by a page: a repeat that the host could not help
        return ReceivedOut(result="duplicate", reason=why.message)
