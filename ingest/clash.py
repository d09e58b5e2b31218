"""What two rows of one file say at once: the same identity, the same question, the same phrasing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from ingest.columns.table import Cell
from ingest.draft import EntryDraft, SheetDraft
from ingest.problem import Problem, make_problem
from kb.language.text import fold
from kb.model import Entry, EntryKind, Product, Source

_LONGEST_QUOTE = 40


def settle(drafts: Sequence[SheetDraft]) -> list[SheetDraft]:
    """The sheets of a file with later duplicates taken out and every clash reported on the later row."""
    entries = _Entries()
    products: dict[str, Product] = {}
    return [_settle_products(entries.settle(draft), products) for draft in drafts]


class _Entries:
    """The entries seen so far in a file."""

    def __init__(self) -> None:
        self._keys: dict[tuple[EntryKind, str], Entry] = {}
        self._questions: dict[str, tuple[Entry, Cell]] = {}

    def settle(self, draft: SheetDraft) -> SheetDraft:
        kept: list[EntryDraft] = []
        problems: list[Problem] = list(draft.problems)
        for each in draft.entries:
            earlier = self._keys.get((each.entry.kind, each.entry.key))
            if earlier:
                problems.append(_duplicate_key(each.entry, earlier))
                continue
            self._keys[each.entry.kind, each.entry.key] = each.entry
            kept.append(each)
            problems += self._shared(each)
        skipped = draft.skipped + len(draft.entries) - len(kept)
        return replace(draft, entries=tuple(kept), problems=tuple(problems), skipped=skipped)

    def _shared(self, draft: EntryDraft) -> Iterable[Problem]:
        """Warnings for questions of this entry that another one has already."""
        if draft.entry.kind is not EntryKind.FAQ:
            return
        own = fold(draft.entry.question)
        for folded, place in draft.places.items():
            if folded not in self._questions:
                self._questions[folded] = (draft.entry, place)
                continue
            other, other_place = self._questions[folded]
            source = _source(draft.entry)
            both_standard = folded == own and folded == fold(other.question)
            where = _where(_source(other), other_place.row, source.sheet)
            code = "question_repeated" if both_standard else "phrasing_shared"
            text = (
                f"标准问题和{where}相同，请合并或改写其中一条"
                if both_standard
                else f"这个问法{where}（{_short(other.question)}）也有，买家这样问时会分不清，请只留一处"
            )
            shown = place.text if folded == own else _found_in(place.text, folded)
            yield make_problem("warning", source.sheet, code, text, row=place.row, column=place.column, value=shown)


def _found_in(cell: str, folded: str) -> str:
    """The line of a cell that holds the shared phrasing; the whole cell when they are not one a line."""
    return next((line.strip() for line in cell.splitlines() if fold(line) == folded), cell)


def _duplicate_key(entry: Entry, earlier: Entry) -> Problem:
    source = _source(entry)
    named = "标准问题" if entry.key == fold(entry.question) else "编号"
    if entry.kind is EntryKind.NOTICE and named == "标准问题":
        named = "标题"
    where = _where(_source(earlier), _source(earlier).row, source.sheet)
    return make_problem(
        "error",
        source.sheet,
        "duplicate_key",
        f"{named}和{where}重复，请改成不同的{named}或删掉一条",
        row=source.row,
        column=source.column,
        value=entry.key,
    )


def _settle_products(draft: SheetDraft, seen: dict[str, Product]) -> SheetDraft:
    """The first sheet that names a product has it; the same product on a later sheet is reported and left out."""
    kept: list[Product] = []
    problems = list(draft.problems)
    for product in draft.products:
        earlier = seen.setdefault(product.key, product)
        if earlier is product:
            kept.append(product)
        elif earlier.row_hash != product.row_hash and earlier.source and product.source:
            where = _where(earlier.source, earlier.source.row, product.source.sheet)
            problems.append(
                make_problem(
                    "warning",
                    product.source.sheet,
                    "product_on_two_sheets",
                    f"这个商品{where}已经有了，这里的没有导入，请合并到一处",
                    row=product.source.row,
                    column=product.source.column,
                    value=product.key,
                )
            )
    return replace(draft, products=tuple(kept), problems=tuple(problems))


def _where(source: Source, row: int, from_sheet: str) -> str:
    return f"第{row}行" if source.sheet == from_sheet else f"工作表“{source.sheet}”第{row}行"


def _source(entry: Entry) -> Source:
    return entry.source or Source("")


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST_QUOTE else text[:_LONGEST_QUOTE] + "…"
