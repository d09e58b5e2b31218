"""What an agent needs during a chat: suggestions and typed search."""

from __future__ import annotations

import secrets
import time
from typing import Annotated

from fastapi import APIRouter, Query, Response

from bot import suggest as suggesting
from bot.access import OneShop
from bot.shapes.assist import ResultOut, ResultsOut, SuggestIn, SuggestionOut
from bot.shapes.base import Reply
from kb import model
from kb.lookup import MOST, Listed, lookup

router = APIRouter(prefix="/v1", tags=["客服"])


# The two that answer while somebody waits are written here, on the thread that found the answer: handed to FastAPI as
# objects, they would be checked a second time, on a worker thread of their own.
@router.post("/suggest", summary="为买家的一条消息推荐话术与商品", response_model=SuggestionOut)
def suggest(asked: SuggestIn, shop: OneShop) -> Response:
    return _json(suggesting.suggest(shop, asked))


@router.get(
    "/search", response_model=ResultsOut, summary="边输边搜：快捷码、标准问题、相似问、商品、正文；可用拼音和首字母"
)
def search(
    shop: OneShop,
    q: Annotated[str, Query(max_length=500)],
    limit: Annotated[int, Query(ge=1, le=MOST)] = MOST,
) -> Response:
    query = model.Query(q, platform=shop.merchant.platform, now=int(time.time()))
    with shop.answering():
        shard = shop.shard()
        results = [_result(found) for found in lookup(shard, query, limit)]
    return _json(ResultsOut(search="ts_" + secrets.token_hex(8), generation=shard.generation, results=results))


def _json(reply: Reply) -> Response:
    return Response(reply.model_dump_json(), media_type="application/json")


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
