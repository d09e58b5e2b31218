"""Drafts: what a file says, before it is compared with what the store knows. Ids are still blank."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ingest.columns.fields import SheetKind
from ingest.columns.table import Cell, Column, Use
from ingest.problem import Problem, count_errors, gather
from kb.model import Entry, Fact, OfferRule, Product, Source, Turn


@dataclass(frozen=True, slots=True)
class EntryDraft:
    """An entry without ids, and where each of its questions stands (by folded text)."""

    entry: Entry
    places: Mapping[str, Cell] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Talk:
    """One conversation of a chat log, masked; `id` names it within its sheet, `row` of `file` is where it begins."""

    id: str
    turns: tuple[Turn, ...]
    row: int = 0
    file: str = ""


# What one order line calls its item: product number, SKU number, name (masked); "" where it does not say.
Line = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class OrderDraft:
    """One order, before it is known which products its lines mean. `id` is a digest already; the number is forgotten.

    `returned` lines were cancelled, refunded or never paid.
    """

    id: str
    bought: tuple[Line, ...]
    returned: tuple[Line, ...] = ()
    at: int = 0


@dataclass(frozen=True, slots=True)
class Measure:
    """One value of a size table: what is measured of which size."""

    size: str
    fact: Fact


@dataclass(frozen=True, slots=True)
class Chart:
    """The size table of one product, which `names` may name: the surest text first. It adds facts, and is no product."""

    names: tuple[str, ...]
    measures: tuple[Measure, ...]
    source: Source


@dataclass(frozen=True, slots=True)
class Content:
    """What the rows of one sheet say; `skipped` counts those left out."""

    entries: tuple[EntryDraft, ...] = ()
    products: tuple[Product, ...] = ()
    profile: tuple[Fact, ...] = ()
    orders: tuple[OrderDraft, ...] = ()
    offers: tuple[OfferRule, ...] = ()
    talks: tuple[Talk, ...] = ()
    skipped: int = 0


@dataclass(frozen=True, slots=True)
class SheetDraft:
    """One sheet, read; `kind` is None when it is not imported. `rows` counts data rows, `skipped` those left out.

    `seems` is the kind whose columns are shown; `learned` what a person has said of them, to be remembered.
    """

    sheet: str
    kind: SheetKind | None = None
    header_row: int = 0
    columns: tuple[Column, ...] = ()
    rows: int = 0
    skipped: int = 0
    entries: tuple[EntryDraft, ...] = ()
    products: tuple[Product, ...] = ()
    profile: tuple[Fact, ...] = ()
    orders: tuple[OrderDraft, ...] = ()
    offers: tuple[OfferRule, ...] = ()
    talks: tuple[Talk, ...] = ()
    problems: tuple[Problem, ...] = ()
    charts: tuple[Chart, ...] = ()
    seems: SheetKind | None = None
    learned: Mapping[tuple[str, str], str] = field(default_factory=dict)
    shown: Mapping[int, tuple[str, ...]] = field(
        default_factory=dict
    )  # identities that rows with a finding show, by row
    begins: Mapping[int, str] = field(default_factory=dict)  # the words that tell a place in running text, by row

    @property
    def fields(self) -> frozenset[str]:
        """What the sheet has a column for; about anything else it says nothing, not even that it is blank."""
        return frozenset(column.field for column in self.columns if column.use is Use.FIELD)

    @property
    def own(self) -> bool:
        """Whether it is one of our own exports, which says everything about each of its rows."""
        return "row" in self.fields


@dataclass(frozen=True, slots=True)
class Draft:
    """A whole file, read. `digest` is the SHA-256 of its bytes."""

    file: str
    digest: str
    sheets: tuple[SheetDraft, ...]

    @property
    def problems(self) -> list[Problem]:
        return gather(self.sheets)

    @property
    def errors(self) -> int:
        return count_errors(self.problems)

    @property
    def importable(self) -> bool:
        return any(sheet.kind for sheet in self.sheets)
