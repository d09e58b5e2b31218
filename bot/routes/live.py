"""Conversations while they are served: messages come in, the queue, who serves, key facts, and help from the team lead."""

from __future__ import annotations

import logging
import time
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from bot.access import AnyGrant, OneShop, Shop, service_of
from bot.arms import may_see
from bot.live import help as helping
from bot.live.board import Board, now_ms
from bot.live.live import Live
from bot.live.standing import Standing
from bot.shapes.base import Reply
from bot.shapes.live import (
    ClaimIn,
    ConversationDetail,
    ConversationOut,
    ConversationsOut,
    HelpAnswerIn,
    HelpAnswerOut,
    HelpIn,
    HelpOut,
    HelpsOut,
    KeyFactsIn,
    MessageIn,
    MessageOut,
    TakenOut,
)
from kb.errors import Forbidden, Invalid, NotFound
from kb.model import Help
from kb.store.chats import Chat
from kb.store.conversations import Who
from kb.store.grant import Grant, Role

router = APIRouter(prefix="/v1", tags=["会话"])
_OVERSEEING = {Role.LEAD, Role.TRAINER, Role.QC, Role.MANAGER}
_log = logging.getLogger(__name__)

ConversationId = Annotated[str, Path(pattern=r"^[A-Za-z0-9_\-:.]{1,64}$", description="平台的会话编号")]
HelpId = Annotated[str, Path(pattern=r"^[A-Za-z0-9_\-:.]{1,64}$")]
NamedShop = Annotated[str | None, Query(description="只看一家店；不填为密钥所管的全部店铺", max_length=40)]


async def live_of(request: Request) -> Live:
    live: Live = request.app.state.live
    return live


TheLive = Annotated[Live, Depends(live_of)]


async def boards_of(request: Request, grant: AnyGrant, live: TheLive, shop: NamedShop = None) -> list[Board]:
    """The boards of the caller's shops, or of the one that is named. One whose data cannot be read is left out."""
    if shop is not None and shop not in grant.shops:
        raise NotFound("没有这家店铺，或这把密钥不管这家店。")
    service = service_of(request)
    named = grant.shops if shop is None else (shop,)
    return [live.board(Shop(service.folder.hub.merchant(slug), grant, service)) for slug in named]


Boards = Annotated[list[Board], Depends(boards_of)]


@router.post(
    "/conversations/{conversation}/messages",
    status_code=201,
    summary="会话里来了一条消息；返回即已落盘，重发的编号不重复计，换了内容是 409",
    response_model=TakenOut,
    responses={200: {"model": TakenOut, "description": "这条消息以前收到过"}},
)
def take_message(conversation: ConversationId, told: MessageIn, shop: OneShop, live: TheLive) -> Response:
    board = live.board(shop)
    standing, message, new = board.take(conversation, told.heard(host=is_host(shop.grant)))
    at = now_ms()
    reply = TakenOut(
        now_ms=at, conversation=board.shown(standing, at), message=MessageOut.of(message), duplicate=not new
    )
    return _json(reply, 201 if new else 200)


@router.get("/conversations", summary="会话队列，最急的在前；不填 shop 为全部店铺", response_model=ConversationsOut)
def list_conversations(
    grant: AnyGrant,
    boards: Boards,
    state: Literal["open", "closed"] = "open",
    mine: Annotated[bool, Query(description="只看自己在接待的")] = False,
    limit: Annotated[int, Query(ge=1, le=1_000)] = 500,
) -> Response:
    at = now_ms()
    found = [(board, one) for board in boards for one in _queue(board, state == "open")]
    if mine:
        found = [(board, one) for board, one in found if one.chat.conversation.agent == grant.key_id]
    if state == "open":
        found.sort(key=lambda pair: (*pair[0].urgency(pair[1]), pair[1].chat.id))
    else:
        found.sort(key=lambda pair: -pair[1].chat.active_ms)
    shown = [board.shown(one, at) for board, one in found[:limit]]
    return _json(ConversationsOut(now_ms=at, total=len(found), conversations=shown))


@router.get("/conversations/{conversation}", summary="打开一个会话", response_model=ConversationDetail)
def open_conversation(conversation: ConversationId, shop: OneShop, live: TheLive) -> Response:
    board = live.board(shop)
    standing = board.standing(conversation)
    detail = ConversationDetail.of(board.slug, standing, board.rules(standing.chat), now_ms())
    if detail.suggestion and not may_see(shop, conversation, detail.suggestion):
        detail = detail.model_copy(update={"suggestion": None})
    return _json(detail)


@router.post("/conversations/{conversation}/claim", summary="由谁接待", response_model=ConversationOut)
def claim(conversation: ConversationId, wanted: ClaimIn, shop: OneShop, live: TheLive) -> Response:
    board, grant = live.board(shop), shop.grant
    agent = _agent(shop, wanted)
    return _shown(board, board.claim(conversation, agent, by=grant.key_id, instead=oversees(grant)))


@router.post("/conversations/{conversation}/close", summary="结束会话", response_model=ConversationOut)
def close(conversation: ConversationId, shop: OneShop, live: TheLive) -> Response:
    board = live.board(shop)
    closed = board.shut(conversation, by=shop.grant.key_id, instead=oversees(shop.grant))
    shop.store.end_conversation(conversation, int(time.time()))  # what its page left open ends with it
    return _shown(board, closed)


@router.post("/conversations/{conversation}/reopen", summary="重新打开会话", response_model=ConversationOut)
def reopen(conversation: ConversationId, shop: OneShop, live: TheLive) -> Response:
    board = live.board(shop)
    return _shown(board, board.reopen(conversation, by=shop.grant.key_id, instead=oversees(shop.grant)))


@router.put("/conversations/{conversation}/key-facts", summary="确认关键信息", response_model=ConversationOut)
def confirm(conversation: ConversationId, told: KeyFactsIn, shop: OneShop, live: TheLive) -> Response:
    board = live.board(shop)
    return _shown(board, board.confirm(conversation, told.facts(), told.version))


@router.post("/conversations/{conversation}/help", summary="向组长求助；编号重复的不重复计", response_model=HelpOut)
def ask_help(conversation: ConversationId, asked: HelpIn, shop: OneShop, live: TheLive) -> Response:
    board = live.board(shop)
    standing, one = board.ask_help(conversation, asked.id, asked.note, who(shop.grant))
    return _json(HelpOut.of(board.slug, standing.chat, one))


@router.get(
    "/help",
    summary="求助：组长看全部，客服看自己提的；最急的在前，会话已结束的不再列出（state=all 全列）",
    response_model=HelpsOut,
)
def list_help(grant: AnyGrant, boards: Boards, state: Literal["open", "all"] = "open") -> Response:
    found = [
        (board, kept, one)
        for board in boards
        for kept, one in _requests(board)
        if (state == "all" or kept.waits(one)) and (oversees(grant) or one.asked_by == grant.key_id)
    ]
    found.sort(key=lambda row: (not row[1].waits(row[2]), row[2].due_ms if state == "open" else -row[2].asked_ms))
    return _json(HelpsOut(now_ms=now_ms(), requests=[HelpOut.of(board.slug, kept, one) for board, kept, one in found]))


@router.post("/help/{request}/answer", summary="回复求助：送到客服，并做成知识草稿", response_model=HelpAnswerOut)
def answer_help(request: HelpId, told: HelpAnswerIn, shop: OneShop, live: TheLive) -> Response:
    shop.note(request)
    return _json(helping.answer(shop, live.board(shop), request, told.text, who(shop.grant)))


def who(grant: Grant) -> Who:
    return Who(grant.key_id, grant.label)


def is_host(grant: Grant) -> bool:
    """Whether a host's server tells of messages, and not somebody who takes part in the chats."""
    return Role.SERVICE in grant.roles


def oversees(grant: Grant) -> bool:
    """Whether one sees the conversations of all agents, and may give them to others."""
    return bool(grant.roles & _OVERSEEING)


def _agent(shop: Shop, wanted: ClaimIn) -> Who | None:
    if wanted.agent is None or wanted.agent == shop.grant.key_id:
        return who(shop.grant)
    if not wanted.agent:
        return None
    if not oversees(shop.grant):
        raise Forbidden("只有组长能指定别人接待。", remedy="请自己接待，或请组长安排。")
    if (name := shop.agents().get(wanted.agent)) is None:
        raise Invalid("没有这位客服，或这位客服不管这家店。")
    return Who(wanted.agent, name)


def _queue(board: Board, wanted_open: bool) -> list[Standing]:
    try:
        return board.queue(wanted_open=wanted_open)
    except Exception:  # damage shows as anything; one shop that cannot be read must not hide the others
        _log.exception("the conversations of a shop could not be read")
        return []


def _requests(board: Board) -> list[tuple[Chat, Help]]:
    try:
        return board.requests()
    except Exception:
        _log.exception("the requests for help of a shop could not be read")
        return []


def _shown(board: Board, standing: Standing) -> Response:
    return _json(board.shown(standing, now_ms()))


def _json(reply: Reply, status: int = 200) -> Response:
    return Response(reply.model_dump_json(), status, media_type="application/json")
