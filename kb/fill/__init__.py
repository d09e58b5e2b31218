"""Variables in stored answers, filled from what is known: {发货地}, {{价格}}, 【商品名】."""

from kb.fill.fill import Filled, fill
from kb.fill.known import Known, Used

__all__ = ["Filled", "Known", "Used", "fill"]
