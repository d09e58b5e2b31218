"""The sentences that state a fact, in the tone of a shop: each place in them is filled from the sheet, never computed."""

from __future__ import annotations

from collections.abc import Sequence

from kb.model import Fact, Product

_LONG = 30  # characters from which a value reads better after a colon than inside a sentence
# Values that say yes or no to a name that asks: "孕妇可用 是 不可用" is no sentence.
_VERDICTS = ("是", "否", "有", "无", "不", "可", "含", "带", "支持", "已", "建议", "附")
_QUESTIONS = ("是否", "含", "可", "能", "防", "带", "3c", "孕妇")


def worth(fact: Fact) -> str:
    """A value with its unit, as the product card writes it."""
    return fact.value + fact.unit


def value_of(product: Product, fact: Fact, variant: str = "") -> str:
    """ "亲，天丝棉衬衫的面料成分是莱赛尔55% 棉45%哦～" """
    subject = f"{product.name}（{variant}）" if variant else product.name
    name, value = fact.name, worth(fact)
    if name.lower().startswith(_QUESTIONS) and value.startswith(_VERDICTS):
        return f"亲，{subject}的“{name}”一项，商品资料写的是“{value}”哦～"
    if len(value) > _LONG or "；" in value or "。" in value:
        return f"亲，{subject}的{name}：{value}"
    return f"亲，{subject}的{name}是{value}哦～"


def values_of(product: Product, name: str, values: Sequence[tuple[str, str]]) -> str:
    """ "亲，氨基酸洁面乳的价格：50ml 39元、100毫升 69元哦～", from (variant, value)"""
    return f"亲，{product.name}的{name}：{'，'.join(f'{variant} {value}' for variant, value in values)}哦～"


def choices_of(product: Product, name: str, values: Sequence[str]) -> str:
    """ "亲，茶歇连衣裙的颜色有豆绿、杏色哦～" """
    return f"亲，{product.name}的{name}有{'、'.join(values)}哦～"


def there_is(product: Product, thing: str, variants: Sequence[str]) -> str:
    """ "亲，茶歇连衣裙有L码的，现有豆绿 L、杏色 L哦～" """
    which = f"，现有{'、'.join(variants)}" if variants else ""
    return f"亲，{product.name}有{thing}的{which}哦～"


def there_is_none(product: Product, thing: str, instead: Sequence[str]) -> str:
    """ "亲，茶歇连衣裙没有XXL码，现有S、M、L、XL哦～" """
    return f"亲，{product.name}没有{thing}，现有{'、'.join(instead)}哦～"
