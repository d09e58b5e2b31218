"""A sheet whose header is understood: which column means what."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from ingest.columns.fields import SheetKind
from ingest.sheet import Row, column_letter
from kb.model import Source


class Use(StrEnum):
    """What becomes of a column."""

    FIELD = "field"
    FACT = "fact"
    SKIPPED = "skip"
    SECRET = "secret"  # noqa: S105 - a marker, not a password
    PERSON = "person"
    UNUSED = ""


_USE_LABELS = {
    Use.FACT: "商品属性",
    Use.SKIPPED: "跳过",
    Use.SECRET: "不读取",
    Use.PERSON: "买家信息，不读取",
    Use.UNUSED: "未使用",
}


@dataclass(frozen=True, slots=True)
class Column:
    """A column with a header; `field` names its meaning when `use` is FIELD, `sure` unless by a likeness only."""

    index: int
    header: str
    use: Use
    field: str = ""
    label: str = ""
    sure: bool = True

    @property
    def letter(self) -> str:
        return column_letter(self.index)

    def to_json(self) -> dict[str, object]:
        field = self.field if self.use is Use.FIELD else str(self.use)
        label = self.label if self.use is Use.FIELD else _USE_LABELS[self.use]
        return {"column": self.letter, "header": self.header, "field": field, "field_label": label, "sure": self.sure}


@dataclass(frozen=True, slots=True)
class Cell:
    """A text and where it stands."""

    row: int
    column: str
    text: str


@dataclass(frozen=True)
class Table:
    """The rows below a header, with the columns by meaning."""

    file: str
    sheet: str
    kind: SheetKind
    header_row: int
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]

    @cached_property
    def by_field(self) -> dict[str, tuple[Column, ...]]:
        found: dict[str, tuple[Column, ...]] = {}
        for column in self.columns:
            if column.use is Use.FIELD:
                found[column.field] = (*found.get(column.field, ()), column)
        return found

    def letter(self, field: str) -> str:
        """The letter of the first column of a field; "" when the sheet has none."""
        columns = self.by_field.get(field, ())
        return columns[0].letter if columns else ""

    def has(self, *fields: str) -> bool:
        """Whether the sheet has a column for one of these; without, no row of it need be asked."""
        return not self.by_field.keys().isdisjoint(fields)

    def text(self, row: Row, field: str) -> str:
        """The first text of a field in a row; "" when blank or absent."""
        cells = row.cells
        for column in self.by_field.get(field, ()):  # a loop: asked ten times of every row
            if column.index < len(cells) and (text := cells[column.index]):
                return text
        return ""

    def cells(self, row: Row, field: str) -> list[Cell]:
        """The texts of a repeating field in a row, blanks left out."""
        columns = self.by_field.get(field)
        if columns is None:
            return []
        return [Cell(row.number, c.letter, text) for c in columns if (text := row.cell(c.index))]

    def source(self, row: int, column: str) -> Source:
        return Source(self.file, self.sheet, row, column)
