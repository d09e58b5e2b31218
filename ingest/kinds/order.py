"""Order lists: which items stand in one order, and nothing about who bought them.

Only the columns of number, item, quantity, time and status are read. The order number becomes a digest here, and another
one under the shop's own salt before it is stored (`ingest/compare/baskets.py`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from ingest.columns.orders import is_buyers
from ingest.columns.table import Table
from ingest.draft import Line, OrderDraft
from ingest.kinds.values import parse_moment
from ingest.problem import Problems
from ingest.sheet import Row
from kb.language.mask import mask
from kb.orders import plain_digest

_LONGEST_NAME = 200
# Exports protect long numbers from the spreadsheet: ="269…", '269…
_WRAPPED = re.compile(r"^(?:=\s*\"(.*)\"|['‘’`](.*))$", re.DOTALL)
_ROUNDED = re.compile(r"\d(?:\.\d+)?E\+?\d+", re.IGNORECASE)
# A refund that was closed, refused or never asked for leaves the purchase as it was.
_STANDS = re.compile(
    r"(?:没有|无|未)(?:申请)?(?:退款|售后|退货)|(?:退款|售后|退货)(?:申请)?(?:已)?(?:关闭|取消|撤销|失败|拒绝|驳回)"
)
_NOT_BOUGHT = re.compile(
    r"关闭|取消|作废|退款|退货|拒收|未付款|待付款|未支付|待支付|等待买家付款|closed|cancel|refund|unpaid|return",
    re.IGNORECASE,
)
# Somebody has asked for the money back; whether it is given is open, and the purchase shows what goes together.
_OPEN = re.compile(r"(?:退款|退货|售后)(?:处理)?中|申请(?:退款|退货|售后)|待(?:退款|退货|商家)")


@dataclass(slots=True)
class _Order:
    """The lines of one order while they are gathered, each once."""

    at: int = 0
    bought: dict[Line, None] = field(default_factory=dict)
    returned: dict[Line, None] = field(default_factory=dict)


@dataclass(slots=True)
class _Seen:
    """What is told once for a whole sheet."""

    left_out: int = 0
    unreadable_times: int = 0
    names: dict[str, str] = field(default_factory=dict)  # masked once each, since masking costs
    lines: dict[Line, Line] = field(default_factory=dict)


def draft_orders(table: Table, rows: Sequence[Row], problems: Problems) -> tuple[list[OrderDraft], int]:
    """The orders of a sheet, and how many lines were left out (not bought, or without number or item)."""
    read = {
        name: _reader(table, name) for name in ("order", "product", "sku", "name", "quantity", "at", "status", "refund")
    }
    orders: dict[str, _Order] = {}
    seen, skipped, number, above = _Seen(), 0, "", ("", "")
    for row in rows:
        stated = _unwrapped(read["order"](row))
        # Merged cells: the number, time and status of an order may stand on the first of its lines alone.
        head = (read["at"](row), read["status"](row))
        above = head if stated and stated != number else (head[0] or above[0], head[1] or above[1])
        number = stated or number
        line = _line(row, read, seen)
        if not number or not any(line) or _is_rounded(number, row, table, problems):
            skipped += 1
            continue
        order = orders.setdefault(number, _Order())
        order.at = order.at or _moment(above[0], seen)
        if _is_bought(above[1], read["refund"](row), read["quantity"](row)):
            order.bought[line] = None
        else:
            order.returned[line] = None
            skipped += 1
            seen.left_out += 1
    _tell(table, seen, problems)
    return [_draft(number, order) for number, order in orders.items()], skipped


def status_says_bought(status: str, refund: str = "") -> bool:
    """Whether an order line in this state shows what was bought: not cancelled, refunded or unpaid."""
    return not any(_NOT_BOUGHT.search(text) for text in map(_settled, (status, refund)))


def _settled(status: str) -> str:
    return _OPEN.sub("", _STANDS.sub("", status))


@lru_cache(maxsize=4096)
def _is_bought(status: str, refund: str, quantity: str) -> bool:
    return status_says_bought(status, refund) and not re.fullmatch(r"-\s*\d.*|0+(?:\.0*)?", quantity)


def _reader(table: Table, name: str) -> Callable[[Row], str]:
    columns = table.by_field.get(name, ())
    if not columns:
        return lambda _row: ""
    index = columns[0].index
    return lambda row: row.cell(index)


def _line(row: Row, read: dict[str, Callable[[Row], str]], seen: _Seen) -> Line:
    name = read["name"](row)
    masked = seen.names.get(name)
    if masked is None:
        masked = seen.names[name] = mask(" ".join(name.split())[:_LONGEST_NAME])
    line = (_unwrapped(read["product"](row)), _unwrapped(read["sku"](row)), masked)
    return seen.lines.setdefault(line, line)


def _unwrapped(text: str) -> str:
    match = _WRAPPED.match(text) if text[:1] in "='‘’`" else None
    return (match[1] or match[2] or "").strip() if match else text


def _is_rounded(number: str, row: Row, table: Table, problems: Problems) -> bool:
    if not _ROUNDED.fullmatch(number):
        return False
    text = "订单编号被表格软件改成了科学计数，分不清是哪一单，这一行没有导入；请把这一列设为“文本”后重新导出"
    problems.error("order_number_rounded", text, row=row.number, column=table.letter("order"))
    return True


def _moment(text: str, seen: _Seen) -> int:
    try:
        return parse_moment(text) or 0
    except ValueError:
        seen.unreadable_times += 1
        return 0


def _draft(number: str, order: _Order) -> OrderDraft:
    return OrderDraft(plain_digest(number), tuple(order.bought), tuple(order.returned), order.at)


def _tell(table: Table, seen: _Seen, problems: Problems) -> None:
    buyers = _headers(column.header for column in table.columns if is_buyers(column.header))
    if buyers:
        problems.warn("buyer_columns_unread", f"买家信息没有读取，也没有保存：{buyers}")
    if seen.left_out:
        problems.warn("orders_left_out", f"有 {seen.left_out} 行是未付款、已取消或已退款的，没有计入")
    if seen.unreadable_times:
        text = f"有 {seen.unreadable_times} 单的时间看不懂，按没有时间导入"
        problems.warn("order_time_unreadable", text, column=table.letter("at"))


def _headers(names: Iterable[str]) -> str:
    return "、".join(mask(name) for name in names)
