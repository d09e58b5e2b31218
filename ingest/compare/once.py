"""What two sheets of a file would both write is written once, as the first of them says it.

Two sheets of chats hold the same answer, or a row of ours names as 流程 what a merchant's row still asks as a question: only
beside the store are these one entry. Written twice, the second would undo the first, or break the whole import.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ingest.compare.changeset import Changeset, Mark
from ingest.problem import Problem, make_problem
from kb.model import Entry, EntryKind, Lead, Source

_TWICE = "这一条在工作表“{sheet}”第{row}行已经有了，以那里为准，这里的没有导入"


def write_once(changes: Sequence[Changeset | None]) -> list[Changeset | None]:
    """The changesets of a file's sheets, each entry and each lead in one of them."""
    written: dict[tuple[EntryKind, str], Entry] = {}
    leads = _best(changes)
    return [_rest(change, written, leads) if change else None for change in changes]


def _rest(
    change: Changeset, written: dict[tuple[EntryKind, str], Entry], leads: dict[tuple[str, str], Lead]
) -> Changeset:
    kept: list[Entry] = []
    problems: list[Problem] = []
    marks = dict(change.marks)
    for entry in change.entries:
        first = written.setdefault((entry.kind, entry.key), entry)
        if first is entry:
            kept.append(entry)
            continue
        marks[entry.key] = Mark.UNCHANGED
        problems += [] if change.mined else [_twice(entry, first)]
    told = tuple(lead for lead in change.leads if leads.get((lead.entry, lead.text)) is lead)
    return replace(change, entries=tuple(kept), marks=marks, problems=(*change.problems, *problems), leads=told)


def _best(changes: Sequence[Changeset | None]) -> dict[tuple[str, str], Lead]:
    """The better supported of the leads that say the same: two sheets may hold the same conversations, so no sum."""
    found: dict[tuple[str, str], Lead] = {}
    for lead in (lead for change in changes if change for lead in change.leads):
        known = found.setdefault((lead.entry, lead.text), lead)
        found[lead.entry, lead.text] = lead if lead.support > known.support else known
    return found


def _twice(entry: Entry, first: Entry) -> Problem:
    here, there = entry.source or Source(""), first.source or Source("")
    text = _TWICE.format(sheet=there.sheet, row=there.row)
    return make_problem(
        "warning", here.sheet, "duplicate_key", text, row=here.row, column=here.column, value=entry.question
    )
