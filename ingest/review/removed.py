"""What an earlier file of the same name brought and this one no longer has.

Nothing is retired unless the trainer asks, and nothing counts as gone that may only be unreadable: rows with a finding
are matched by any identity they show, a sheet that was not understood keeps all that came from it, and one error row
without any identity keeps its whole kind. A chat log or order list brings nothing that could be missing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from ingest.columns.fields import SheetKind
from ingest.compare.changeset import Changeset, Known, Mark, missing_hash
from ingest.draft import Draft, SheetDraft
from ingest.problem import make_problem
from kb.model import Entry, EntryKind, Origin, Product, Status

_ENTRY_KINDS = {SheetKind.FAQ: EntryKind.FAQ, SheetKind.PHRASE: EntryKind.SCRIPT, SheetKind.NOTICE: EntryKind.NOTICE}


def mark_removed(
    draft: Draft, changes: Sequence[Changeset | None], stored: Known, *, retire: bool
) -> list[Changeset | None]:
    """The changesets with what is gone counted; with `retire`, also what to write so that it is never found again.

    Versions go up by one on writing; the retired thing's row hash says at which version an import retired it, so that a
    row that comes back brings it back, unless a person has touched it since (`ingest.compare.changeset`).
    """
    found = list(changes)
    for kind in dict.fromkeys(change.kind for change in changes if change):
        first = next(i for i, change in enumerate(changes) if change and change.kind is kind)
        gone = _gone(draft, kind, stored)
        if gone and (found[first] is not None):
            found[first] = _with(
                found[first], gone, retire=retire, blind=_blind(draft, kind), draft=draft.sheets[first]
            )
    return found


def _with(
    change: Changeset | None, gone: Sequence[Entry | Product], *, retire: bool, blind: bool, draft: SheetDraft
) -> Changeset | None:
    if change is None:
        return None
    if blind:
        text = (
            f"上次导入的内容里有 {len(gone)} 条这次没看到，但表里有认不出是哪一条的错误行，"
            "或者表是空的，所以一条也没有算作删除；请先改好再导入"
        )
        doubt = make_problem("warning", draft.sheet, "removed_unclear", text)
        return replace(change, problems=(*change.problems, doubt))
    entries = [thing for thing in gone if isinstance(thing, Entry)]
    products = [thing for thing in gone if isinstance(thing, Product)]
    return replace(
        change,
        marks={**change.marks, **{thing.key: Mark.REMOVED for thing in gone}},
        removed=tuple(gone),
        retired_entries=tuple(map(_retired, entries)) if retire else (),
        retired_products=tuple(map(_retired_product, products)) if retire else (),
    )


def _retired(entry: Entry) -> Entry:
    return replace(entry, status=Status.RETIRED, row_hash=missing_hash(entry))


def _retired_product(product: Product) -> Product:
    return replace(product, status=Status.RETIRED, row_hash=missing_hash(product))


def _gone(draft: Draft, kind: SheetKind, stored: Known) -> list[Entry | Product]:
    """Stored things of this file and kind that the file no longer names, in the order they were first stored."""
    sheets = [sheet for sheet in draft.sheets if sheet.kind is kind]
    named = _named(sheets)
    unread = {sheet.sheet for sheet in draft.sheets if sheet.kind is None}
    known = {sheet.sheet for sheet in draft.sheets}
    return [
        thing
        for thing in _brought(draft.file, kind, stored)
        if thing.key not in named and not _unread(thing, unread, known)
    ]


def _brought(file: str, kind: SheetKind, stored: Known) -> list[Entry | Product]:
    """What is stored, not retired, and as an earlier import of the file left it: a trainer's entries are hers."""
    things: list[Entry | Product] = []
    if kind is SheetKind.PRODUCT:
        things += stored.products.values()
    elif kind in _ENTRY_KINDS:
        things += (e for e in stored.entries.values() if e.kind is _ENTRY_KINDS[kind] and e.origin is Origin.MERCHANT)
    return [
        thing
        for thing in things
        if thing.row_hash and thing.source and thing.source.file == file and thing.status is not Status.RETIRED
    ]


def _named(sheets: Iterable[SheetDraft]) -> set[str]:
    """Every identity these sheets show, also of rows that were left out."""
    found: set[str] = set()
    for sheet in sheets:
        found.update(each.entry.key for each in sheet.entries)
        found.update(product.key for product in sheet.products)
        found.update(text for texts in sheet.shown.values() for text in texts)
    return found


def _unread(thing: Entry | Product, unread: set[str], known: set[str]) -> bool:
    """Whether the thing came from a sheet that was not understood this time, or may have: one of another name."""
    sheet = thing.source.sheet if thing.source else ""
    return bool(unread) and (sheet in unread or sheet not in known)


def _blind(draft: Draft, kind: SheetKind) -> bool:
    """Whether some error row of this kind shows no identity at all, or there is no row: a blank template is not a shop
    that gives up all it knows."""
    return not _named(sheet for sheet in draft.sheets if sheet.kind is kind) or any(
        problem.severity == "error" and not sheet.shown.get(problem.row)
        for sheet in draft.sheets
        if sheet.kind is kind
        for problem in sheet.problems
        if problem.code != "duplicate_key"
    )
