"""An entry as the rows of a sheet, and the rows as the entry again.

The first row is the entry with its first answer; each further answer has a row of its own, which repeats the number and
the question, so that a sheet that somebody has sorted is still understood.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from ingest.columns.fields import SheetKind
from ingest.columns.table import Cell, Table
from ingest.draft import EntryDraft
from ingest.kinds.named import names_cell, read_names
from ingest.kinds.phrase import text_key
from ingest.kinds.rowhash import entry_hash
from ingest.kinds.texts import masked_question, warn_of_personal_data
from ingest.kinds.values import parse_flag
from ingest.own.cells import (
    KINDS,
    STATUSES,
    YES,
    is_line,
    line_cells,
    moment_cell,
    read_choice,
    read_lines,
    read_moment,
)
from ingest.own.columns import ROW, Place, is_whole, labels
from ingest.problem import Problems
from ingest.sheet import Row, safe
from kb.language.order_states import WORDS, read_states, state_cell
from kb.language.text import fold
from kb.model import Answer, Condition, Entry, EntryKind, OrderState, Phrasing, Polarity, Status, Window

HEAD, FURTHER = "知识", "另一条话术"
_OF_SHEET = {SheetKind.FAQ: EntryKind.FAQ, SheetKind.PHRASE: EntryKind.SCRIPT, SheetKind.NOTICE: EntryKind.NOTICE}
_IDENTITY = ("number", "question", "shortcut", "kind")
_ASKS = {"phrasing": Polarity.POSITIVE, "negative": Polarity.NEGATIVE}

Cells = dict[Place, str]
T = TypeVar("T")


def derived_key(kind: EntryKind, question: str, shortcut: str, text: str) -> str:
    """The key of an entry whose merchant has given it no number."""
    return (shortcut if kind is EntryKind.SCRIPT else "") or fold(question) or text_key(shortcut, text)


# -- writing


def sheet_of(entry: Entry) -> SheetKind:
    """The sheet an entry belongs on; processes and cases stand among the questions."""
    return next((sheet for sheet, kind in _OF_SHEET.items() if kind is entry.kind), SheetKind.FAQ)


def entry_rows(entry: Entry) -> list[Cells]:
    """The rows of an entry; blank cells are left out. Texts are `safe`, which is what a sheet can hold."""
    question, shortcut = safe(entry.question), safe(entry.shortcut)
    first = entry.answers[0].text if entry.answers else ""
    derived = derived_key(entry.kind, question, shortcut, safe(first))
    identity = {
        "number": "" if safe(entry.key) == derived else safe(entry.key),
        "question": question,
        "shortcut": shortcut,
        "kind": "" if entry.kind is EntryKind.FAQ else KINDS.get(entry.kind, ""),
    }
    head = {
        **identity,
        ROW: HEAD,
        "scene": safe(entry.scene),
        "category": safe(entry.category),
        "start": moment_cell(entry.window.start),
        "end": moment_cell(entry.window.end),
        "must_read": YES if entry.must_read else "",
        "status": STATUSES[entry.status],
    }
    rows: list[dict[str, str]] = [head | _answer_cells(entry.answers[0])] if entry.answers else [head]
    rows += [{**identity, ROW: FURTHER, **_answer_cells(answer)} for answer in entry.answers[1:]]
    found = [{Place(attr): text for attr, text in row.items() if text} for row in rows]
    for attr, polarity in _ASKS.items():
        found[0] |= _ask_cells(attr, [safe(p.text) for p in entry.phrasings if p.polarity is polarity])
    return found


def _answer_cells(answer: Answer) -> dict[str, str]:
    return {
        "answer": safe(answer.text),
        "platform": names_cell(answer.condition.platforms),
        "products": names_cell(answer.condition.products),
        "order_state": state_cell(answer.condition.states),
        "answer_start": moment_cell(answer.window.start),
        "answer_end": moment_cell(answer.window.end),
    }


def _ask_cells(attr: str, texts: Sequence[str]) -> Cells:
    """Phrasings one a line; one with a line break of its own has a cell of its own."""
    lines = line_cells(text for text in texts if is_line(text))
    whole = [text for text in texts if not is_line(text)]
    cells = {Place(attr, number=i + 1 if i else 0): text for i, text in enumerate(lines)}
    return cells | {Place(attr, True, i): text for i, text in enumerate(whole, start=1)}


# -- reading


@dataclass(slots=True)
class _Group:
    """The row of an entry and those of its further answers."""

    head: Row
    rest: list[Row] = field(default_factory=list)


def read_entries(table: Table, rows: Sequence[Row], problems: Problems) -> tuple[list[EntryDraft], int]:
    """The entries of a sheet without their ids, and how many rows were left out."""
    groups, skipped = _group(table, rows, problems)
    drafts: list[EntryDraft] = []
    for group in groups:
        try:
            drafts.append(_read(table, group, problems))
        except ValueError:  # reported where it was found
            skipped += 1 + len(group.rest)
    return drafts, skipped


def _group(table: Table, rows: Sequence[Row], problems: Problems) -> tuple[list[_Group], int]:
    """Further answers join the entry that their row names: the last such above, or one below in a sorted sheet."""
    heads = [_Group(row) for row in rows if table.text(row, ROW) != FURTHER]
    named: defaultdict[tuple[str, ...], list[_Group]] = defaultdict(list)
    for group in heads:
        named[_identity(table, group.head)].append(group)
    skipped = 0
    for row in rows:
        if table.text(row, ROW) != FURTHER:
            continue
        meant = named.get(_identity(table, row), [])
        above = [group for group in meant if group.head.number < row.number]
        if meant:
            (above[-1] if above else meant[0]).rest.append(row)
        else:
            text = "没有找到这条话术属于哪一条知识，请核对编号和标准问题"
            problems.error("answer_alone", text, row=row.number, column=table.letter("question"))
            skipped += 1
    return heads, skipped


def _identity(table: Table, row: Row) -> tuple[str, ...]:
    return tuple(table.text(row, attr) for attr in _IDENTITY)


def _read(table: Table, group: _Group, problems: Problems) -> EntryDraft:
    head = group.head
    column = table.letter("question")
    kind = _entry_kind(table, head, problems)
    question = masked_question(table.text(head, "question"), problems, row=head.number, column=column)
    shortcut = table.text(head, "shortcut")
    answers = tuple(_answer(table, row, problems) for row in (head, *group.rest) if table.text(row, "answer"))
    phrasings = _phrasings(table, head, problems)
    places = {fold(p.text): cell for p, cell in reversed(phrasings) if p.polarity is Polarity.POSITIVE}
    if not answers:
        problems.warn("answer_missing", "这一条没有话术，暂时推荐不了", row=head.number, column=table.letter("answer"))
    if question:
        places[fold(question)] = Cell(head.number, column, question)
    first = answers[0].text if answers else ""
    entry = Entry(
        id="",
        key=table.text(head, "number") or derived_key(kind, question, shortcut, first),
        kind=kind,
        question=question,
        phrasings=tuple(phrasing for phrasing, _ in phrasings),
        answers=answers,
        scene=table.text(head, "scene"),
        category=table.text(head, "category"),
        shortcut=shortcut,
        status=read_status(table, head, problems),
        window=_window(table, head, ("start", "end"), problems),
        must_read=_flag(table, head, problems),
        source=table.source(head.number, column),
        version=0,
    )
    return EntryDraft(replace(entry, row_hash=entry_hash(entry)), places)


def _phrasings(table: Table, row: Row, problems: Problems) -> list[tuple[Phrasing, Cell]]:
    found: dict[tuple[str, Polarity], Cell] = {}
    for attr, polarity in _ASKS.items():
        for column in table.by_field.get(attr, ()):
            cell = Cell(row.number, column.letter, row.cell(column.index))
            for text in [cell.text] if is_whole(column) and cell.text else read_lines(cell.text):
                masked = masked_question(text, problems, row=cell.row, column=cell.column)
                found.setdefault((masked, polarity), cell)
    return [(Phrasing("", text, polarity), cell) for (text, polarity), cell in found.items()]


def _answer(table: Table, row: Row, problems: Problems) -> Answer:
    text = table.text(row, "answer")
    warn_of_personal_data(text, problems, row=row.number, column=table.letter("answer"))
    platforms, products = (read_names(table.text(row, name)) for name in ("platform", "products"))
    condition = Condition(platforms, products, _states(table, row, problems))
    return Answer("", text, condition, _window(table, row, ("answer_start", "answer_end"), problems))


def _states(table: Table, row: Row, problems: Problems) -> frozenset[OrderState]:
    """The states that a row names; a word that names none makes no row hold in every state, so the entry is left out."""
    text = table.text(row, "order_state")
    states, unknown = read_states(text)
    if unknown:
        told = f"不认识订单状态“{'、'.join(unknown)[:40]}”，请写成{'、'.join(WORDS.values())}"
        problems.error("order_state_unknown", told, row=row.number, column=table.letter("order_state"), value=text)
        raise ValueError(text)
    return states


def _window(table: Table, row: Row, attrs: tuple[str, str], problems: Problems) -> Window:
    """The validity a row states. One that ends before it starts is kept, and said: it was so when it was exported."""
    start, end = (_moment(table, row, attr, problems) for attr in attrs)
    if start is not None and end is not None and start >= end:
        text = "失效时间不晚于生效时间，不会被推荐，请核对"
        problems.warn("window_reversed", text, row=row.number, column=table.letter(attrs[1]))
    return Window(start, end)


def _moment(table: Table, row: Row, attr: str, problems: Problems) -> int | None:
    text = table.text(row, attr)
    try:
        return read_moment(text, end=attr.endswith("end"))
    except ValueError:
        help_ = "看不懂这个日期，请写成 2026-11-01 00:00:00 这样的完整日期"
        problems.error("date_unreadable", help_, row=row.number, column=table.letter(attr), value=text)
        raise


def read_status(table: Table, row: Row, problems: Problems) -> Status:
    """What 状态 says; blank is published, and a word nobody knows is a draft, which reaches no buyer."""
    return _chosen(table, row, "status", STATUSES, problems, blank=Status.PUBLISHED, unknown=Status.DRAFT)


def _entry_kind(table: Table, row: Row, problems: Problems) -> EntryKind:
    if table.kind is not SheetKind.FAQ:
        return _OF_SHEET[table.kind]
    return _chosen(table, row, "kind", KINDS, problems, blank=EntryKind.FAQ, unknown=EntryKind.FAQ)


def _chosen(
    table: Table, row: Row, attr: str, choices: Mapping[T, str], problems: Problems, *, blank: T, unknown: T
) -> T:
    """What a cell with a choice of words says; a word that is none of them is warned of."""
    text = table.text(row, attr)
    found = read_choice(text, choices) if text else blank
    if found is None:
        told = f"“{labels(table.kind)[attr]}”要填{'、'.join(choices.values())}，这里先当作{choices[unknown]}"
        problems.warn(f"{attr}_unreadable", told, row=row.number, column=table.letter(attr), value=text)
    return unknown if found is None else found


def _flag(table: Table, row: Row, problems: Problems) -> bool:
    text = table.text(row, "must_read")
    flag = parse_flag(text)
    if flag is None:
        told = "“是否必读”要填是或否，这里先当作否"
        problems.warn("flag_unreadable", told, row=row.number, column=table.letter("must_read"), value=text)
    return bool(flag)
