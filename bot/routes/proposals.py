"""What a shop could learn from its agents, judged by its gold messages, and a trainer's word on it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from bot.access import OneShop, Shop
from bot.shapes.proposals import DecisionIn, DecisionOut, ProposalOut, ProposalsOut
from kb.learning.learn import Learning

router = APIRouter(prefix="/v1", tags=["训练师"])


@router.get("/proposals", summary="从客服的采用与否定里学到的问法建议，附评测前后的对比")
def list_proposals(shop: OneShop, limit: Annotated[int, Query(ge=1, le=200)] = 50) -> ProposalsOut:
    learning = _learning(shop)
    titles = {entry.id: entry.question or entry.shortcut or entry.category for entry in learning.shard.entries}
    with shop.import_turn():  # a trial asks every gold message: no more of them at once than imports
        judged = learning.judged(limit)
    return ProposalsOut(
        total=len(learning.pending),
        gold=len(shop.store.gold()),
        proposals=[ProposalOut.of(one, titles.get(one.proposal.entry, "")) for one in judged],
    )


@router.post("/proposals/accept", summary="采纳建议：评测不变差才写入，立即生效")
def accept(decision: DecisionIn, shop: OneShop) -> DecisionOut:
    with shop.import_turn():
        decided = _learning(shop).accept(decision.ids, shop.grant.label)
    shop.note(decision.ids[0], f"{decided} 条")
    return DecisionOut(decided=decided, generation=shop.publish())


@router.post("/proposals/dismiss", summary="忽略建议：以后不再提出")
def dismiss(decision: DecisionIn, shop: OneShop) -> DecisionOut:
    decided = _learning(shop).dismiss(decision.ids, shop.grant.label)
    shop.note(decision.ids[0], f"{decided} 条")
    return DecisionOut(decided=decided, generation=shop.shard().generation)


def _learning(shop: Shop) -> Learning:
    return Learning.of(
        shop.store,
        shop.engine,
        shop.shard(),
        platform=shop.merchant.platform,
        trusted=shop.trainers(),
        least=shop.least_support,
    )
