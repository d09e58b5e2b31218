"""What a log says too seldom to vouch for itself, but clearly: replies that are worth a trainer's reading.

Each reply keeps the one question that it answers best. Of replies to the same question the better one is kept, where none
says the same as another; a log proposes a bounded number of them, because people have to read them.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from ingest.mine.choose import Proposal
from ingest.mine.exchange import Exchange
from ingest.mine.group import group
from ingest.mine.meaning import joined
from ingest.mine.reply import Reply
from ingest.mine.worth import worths
from kb.embed import Engine
from kb.language.text import bare

_log = logging.getLogger(__name__)

LEAST_WORTH = 0.45  # of pairs left out of the fit, 31 of 35 above it were right
MOST = 300  # proposals of one log


@dataclass(frozen=True, slots=True)
class Judged:
    """A question and its reply, with P(right)."""

    exchange: Exchange
    worth: float


def worthy(replies: Sequence[Reply], engine: Engine, least: float = LEAST_WORTH) -> list[Judged]:
    """The replies worth reading, best first; none where the model fails."""
    asked = [(reply, question, since) for reply in replies for question, since in reply.questions]
    try:
        found = worths([(question, reply.text, since) for reply, question, since in asked], engine)
    except Exception:  # a model can fail in any way; what is repeated is found without it
        _log.exception("engine %s failed; nothing said once is proposed", engine.fingerprint)
        return []
    judged = [
        Judged(Exchange(reply.talk, (question,), reply.text, reply.row), worth)
        for (reply, question, _), worth in zip(asked, found, strict=True)
        if worth >= least
    ]
    judged.sort(key=lambda each: (-each.worth, each.exchange.questions, each.exchange.statement, each.exchange.talk))
    return _best_of_each(judged)[:MOST]


def _best_of_each(ranked: Sequence[Judged]) -> list[Judged]:
    """Each reply once, and in a conversation each question once."""
    seen: set[tuple[str, str]] = set()
    kept = []
    for each in ranked:
        exchange = each.exchange
        names = {(exchange.talk, bare(exchange.questions[0])), (exchange.talk, exchange.statement)}
        if not names & seen:
            kept.append(each)
        seen |= names
    return kept


def proposals_of(judged: Sequence[Judged], engine: Engine | None) -> list[Proposal]:
    """What judged replies propose, those of one meaning together, the best supported first and then the best."""
    rank = {each.exchange: number for number, each in enumerate(judged)}
    groups = group(rank)
    members = [
        sorted(found.exchanges, key=rank.__getitem__) for found in (joined(groups, engine) if engine else groups)
    ]
    proposals = [(rank[of[0]], _proposal(of)) for of in members]
    return [proposal for _, proposal in sorted(proposals, key=lambda item: (-item[1].support, item[0]))]


def _proposal(members: Sequence[Exchange]) -> Proposal:
    """The best wording with all questions."""
    questions = list({bare(text): text for each in reversed(members) for text in each.questions}.values())[::-1]
    talks = {each.talk for each in members}
    told = members[0].statement
    return Proposal(told, told, tuple(questions), len(talks), min(each.row for each in members), judged=True)
