"""One product number under two names: a slip of the number would make one product of two, and nobody would see it.

Names of different dates are the history of one product, and a label in 【】 is about its sale, not its name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ingest.columns.table import Table
from ingest.kinds.inherit import SKU_FIELDS, Group, Line, Spot
from ingest.problem import Problems, short
from kb.language.text import fold

_MOST_TOLD = 20  # of one sheet; a sheet that names every variant by itself would otherwise be told of and nothing else
_LONGEST_QUOTE = 40
_LABEL = re.compile(r"【[^】]*】")
_SEPARATORS = re.compile(r"[\W_]+")


def tell_names(table: Table, groups: Sequence[Group], problems: Problems) -> None:
    """A warning for each product whose rows call it differently, the words for their variants apart."""
    found = [(group, names) for group in groups if len(names := list(_names(table, group))) > 1]
    for group, names in found[:_MOST_TOLD]:
        told = "、".join(f"“{short(spot.text, _LONGEST_QUOTE)}”（{column}{spot.row}）" for column, spot in names[:3])
        text = f"商品编号“{short(group.key, _LONGEST_QUOTE)}”有不止一个名称：{told}，当作了同一个商品；不是同一个商品请改编号"
        column, spot = names[1]
        problems.warn("product_two_names", text, row=spot.row, column=column, value=spot.text)
    if len(found) > _MOST_TOLD:
        text = f"另有 {len(found) - _MOST_TOLD} 个商品编号也有不止一个名称，请核对编号列"
        problems.warn("product_two_names", text)


def _names(table: Table, group: Group) -> Iterator[tuple[str, Spot]]:
    """Each name of the first date once, with its column."""
    seen: set[str] = set()
    dates = table.by_field.get("date", ())
    first = group.lines[0].text(dates)
    for line in group.lines:
        column = next((c for c in table.by_field["name"] if c.index in line.spots), None)
        if column is None or line.text(dates) != first:
            continue
        if (bare := _bare(table, line, line.spots[column.index].text)) not in seen:
            seen.add(bare)
            yield column.letter, line.spots[column.index]


def _bare(table: Table, line: Line, name: str) -> str:
    """The name without what the row's own cells say of the variant: 衬衫（白色 M） is 衬衫."""
    name = _LABEL.sub(" ", fold(name))
    said = [fold(line.text(table.by_field.get(each, ()))) for each in SKU_FIELDS]
    for text in sorted(filter(None, said), key=len, reverse=True):
        name = name.replace(text, " ")
    return _SEPARATORS.sub("", name)
