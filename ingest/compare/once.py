"""What two sheets of a file would both write is written once, as the first of them says it.

A row of ours names as 流程 what a merchant's row still asks as a question: only beside the store are these one entry. Written
twice, the second would undo the first, or break the whole import.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from ingest.compare.changeset import Changeset, Identity, Mark, identity
from ingest.problem import Problem, make_problem
from kb.model import Entry, EntryKind, Source

_TWICE = "这一条在工作表“{sheet}”第{row}行已经有了，以那里为准，这里的没有导入"


def write_once(changes: Sequence[Changeset | None]) -> list[Changeset | None]:
    """The changesets of a file's sheets, each entry in one of them."""
    written: dict[Identity, Entry] = {}
    return [_rest(change, written) if change else None for change in changes]


def _rest(change: Changeset, written: dict[Identity, Entry]) -> Changeset:
    kept: list[Entry] = []
    problems: list[Problem] = []
    marks = dict(change.marks)
    for entry in change.entries:
        names = (identity(entry), ("id", entry.id))  # a row of ours may give a stored entry another kind
        first = next((written[name] for name in names if name in written), None)
        if first is None:
            kept.append(entry)
            written |= dict.fromkeys(names, entry)
            continue
        marks[_row(marks, entry)] = Mark.UNCHANGED
        problems += [] if change.mined else [_twice(entry, first)]
    return replace(change, entries=tuple(kept), marks=marks, problems=(*change.problems, *problems))


def _row(marks: Mapping[Identity, Mark], entry: Entry) -> Identity:
    """The row that writes an entry: where a trainer has made a question a process since, it still asks it as a question."""
    name = identity(entry)
    return name if name in marks else (str(EntryKind.FAQ), entry.key)


def _twice(entry: Entry, first: Entry) -> Problem:
    here, there = entry.source or Source(""), first.source or Source("")
    text = _TWICE.format(sheet=there.sheet, row=there.row)
    return make_problem(
        "warning", here.sheet, "duplicate_key", text, row=here.row, column=here.column, value=entry.question
    )
