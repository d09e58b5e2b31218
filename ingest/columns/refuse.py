"""What is said of a sheet that is not imported: one nobody understands, or one sent under a wrong name."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from ingest.columns.fields import FIELDS, KIND_LABELS, SheetKind
from ingest.columns.header import Guess, headers_seen
from ingest.columns.naming import exact, known_attributes, plain
from ingest.columns.table import Column, Table, Use
from ingest.sheet import Sheet

SIDEWAYS = (
    "这张表像是横过来的：左边一列是项目（如材质、价格），右边每一列是一个商品。"
    "请在 Excel 或 WPS 里复制整张表，“选择性粘贴”选“转置”，让每个商品占一行，再导入。"
)
_NAMED = {
    r"问答|常见问题|faq|q\s?&\s?a|答疑": (SheetKind.FAQ,),
    r"话术|短语": (SheetKind.PHRASE, SheetKind.FAQ),
    r"商品|产品|货品|尺码": (SheetKind.PRODUCT,),
    r"通知|公告|活动": (SheetKind.NOTICE,),
    r"交接": (SheetKind.HANDOVER,),
    r"订单": (SheetKind.ORDER,),
    r"聊天|对话": (SheetKind.CHAT,),
    r"加购|搭配|凑单|换购": (SheetKind.OFFER,),
}
_MOSTLY = 0.5  # of the names


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


def sideways(table: Table) -> bool:
    """Whether a product sheet lies on its side: what stands below the header of names are attributes (材质, 价格)."""
    names = [text for row in table.rows if (text := table.text(row, "name"))] if table.kind is SheetKind.PRODUCT else []
    headers = [name for name in map(plain, names) if name in known_attributes() or exact(SheetKind.PRODUCT, name)]
    return len(headers) > 1 and len(headers) > _MOSTLY * len(names)


def beside_others(text: str) -> str:
    """What `not_understood` says, of a sheet in a file whose other sheets are: it is mostly a cover."""
    return text.replace(_needs(None), "没有导入；是封面、目录或说明就不用管。")


def misnamed(file: str, kinds: Collection[SheetKind]) -> str:
    """What to ask where a file's name announces one kind of sheet and another is in it; "" where they agree."""
    said = {kind for pattern, meant in _NAMED.items() if re.search(pattern, file, re.IGNORECASE) for kind in meant}
    if not said or not kinds or said & set(kinds):
        return ""
    wanted, found = ("、".join(KIND_LABELS[kind] for kind in KIND_LABELS if kind in each) for each in (said, kinds))
    return f"文件名像是{wanted}，里面却是{found}。请核对是不是发错了文件"


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
    header = f"'{sheet}!header=0'" if sheet else "header=0"
    where = f"如果它是{KIND_LABELS[kind]}，可以自己指明" + ("哪一列是什么" if seems else "种类和列")
    return f"{where}：huashu import 加 {maps}（换成表里真正的列；没有表头再加 --map {header}）；在训练师页面上，预览里可以直接选。"


def _needs(kind: SheetKind | None) -> str:
    needs = (
        f"{KIND_LABELS[k]}要有" + "和".join(f"“{field.label}”" for field in FIELDS[k] if field.required)
        for k in ([kind] if kind else FIELDS)
        if any(field.required for field in FIELDS[k])
    )
    return "；".join(needs) + "。"
