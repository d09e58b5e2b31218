"""What in a sheet is not for agents: columns about buyers, what the shop pays itself, telephone numbers as 编号.

None of it is knowledge: such a column is not read, such a number is no identity, and each is said.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from ingest.columns.fields import SheetKind
from ingest.columns.naming import plain
from ingest.columns.table import Table, Use
from ingest.problem import Problems
from ingest.sheet import Row
from kb.language.mask import mask

_WHO = "买家|顾客|客户|会员|用户|收件人?|收货人?|下单人|购买人|旺旺|微信|真实"
_WHAT = "昵称|姓名|名字|名称|名|id|号码|号|旺旺|微信|电话|手机|手机号|手机号码|联系方式|地址"
_PERSON = re.compile(
    rf"(?:{_WHO}){{1,2}}的?(?:{_WHAT})|淘宝昵称|旺旺|昵称|姓名|收件人|收货人|会员名|联系人|微信|下单人|购买人"
)
_INTERNAL = re.compile(
    r"(?:商品|产品|参考|含税)?(?:成本|进货|采购|供货|拿货|结算|进)(?:单)?(?:价|价格|成本|金额)|成本|成本额|底价|最低价底线|毛利|毛利率|利润|利润率"
    r"|供应商(?:名称|编码|编号|款号|货号|联系人|联系电话|电话|地址|简称)?|虚拟分类|采购员"
)
_ABOUT_PERSONS = (SheetKind.CHAT, SheetKind.ORDER)  # their readers know what not to keep
_IDENTITIES = ("key", "sku")
_ITEM_ID = re.compile(r"id|spu|sku|宝贝|item", re.IGNORECASE)  # 11 digits are a usual number of an item on 淘宝


def is_person(kind: SheetKind, header: str) -> bool:
    """Whether a plain header of a kind of sheet announces who a buyer is."""
    return kind not in _ABOUT_PERSONS and bool(_PERSON.fullmatch(header))


def is_internal(kind: SheetKind, header: str) -> bool:
    """Whether a plain header of a product sheet announces what no buyer may be told: what things cost the shop."""
    return kind is SheetKind.PRODUCT and bool(_INTERNAL.fullmatch(header))


def without_persons(table: Table, rows: Sequence[Row], problems: Problems) -> list[Row]:
    """The rows without telephone numbers and the like in the columns of numbers; what is not read is said."""
    for column in table.columns:
        if column.use is Use.PERSON:
            text = f"“{column.header}”像是买家的信息，这一列没有读取，也没有保存"
            problems.warn("buyer_column", text, row=table.header_row, column=column.letter)
        elif column.use is Use.SKIPPED and is_internal(table.kind, plain(column.header)):
            text = f"“{column.header}”像是店铺内部的数据，没有读取；要给客服看，请说明这一列是商品属性"
            problems.warn("internal_column", text, row=table.header_row, column=column.letter)
    if table.kind in _ABOUT_PERSONS:
        return list(rows)
    numbers = [c for name in _IDENTITIES for c in table.by_field.get(name, ()) if not _is_item_id(table.kind, c.header)]
    return [_without(row, [(c.index, c.letter) for c in numbers], problems) for row in rows]


def _without(row: Row, columns: Sequence[tuple[int, str]], problems: Problems) -> Row:
    found = [(index, letter) for index, letter in columns if (text := row.cell(index)) and mask(text) != text]
    if not found:
        return row
    cells = list(row.cells)
    for index, letter in found:
        told = "编号里像是电话等个人信息，没有用作编号，也没有保存，请改成商家自己的编号"
        problems.warn("number_personal", told, row=row.number, column=letter, value=cells[index])
        cells[index] = ""
    return Row(row.number, tuple(cells))


def _is_item_id(kind: SheetKind, header: str) -> bool:
    return kind is SheetKind.PRODUCT and bool(_ITEM_ID.search(plain(header)))
