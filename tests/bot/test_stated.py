"""What the API says of a stated fact: of a product by its key, of the shop by none."""

from __future__ import annotations

from bot.shapes.assist import StatedOut
from kb.model import Fact, Source, Stated, StatedKind
from making import product


def test_a_fact_of_the_shop_has_no_product_and_keeps_its_cell() -> None:
    facts = (Fact("发货地", "杭州", source=Source("交接表.xlsx", "店铺", 3, "B")),)
    told = StatedOut.of(Stated(StatedKind.VALUE, None, "发货地", "亲，我们从杭州发货哦～", facts))
    assert (told.product, told.name, told.attribute) == ("", "", "发货地")
    assert told.facts[0].source == "交接表.xlsx › 店铺 › B3"
    of_product = StatedOut.of(Stated(StatedKind.VALUE, product("P1", "猫窝"), "材质", "棉", facts))
    assert (of_product.product, of_product.name) == ("P1", "猫窝")
