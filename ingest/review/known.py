"""What a review looks at: every entry that asks something, of the file as it will be stored and of the store, with its place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ingest.columns.table import Use
from ingest.compare.changeset import Changeset, Known, Mark, identity
from ingest.draft import Draft, EntryDraft, SheetDraft
from ingest.problem import short
from kb.language.text import fold
from kb.model import Answer, Entry, EntryKind, Origin, Polarity, Source, Status

_LONGEST_QUOTE = 30
_ASKING = {EntryKind.FAQ, EntryKind.NOTICE, EntryKind.PROCESS, EntryKind.CASE}
_ANSWER_FIELDS = ("answer", "content")


@dataclass(frozen=True, slots=True, eq=False)
class Item:
    """An entry with its folded questions, the standard one first. `sheet` is -1 for one that only the store has."""

    entry: Entry
    asks: tuple[str, ...]
    sheet: int
    place: Source
    column: str  # of its answer in the file; "" in the store
    fresh: bool  # new or changed: nobody has reviewed it yet

    @property
    def answers(self) -> Sequence[Answer]:
        return self.entry.answers


def items(draft: Draft, changes: Sequence[Changeset | None], stored: Known) -> list[Item]:
    """All that asks something, the file's rows in their order and then the store's published entries."""
    found: list[Item] = []
    ids: set[str] = set()
    for number, (sheet, change) in enumerate(zip(draft.sheets, changes, strict=True)):
        if change:
            for item in _of_sheet(number, sheet, change, stored):
                found.append(item)
                ids.add(item.entry.id)
    gone = {thing.id for change in changes if change for thing in change.retired_entries}
    return found + list(_of_store(stored.entries.values(), ids | gone))


def _of_sheet(number: int, sheet: SheetDraft, change: Changeset, stored: Known) -> Iterator[Item]:
    written = {identity(entry): entry for entry in change.entries}
    column = next((c.letter for c in sheet.columns if c.use is Use.FIELD and c.field in _ANSWER_FIELDS), "")
    for each in sheet.entries:
        if each.entry.kind in _ASKING:
            fresh = change.marks[identity(each.entry)] is not Mark.UNCHANGED
            old = stored.entry(each.entry)
            now = written.get(identity(each.entry)) or written.get(identity(old or each.entry))
            entry = now or old or each.entry
            if entry.status is not Status.RETIRED:
                yield Item(entry, _asks_of_draft(each), number, each.entry.source or Source(""), column, fresh)


def _asks_of_draft(each: EntryDraft) -> tuple[str, ...]:
    own = fold(each.entry.question)
    return (own, *(text for text in each.places if text != own))


def _of_store(entries: Iterable[Entry], shown: set[str]) -> Iterator[Item]:
    for entry in entries:
        if entry.kind in _ASKING and entry.status is Status.PUBLISHED and entry.id not in shown:
            asks = (entry.question, *(p.text for p in entry.phrasings if p.polarity is Polarity.POSITIVE))
            yield Item(entry, tuple(map(fold, asks)), -1, entry.source or Source(""), "", False)


def where(item: Item, seen_from: Item) -> str:
    """The other place as a person finds it: a row of the same sheet, of another sheet, or an entry of the store."""
    question = f"“{quoted(item.entry.question)}”"
    if item.sheet < 0:
        if item.entry.origin is Origin.MERCHANT and item.place.file:
            return f"知识库里已有的{question}（{item.place}）"
        return f"知识库里训练师写的{question}"
    if item.sheet == seen_from.sheet:
        return f"第{item.place.row}行{question}"
    return f"工作表“{item.place.sheet}”第{item.place.row}行{question}"


def quoted(text: str) -> str:
    return short(text, _LONGEST_QUOTE)
