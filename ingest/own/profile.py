"""The shop's own facts (店铺信息) as the rows of a sheet, and back."""

from __future__ import annotations

from collections.abc import Sequence

from ingest.columns.fields import SheetKind
from ingest.columns.table import Table
from ingest.own.columns import ROW, labels
from ingest.problem import Problems
from ingest.sheet import Row, safe
from kb.model import Fact

ITEM = "店铺信息"
_LABELS = labels(SheetKind.HANDOVER)


def profile_row(fact: Fact) -> dict[tuple[str, int], str]:
    row = {ROW: ITEM, "name": safe(fact.name), "value": safe(fact.value), "unit": fact.unit}
    return {(_LABELS.get(attr, attr), 0): text for attr, text in row.items() if text}


def read_profile(table: Table, rows: Sequence[Row], problems: Problems) -> tuple[list[Fact], int]:
    """The facts of a sheet, and how many rows were left out: those that say nothing."""
    facts = []
    for row in rows:
        name, value = table.text(row, "name"), table.text(row, "value")
        if name and value:
            facts.append(Fact(name, value, table.text(row, "unit"), table.source(row.number, table.letter("value"))))
        elif value:
            problems.warn("row_skipped", "这一行没有写是什么项目，已跳过", row=row.number, value=value)
    return facts, len(rows) - len(facts)
