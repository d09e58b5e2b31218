"""What an agent's page asks at every copy: may this text be sent from this shop?"""

from __future__ import annotations

import time

from fastapi import APIRouter, Response

from bot.access import OneShop
from bot.shapes.check import CheckIn, CheckOut, FindingOut
from kb.check.finding import Severity
from kb.check.watch import Draft

router = APIRouter(prefix="/v1", tags=["客服"])


@router.post("/check", summary="发送前检查：串店、与资料不符、违禁用语、站外引流", response_model=CheckOut)
def check(asked: CheckIn, shop: OneShop) -> Response:
    """Nothing of the text is stored. What belongs to another shop is found by digests: the reply holds no word that the
    text itself does not."""
    began = time.perf_counter()
    draft = Draft(asked.text, asked.product, asked.platform, asked.category, int(time.time()))
    found, complete = shop.check(draft)
    reply = CheckOut(
        findings=[FindingOut.of(one, asked.text) for one in found],
        blocked=any(one.severity is Severity.BLOCK for one in found),
        complete=complete,
        took_ms=round((time.perf_counter() - began) * 1000, 2),
    )
    return Response(reply.model_dump_json(), media_type="application/json")
