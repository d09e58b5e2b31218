"""What was asked and what was said to it: every statement of an agent that may be knowledge, with the questions before it.

Messages that nobody answered between belong together (a burst); long ones are cut where people pause: at the end of a
sentence, a line, a platform's mark, or the blank that many write instead of a full stop. A question stays open through
small talk, 请稍等 and what the agent asks back; it is settled by the first reply that says anything, and dropped when the buyer goes on to
something that means nothing by itself, for then nobody can tell what is being answered.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from ingest.draft import Talk
from ingest.mine.alike import topics
from ingest.mine.generic import ASKS_BUYER, HOLE, MARKS, is_small_talk, statement
from kb.language.conversation import gist, prepared, understand
from kb.language.standalone import stands_alone
from kb.model import Speaker, Turn

_MOST_ASKED = 3  # questions of one burst; more of them, and no statement can be said to answer any
_SMALL_TALK = 0.55  # `content` of a message that says next to nothing: two telling characters
_LONGEST_TURN = 2_000  # characters; nobody types more, and a pasted page is no chat
_PAUSE = re.compile(
    r"(?:!@@@!|<sep>|\n|(?<=[。！!？?~～;；…])(?![。！!？?~～;；…])|(?<=[^\x00-\x7f])[ \t\u3000]+(?=[^\x00-\x7f]))\s*"
)


_PLACE = re.compile(r"[省市州][^\s,，。]{1,8}[区县镇乡村]")
# 可以 alone asks nothing: 本来应该可以上午送到的.
_ASKS = re.compile(
    r"什么|啥|怎么|咋|如何|多[少久大长重]|几|哪|谁|为何|吗|么|能不能|能否|可不可以|可否|是不是|有没有|会不会|是否|呢$|[不没]$|[?？]|"
    r"^我?(?:想要?|要|需要|申请|帮我|给我|麻烦)|不了|失败|没[有到收]|错了"
)


@dataclass(frozen=True, slots=True)
class Exchange:
    """One statement of an agent, byte for byte as said (masked), and the questions that it is the first answer to: none
    where these need their conversation. `row` is where the talk began."""

    talk: str
    questions: tuple[str, ...]
    statement: str
    row: int = 0


def exchanges(talks: Iterable[Talk]) -> list[Exchange]:
    """What was answered in all talks, small talk left out, each once for each talk."""
    return list(dict.fromkeys(each for talk in talks for each in _of_talk(talk)))


def _of_talk(talk: Talk) -> Iterator[Exchange]:
    open_questions: tuple[str, ...] = ()
    asked_back = False
    for speaker, turns in groupby(talk.turns, key=lambda turn: turn.speaker):
        pieces = [piece for turn in turns for piece in cut(turn)]
        if speaker is Speaker.BUYER:
            open_questions = _still_open(open_questions, pieces, asked_back)
            continue
        said = [piece for piece in pieces if not is_small_talk(piece)]
        yield from (Exchange(talk.id, open_questions, piece, talk.row) for piece in said)
        asked_back = bool(said) and all(ASKS_BUYER.search(statement(piece)) for piece in said)
        if said and not asked_back:
            open_questions = ()


def cut(turn: Turn) -> list[str]:
    """The statements of a turn, in order, stripped of blanks and of nothing else."""
    if len(turn.text) > _LONGEST_TURN:
        return []
    return [piece for part in _PAUSE.split(turn.text) if (piece := part.strip(" \t\u3000,，"))]


def _still_open(before: tuple[str, ...], pieces: Sequence[str], asked_back: bool) -> tuple[str, ...]:
    asked = tuple(dict.fromkeys(text for piece in pieces if (text := question_in(piece))))
    if asked:
        return asked if len(asked) <= _MOST_ASKED else ()
    return before if asked_back or all(_says_nothing(piece) for piece in pieces) else ()


def question_in(piece: str) -> str:
    """The question that a buyer's piece asks out of the blue, without greetings; "" where it does not."""
    whole = prepared(MARKS.sub(" ", piece))
    text = gist(whole)
    if not text or HOLE.search(whole) or _PLACE.search(text):  # about one buyer's number or address
        return ""
    return text if _ASKS.search(text) and topics(text) and stands_alone(text) else ""


def _says_nothing(piece: str) -> bool:
    return understand(gist(prepared(piece)) or "。").content < _SMALL_TALK
