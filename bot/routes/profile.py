"""What the shop says of itself (店铺信息), for everybody who serves it."""

from __future__ import annotations

from fastapi import APIRouter

from bot.access import OneShop
from bot.shapes.products import FactOut
from bot.shapes.profile import ProfileOut

router = APIRouter(prefix="/v1", tags=["客服"])


@router.get("/profile", summary="店铺信息：发货地、合作快递、补偿标准等，各附出处")
def show_profile(shop: OneShop) -> ProfileOut:
    return ProfileOut(facts=[FactOut.of(fact) for fact in shop.store.profile()])
