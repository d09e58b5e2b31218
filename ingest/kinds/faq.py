"""Question sheets: rows become FAQ entries with phrasings and answers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from ingest.columns.table import Cell, Table
from ingest.draft import EntryDraft
from ingest.kinds.rowhash import entry_hash
from ingest.kinds.texts import fold, masked_question, read_window, warn_of_personal_data
from ingest.kinds.values import split_phrasings
from ingest.problem import Problems
from ingest.sheet import Row
from kb.model import Answer, Entry, EntryKind, Phrasing, Polarity

_SCENE = re.compile(r"(售前|售中|售后)(?:\s*[-/—–>·:：|、\s]\s*(.*))?", re.DOTALL)


@dataclass(slots=True)
class _Group:
    """A row and the rows that continue it."""

    head: Row
    rest: list[Row] = field(default_factory=list)

    @property
    def rows(self) -> list[Row]:
        return [self.head, *self.rest]


@dataclass(slots=True)
class _Asks:
    """The phrasings of one entry while they are gathered, each text once."""

    question: str
    phrasings: list[Phrasing] = field(default_factory=list)
    places: dict[str, Cell] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)

    def add(self, text: str, polarity: Polarity, place: Cell) -> None:
        folded = fold(text)
        if not folded or folded in self.seen or folded == fold(self.question):
            return
        self.seen.add(folded)
        self.phrasings.append(Phrasing("", text, polarity))
        if polarity is Polarity.POSITIVE:
            self.places[folded] = place


def draft_faq(table: Table, rows: Sequence[Row], problems: Problems) -> tuple[list[EntryDraft], int]:
    """The entries of a sheet without their ids, and how many rows were left out."""
    groups, skipped = _group(table, rows, problems)
    drafts: list[EntryDraft] = []
    for group in groups:
        draft = _draft(table, group, problems)
        if draft:
            drafts.append(draft)
        else:
            skipped += len(group.rows)
    return drafts, skipped


def split_scene(text: str) -> tuple[str, str]:
    """ "售前-尺码" → ("售前", "尺码"); a text without a known scene is a category: ("", text)."""
    match = _SCENE.fullmatch(text.strip())
    return (match[1], (match[2] or "").strip()) if match else ("", text.strip())


def _group(table: Table, rows: Sequence[Row], problems: Problems) -> tuple[list[_Group], int]:
    groups: list[_Group] = []
    skipped = 0
    for row in rows:
        if table.text(row, "question"):
            groups.append(_Group(row))
        elif not any(table.text(row, name) for name in ("phrasing", "negative", "answer")):
            problems.warn("row_skipped", "这一行没有问题也没有答复，已跳过", row=row.number)
            skipped += 1
        elif groups and table.text(row, "key") in ("", table.text(groups[-1].head, "key")):
            head = groups[-1].head
            groups[-1].rest.append(row)
            if table.text(row, "answer") and table.text(head, "answer") and not table.text(row, "key"):
                text = f"这一行没有问题，答复算作第{head.number}行的另一条话术，请核对"
                problems.warn("answer_joined", text, row=row.number, column=table.letter("answer"))
        else:
            problems.error("question_missing", "缺少标准问题，请补上", row=row.number, column=table.letter("question"))
            skipped += 1
    return groups, skipped


def _draft(table: Table, group: _Group, problems: Problems) -> EntryDraft | None:
    head = group.head
    column = table.letter("question")
    question = masked_question(table.text(head, "question"), problems, row=head.number, column=column)
    if not fold(question):
        problems.error("question_missing", "标准问题里只有标点，请写完整", row=head.number, column=column)
        return None
    answers = _answers(table, group, problems)
    if not answers:
        problems.error("answer_missing", "缺少答复，请补上", row=head.number, column=table.letter("answer"))
        return None
    window = read_window(table, head, problems)
    if window is None:
        return None
    asks = _asks(table, group, question, problems)
    asks.places[fold(question)] = Cell(head.number, column, question)
    key = table.text(head, "key")
    scene, category = _scene_and_category(table, head)
    entry = Entry(
        id="",
        key=key or fold(question),
        kind=EntryKind.FAQ,
        question=question,
        phrasings=tuple(asks.phrasings),
        answers=answers,
        scene=scene,
        category=category,
        shortcut=table.text(head, "shortcut"),
        window=window,
        source=table.source(head.number, table.letter("key") if key else column),
        version=0,
    )
    return EntryDraft(replace(entry, row_hash=entry_hash(entry)), asks.places)


def _answers(table: Table, group: _Group, problems: Problems) -> tuple[Answer, ...]:
    found: dict[str, Answer] = {}
    for cell in (cell for row in group.rows for cell in table.cells(row, "answer")):
        if cell.text not in found:
            warn_of_personal_data(cell.text, problems, row=cell.row, column=cell.column)
            found[cell.text] = Answer("", cell.text)
    return tuple(found.values())


def _asks(table: Table, group: _Group, question: str, problems: Problems) -> _Asks:
    asks = _Asks(question)
    for name, polarity in (("phrasing", Polarity.POSITIVE), ("negative", Polarity.NEGATIVE)):
        for cell in (cell for row in group.rows for cell in table.cells(row, name)):
            # Masked before the split: an address may hold a character that splits.
            text = masked_question(cell.text, problems, row=cell.row, column=cell.column)
            for part in split_phrasings(text):
                asks.add(part, polarity, cell)
    return asks


def _scene_and_category(table: Table, row: Row) -> tuple[str, str]:
    scene_text, category_text = table.text(row, "scene"), table.text(row, "category")
    scene, rest = split_scene(scene_text)
    if not scene:
        scene, rest = scene_text, ""
    other_scene, category = split_scene(category_text)
    return scene or other_scene, category or rest
