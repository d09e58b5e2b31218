"""The chat as restraint sees it, and the reasons that forbid any offer in it."""

from __future__ import annotations

from dataclasses import dataclass, field

from kb.model import Logistics, Order, Payment, Product, Scene, Tone
from kb.upsell.silence import Silence
from kb.upsell.words import declines, gives_back, hurries

_LATEST = 3  # messages of the buyer in which haste is looked for


@dataclass(frozen=True, slots=True)
class Chat:
    """What is known of a conversation when a message has come. Product keys throughout.

    `said` is what the buyer said, this message last, `told` what the agent did; `named` are products that were spoken of by
    anybody; `offered` the products that were offered, and `spent` the stages that had their offer. `aggrieved`: an earlier
    message complained.
    """

    said: tuple[str, ...]
    told: tuple[str, ...] = ()
    tone: Tone = field(default_factory=Tone)
    aggrieved: bool = False
    product: Product | None = None
    order: Order | None = None
    named: frozenset[str] = frozenset()
    offered: frozenset[str] = frozenset()
    spent: frozenset[str] = frozenset()
    answered: bool = True  # there is an answer to offer something beside
    now: int = 0

    @property
    def stage(self) -> str:
        """售前 before there is an order, 售中 until it is sent, 售后 from then on; without an order also where it sounds so.

        How a message sounds changes from one to the next, so it never begins a stage between the two."""
        order = self.order
        if order is None or (order.payment is None and order.logistics is None):
            return "售后" if self.tone.scene is Scene.AFTER else "售前"
        return "售中" if order.logistics in (None, Logistics.WAITING) else "售后"

    @property
    def paid(self) -> bool:
        order = self.order
        return order is not None and (order.payment is Payment.PAID or order.logistics is not None)


def hush(chat: Chat) -> Silence | None:
    """Why nothing may be offered in this chat now; None where something may."""
    tone, order = chat.tone, chat.order
    if tone.complaining or tone.escalation or tone.scene is Scene.COMPLAINT or chat.aggrieved:
        return Silence.COMPLAINT
    if (order is not None and order.refund is not None) or any(map(gives_back, chat.said)):
        return Silence.REFUND
    if tone.urgent or any(map(hurries, chat.said[-_LATEST:])):
        return Silence.URGENT
    if any(map(declines, chat.said)):
        return Silence.DECLINED
    if chat.stage in chat.spent:
        return Silence.STAGE_SPENT
    if chat.product is None:
        return Silence.NO_PRODUCT
    return None if chat.answered else Silence.UNANSWERED
