"""What marks our own templates: example rows, and the sheet that explains. Neither is ever imported."""

from __future__ import annotations

from ingest.columns.table import Table
from ingest.sheet import Row, Sheet

EXAMPLE = "【示例】"
GUIDE = "填写说明"


def is_example(row: Row) -> bool:
    """Whether a row shows how to fill in the sheet; its first text says so."""
    return next(filter(None, row.cells)).startswith(EXAMPLE)


def is_guide(sheet: Sheet) -> bool:
    """Whether a sheet explains the others."""
    return sheet.name.startswith(GUIDE) and sheet.rows[0].cells[0].endswith(GUIDE)


def only_examples(table: Table) -> str:
    """What to tell somebody who sends back a template that nobody has filled in; "" for any other sheet."""
    if not table.rows or not all(map(is_example, table.rows)):
        return ""
    return "模板里还只有示例，没有可以导入的内容。请在示例行下面填写，示例行可以留着，也可以删掉"
