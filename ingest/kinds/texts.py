"""What every kind of entry does with its texts: mask questions, warn of answers, read the window."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import chain

from ingest.columns.table import Table
from ingest.kinds.handover import tells_credential
from ingest.kinds.period import Side, Year, read_side, read_sides, settle, year_of
from ingest.problem import Problems
from ingest.sheet import Row
from kb.language import text as language
from kb.language.mask import mask
from kb.model import Window

_SIDES = ("valid", "start", "end")  # the columns that say from when until when
# A row's question is compared with its phrasings, its places and the rows before it: folded once, not a dozen times.
# `draft_sheets` forgets them when a file is done.
fold = lru_cache(maxsize=1 << 16)(language.fold)

_ALWAYS = Window()

_DATE_HELP = "请写成 2026-11-01 00:00:00 这样的完整日期"


def masked_question(text: str, problems: Problems, *, row: int, column: str) -> str:
    """A question without personal data; somebody's phone number is no part of what is asked."""
    masked = mask(text)
    if masked != text:
        problems.warn("personal_data", "问法里有个人信息，已替换后导入", row=row, column=column, value=text)
    return masked


def warn_of_personal_data(text: str, problems: Problems, *, row: int, column: str) -> None:
    """An answer stays as it is: the number may be the shop's own. Somebody should look, though."""
    if mask(text) != text:
        problems.warn(
            "personal_data",
            "答复里像是有电话、地址等信息，已原样导入，请确认是店铺自己的",
            row=row,
            column=column,
            value=text,
        )
    if tells_credential(text):
        # Not quoted. And kept: "初始密码 1234" is what the buyer of a lock asks for.
        told = "答复里像是有账号或密码，已原样导入；请确认是可以告诉买家的，否则删掉再导入"
        problems.warn("credential_in_answer", told, row=row, column=column)


def sheet_year(table: Table, rows: Sequence[Row]) -> Year:
    """The year of a sheet's days that are written without one: that of its other dates, its texts, else today's."""
    dates = _texts(table, rows, _SIDES)
    texts = _texts(table, rows, ("title", "content"))
    return year_of(dates, chain([table.file, table.sheet], texts), int(time.time()))


def _texts(table: Table, rows: Sequence[Row], fields: Sequence[str]) -> Iterator[str]:
    present = [name for name in fields if table.has(name)]
    return (text for row in rows for name in present if (text := table.text(row, name)))


def read_window(table: Table, row: Row, year: Year, problems: Problems) -> Window | None:
    """The validity a row states; None (and an error) when it cannot be read or ends before it starts."""
    stated = [name for name in _SIDES if table.text(row, name)]
    if not stated:
        return _ALWAYS
    sides: dict[str, Side] = {"start": None, "end": None}
    field = ""
    try:
        for field in stated:
            text = table.text(row, field)
            if field == "valid":
                sides["start"], sides["end"] = read_sides(text)
            else:
                sides[field] = read_side(text, end=field == "end")
        start, end, guessed = settle(sides["start"], sides["end"], year)
    except ValueError:
        _unreadable(table, row, field, problems)
        return None
    if guessed:
        text = f"日期没有写年份，按导入时的{year.number}年算，请核对"
        problems.warn("year_guessed", text, row=row.number, column=table.letter(field), value=table.text(row, field))
    if start is not None and end is not None and start >= end:
        problems.error(
            "window_reversed",
            "失效时间不晚于生效时间，请核对",
            row=row.number,
            column=table.letter("end") or table.letter("valid"),
            value=table.text(row, "end") or table.text(row, "valid"),
        )
        return None
    return Window(start, end)


def _unreadable(table: Table, row: Row, field: str, problems: Problems) -> None:
    problems.error(
        "date_unreadable",
        f"看不懂这个日期，{_DATE_HELP}",
        row=row.number,
        column=table.letter(field),
        value=table.text(row, field),
    )
