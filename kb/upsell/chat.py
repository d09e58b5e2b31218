"""The chat as restraint sees it, and the reasons that forbid any offer in it."""

from __future__ import annotations

from dataclasses import dataclass, field

from kb.model import Logistics, Order, Payment, Product, Scene, Tone
from kb.upsell.silence import Silence
from kb.upsell.words import declines, gives_back

_STAGES = {Scene.BEFORE: "售前", Scene.DURING: "售中", Scene.AFTER: "售后"}


@dataclass(frozen=True, slots=True)
class Chat:
    """What is known of a conversation when a message has come. Product keys throughout.

    `said` is what the buyer said, this message last; `named` are products that were spoken of by anybody; `offered` the
    products that were offered, and `spent` the stages that had their offer. `aggrieved`: an earlier message complained.
    """

    said: tuple[str, ...]
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
        """售前, 售中 or 售后: as the order says, else as the message sounds."""
        order = self.order
        if self.tone.scene is Scene.AFTER or (order is not None and order.logistics is Logistics.SIGNED):
            return "售后"
        if order is not None and (order.payment is not None or order.logistics is not None):
            return "售中"
        return _STAGES.get(self.tone.scene, "售前")

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
    if tone.urgent:
        return Silence.URGENT
    if any(map(declines, chat.said)):
        return Silence.DECLINED
    if chat.stage in chat.spent:
        return Silence.STAGE_SPENT
    if chat.product is None:
        return Silence.NO_PRODUCT
    return None if chat.answered else Silence.UNANSWERED
