"""What an agent needs during a chat: suggestions, typed search, and the record of what was used."""

from __future__ import annotations

import time
from typing import Annotated

from fastapi import APIRouter, Query

from bot import suggest as suggesting
from bot.access import AgentShop
from bot.shapes.assist import EventsIn, EventsOut, ResultOut, ResultsOut, SuggestIn, SuggestionOut
from kb import model
from kb.lookup import MOST, Listed, lookup
from kb.mask import mask

router = APIRouter(prefix="/v1", tags=["客服"])


@router.post("/suggest", summary="为买家的一条消息推荐话术与商品")
def suggest(asked: SuggestIn, shop: AgentShop) -> SuggestionOut:
    return suggesting.suggest(shop, asked)


@router.post("/events", summary="记录推荐的使用情况；返回即已落盘，重复的编号不重复计")
def events(batch: EventsIn, shop: AgentShop) -> EventsOut:
    records = [
        model.Event(
            id=e.id,
            kind=e.kind,
            suggestion=mask(e.suggestion),
            entry=mask(e.entry),
            rank=e.rank,
            probability=e.probability,
            generation=e.generation,
            text=mask(e.text),
            reason=mask(e.reason),
            at=e.at,
        )
        for e in batch.events
    ]
    new = shop.store.record_events(records, actor=shop.grant.key_id)
    return EventsOut(accepted=new, duplicates=len(records) - new)


@router.get("/search", summary="边输边搜：快捷码、标准问题、相似问、商品、正文")
def search(
    shop: AgentShop,
    q: Annotated[str, Query(max_length=500)],
    limit: Annotated[int, Query(ge=1, le=MOST)] = MOST,
) -> ResultsOut:
    query = model.Query(q, platform=shop.merchant.platform, now=int(time.time()))
    return ResultsOut(results=[_result(found) for found in lookup(shop.shard(), query, limit)])


def _result(found: Listed) -> ResultOut:
    thing, matched = found.thing, found.match.name.lower()
    if isinstance(thing, model.Product):
        priced_first = sorted(thing.facts, key=lambda fact: "价" not in fact.name)
        facts = "，".join(f"{fact.name} {fact.value}{fact.unit}" for fact in priced_first[:6])
        return ResultOut(type="product", id=thing.id, title=thing.name, text=facts, matched=matched)
    answer = found.answer.text if found.answer else ""
    title = thing.question or answer.splitlines()[0][:60]
    return ResultOut(
        type="entry", id=thing.id, title=title, text=answer, matched=matched, shortcut=thing.shortcut, scene=thing.scene
    )
