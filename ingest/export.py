"""A shop's knowledge as sheets: the templates filled in, and what they have no column for to the right of them.

Sorted by number, without a clock: the same knowledge is the same bytes. What an export holds is what an import of it
into an empty shop gives back (`ingest.own`); ids, versions and who wrote what stay behind.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ingest.columns.fields import KIND_LABELS, SheetKind
from ingest.columns.template import GUIDE
from ingest.own import entries as own_entries
from ingest.own.cells import KINDS, STATUSES, YES
from ingest.own.columns import ENTRY_KINDS, ROW, Place, header_of, labels, row_header
from ingest.own.long import spread
from ingest.own.offers import RULE, offer_row
from ingest.own.products import VARIANT, WHOLE, product_rows
from ingest.own.profile import ITEM, profile_row
from ingest.template import APOSTROPHE, offered_labels
from ingest.writers.csv import write_csv
from ingest.writers.page import Guide, Header, Page
from ingest.writers.xlsx import write_workbook
from kb.model import Entry, Fact, OfferRule, Product
from kb.store.merchant import MerchantStore

EXPORTED = (SheetKind.PRODUCT, *ENTRY_KINDS, SheetKind.HANDOVER, SheetKind.OFFER)
_MAX_COLUMNS = 180  # of one sheet; the importer reads 200
_NUMBER = re.compile(r"\d+")

_ROWS = {SheetKind.PRODUCT: (WHOLE, VARIANT), SheetKind.HANDOVER: (ITEM,), SheetKind.OFFER: (RULE,)}

Cell = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What is exported."""

    entries: Sequence[Entry] = ()
    products: Sequence[Product] = ()
    profile: Sequence[Fact] = ()
    offers: Sequence[OfferRule] = ()


def knowledge_of(store: MerchantStore) -> Knowledge:
    return Knowledge(store.entries(), store.products(), store.profile(), store.offers())


def export_xlsx(knowledge: Knowledge, kinds: Iterable[SheetKind] = EXPORTED) -> bytes:
    """One workbook with a sheet for each kind and one that explains. Raises TooLarge for what no sheet can hold."""
    kinds = list(kinds)
    return write_workbook([spread(page) for kind in kinds for page in pages_of(knowledge, kind)], _guide(kinds))


def export_csv(knowledge: Knowledge, kind: SheetKind) -> list[bytes]:
    """The sheets of a kind, a file each; more than one only where products have more attributes than columns."""
    return [write_csv(page) for page in pages_of(knowledge, kind)]


def holds(knowledge: Knowledge, kind: SheetKind) -> bool:
    """Whether there is anything of a kind."""
    if kind is SheetKind.PRODUCT:
        return bool(knowledge.products)
    if kind is SheetKind.HANDOVER:
        return bool(knowledge.profile)
    if kind is SheetKind.OFFER:
        return bool(knowledge.offers)
    return any(own_entries.sheet_of(entry) is kind for entry in knowledge.entries)


def pages_of(knowledge: Knowledge, kind: SheetKind) -> list[Page]:
    """The sheets of a kind; one without rows where there is nothing."""
    if kind is SheetKind.PRODUCT:
        return _product_pages(knowledge.products)
    if kind is SheetKind.HANDOVER:
        return [_grid(kind, KIND_LABELS[kind], [profile_row(fact) for fact in knowledge.profile])]
    if kind is SheetKind.OFFER:
        ordered = sorted(knowledge.offers, key=lambda rule: (_natural(rule.key), rule.id))
        return [_grid(kind, KIND_LABELS[kind], [offer_row(rule) for rule in ordered])]
    return [_entry_page(kind, [e for e in knowledge.entries if own_entries.sheet_of(e) is kind])]


# -- entries


def _entry_page(kind: SheetKind, entries: Sequence[Entry]) -> Page:
    ordered = sorted(entries, key=lambda entry: (*_natural(entry.key), entry.kind))
    rows = [row for entry in ordered for row in own_entries.entry_rows(entry)]
    attrs = [ROW, *labels(kind)]
    shown = {Place(attr) for attr in attrs if _always(kind, attr)} | {place for row in rows for place in row}
    places = sorted(
        (place for place in shown if place.attr in attrs),
        key=lambda place: (attrs.index(place.attr), place.whole, place.number),
    )
    headers = tuple(_entry_header(kind, place) for place in places)
    return Page(KIND_LABELS[kind], headers, [[row.get(place, "") for place in places] for row in rows], frozen=3)


def _always(kind: SheetKind, attr: str) -> bool:
    """Whether a column stands there even when it is blank: the template's own, and what a trainer may want to add."""
    if kind is SheetKind.FAQ:
        return attr not in ("answer_start", "answer_end", "kind")
    return attr in (ROW, "status", *(name for name in labels(kind) if labels(kind)[name] in offered_labels(kind)))


_WIDTHS = {"question": 32, "phrasing": 36, "negative": 24, "answer": 48, "category": 16}
_CHOICES = {
    "status": tuple(STATUSES.values()),
    "kind": tuple(KINDS.values()),
    "must_read": (YES, "否"),
    ROW: (own_entries.HEAD, own_entries.FURTHER),
}


def _entry_header(kind: SheetKind, place: Place) -> Header:
    text = row_header(kind) if place.attr == ROW else header_of(kind, place)
    width = _WIDTHS.get(place.attr, 21 if place.attr.endswith(("start", "end")) else 14)
    return Header(text, place.attr == "answer", width, _CHOICES.get(place.attr, ()), only=True)


# -- products


def _product_pages(products: Sequence[Product]) -> list[Page]:
    """One page, or as many as the different attributes need columns."""
    kind = SheetKind.PRODUCT
    pages: list[list[dict[Cell, str]]] = [[]]
    used: set[Cell] = set()
    for product in sorted(products, key=lambda product: _natural(product.key)):
        rows = product_rows(product)
        wanted = {cell for row in rows for cell in row}
        if pages[-1] and len(used | wanted) > _MAX_COLUMNS:
            pages.append([])
            used = set()
        used |= wanted
        pages[-1] += rows
    names = [KIND_LABELS[kind] + (str(i) if i > 1 else "") for i in range(1, len(pages) + 1)]
    return [_grid(kind, name, rows) for name, rows in zip(names, pages, strict=True)]


def _grid(kind: SheetKind, name: str, rows: Sequence[dict[Cell, str]]) -> Page:
    """Rows below our own columns, the usual attributes, and then the others in the order in which they come."""
    first = [ROW, *labels(kind).values()]
    if kind is SheetKind.PRODUCT:
        first += [label for label in offered_labels(kind) if label not in first]
    places = dict.fromkeys([(label, 0) for label in first] + [cell for row in rows for cell in row])
    ranks = {label: rank for rank, label in enumerate(first)}
    order = sorted(places, key=lambda cell: (ranks.get(cell[0], len(ranks)), cell[1] if cell[0] in ranks else 0))
    headers = tuple(_grid_header(kind, header) for header, _ in order)
    return Page(name, headers, [[row.get(cell, "") for cell in order] for row in rows], frozen=3)


def _grid_header(kind: SheetKind, header: str) -> Header:
    if header == ROW:
        choices = _ROWS[kind]
        return Header(row_header(kind), False, 14, choices, only=True)
    if header == labels(kind).get("status"):
        return Header(header, False, 10, tuple(STATUSES.values()), only=True)
    wide = header in (labels(kind).get("name"), labels(kind).get("value"), labels(kind).get("text"))
    return Header(header, wide, 48 if header == "内容" else 28 if wide else 14)


# -- the guide


def _guide(kinds: Sequence[SheetKind]) -> Guide:
    notes = (
        "这是从话术导出的内容。改好后可以直接导入：编号（没有编号时看标准问题、商品名称）相同的会更新，新增的行会新建。",
        "“行类型”一列请不要改：一条知识或一个商品占一行，它的另一条话术、每个规格各占一行，靠编号和名称认出属于谁。",
        APOSTROPHE,
    )
    rows = [
        (
            "行类型",
            "",
            f"问答、短语、通知：{own_entries.HEAD}、{own_entries.FURTHER}；商品：{WHOLE}、{VARIANT}",
            own_entries.HEAD,
            "",
        ),
        ("状态", "", "只有已发布的会推荐给客服；留空当作已发布", "已发布", ""),
        ("相似问（一行一句）", "", "同一格里每行是一句问法；自己带换行的问法在“一格一句”的列里", "怎么退\n能退吗", ""),
        (
            "平台、适用商品",
            "",
            "只在这些平台、对这些商品编号用这条话术；几个用顿号隔开，名称里本来有顿号的写在「」里",
            "天猫、京东",
            "",
        ),
        (
            "话术生效、失效时间",
            "",
            "只管这一条话术；“生效时间”“失效时间”管整条知识。精确到秒",
            "2026-11-01 00:00:00",
            "",
        ),
        ("重量【g】", "", "表头【】里是单位，这一列的值原样导入，不再识别单位", "约500", ""),
    ]
    title = "、".join(KIND_LABELS[kind] for kind in kinds) + GUIDE
    return Guide(GUIDE, title, notes, ("列名", "", "意思", "例子", ""), rows)


def _natural(key: str) -> tuple[str, str]:
    """Numbers by value: Q2 before Q10."""
    return _NUMBER.sub(lambda match: match[0].zfill(20), key), key
