"""What is said of a sheet that is not imported: one nobody understands, or one sent under a wrong name."""

from __future__ import annotations

from collections.abc import Sequence

from ingest.columns.fields import FIELDS, KIND_LABELS, SheetKind
from ingest.columns.header import Guess, headers_seen
from ingest.columns.table import Column, Use
from ingest.sheet import Sheet


def other_kind(seen: SheetKind | None, kind: SheetKind | None) -> str:
    """Why a form or an order list is not read as another kind; "" for any other sheet. Quotes nothing of it."""
    if kind in (None, seen) or seen not in (SheetKind.ORDER, SheetKind.HANDOVER):
        return ""
    return f"这是一张{KIND_LABELS[seen]}，不能当作{KIND_LABELS[kind or seen]}导入。请选“自动识别”或“{KIND_LABELS[seen]}”再导入。"


def not_understood(sheet: Sheet, guess: Guess | None, kind: SheetKind | None) -> str:
    """What was seen in a sheet of no known kind, and what is needed."""
    if guess and (kind or guess.matched > 1):
        missing = "、".join(f"“{field.label}”" for field in guess.missing)
        return (
            f"第{guess.row.number}行看起来是{KIND_LABELS[guess.kind]}的表头，但缺少{missing}一列，"
            "请补上这一列或改好列名后再导入。"
        )
    seen = headers_seen(sheet.rows)
    found = f"看到的列是：{seen}。" if seen else ""
    return f"看不出这是什么表。{found}{_needs(kind)}"


def how_to_map(sheet: str, seems: str, columns: Sequence[Column]) -> str:
    """How to say on the command line what the columns are; `sheet` is "" in a file without another."""
    kind = SheetKind(seems) if seems else SheetKind.FAQ
    taken = {column.field for column in columns if column.use is Use.FIELD}
    free = [column.letter for column in columns if column.use not in (Use.FIELD, Use.SECRET)]
    lacking = [field.label for field in FIELDS[kind] if field.required and field.name not in taken]
    letters = (free if seems else []) + ["A", "B", "C"]
    said = [f"{letter}={label}" for letter, label in zip(letters, lacking, strict=False)]
    said = said if seems else [f"kind={kind}", *said]
    maps = " ".join(f"--map '{sheet}!{each}'" if sheet else f"--map {each}" for each in said)
    where = f"如果它是{KIND_LABELS[kind]}，可以自己指明" + ("哪一列是什么" if seems else "种类和列")
    return f"{where}：huashu import 加 {maps}（把列换成表里的那一列）；在训练师页面上，预览里可以直接选。"


def _needs(kind: SheetKind | None) -> str:
    needs = (
        f"{KIND_LABELS[k]}要有" + "和".join(f"“{field.label}”" for field in FIELDS[k] if field.required)
        for k in ([kind] if kind else FIELDS)
        if any(field.required for field in FIELDS[k])
    )
    return "；".join(needs) + "。"
