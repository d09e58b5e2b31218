"""A team lead's answer to an agent: pushed at once, checked as if it were sent, and kept as a draft that a trainer may publish."""

from __future__ import annotations

import hashlib
import time
from dataclasses import replace

from bot.access import Shop
from bot.live.board import Board
from bot.shapes.check import FindingOut
from bot.shapes.live import HelpAnswerOut, HelpOut
from kb.check.finding import Severity
from kb.check.watch import Draft
from kb.edit import save_draft
from kb.errors import Conflict, Invalid
from kb.language.mask import mask
from kb.language.text import clean, fold
from kb.model import Answer, Entry, EntryKind, Help, Origin, Speaker, Status
from kb.store.chats import Chat
from kb.store.conversations import Who

_QUESTION = 500  # characters of what the buyer asked that become the draft's question
_BURST = 5  # the buyer's last messages before the request that are read as the question


def answer(shop: Shop, board: Board, request: str, text: str, by: Who) -> HelpAnswerOut:
    """Answer a request for help; the same answer again changes nothing. Raises NotFound, Invalid, or Conflict where
    somebody has answered otherwise.

    What the check would block is pushed, for the lead has said it, but becomes no draft: it may be another shop's.
    """
    if not clean(text):
        raise Invalid("回复里没有看得见的文字。")
    standing, one = board.answer_help(request, text, by)
    about = standing.chat.conversation
    findings, _ = shop.check(Draft(text, about.product, about.platform or shop.merchant.platform, "", int(time.time())))
    blocked = any(found.severity is Severity.BLOCK for found in findings)
    if not blocked and not one.entry:
        standing, one = board.drafted(request, _draft(shop, standing.chat, one))
    return HelpAnswerOut(
        help=HelpOut.of(board.slug, standing.chat, one),
        findings=[FindingOut.of(found, text) for found in findings],
        blocked=blocked,
    )


def _draft(shop: Shop, kept: Chat, one: Help) -> str:
    """The id of the draft made of an answer. It is made of the request's, so that a second try finds the first one's."""
    entry_id = "e_" + hashlib.blake2b(one.id.encode(), digest_size=8).hexdigest()
    asked = question(kept, one)
    entry = Entry(
        id=entry_id,
        key=fold(asked) or entry_id,
        kind=EntryKind.FAQ if fold(asked) else EntryKind.SCRIPT,
        question=asked if fold(asked) else "",
        answers=(Answer(f"a{entry_id[1:]}", one.answer, origin=Origin.FEEDBACK),),
        status=Status.DRAFT,
        origin=Origin.FEEDBACK,
        version=0,
    )
    try:
        save_draft(shop.store, shop.engine, entry)
    except Invalid:  # the shop has this very question: the draft stands beside it, for the trainer to join them
        save_draft(shop.store, shop.engine, replace(entry, key=entry.id))
    except Conflict:  # somebody else made it just now, of the same answer
        pass
    shop.publish()
    return entry_id


def question(kept: Chat, one: Help) -> str:
    """What the buyer asked when the agent asked for help: the last run of the buyer's messages until then.

    Masked again as one: of a number that was sent in pieces each piece is stored as it stands, for it is no number.
    """
    said = [message for message in kept.conversation.messages if message.at_ms <= one.asked_ms]
    while said and said[-1].turn.speaker is not Speaker.BUYER:
        said.pop()
    run: list[str] = []
    for message in reversed(said[-_BURST:]):
        if message.turn.speaker is not Speaker.BUYER:
            break
        run.append(message.turn.text.strip())
    return mask(" ".join(filter(None, reversed(run))))[:_QUESTION].strip()
