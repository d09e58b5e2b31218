"""A handover form's facts: each name once in a file, and what a new value replaces is said with the old one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ingest.draft import SheetDraft
from ingest.problem import Problem, Sides, make_problem, short
from kb.model import Fact, Source

_LONGEST_QUOTE = 60


def state_once(drafts: Sequence[SheetDraft]) -> list[SheetDraft]:
    """The sheets of a file with every name on the first of them; another value on a later one is reported and left out."""
    seen: dict[str, Fact] = {}
    return [_settle(draft, seen) if draft.profile else draft for draft in drafts]


def replaced(fact: Fact, old: Fact) -> Problem:
    """That the form says something else than before, with both values."""
    source = fact.source or Source("")
    text = f"“{fact.name}”由“{short(old.value, _LONGEST_QUOTE)}”改为“{short(fact.value, _LONGEST_QUOTE)}”，用到它的话术请核对"
    sides = Sides(fact.value, old.value, f"原来的（{old.source}）" if old.source else "原来的", fact.name)
    return make_problem(
        "warning", source.sheet, "profile_changed", text, row=source.row, column=source.column, sides=sides
    )


def _settle(draft: SheetDraft, seen: dict[str, Fact]) -> SheetDraft:
    kept, problems = [], list(draft.problems)
    for fact in draft.profile:
        first = seen.setdefault(fact.name, fact)
        if first is fact:
            kept.append(fact)
        elif first.value != fact.value and first.source and fact.source:
            text = f"“{fact.name}”在工作表“{first.source.sheet}”第{first.source.row}行已经有了，这里的没有导入"
            source = fact.source
            problems.append(
                make_problem(
                    "warning", draft.sheet, "profile_on_two_sheets", text, row=source.row, column=source.column
                )
            )
    skipped = draft.skipped + len(draft.profile) - len(kept)
    return replace(draft, profile=tuple(kept), problems=tuple(problems), skipped=skipped)
