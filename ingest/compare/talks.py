"""Chat logs beside the store: all sheets of a file are mined as one, for what is said once on each is said again and again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from ingest.columns.fields import SheetKind
from ingest.compare.changeset import Changeset, Known, Mark, identity, new_entry
from ingest.draft import SheetDraft, Talk
from ingest.mine.mine import Mined, mine
from kb.model import Entry, Source, Status, Turn

_APART = 1_000_000  # between the row numbers of two sheets; no sheet has as many


def compare_talks(drafts: Sequence[SheetDraft], stored: Known) -> list[Changeset]:
    """The changesets of a file's chat sheets: drafts of what is new, whatever was asked for, each on the sheet where it is
    first said; and on the first sheet the leads to what the shop has. What was mined before stays as it is, edits and all."""
    found = mine(_apart(drafts), stored.entries.values(), engine=stored.engine, vectors=stored.vectors)
    return [_changeset(draft, part, stored) for draft, part in zip(drafts, _parts(drafts, found), strict=True)]


def _apart(drafts: Sequence[SheetDraft]) -> list[Talk]:
    """All conversations, named and placed unlike those of any other sheet: S1 of May is not S1 of June. One that stands on
    an earlier sheet word for word is the same one, exported twice, and agrees with nobody."""
    found: list[Talk] = []
    before: set[tuple[Turn, ...]] = set()
    for number, draft in enumerate(drafts):
        new = [talk for talk in draft.talks if talk.turns not in before]
        found += [replace(talk, id=f"{number} {talk.id}", row=number * _APART + talk.row) for talk in new]
        before.update(talk.turns for talk in new)
    return found


def _parts(drafts: Sequence[SheetDraft], found: Mined) -> Iterator[Mined]:
    for number, draft in enumerate(drafts):
        own = [i for i, entry in enumerate(found.entries) if _row(entry) // _APART == number]
        part = Mined(
            talks=len(draft.talks),
            entries=tuple(_placed(found.entries[i], draft.sheet) for i in own),
            support=tuple(found.support[i] for i in own),
        )
        yield part if number else replace(part, groups=found.groups, leads=found.leads, homes=found.homes)


def _row(entry: Entry) -> int:
    return entry.source.row if entry.source else 0


def _placed(entry: Entry, sheet: str) -> Entry:
    file = entry.source.file if entry.source else ""
    return replace(entry, source=Source(file, sheet, _row(entry) % _APART))


def _changeset(draft: SheetDraft, found: Mined, stored: Known) -> Changeset:
    held = [old for entry in found.entries if (old := stored.entry(entry))]
    new = tuple(new_entry(entry, Status.DRAFT) for entry in found.entries if not stored.entry(entry))
    marks = {identity(entry): Mark.UNCHANGED if stored.entry(entry) else Mark.ADDED for entry in found.entries}
    kind = draft.kind or SheetKind.CHAT
    return Changeset(kind, new, (), marks, leads=found.leads, mined=found, left=tuple(held))
