"""What two rows of one file say at once: the same identity, the same question, the same phrasing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from ingest.columns.table import Cell
from ingest.draft import EntryDraft, SheetDraft
from ingest.kinds.texts import fold
from ingest.problem import Problem, Sides, cut, make_problem
from ingest.settle.charts import settle_charts
from ingest.settle.combine import Combined
from kb.model import Entry, EntryKind, Product, Source

_LONGEST_QUOTE = 40
_MOST_NAMED = 4  # facts that differ, in one sentence


def settle(drafts: Sequence[SheetDraft]) -> list[SheetDraft]:
    """The sheets of a file with later duplicates taken out and every clash reported on the later row."""
    entries, products = _Entries(), _Products()
    settled = [products.settle(entries.settle(draft)) for draft in drafts]
    return settle_charts([replace(draft, products=tuple(c.product for c in kept)) for draft, kept in settled])


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
                else f"这个问法{where}（{cut(other.question, _LONGEST_QUOTE)}）也有，买家这样问时会分不清，请只留一处"
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


class _Products:
    """The products of a file: what a later sheet says of one is added to what the first sheet that names it has said."""

    def __init__(self) -> None:
        self._keys: dict[str, Combined] = {}
        self._names: dict[str, list[Combined]] = {}

    def settle(self, draft: SheetDraft) -> tuple[SheetDraft, list[Combined]]:
        """The draft with its clashes told, and what its products become once all sheets are read."""
        kept: list[Combined] = []
        problems = list(draft.problems)
        for product in draft.products:
            earlier = self._keys.get(product.key) or self._nameless(product)
            if earlier is None:
                kept.append(Combined(product))
            elif earlier.product.row_hash != product.row_hash:
                problems += _added(earlier, product)
        for each in kept:
            self._keys[each.product.key] = each
            self._names.setdefault(fold(each.product.name), []).append(each)
        return replace(draft, problems=tuple(problems)), kept

    def _nameless(self, product: Product) -> Combined | None:
        """The one product of that name on an earlier sheet, where only one of the two sheets has numbers."""
        name = fold(product.name)
        found = self._names.get(name, [])
        if len(found) != 1 or name not in (product.key, found[0].product.key):
            return None
        if found[0].product.key == name:
            found[0].rename(product.key)
            self._keys[product.key] = found[0]
        return found[0]


def _added(earlier: Combined, product: Product) -> Iterable[Problem]:
    base = earlier.product
    before = len(earlier.differing)
    earlier.add_product(product)
    differing = list(dict.fromkeys(fact.name for fact in earlier.differing[before:]))
    if not base.source or not product.source:
        return
    where = _where(base.source, base.source.row, product.source.sheet)
    if fold(base.name) != fold(product.name):
        yield _two_names(base, product, where)
    if differing:
        said = "、".join(f"“{name}”" for name in differing[:_MOST_NAMED])
        yield make_problem(
            "warning",
            product.source.sheet,
            "product_on_two_sheets",
            f"这个商品{where}已经有了，{said}两处不一样，以那里为准，请改成一致",
            row=product.source.row,
            column=product.source.column,
            value=product.key,
        )


def _two_names(base: Product, product: Product, where: str) -> Problem:
    here, there = product.source or Source(""), base.source or Source("")
    names = [f"“{cut(each.name, _LONGEST_QUOTE)}”" for each in (product, base)]
    text = f"这个编号在{where}是{names[1]}，这里是{names[0]}，当作了同一个商品，用那里的名称；不是同一个商品请改编号"
    sides = Sides(product.name, base.name, str(there), product.key)
    return make_problem(
        "warning",
        here.sheet,
        "product_two_names",
        text,
        row=here.row,
        column=here.column,
        value=product.key,
        sides=sides,
    )


def _where(source: Source, row: int, from_sheet: str) -> str:
    return f"第{row}行" if source.sheet == from_sheet else f"工作表“{source.sheet}”第{row}行"


def _source(entry: Entry) -> Source:
    return entry.source or Source("")
