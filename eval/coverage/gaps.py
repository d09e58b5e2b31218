"""Which attributes buyers ask about a shop's product sheet does not have."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from eval.coverage.usual import Trade, Wanted
from kb.facts.attributes import ATTRIBUTES, Attribute
from kb.model import Product

# What the merchant is asked for, in the sheet's own word; the attribute's other names are in `kb.facts.attributes`.
LABELS = {
    "price": "价格", "stock": "库存", "material": "材质/成分", "size": "尺码", "colour": "颜色", "length": "衣长/裙长/裤长",
    "thickness": "厚薄", "stretch": "弹性", "washing": "洗涤方式", "fit_weight": "建议体重", "lining": "里料",
    "safety": "安全技术类别", "content": "净含量", "skin": "适合肤质", "shelf_life": "保质期", "opened_life": "开封后保质期",
    "usage": "使用方法", "effect": "功效", "pregnancy": "孕妇可用", "alcohol": "是否含酒精", "scent": "香味", "filing": "备案号",
    "sun": "SPF/PA", "fits": "兼容机型", "power": "功率", "capacity": "容量", "protocol": "充电协议", "plug": "接口",
    "cable": "线长", "with_cable": "是否带线", "weight": "重量", "warranty": "质保", "certificate": "3C认证",
    "endurance": "续航", "waterproof": "防水等级",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Gap:
    """An attribute, how many products it is asked of, and which of them do not say it."""

    code: str
    often: int
    asked: int
    missing: tuple[Product, ...]

    @property
    def label(self) -> str:
        return LABELS[self.code]

    @property
    def share(self) -> float:
        """Of the products that it is asked of, how many lack it; in (0, 1]."""
        return len(self.missing) / self.asked


def gaps(products: Sequence[Product], trades: Iterable[Trade]) -> list[Gap]:
    """The wanted attributes that some product lacks, what is asked most and lacks most first."""
    by_code = {attribute.code: attribute for attribute in ATTRIBUTES}
    wanted: dict[str, Wanted] = {w.code: w for trade in trades for w in trade.attributes}
    found = [gap for w in wanted.values() if (gap := _gap(w, by_code[w.code], products)).missing]
    return sorted(found, key=lambda gap: (-gap.often * gap.share, gap.code))


def _gap(wanted: Wanted, attribute: Attribute, products: Sequence[Product]) -> Gap:
    asked = [product for product in products if wanted.asked_of(product)]
    return Gap(wanted.code, wanted.often, len(asked), tuple(p for p in asked if not _says(p, attribute)))


def _says(product: Product, attribute: Attribute) -> bool:
    facts = (*product.facts, *(fact for sku in product.skus for fact in sku.facts))
    return any(attribute.called(fact.name) for fact in facts)
