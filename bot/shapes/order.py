"""The order a chat is about, as a host sends it and as pages get it: its number by the last digits only."""

from __future__ import annotations

from typing import Self

from pydantic import Field

from bot.shapes.base import Line, Name, Reply, Request
from kb.language.tail import tail_of
from kb.model import Logistics, Order, Payment, Refund


class OrderIn(Request):
    """What a host knows of the order. Whatever it does not know is left out."""

    number: Name = Field("", description="订单号；只保留末四位")
    product: Name = Field("", description="订单商品的编号")
    sku: Line = Field("", description="买家所选规格，平台的写法", examples=["颜色:白色;尺码:M"])
    payment: Payment | None = None
    logistics: Logistics | None = None
    refund: Refund | None = None

    def order(self) -> Order:
        """The noun; the number is cut here, at the door."""
        return Order(
            tail=tail_of(self.number),
            product=self.product.strip(),
            sku=self.sku.strip(),
            payment=self.payment,
            logistics=self.logistics,
            refund=self.refund,
        )

    @classmethod
    def of(cls, order: Order) -> Self:
        """An order that was cut before, to be asked about again."""
        return cls(
            number=order.tail,
            product=order.product,
            sku=order.sku,
            payment=order.payment,
            logistics=order.logistics,
            refund=order.refund,
        )


class OrderOut(Reply):
    """An order as pages show it."""

    tail: str
    product: str
    sku: str
    payment: Payment | None
    logistics: Logistics | None
    refund: Refund | None

    @classmethod
    def of(cls, order: Order) -> Self:
        return cls(
            tail=order.tail,
            product=order.product,
            sku=order.sku,
            payment=order.payment,
            logistics=order.logistics,
            refund=order.refund,
        )
