"""The record of what was shown and what agents did with it, and how complete it is."""

from __future__ import annotations

import time
from typing import Annotated

from fastapi import APIRouter, Query

from bot.access import OneShop, Shop
from bot.shapes.base import Seconds
from bot.shapes.events import EventIn, EventsIn, EventsOut, TallyOut
from kb.errors import Forbidden, NotFound
from kb.events.edits import diff, nearest
from kb.events.tally import tally
from kb.language.conversation import prepared
from kb.language.mask import mask
from kb.learning.propose import TELLING
from kb.model import Event, EventKind

router = APIRouter(prefix="/v1", tags=["客服"])

_REWORDED = (EventKind.EDITED, EventKind.SENT)  # the kinds that may come with the text that left the house
_WEEK_S = 7 * 86400
_LONGEST_S = 31 * 86400


@router.post("/events", summary="记录推荐的使用情况；返回即已落盘，重复的编号不重复计")
def events(batch: EventsIn, shop: OneShop) -> EventsOut:
    if batch.actor and batch.actor != shop.grant.key_id:
        raise Forbidden(
            "这些操作是另一位同事做的，没有记在现在登录的人名下。",
            remedy="请那位同事在这台电脑上重新登录，会自动补记。",
        )
    received = int(time.time())
    skew = received - batch.now if batch.now else 0
    records = [_record(shop, event, received, skew) for event in batch.events]
    new = shop.store.record_events(records, actor=shop.grant.key_id)
    return EventsOut(accepted=new, duplicates=len(records) - new)


@router.get("/events/summary", summary="推荐的使用记录全不全：各种操作的次数、展示后有结局的占比、没用上的原因")
def summary(
    shop: OneShop,
    since: Annotated[Seconds | None, Query(description="从何时算起（Unix 秒），默认七天前，最早 31 天前")] = None,
) -> TallyOut:
    now = int(time.time())
    start = max(now - _WEEK_S if since is None else since, now - _LONGEST_S)
    return TallyOut.of(tally(shop.store.events(start)), start)


def _record(shop: Shop, told: EventIn, received: int, skew: int) -> Event:
    """An event as it is stored: masked, by our clock, and a changed text as what was changed."""
    reworded = told.kind in _REWORDED and told.text != ""
    return Event(
        id=told.id,
        kind=told.kind,
        suggestion=mask(told.suggestion),
        entry=mask(told.entry),
        rank=told.rank,
        probability=told.probability,
        generation=told.generation,
        text="" if reworded else mask(told.text),
        reason=mask(told.reason),
        at=max(min(told.at + skew, received), 0) if told.at else received,
        asked=prepared(told.asked) if told.kind in TELLING else "",
        conversation=told.conversation,
        diff=diff(_before(shop, told), told.text) if reworded else "",
    )


def _before(shop: Shop, told: EventIn) -> str:
    """The text that was on screen: as the page says, else the entry's answer that is nearest to what became of it."""
    if told.shown or not told.entry:
        return told.shown
    try:
        entry = shop.store.entry(told.entry)
    except NotFound:
        return ""
    return nearest((answer.text for answer in entry.answers), told.text)
