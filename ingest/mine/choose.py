"""From a group to a draft: the answer as somebody said it, the question at its middle, other ways to ask.

The answer is the wording said in most conversations, the fullest of those as frequent, without holes and platform marks.
A question counts only where it speaks of what the answer speaks of, or of what another conversation asked there too:
many replies answer something said long before.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from rapidfuzz import fuzz

from ingest.kinds.rowhash import entry_hash
from ingest.mine.alike import saying, topics
from ingest.mine.generic import MARKS, has_hole
from ingest.mine.group import Group
from ingest.mine.reply import asked_by_anybody
from kb.language.text import bare, fold
from kb.model import Answer, Entry, EntryKind, Origin, Phrasing, Source, Status

MOST_PHRASINGS = 10
_PREFIX = "chat:"


@dataclass(frozen=True, slots=True)
class Proposal:
    """What may become a draft: the answer to send ("" where every wording has a hole), what was said at any rate, the
    questions it answers, the best first, the conversations that said so, and where the first of them began."""

    answer: str
    told: str
    questions: tuple[str, ...]
    support: int
    row: int
    judged: bool = False  # whether a judge has read question and answer


def proposal_of(group: Group) -> Proposal:
    """What a group of repeated statements proposes."""
    answer = answer_of(group)
    told = answer or group.exchanges[0].statement
    questions = questions_of(group, told)
    anybodys = [text for text in questions if asked_by_anybody(text)]
    return Proposal(answer, told, tuple(anybodys or questions), group.support, min(e.row for e in group.exchanges))


def answer_of(group: Group) -> str:
    """The wording to send; "" where every one has a hole."""
    talks: defaultdict[str, set[str]] = defaultdict(set)
    for each in group.exchanges:
        if not has_hole(each.statement) and not MARKS.search(each.statement):
            talks[each.statement].add(each.talk)
    return min(talks, key=lambda text: (-len(talks[text]), -len(text), text), default="")


def questions_of(group: Group, answer: str) -> list[str]:
    """The questions that belong to an answer, the most central first, each once however it was greeted."""
    asked: defaultdict[str, set[str]] = defaultdict(set)
    for each in group.exchanges:
        for text in each.questions:
            asked[text].add(each.talk)
    about = {text: topics(text) for text in asked}
    told = topics(answer)
    fitting = [text for text in asked if about[text] & told or _echoed(text, asked, about)]
    ranked = sorted(fitting, key=lambda text: (-_centrality(text, fitting, answer), len(text), text))
    return list({bare(text): text for text in reversed(ranked)}.values())[::-1]


def _echoed(text: str, asked: dict[str, set[str]], about: dict[str, set[str]]) -> bool:
    return any(asked[other] - asked[text] and about[other] & about[text] for other in asked if other != text)


def _centrality(text: str, others: Sequence[str], answer: str) -> float:
    """How alike a question is to the others and, half as much, to the answer; 0–150."""
    shared = topics(text) & topics(answer)
    mean = sum(fuzz.token_set_ratio(text, other) for other in others) / len(others)
    return mean + 50 * len(shared) / max(len(topics(text)), 1)


def draft_of(answer: str, questions: Sequence[str], source: Source) -> Entry:
    """A draft, without ids: nothing mined is ever published by itself."""
    question, *others = questions
    entry = Entry(
        id="",
        key=key_of(answer),
        kind=EntryKind.FAQ,
        question=question,
        phrasings=tuple(Phrasing("", text, origin=Origin.CHAT) for text in others[:MOST_PHRASINGS]),
        answers=(Answer("", answer),),
        status=Status.DRAFT,
        origin=Origin.CHAT,
        source=source,
        version=0,
    )
    return replace(entry, row_hash=entry_hash(entry))


def key_of(answer: str) -> str:
    """The identity of a mined answer: what it says without the wording of routine."""
    said = saying(answer).words or fold(answer)
    return _PREFIX + hashlib.blake2b(said.encode(), digest_size=8).hexdigest()
