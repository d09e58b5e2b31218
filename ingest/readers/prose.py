"""Running text becomes a sheet of questions and answers, each with the line it stands in.

Four ways of writing are known, tried from the surest to the least sure: marks (问：… 答：…), numbered questions, headings
with paragraphs below, and questions that stand by themselves. Nothing is invented: a question without an answer becomes
a row without one, which the import then points at, and what belongs to no question is handed on as a sheet of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import pairwise

from ingest.readers.block import Block
from ingest.readers.limits import MAX_ROWS
from ingest.readers.notices import notices_of
from ingest.readers.questions import (
    ANSWER,
    CATEGORY,
    QUESTION,
    SIMILAR,
    asked,
    is_lone_question,
    is_question,
    numbered,
    opens_section,
    replied,
    similar,
    split_reply,
)
from ingest.sheet import Row, Sheet, tidy
from kb.errors import BadFile, TooLarge

TEXT_SHEET = "正文"
LEFT_SHEET = "没有读成问答的文字"
_LEFT_CHARACTERS = 60  # a title and a line of introduction are no loss
_LONGEST_HEADING = 40
_HOW_TO_WRITE = (
    "请把每个问题写成“问：…”、下一行写“答：…”，或者整理成有“问题”和“答复”两列的表格；"
    "活动通知请先写一行标题（如“双11活动通知”），下面写内容和“活动时间：11月1日0点至11月11日24点”，再导入。"
)


class Role(StrEnum):
    """What a block is in a document of questions."""

    HEADING = "heading"
    QUESTION = "question"
    SIMILAR = "similar"
    ANSWER = "answer"
    BODY = "body"


@dataclass(frozen=True, slots=True)
class Piece:
    """A block with its role and without its marks."""

    role: Role
    number: int
    text: str
    level: int = 0


@dataclass(slots=True)
class _Pair:
    number: int
    question: str
    category: str
    similar: list[str] = field(default_factory=list)
    answer: list[str] = field(default_factory=list)


def document_sheets(blocks: Sequence[Block], tables: Sequence[Sheet], name: str) -> list[Sheet]:
    """A document's tables, the questions and the notices of its text; none for a blank document.

    Raises BadFile when there is text but none of them.
    """
    notices, rest = notices_of(blocks, asking=_asking(blocks))
    pairs, left = _pairs(_pieces(rest))
    found = [notices] if notices else []
    if not pairs and not tables and not found:
        if not blocks:
            return []
        raise BadFile(f"文件“{name}”里没有找到问答和通知，也没有表格。", remedy=_HOW_TO_WRITE)
    if len(pairs) > MAX_ROWS:
        raise TooLarge(f"文件“{name}”超过 {MAX_ROWS:,} 个问题。")
    if pairs:
        found.insert(0, Sheet(TEXT_SHEET, _rows(pairs), prose=True))
    if sum(len(row.cells[0]) for row in left) > _LEFT_CHARACTERS:
        found.append(Sheet(LEFT_SHEET, tuple(left), prose=True))
    return [*found, *tables]


def asks_openly(blocks: Sequence[Block]) -> bool:
    """Whether questions are marked as such (问：…), with answers or at least twice."""
    questions = sum(asked(block.text) is not None for block in blocks)
    answers = any(replied(block.text) is not None or split_reply(block.text)[1] for block in blocks)
    return questions > 1 or (questions == 1 and answers)


def _asking(blocks: Sequence[Block]) -> bool:
    return asks_openly(blocks) or _counts_questions(blocks)


def _counts_questions(blocks: Sequence[Block]) -> bool:
    return any(not block.level and _numbered_question(block) for block in blocks)


def _pieces(blocks: Sequence[Block]) -> Iterator[Piece]:
    if asks_openly(blocks):
        return _by_marks(blocks)
    if _counts_questions(blocks):
        return _by(blocks, _numbered_question)
    leaves = _leaves(blocks)
    if len(leaves) > 1 or any(is_question(blocks[index].text) for index in leaves):
        return _by_headings(blocks, leaves)
    return _by(blocks, lambda block: block.text if block.gap and is_lone_question(block.text) else "")


def _by_marks(blocks: Sequence[Block]) -> Iterator[Piece]:
    for index, block in enumerate(blocks):
        if (question := asked(block.text)) is not None:
            question, answer = split_reply(question)
            yield Piece(Role.QUESTION, block.number, question)
            if answer:
                yield Piece(Role.ANSWER, block.number, answer)
        elif (answered := replied(block.text)) is not None:
            yield Piece(Role.ANSWER, block.number, answered)
        elif (others := similar(block.text)) is not None:
            yield Piece(Role.SIMILAR, block.number, others)
        elif _heads(blocks, index, lambda following: asked(following.text) is not None):
            yield _heading(block)
        else:
            yield Piece(Role.BODY, block.number, block.text)


def _by(blocks: Sequence[Block], question: Callable[[Block], str]) -> Iterator[Piece]:
    """The pieces of a text whose questions one look at a block can tell."""
    for index, block in enumerate(blocks):
        if text := question(block):
            yield Piece(Role.QUESTION, block.number, text)
        elif (others := similar(block.text)) is not None:
            yield Piece(Role.SIMILAR, block.number, others)
        elif _heads(blocks, index, lambda following: bool(question(following))):
            yield _heading(block)
        elif (answered := replied(block.text)) is not None:
            yield Piece(Role.ANSWER, block.number, answered)
        else:
            yield Piece(Role.BODY, block.number, block.text)


def _by_headings(blocks: Sequence[Block], leaves: set[int]) -> Iterator[Piece]:
    for index, block in enumerate(blocks):
        if index in leaves:
            # The heading counts as one too: a deeper one must not go on under its elder sister.
            yield Piece(Role.HEADING, block.number, "", block.level)
            yield Piece(Role.QUESTION, block.number, _without_number(block.text))
        elif block.level:
            yield _heading(block)
        else:
            yield Piece(Role.BODY, block.number, block.text)


def _leaves(blocks: Sequence[Block]) -> set[int]:
    """The headings with text below them and no deeper heading."""
    found = set()
    headings = [index for index, block in enumerate(blocks) if block.level]
    for index, following in pairwise([*headings, len(blocks)]):
        deeper = following < len(blocks) and blocks[following].level > blocks[index].level
        if following > index + 1 and not deeper:
            found.add(index)
    return found


def _numbered_question(block: Block) -> str:
    text = block.text if block.numbered or block.level else numbered(block.text)
    text = numbered(text) or text if text and block.level else text
    return text if text and is_question(text) else ""


def _heads(blocks: Sequence[Block], index: int, asks: Callable[[Block], bool]) -> bool:
    """Whether a block is a heading: by its style, or as 一、… or 【…】 right above a question."""
    block = blocks[index]
    if block.level:
        return True
    short = len(block.text) <= _LONGEST_HEADING and block.text[-1] not in "。！？!?；;，,"
    return short and opens_section(block.text) and index + 1 < len(blocks) and asks(blocks[index + 1])


def _heading(block: Block) -> Piece:
    text = block.text.removeprefix("【").removesuffix("】")
    return Piece(Role.HEADING, block.number, _without_number(text), block.level or 10)


def _without_number(text: str) -> str:
    return numbered(text) or text


def _pairs(pieces: Iterator[Piece]) -> tuple[list[_Pair], list[Row]]:
    """Questions with the texts below them, and what stands below no question."""
    pairs: list[_Pair] = []
    left: list[Row] = []
    above: list[Piece] = []  # the headings that hold, from the highest
    pair: _Pair | None = None
    for piece in pieces:
        match piece.role:
            case Role.HEADING:
                above = [head for head in above if head.level < piece.level] + [piece]
                pair = None
            case Role.QUESTION:
                pair = _Pair(piece.number, tidy(piece.text), _category(above))
                pairs.append(pair)
            case Role.SIMILAR if pair:
                pair.similar.append(piece.text)
            case _ if pair:
                pair.answer.append(piece.text)
            case _ if piece.text:
                left.append(Row(piece.number, (piece.text,)))
    return _without_contents(pairs), left


def _category(above: Sequence[Piece]) -> str:
    return next((head.text for head in reversed(above) if head.text), "")


def _without_contents(pairs: list[_Pair]) -> list[_Pair]:
    """A table of contents lists the questions once more, without answers."""
    answered = {pair.question for pair in pairs if any(pair.answer)}
    return [pair for pair in pairs if any(pair.answer) or pair.question not in answered]


def _rows(pairs: Sequence[_Pair]) -> tuple[Row, ...]:
    columns: list[tuple[str, Callable[[_Pair], str]]] = [
        (QUESTION, lambda pair: pair.question),
        (ANSWER, lambda pair: tidy("\n".join(pair.answer))),
        (CATEGORY, lambda pair: tidy(pair.category)),
        (SIMILAR, lambda pair: tidy("\n".join(pair.similar))),
    ]
    used = [column for column in columns if column[0] in (QUESTION, ANSWER) or any(column[1](pair) for pair in pairs)]
    header = Row(0, tuple(word for word, _ in used))
    return (header, *(Row(pair.number, tuple(text(pair) for _, text in used)) for pair in pairs))
