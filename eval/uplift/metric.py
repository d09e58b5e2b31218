"""What is measured: each a ratio of sums over conversations, with its unit and the side on which it gets worse."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from eval.paper.paper import Unit
from eval.rows.rows import Floats, Rows

Column = Callable[[Rows], Floats]


@dataclass(frozen=True, slots=True)
class Metric:
    """Σ top / Σ bottom over the rows where top is known; `bottom` None: over conversations. `needs`: columns it reads.

    `unit` is that of the arms' values, `margin` how much worse a guardrail may get; None: it is no guardrail.
    """

    key: str
    unit: Unit
    needs: tuple[str, ...]
    top: Column
    bottom: Column | None = None
    margin: float | None = None

    @property
    def change(self) -> Unit:
        """The unit of a difference."""
        return "pp" if self.unit == "%" else self.unit

    def known(self, rows: Rows) -> bool:
        return all(map(rows.knows, self.needs))

    def sums(self, rows: Rows) -> tuple[Floats, Floats | None]:
        """Numerator and denominator of each row."""
        return self.top(rows), self.bottom(rows) if self.bottom else None


def _number(name: str) -> Column:
    return lambda rows: rows.number(name)


def _of_orders(column: Column) -> Column:
    """Only where an order was paid: what a conversation without one has is no part of an average order."""
    return lambda rows: np.asarray(column(rows) * (rows.number("converted") == 1))


CONVERSION = Metric("conversion", "%", ("converted",), _number("converted"))
NET = Metric("net", "元", ("paid",), Rows.net)
ORDER_VALUE = Metric("order_value", "元", ("paid", "converted"), _of_orders(Rows.net), _number("converted"))
ITEMS = Metric("items", "", ("items", "converted"), _of_orders(_number("items")), _number("converted"))
REFUND = Metric("refund", "%", ("refund", "converted"), _of_orders(_number("refund")), _number("converted"), 0.02)
COMPLAINT = Metric("complaint", "%", ("complaint",), _number("complaint"), None, 0.005)
FIRST_REPLY = Metric("first_reply", "秒", ("first_reply_s",), _number("first_reply_s"), None, 3.0)

GAINS = (CONVERSION, NET, ORDER_VALUE, ITEMS)
GUARDS = (REFUND, COMPLAINT, FIRST_REPLY)
