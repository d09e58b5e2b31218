"""A sheet becomes a draft: its kind is found, its rows are read, or it is politely refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from ingest.collector import young_collected_only
from ingest.columns.correction import Mappings, check_own, check_sheets
from ingest.columns.fields import SheetKind
from ingest.columns.form import header_row, is_form, items
from ingest.columns.header import Guess, find_header, learned, make_table, widest
from ingest.columns.orders import find_orders, is_order_list
from ingest.columns.persons import without_persons
from ingest.columns.refuse import SIDEWAYS, beside_others, misnamed, not_understood, other_kind, sideways
from ingest.columns.rows import data_rows
from ingest.columns.table import Table
from ingest.columns.template import is_guide, only_examples
from ingest.compare.baskets import pool_orders
from ingest.draft import Content, EntryDraft, SheetDraft
from ingest.kinds.chat import draft_talks
from ingest.kinds.faq import draft_faq
from ingest.kinds.handover import draft_handover
from ingest.kinds.notice import draft_notices
from ingest.kinds.offer import draft_offers
from ingest.kinds.order import draft_orders
from ingest.kinds.phrase import draft_phrases
from ingest.kinds.product import draft_products
from ingest.kinds.sizes import SizeSheet, size_tables
from ingest.kinds.texts import fold as folded
from ingest.kinds.told import left_out, with_places
from ingest.own.columns import own_kind, own_table, wanting
from ingest.own.read import read_own
from ingest.problem import Problems, make_problem
from ingest.readers.prose import LEFT_SHEET
from ingest.settle.clash import settle
from ingest.settle.profile import state_once
from ingest.sheet import Row, Sheet
from kb.language.mask import mask
from kb.language.text import fold

EntryReader = Callable[[Table, Sequence[Row], Problems], tuple[list[EntryDraft], int]]

_MOST_ABOVE = 2  # names of a product (its name, its number) that may announce a size table
_TITLE_ROWS = 3  # between those and the table


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


def _offers(table: Table, rows: Sequence[Row], problems: Problems) -> Content:
    offers, skipped = draft_offers(table, rows, problems)
    return Content(offers=tuple(offers), skipped=skipped)


_IDENTITIES = ("key", "question", "title", "name", "phrase")

_READERS: dict[SheetKind, Callable[[Table, Sequence[Row], Problems], Content]] = {
    SheetKind.FAQ: _entries(draft_faq),
    SheetKind.PHRASE: _entries(draft_phrases),
    SheetKind.NOTICE: _entries(draft_notices),
    SheetKind.PRODUCT: _products,
    SheetKind.ORDER: _orders,
    SheetKind.OFFER: _offers,
    SheetKind.CHAT: draft_talks,
}


_LOST = "导出的表写什么就改成什么，缺列等于清空，所以没有导入。请重新导出，或把缺的列补回来。"


def draft_sheets(
    file: str,
    sheets: Sequence[Sheet],
    kind: SheetKind | None,
    mappings: Mappings = Mappings(),  # noqa: B008 - frozen and empty
) -> tuple[SheetDraft, ...]:
    """The drafts of a file's sheets in their order; with a `kind`, every sheet is read as that.

    `mappings` are what people have said that the columns mean. Raises Invalid for a correction that cannot be.
    """
    check_sheets(mappings.corrections, [sheet.name for sheet in sheets], file)
    with young_collected_only(), _folds_forgotten():
        drafts = pool_orders(
            state_once(settle([_drafted(file, sheet, kind, mappings) for sheet in sheets if not is_guide(sheet)]))
        )
    if any(draft.kind for draft in drafts):
        # A page of remarks beside the real sheet must not keep the file out.
        drafts = [draft if draft.kind else _as_warning(draft) for draft in drafts]
    if kind is None and (told := misnamed(file, {draft.kind for draft in drafts if draft.kind})):
        first = next(i for i, draft in enumerate(drafts) if draft.kind)
        doubt = make_problem("warning", drafts[first].sheet, "file_misnamed", told)
        drafts[first] = replace(drafts[first], problems=(doubt, *drafts[first].problems))
    return tuple(drafts)


@contextmanager
def _folds_forgotten() -> Iterator[None]:
    """What was folded for one file is of no use to the next, and is somebody's text."""
    try:
        yield
    finally:
        folded.cache_clear()


def _drafted(file: str, sheet: Sheet, kind: SheetKind | None, mappings: Mappings) -> SheetDraft:
    if sheet.prose and sheet.name == LEFT_SHEET:
        return left_out(sheet)
    draft = _draft(file, sheet, kind, mappings)
    return with_places(draft, sheet) if sheet.prose else draft


def _draft(file: str, sheet: Sheet, kind: SheetKind | None, mappings: Mappings) -> SheetDraft:
    problems = Problems(sheet.name)
    correction = mappings.of_sheet(sheet.name)
    wanted = correction.kind or kind
    ours = own_kind(sheet)
    if ours and wanted in (None, ours[0]):
        check_own(correction, sheet.name)
        table = own_table(file, sheet, *ours)
        if lost := "、".join(f"“{label}”" for label in wanting(table)):
            problems.error("own_columns_lost", f"这张表是本系统导出的，缺了{lost}列。{_LOST}", row=table.header_row)
            return SheetDraft(sheet.name, problems=tuple(problems.found))
        return _sheet_draft(table, read_own(table, problems), len(table.rows), problems)
    guess = find_header(sheet, kind, mappings)
    seen = _kind_of(sheet, guess, wanted)
    if wanted in (None, seen):
        if seen is SheetKind.HANDOVER:
            return _read_form(file, sheet, problems)
        if seen is SheetKind.ORDER:
            guess = find_orders(sheet)
    refused = other_kind(seen, wanted)
    sized = None if refused or wanted not in (None, SheetKind.PRODUCT) else _size_sheet(file, sheet, guess)
    if sized:
        return _sized(sheet.name, sized)
    if refused or guess is None or guess.missing:
        if refused:
            problems.error("kind_refused", refused)
        else:
            problems.error("sheet_unknown", not_understood(sheet, guess, wanted))
        draft = SheetDraft(sheet.name, problems=tuple(problems.found))
        return draft if refused else _with_columns(file, sheet, guess, wanted, draft)
    table = make_table(file, sheet, guess)
    if sideways(table):
        problems.error("sheet_sideways", SIDEWAYS)
        return SheetDraft(sheet.name, problems=tuple(problems.found))
    return replace(_read(table, problems), learned=learned(table, correction))


def _size_sheet(file: str, sheet: Sheet, guess: Guess | None) -> SizeSheet | None:
    """The sheet as size tables and nothing else; None for any other."""
    if guess is None or guess.missing:
        return size_tables(file, sheet)
    if guess.kind is not SheetKind.PRODUCT or guess.matched > _MOST_ABOVE:
        return None
    # "商品名称：衬衫" above a size table is no product sheet's header.
    sized = size_tables(file, sheet)
    below = sized.header_row - guess.row.number if sized else 0
    return sized if sized and (0 < below <= _TITLE_ROWS or (below == 0 and sized.across)) else None


def _sized(name: str, sized: SizeSheet) -> SheetDraft:
    return SheetDraft(name, SheetKind.PRODUCT, sized.header_row, sized.columns, rows=sized.rows, charts=sized.charts)


def _with_columns(
    file: str, sheet: Sheet, guess: Guess | None, wanted: SheetKind | None, draft: SheetDraft
) -> SheetDraft:
    """A sheet that is not understood, with the columns that a person may name."""
    guess = guess if wanted or (guess and guess.matched > 1) else None
    guess = guess or (widest(sheet, wanted) if wanted else None)
    if guess is None:
        return draft
    return replace(draft, seems=guess.kind, header_row=guess.row.number, columns=make_table(file, sheet, guess).columns)


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
            "form_unknown", "看不出这张交接表的项目和内容。请写成两列：左边是项目（如“发货地”），右边是内容。"
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
        problems.warn("sheet_empty", only_examples(table) or "表头下面没有内容")
    rows = without_persons(table, rows, problems)
    content = _READERS[table.kind](table, rows, problems)
    content = replace(content, skipped=content.skipped + notes)
    return _sheet_draft(table, content, len(rows) + notes, problems)


def _sheet_draft(table: Table, content: Content, rows: int, problems: Problems) -> SheetDraft:
    return SheetDraft(
        table.sheet,
        table.kind,
        table.header_row,
        table.columns,
        rows=rows,
        skipped=content.skipped,
        entries=content.entries,
        products=content.products,
        profile=content.profile,
        orders=content.orders,
        offers=content.offers,
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
    softer = tuple(replace(p, severity="warning", text=beside_others(p.text)) for p in draft.problems)
    return replace(draft, problems=softer)
