"""What conversations came to, told by the shop's order system, an agent or a manager."""

from __future__ import annotations

import time

from fastapi import APIRouter

from bot.access import OneShop
from bot.shapes.outcomes import OutcomesIn, OutcomesOut
from kb.model import Outcome
from kb.orders import plain_digest, salted

router = APIRouter(prefix="/v1", tags=["客服"])


@router.post("/outcomes", summary="记录会话后的下单、付款、退款；返回即已落盘，重复的编号不重复计")
def outcomes(batch: OutcomesIn, shop: OneShop) -> OutcomesOut:
    salt, received = shop.store.order_salt(), int(time.time())
    records = [
        Outcome(
            id=one.id,
            kind=one.kind,
            conversation=one.conversation,
            amount=one.amount_fen,
            at=min(one.at, received) if one.at else received,
            order=salted(plain_digest(one.order), salt) if one.order else "",
        )
        for one in batch.outcomes
    ]
    new = shop.store.record_outcomes(records, actor=shop.grant.key_id)
    return OutcomesOut(accepted=new, duplicates=len(records) - new)
