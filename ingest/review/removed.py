"""What an earlier file of the same name brought and this one no longer has.

Nothing is retired unless the trainer asks, and nothing counts as gone that may only be unreadable: rows with a finding
are matched by any identity they show, a sheet that was not understood keeps all that came from it, and one error row
without any identity keeps its whole kind. A chat log or order list brings nothing that could be missing. Where most is gone, the
file is sooner another one of the same name than a shop that gives up what it sells: then the trainer must ask once more.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from enum import Enum

from ingest.columns.fields import SheetKind
from ingest.compare.changeset import Changeset, Identity, Known, Mark, identity, missing_hash
from ingest.draft import Draft, SheetDraft
from ingest.problem import Problem, make_problem
from kb.model import Entry, EntryKind, Origin, Product, Status

_ENTRY_KINDS = {SheetKind.FAQ: EntryKind.FAQ, SheetKind.PHRASE: EntryKind.SCRIPT, SheetKind.NOTICE: EntryKind.NOTICE}
_FEW = 10  # gone rows that a person reads one by one before asking


class Retire(Enum):
    """What a trainer asks for what is gone: nothing, to retire it, to retire it even where most of the file is gone."""

    NOTHING = 0
    GONE = 1
    MOST = 2


def mark_removed(
    draft: Draft, changes: Sequence[Changeset | None], stored: Known, *, retire: Retire
) -> list[Changeset | None]:
    """The changesets with what is gone counted; with `retire`, also what to write so that it is never found again.

    Versions go up by one on writing; the retired thing's row hash says at which version an import retired it, so that a
    row that comes back brings it back, unless a person has touched it since (`kb.store.missing`).
    """
    found = list(changes)
    for kind in dict.fromkeys(change.kind for change in changes if change):
        first = next(i for i, change in enumerate(changes) if change and change.kind is kind)
        brought = _brought_before(draft, kind, stored)
        named = _named(sheet for sheet in draft.sheets if sheet.kind is kind)
        gone = [thing for thing in brought if not _is_named(thing, named)]
        change = found[first]
        if gone and change:
            blind = _blind(draft, kind)
            told = _unclear if blind else _with
            found[first] = told(change, draft.sheets[first].sheet, gone, len(brought), retire)
    return found


def _unclear(
    change: Changeset, sheet: str, gone: Sequence[Entry | Product], _brought: int, _retire: Retire
) -> Changeset:
    text = (
        f"上次导入的内容里有 {len(gone)} 条这次没看到，但表里有认不出是哪一条的错误行，"
        "或者表是空的，所以一条也没有算作删除；请先改好再导入"
    )
    return _telling(change, make_problem("warning", sheet, "removed_unclear", text))


def _with(change: Changeset, sheet: str, gone: Sequence[Entry | Product], brought: int, retire: Retire) -> Changeset:
    most = is_most(len(gone), brought)
    marks = {**change.marks, **{identity(thing): Mark.REMOVED for thing in gone}}
    counted = replace(change, marks=marks, removed=tuple(gone), most_removed=most)
    if most:
        counted = _telling(counted, _most_gone(sheet, len(gone), brought, retire))
    if retire is Retire.NOTHING or (most and retire is not Retire.MOST):
        return counted
    return replace(
        counted,
        retired_entries=tuple(_retired(thing) for thing in gone if isinstance(thing, Entry)),
        retired_products=tuple(_retired_product(thing) for thing in gone if isinstance(thing, Product)),
    )


def _most_gone(sheet: str, gone: int, brought: int, retire: Retire) -> Problem:
    asked = "已按您的确认算作要下架的" if retire is Retire.MOST else "请先确认是不是同一个文件，没有确认就一条也不下架"
    text = (
        f"以前用这个文件名导入的 {brought} 条，这次只有 {brought - gone} 条还在，{gone} 条没有了，"
        f"可能是另一个文件用了同一个名字；{asked}"
    )
    return make_problem("warning", sheet, "removed_most", text)


def is_most(gone: int, brought: int) -> bool:
    """Whether so much is gone that it is sooner another file: all of several rows, or more than half of many."""
    return 1 < gone == brought or (gone > _FEW and 2 * gone > brought)


def _telling(change: Changeset, problem: Problem) -> Changeset:
    return replace(change, problems=(*change.problems, problem))


def _retired(entry: Entry) -> Entry:
    return replace(entry, status=Status.RETIRED, row_hash=missing_hash(entry))


def _retired_product(product: Product) -> Product:
    return replace(product, status=Status.RETIRED, row_hash=missing_hash(product))


def _brought_before(draft: Draft, kind: SheetKind, stored: Known) -> list[Entry | Product]:
    """Stored things of this file and kind that it could have named, in the order they were first stored."""
    unread = {sheet.sheet for sheet in draft.sheets if sheet.kind is None}
    known = {sheet.sheet for sheet in draft.sheets}
    return [thing for thing in _brought(draft.file, kind, stored) if not _unread(thing, unread, known)]


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


def _named(sheets: Iterable[SheetDraft]) -> set[Identity | str]:
    """Every identity these sheets show; of rows that were left out, any text that may be one."""
    found: set[Identity | str] = set()
    for sheet in sheets:
        found.update(identity(each.entry) for each in sheet.entries)
        found.update(identity(product) for product in sheet.products)
        found.update(text for texts in sheet.shown.values() for text in texts)
    return found


def _is_named(thing: Entry | Product, named: set[Identity | str]) -> bool:
    return identity(thing) in named or thing.key in named


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
