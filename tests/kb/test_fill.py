"""Variables in stored answers: filled with what the shop's own files say, told where they say nothing, everything else untouched."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kb.fill import Known, fill
from kb.fill.chosen import chosen
from kb.fill.vocabulary import VARIABLES, Kind
from kb.model import Fact, Logistics, Order, Payment, Product, Sku, Source
from making import product

SHEET = Source("商品表.xlsx", "大衣", 3, "D")
FORM = Source("交接表.xlsx", "店铺", 5, "B")
WHITE, BLACK = (
    Sku(f"s{n}", f"DY-1-{n}", f"{colour} M", (Fact("颜色", colour), Fact("尺码", "M"), Fact("售价", price, "元", replace(SHEET, row=n))))
    for n, colour, price in ((3, "米白", "899"), (4, "黑色", "869"))
)  # fmt: skip
COAT = Product(
    "p", "DY-1", "羊毛大衣", facts=(Fact("材质", "80%羊毛", source=SHEET), Fact("重量", "1.2", "kg", SHEET)), skus=(WHITE, BLACK),
    source=SHEET,
)  # fmt: skip
SHOP = (
    Fact("发货地", "浙江嘉兴", source=FORM), Fact("合作快递", "中通", source=FORM), Fact("升级联系人", "老王", source=FORM),
    Fact("退货政策", "超过7天找主管", source=FORM), Fact("优惠券", "满300减40", source=FORM),
)  # fmt: skip
NOON = 1_795_320_000  # 2026-11-22 12:00 in China
ALL = Known(COAT, WHITE, SHOP, Order("4471", "DY-1", "颜色:米白;尺码:M", Payment.PAID, Logistics.SHIPPED), "晴萝", NOON)
NOTHING = Known()


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("从{发货地}发{{快递}}", "从浙江嘉兴发中通"),
        ("亲，【商品名】的面料是${材质}", "亲，羊毛大衣的面料是80%羊毛"),
        ("[发货地]发货哦", "浙江嘉兴发货哦"),
        ("｛product｝现在{价格}", "羊毛大衣现在899元"),
        ("只要{售价}元，{重量}kg", "只要899元，1.2kg"),
        ("#快递#发出，<发货地>的仓", "中通发出，浙江嘉兴的仓"),
        ("%shop_name%{问候语}，今天{日期}{星期}", "晴萝中午好，今天11月22日星期日"),
        ("订单{订单号}（{规格}）{物流状态}", "订单尾号4471（米白 M）运输中"),
        ("{ 发货地 }", "浙江嘉兴"),
    ],
)
def test_variables_in_every_way_they_are_written(text: str, filled: str) -> None:
    found = fill(text, ALL)
    assert (found.text, found.missing) == (filled, ())
    assert all(one.source for one in found.used)


@pytest.mark.parametrize(
    "text",
    [
        "【发货时间】48小时内发货\n【发货地】嘉兴", "亲[微笑]在的[玫瑰]", "【新品】羊毛大衣", "有XXL和XL码", "{^_^} 好的",
        "么么哒^__^ -__-",
        "涨价10%s级", "【退货地址】：浙江", "1、【快递】 默认中通", "面料100%棉%", '{"a": 1}', "https://a.com/x_y__z", "",
    ],
)  # fmt: skip
def test_decoration_is_no_variable(text: str) -> None:
    assert fill(text, ALL) == fill(text, NOTHING)
    assert (fill(text, ALL).text, fill(text, ALL).used, fill(text, ALL).missing) == (text, (), ())


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("{买家昵称}您好", "买家昵称"), ("单号{tracking_no}", "快递单号"), ("XX天内到", "XX天"), ("补___元", "空格处元"),
        ("亲爱的%s", "%s"),
        ("发xx快递", "xx快递"), ("X天内处理", "X天"), ("{}在吗", "空括号"), ("{不知道的}", "不知道的"), ("{升级联系人}", "升级联系人"),
        ("{退货政策}", "退货政策"), ("领{优惠券}", "优惠券"),
    ],
)  # fmt: skip
def test_what_nobody_knows_is_named_and_stays(text: str, missing: str) -> None:
    found = fill(text, ALL)
    assert (found.text, found.used, found.missing) == (text, (), (missing,))


def test_a_value_that_differs_between_variants_needs_the_variant() -> None:
    unsure = Known(COAT, None, SHOP)
    assert fill("{价格}", unsure).missing == ("价格（各规格不同，请先确认规格）",)
    assert fill("{尺码}码", unsure).text == "M码"
    assert fill("{价格}", Known(COAT, BLACK)).text == "869元"
    assert fill("{价格}", Known(COAT, BLACK)).used[0].source == "商品表.xlsx › 大衣 › D4"
    two = product("P", "杯子", facts=(Fact("日常价", "59"), Fact("活动价", "49")))
    assert "内容不同" in fill("{价格}", Known(two)).missing[0]
    assert fill("{活动价}", Known(two)).text == "49"


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        ("颜色:米白;尺码:M", WHITE), ("黑色;M", BLACK), ("DY-1-4", BLACK), ("尺码：M", None), ("", None), ("颜色:红色;尺码:M", None),
        ("颜色分类:米白", WHITE),
    ],
)  # fmt: skip
def test_the_variant_of_an_order(words: str, meant: Sku | None) -> None:
    assert chosen(COAT, words) == meant


def test_a_deep_colour_is_not_the_colour_within_its_name() -> None:
    grey, deep = (Sku(c, c, f"{c} M", (Fact("颜色", c), Fact("尺码", "M"))) for c in ("灰色", "深灰色"))
    both = product("P", "卫衣", skus=(grey, deep))
    assert chosen(both, "颜色:深灰色;尺码:M") == deep
    assert chosen(both, "颜色:灰色;尺码:M") == grey


def test_the_courier_of_a_parcel_is_known_only_where_the_shop_has_one() -> None:
    several = Known(profile=(Fact("合作快递", "默认中通，偏远发邮政", source=FORM),))
    assert fill("已发{快递公司}", several).missing == ("快递公司",)
    assert fill("我们的快递：{合作快递}", several).text == "我们的快递：默认中通，偏远发邮政"


def test_values_go_in_as_they_stand() -> None:
    odd = Known(profile=(Fact("发货地", "{合作快递}"), Fact("合作快递", "中通")))
    assert fill("从{发货地}发", odd).text == "从{合作快递}发"


PLAIN = st.text(alphabet="亲的发货在哪里，。！ab12 \n", max_size=12)
VALUES = st.text(alphabet="浙江嘉兴中通羊毛0189", min_size=1, max_size=8)
NAMES = [
    name
    for kind, names in VARIABLES.items()
    if kind is Kind.SHOP
    for name in names
    if name not in ("店铺名称", "快递公司")
]
WAYS = ("{%s}", "{{%s}}", "${%s}", "｛%s｝", "{ %s }")


@given(st.lists(st.tuples(PLAIN, st.sampled_from(NAMES), st.sampled_from(WAYS)), max_size=5), PLAIN, st.data())
def test_with_all_known_nothing_but_the_variables_changes(
    parts: list[tuple[str, str, str]], end: str, data: st.DataObject
) -> None:
    values = {name: data.draw(VALUES) for name in NAMES}
    known = Known(profile=tuple(Fact(name, value) for name, value in values.items()))
    # Digits before a unit are said once (5{..}元); this alphabet has no unit, so the oracle is plain replacement.
    text = "".join(plain + way % name for plain, name, way in parts) + end
    wanted = "".join(plain + values[name] for plain, name, _ in parts) + end
    found = fill(text, known)
    assert (found.text, found.missing) == (wanted, ())
    assert fill(found.text, known).text == found.text
    assert {(one.name, one.value) for one in found.used} == {(name, values[name]) for _, name, _ in parts}


@given(st.text(alphabet="{}[]【】%#<>$_Xx×sd发货地商品名 \n元", max_size=40))
@example("{{发货地}")
@example("%%s%s#")
def test_any_text_survives_and_only_places_change(text: str) -> None:
    kept = fill(text, NOTHING)
    assert (kept.text, kept.used) == (text, ())
    found = fill(text, ALL)
    assert "undefined" not in found.text and "None" not in found.text
    assert all(one.value in found.text for one in found.used)
    assert found.used or found.text == text


def test_a_long_hostile_text_takes_no_time() -> None:
    for text in ("{" * 20_000, "【" * 20_000, "_" * 20_000, "X" * 20_000, "%s" * 5_000, "{发货地" * 4_000):
        assert len(fill(text, ALL).text) > 0
