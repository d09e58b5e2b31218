"""The shop's own facts (店铺信息) as the rows of a sheet, and back."""

from __future__ import annotations

from collections.abc import Sequence

from ingest.columns.fields import SheetKind
from ingest.columns.labels import names_secret
from ingest.columns.table import Cell, Table
from ingest.kinds.handover import refuse, tells_credential, told_value
from ingest.own.columns import ROW, labels
from ingest.problem import Problems
from ingest.sheet import Row, safe
from kb.language.mask import mask
from kb.model import Fact

ITEM = "店铺信息"
_LABELS = labels(SheetKind.HANDOVER)


def profile_row(fact: Fact) -> dict[tuple[str, int], str]:
    row = {ROW: ITEM, "name": safe(fact.name), "value": safe(fact.value), "unit": fact.unit}
    return {(_LABELS.get(attr, attr), 0): text for attr, text in row.items() if text}


def read_profile(table: Table, rows: Sequence[Row], problems: Problems) -> tuple[list[Fact], int]:
    """The facts of a sheet, and how many rows were left out: those that say nothing, and credentials."""
    facts = []
    for row in rows:
        name = Cell(row.number, table.letter("name"), table.text(row, "name"))
        value = Cell(row.number, table.letter("value"), table.text(row, "value"))
        # Our own form, but filled in by people: what is refused on theirs is refused here.
        if names_secret(name.text) or any(map(tells_credential, (name.text, value.text))):
            refuse(name, problems)
        elif name.text and value.text:
            told = told_value(mask(name.text), value, problems)
            facts.append(Fact(mask(name.text), told, table.text(row, "unit"), table.source(row.number, value.column)))
        elif value.text:
            problems.warn("row_skipped", "这一行没有写是什么项目，已跳过", row=row.number, value=mask(value.text))
    return facts, len(rows) - len(facts)
