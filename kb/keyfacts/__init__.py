"""What a conversation is about, drafted from it: 问题类型, 商品, 订单号, 诉求, 情绪, 承诺, 下一步."""

from kb.keyfacts.draft import draft

__all__ = ["draft"]
