"""Why nothing is offered: a stable code and what it means. Every suggestion without an offer has one of these."""

from __future__ import annotations

from enum import StrEnum


class Silence(StrEnum):
    """The reasons to keep silent, those of the whole chat first, then those of one product."""

    COMPLAINT = "complaint"
    REFUND = "refund"
    URGENT = "urgent"
    DECLINED = "declined"
    UNANSWERED = "unanswered"
    NO_PRODUCT = "no_product"
    STAGE_SPENT = "stage_spent"
    NOT_NOW = "not_now"
    EXPIRED = "expired"
    UNKNOWN = "unknown"
    STOCK = "stock"
    BOUGHT = "bought"
    OFFERED = "offered"
    LIMIT = "limit"
    FLOOR = "floor"
    UNFILLED = "unfilled"
    NOTHING = "nothing"
    OFF = "off"


MEANING = {
    Silence.COMPLAINT: "买家在抱怨或要投诉",
    Silence.REFUND: "在谈退款、退换货或订单出了问题",
    Silence.URGENT: "买家着急",
    Silence.DECLINED: "买家说过不要、不需要",
    Silence.UNANSWERED: "这句话还没有把握答上",
    Silence.NO_PRODUCT: "不知道买家在看哪个商品",
    Silence.STAGE_SPENT: "这个阶段已经推荐过",
    Silence.NOT_NOW: "规则不在这个阶段用",
    Silence.EXPIRED: "规则停用或不在有效期",
    Silence.UNKNOWN: "推荐商品不在商品表里",
    Silence.STOCK: "推荐商品没货",
    Silence.BOUGHT: "买家已经买了或正在看",
    Silence.OFFERED: "这个会话里提过这个商品",
    Silence.LIMIT: "聊天里有不适用人群的字样",
    Silence.FLOOR: "低于最低成交价",
    Silence.UNFILLED: "话术里有填不出的变量",
    Silence.NOTHING: "没有合适的商品",
    Silence.OFF: "没有开启推荐",
}
