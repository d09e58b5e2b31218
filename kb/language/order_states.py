"""The state of an order in words: as it is told to agents, and as merchants write it in a sheet (未发货, 签收后, 退款中).

One cell may name several: those of one kind (运输中、派送中) are any of them, those of different kinds (已付款、未发货) all together.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from kb.language.text import clean
from kb.model import Logistics, OrderState, Payment, Refund

WORDS: dict[OrderState, str] = {
    Payment.UNPAID: "未付款",
    Payment.PAID: "已付款",
    Logistics.WAITING: "待发货",
    Logistics.SHIPPED: "运输中",
    Logistics.DELIVERING: "派送中",
    Logistics.SIGNED: "已签收",
    Refund.ASKED: "退款申请中",
    Refund.AGREED: "已同意退款",
    Refund.REFUSED: "已拒绝退款",
    Refund.DONE: "退款完成",
}
_ORDERED = tuple(WORDS)
_ALIASES: dict[tuple[OrderState, ...], str] = {
    (Payment.UNPAID,): "未付款 待付款 未支付 待支付 付款前 没付款 拍下未付款 下单未付款",
    (Payment.PAID,): "已付款 已支付 付款后 付了款",
    (Logistics.WAITING,): "待发货 未发货 发货前 没发货 备货中 待出库 未出库",
    (Logistics.SHIPPED, Logistics.DELIVERING, Logistics.SIGNED): "已发货 发货后 发货以后",
    (Logistics.SHIPPED,): "运输中 在途 途中 已出库 运送中 已揽收 待收货",
    (Logistics.DELIVERING,): "派送中 派件中 配送中 派送",
    (Logistics.SHIPPED, Logistics.DELIVERING): "未签收 签收前 收货前 没收到货 已发货未签收",
    (Logistics.SIGNED,): "已签收 签收后 已收货 收货后 确认收货 已送达 交易成功 已完成 收到货后",
    (Refund.ASKED,): "退款申请中 申请退款 退款中 售后中 申请售后 待审核 退款待处理",
    (Refund.AGREED,): "已同意退款 同意退款 退款同意 已同意 待退货",
    (Refund.REFUSED,): "已拒绝退款 拒绝退款 退款驳回 退款被拒 已驳回",
    (Refund.DONE,): "退款完成 已退款 退款成功 退款后",
}
_ANY = frozenset("全部 所有 不限 通用 任意 都适用 全部状态 所有状态 / - 无".split())
_BETWEEN = re.compile(r"[,，、;；|/+&\s和或及且]+")


def state_cell(states: Iterable[OrderState]) -> str:
    """States in one cell, in the order of a purchase: 已付款、待发货."""
    held = set(states)
    return "、".join(WORDS[state] for state in _ORDERED if state in held)


def read_states(text: str) -> tuple[frozenset[OrderState], tuple[str, ...]]:
    """The states that a cell names (none: any), and the words in it that name none we know."""
    cell = clean(text)
    if not cell or cell in _ANY:
        return frozenset(), ()
    words = [cell] if cell in _names() else [word for word in _BETWEEN.split(cell) if word]
    known = {word: _names().get(word) for word in words if word not in _ANY}
    named = frozenset[OrderState]().union(*(states for states in known.values() if states))
    return named, tuple(word for word, states in known.items() if states is None)


@lru_cache(maxsize=1)
def _names() -> dict[str, frozenset[OrderState]]:
    return {word: frozenset(states) for states, words in _ALIASES.items() for word in words.split()}
