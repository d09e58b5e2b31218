"""A sheet becomes a draft: its kind is found, its rows are read, or it is politely refused."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from ingest.baskets import pool_orders
from ingest.clash import settle
from ingest.columns.fields import SheetKind
from ingest.columns.form import header_row, is_form, items
from ingest.columns.header import Guess, find_header, make_table
from ingest.columns.orders import find_orders, is_order_list
from ingest.columns.refuse import not_understood, other_kind
from ingest.columns.rows import data_rows
from ingest.columns.table import Table
from ingest.draft import Content, EntryDraft, SheetDraft
from ingest.kinds.chat import draft_talks
from ingest.kinds.faq import draft_faq
from ingest.kinds.handover import draft_handover
from ingest.kinds.notice import draft_notices
from ingest.kinds.order import draft_orders
from ingest.kinds.phrase import draft_phrases
from ingest.kinds.product import draft_products
from ingest.problem import Problems
from ingest.profile import state_once
from ingest.sheet import Row, Sheet
from kb.language.mask import mask
from kb.language.text import fold

EntryReader = Callable[[Table, Sequence[Row], Problems], tuple[list[EntryDraft], int]]


def _entries(read: EntryReader) -> Callable[[Table, Sequence[Row], Problems], Content]:
    def content(table: Table, rows: Sequence[Row], problems: Problems) -> Content:
        entries, skipped = read(table, rows, problems)
        return Content(entries=tuple(entries), skipped=skipped)

    return content


def _products(table: Table, rows: Sequence[Row], problems: Problems) -> Content:
    products, skipped = draft_products(table, rows, problems)
    return Content(products=tuple(products), skipped=skipped)


def _orders(table: Table, rows: Sequence[Row], problems: Problems) -> Content:
    orders, skipped = draft_orders(table, rows, problems)
    return Content(orders=tuple(orders), skipped=skipped)


_IDENTITIES = ("key", "question", "title", "name", "phrase")

_READERS: dict[SheetKind, Callable[[Table, Sequence[Row], Problems], Content]] = {
    SheetKind.FAQ: _entries(draft_faq),
    SheetKind.PHRASE: _entries(draft_phrases),
    SheetKind.NOTICE: _entries(draft_notices),
    SheetKind.PRODUCT: _products,
    SheetKind.ORDER: _orders,
    SheetKind.CHAT: draft_talks,
}


def draft_sheets(file: str, sheets: Sequence[Sheet], kind: SheetKind | None) -> tuple[SheetDraft, ...]:
    """The drafts of a file's sheets in their order; with a `kind`, every sheet is read as that."""
    drafts = pool_orders(state_once(settle([_draft(file, sheet, kind) for sheet in sheets])))
    if any(draft.kind for draft in drafts):
        # A page of remarks beside the real sheet must not keep the file out.
        drafts = [draft if draft.kind else _as_warning(draft) for draft in drafts]
    return tuple(drafts)


def _draft(file: str, sheet: Sheet, kind: SheetKind | None) -> SheetDraft:
    problems = Problems(sheet.name)
    guess = find_header(sheet, kind)
    seen = _kind_of(sheet, guess, kind)
    if kind in (None, seen):
        if seen is SheetKind.HANDOVER:
            return _read_form(file, sheet, problems)
        if seen is SheetKind.ORDER:
            guess = find_orders(sheet)
    refused = other_kind(seen, kind)
    if refused or guess is None or guess.missing:
        problems.error("sheet_unknown", refused or not_understood(sheet, guess, kind))
        return SheetDraft(sheet.name, problems=tuple(problems.found))
    table = make_table(file, sheet, guess)
    return _read(table, problems)


def _kind_of(sheet: Sheet, guess: Guess | None, kind: SheetKind | None) -> SheetKind | None:
    """The kind of a sheet that must not be read as any other: a form has passwords, an order list has buyers."""
    complete = guess is not None and not guess.missing
    if complete and guess is not None and guess.kind is SheetKind.CHAT:
        return SheetKind.CHAT
    if is_order_list(sheet, guess):
        return SheetKind.ORDER
    if is_form(sheet, beside_table=complete):
        return SheetKind.HANDOVER
    return kind


def _read_form(file: str, sheet: Sheet, problems: Problems) -> SheetDraft:
    found = items(sheet)
    if not found:
        problems.error(
            "sheet_unknown", "看不出这张交接表的项目和内容。请写成两列：左边是项目（如“发货地”），右边是内容。"
        )
        return SheetDraft(sheet.name, problems=tuple(problems.found))
    facts, skipped = draft_handover(file, sheet.name, found, problems)
    return SheetDraft(
        sheet.name,
        SheetKind.HANDOVER,
        header_row(sheet),
        rows=len(found),
        skipped=skipped,
        profile=tuple(facts),
        problems=tuple(problems.found),
    )


def _read(table: Table, problems: Problems) -> SheetDraft:
    rows, notes = data_rows(table, problems)
    if not rows:
        problems.warn("sheet_empty", "表头下面没有内容")
    content = _READERS[table.kind](table, rows, problems)
    return SheetDraft(
        table.sheet,
        table.kind,
        table.header_row,
        table.columns,
        rows=len(rows) + notes,
        skipped=content.skipped + notes,
        entries=content.entries,
        products=content.products,
        profile=content.profile,
        orders=content.orders,
        talks=content.talks,
        problems=tuple(problems.found),
        shown=_shown(table, problems),
    )


def _shown(table: Table, problems: Problems) -> dict[int, tuple[str, ...]]:
    """Every identity that a row with a finding shows, so that a row that was left out does not look like one that is gone."""
    doubtful = {problem.row for problem in problems.found}
    columns = [c.index for name in _IDENTITIES for c in table.by_field.get(name, ())]
    rows = (
        (row.number, [text for i in columns if fold(text := row.cell(i))])
        for row in table.rows
        if row.number in doubtful
    )
    return {number: tuple({*texts, *(fold(mask(text)) for text in texts)}) for number, texts in rows if texts}


def _as_warning(draft: SheetDraft) -> SheetDraft:
    softer = tuple(replace(problem, severity="warning") for problem in draft.problems)
    return replace(draft, problems=softer)
