"""Templates: a sheet for each kind that a merchant can fill in, made from what the importer understands."""

from __future__ import annotations

from functools import lru_cache

from ingest.columns.fields import FIELDS, KIND_LABELS, Field, SheetKind
from ingest.columns.hints import NOT_OFFERED, hint_of
from ingest.columns.labels import STANDARD
from ingest.columns.template import EXAMPLE, GUIDE
from ingest.writers.page import Guide, Header, Page
from ingest.writers.xlsx import write_workbook
from kb.errors import Invalid

APOSTROPHE = (
    "有的格子最前面有一个半角单引号 '，如 '-10元 或 '=满300减40。它不是内容，只是告诉 Excel “这是文字，不是公式”；"
    "导入时会自动去掉，不用管它，也请不要删掉。"
)
_NOTES = (
    "橙色表头是必填列，其余可以留空；整列用不到可以删掉，列的顺序可以换，表头的字请不要改。",
    f"以{EXAMPLE}开头的灰色行只是示例，导入时跳过，可以留着，也可以删掉。请从示例下面一行开始填。",
    "所有格子都是文本格式，编号前面的 0 不会丢。请不要合并单元格。",
    APOSTROPHE,
)
_PRODUCT_NOTE = "买家会问的其他属性（面料、重量、容量、保质期……）直接加列：列名写属性名，值带上单位，如 500g、100ml。"
_FORM_NOTES = (
    "在“内容”一列填写，没有的留空。表里没有的事项可以接着往下加。",
    "账号和密码请不要写在这里，写了也不会读取。",
    APOSTROPHE,
)


def template(kind: SheetKind) -> bytes:
    """An xlsx file to fill in. Raises Invalid for a kind that cannot be filled in by hand."""
    page = page_of(kind)
    notes = _FORM_NOTES if kind is SheetKind.HANDOVER else _NOTES
    if kind is SheetKind.PRODUCT:
        notes = (*notes[:1], _PRODUCT_NOTE, *notes[1:])
    return write_workbook([page], _guide(kind, notes))


def page_of(kind: SheetKind) -> Page:
    """The sheet of a template."""
    if kind is SheetKind.HANDOVER:
        headers = (Header("项目", required=True, width=22), Header("内容", required=True, width=60))
        return Page(KIND_LABELS[kind], headers, [(label, "") for label in STANDARD], frozen=1)
    fields = offered(kind)
    if not fields:
        raise Invalid(f"{KIND_LABELS[kind]}还没有模板。", remedy="请直接导入平台导出的文件。")
    rows = [[_example(kind, field, i) for field in fields] for i in range(2)]
    # The mark stands in the first cell, which may be one that has no example.
    rows = [[EXAMPLE + row[0], *row[1:]] for row in rows]
    return Page(KIND_LABELS[kind], tuple(_header(kind, field) for field in fields), rows, examples=2, frozen=1)


def offered(kind: SheetKind) -> list[Field]:
    """The columns of a kind's template."""
    return [field for field in FIELDS[kind] if (kind, field.name) not in NOT_OFFERED]


@lru_cache(maxsize=len(SheetKind))
def offered_labels(kind: SheetKind) -> tuple[str, ...]:
    return tuple(field.label for field in offered(kind))


def _header(kind: SheetKind, field: Field) -> Header:
    hint = hint_of(kind, field.name)
    text = field.label + "*" if field.required else field.label
    return Header(text, field.required, hint.width, hint.choices, hint.only)


def _example(kind: SheetKind, field: Field, number: int) -> str:
    examples = hint_of(kind, field.name).examples
    return examples[number] if number < len(examples) else ""


def _guide(kind: SheetKind, notes: tuple[str, ...]) -> Guide:
    rows = [
        (
            field.label,
            "必填" if field.required else "",
            hint_of(kind, field.name).text,
            _example(kind, field, 0) or _example(kind, field, 1),
            "、".join(field.aliases[1:7]),
        )
        for field in offered(kind)
    ]
    return Guide(
        GUIDE, f"{KIND_LABELS[kind]}{GUIDE}", notes, ("列名", "必填", "怎么填", "例子", "表头也可以写成"), rows
    )
