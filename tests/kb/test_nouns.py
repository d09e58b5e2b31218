"""What a product is called, and which products a text calls: the noun of a name in whole or in part, nothing else."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.catalog import Catalog
from kb.language.nouns import QUALITIES, calls, nouns
from kb.language.text import Analyzer
from kb.language.words import dictionary
from kb.model import Fact, Product
from making import product


@pytest.mark.parametrize(
    ("name", "noun"),
    [
        ("云朵绒四季通用猫窝 中号", "云朵绒四季通用猫窝"),
        ("双面呢羊毛大衣 中长款 秋冬", "双面呢羊毛大衣"),
        ("加厚羊毛大衣男款", "加厚羊毛大衣"),
        ("食光可视空气炸锅 5L 免翻面", "食光可视空气炸锅"),
        ("【热卖】便携折叠航空箱", "便携折叠航空箱"),
        ("帆布双肩包 15.6寸", "帆布双肩包"),
        ("修身西装 女款", "修身西装"),
        ("iPhone 17 Pro", ""),
        ("包邮 新款", ""),
    ],
)
def test_the_noun_of_a_name_is_what_it_ends_in(name: str, noun: str) -> None:
    assert nouns(name) == ([noun] if noun else [])


def test_a_category_is_a_noun_too_and_a_brand_is_none() -> None:
    assert nouns("喵屿成猫粮", "宠物/猫粮", "喵屿") == ["成猫粮", "猫粮"]
    assert calls("电热水壶") == ["水壶", "热水壶", "电热水壶", "壶子"]
    assert "盒子" not in calls("收纳盒"), "a parcel is a 盒子"


@given(st.text(max_size=60), st.text(max_size=20), st.text(max_size=10))
def test_any_name_has_nouns_that_end_in_a_character_and_are_no_praise(name: str, category: str, brand: str) -> None:
    for noun in nouns(name, category, brand):
        assert len(noun) > 1 and noun not in QUALITIES
        assert all(len(call) > 1 for call in calls(noun))


PETS = [
    product("P1", "云朵绒四季通用猫窝 中号"),
    product("P2", "豆腐猫砂 6L", category="猫砂"),
    product("P3", "全封闭猫砂盆"),
    product("P4", "反光狗狗牵引绳 1.5米"),
    product("P5", "自动伸缩牵引绳 5米"),
    product("P6", "不锈钢电热水壶", model="SH-17"),
]


def catalog(*products: Product) -> Catalog:
    return Catalog(products, Analyzer(dictionary(products)))


SHOP = catalog(*PETS)


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("猫窝能机洗吗", ["P1"]),
        ("云朵绒的窝多大", ["P1"]),
        ("猫砂盆怎么洗", ["P3"]),
        ("猫砂能冲马桶吗", ["P2"]),
        ("豆腐砂一袋多少", ["P2"]),
        ("水壶容量多大", ["P6"]),
        ("伸缩的那个牵引绳多长", ["P5"]),
        ("牵引绳是什么材质", ["P4", "P5"]),
        ("猫窝和猫砂盆一起发吗", ["P1", "P3"]),
        ("SH-17的水壶和猫窝", ["P1", "P6"]),
        ("什么时候发货", []),
        ("中号还有吗", []),
        ("猫窝头怎么卖", []),  # a bun, not the bed: the noun must end where a word ends
    ],
)
def test_a_text_calls_products_by_their_noun(text: str, keys: list[str]) -> None:
    if text.startswith("猫窝头"):
        analyzer = Analyzer([*dictionary(PETS), "猫窝头"])
        assert Catalog(PETS, analyzer).naming(text).keys == frozenset()
        return
    assert sorted(SHOP.naming(text).keys) == keys


def test_of_products_that_nothing_tells_apart_none_stands_before_the_other() -> None:
    hits = SHOP.find("牵引绳是什么材质")
    assert [(hit.product.key, hit.score) for hit in hits] == [("P4", 1.0), ("P5", 1.0)]
    told = SHOP.find("自动的那个牵引绳是什么材质")
    assert told[0].product.key == "P5" and told[0].score > told[1].score


def test_colours_and_what_things_are_made_of_name_no_product() -> None:
    def bag(key: str, name: str, **facts: str) -> Product:
        told = tuple(Fact(name, value) for name, value in facts.items())
        return Product(id=key, key=key, name=name, facts=told, version=0)

    shop = catalog(bag("B1", "头层牛皮托特包", 材质="牛皮", 颜色="焦糖色"), bag("B2", "EVA洞洞鞋"))
    assert [shop.find(text) for text in ("牛皮的吗", "焦糖色有吗", "白色的呢")] == [[], [], []]
    assert [hit.product.key for hit in shop.find("托特包是牛皮的吗")] == ["B1"]


@given(st.lists(st.sampled_from(PETS), unique_by=lambda p: p.key, min_size=1), st.data())
def test_the_order_of_the_products_and_of_asking_decides_nothing(products: list[Product], data: st.DataObject) -> None:
    text = data.draw(st.sampled_from(["猫窝能机洗吗", "牵引绳多长", "猫砂", "水壶和猫砂盆"]))
    shuffled = data.draw(st.permutations(products))
    assert catalog(*products).naming(text) == catalog(*shuffled).naming(text)


@given(st.text(max_size=40))
def test_any_text_calls_only_products_of_the_shop(text: str) -> None:
    naming = SHOP.naming(text)
    assert naming.keys <= {p.key for p in PETS} and bool(naming.keys) is bool(naming.noun)
    assert all(0 <= hit.score <= 1 for hit in SHOP.find(text))


@pytest.mark.parametrize("text", ["喝水器多少钱", "饮水宝容量多大"])
def test_what_the_sheet_says_that_a_product_is_also_called_calls_it(text: str) -> None:
    named = replace(product("W1", "智能循环饮水机"), facts=(Fact("简称", "喝水器、饮水宝"),))
    (hit,) = catalog(named, product("W2", "便携水杯")).find(text)
    assert hit.product.key == "W1" and text[:3] in hit.reasons[0].text
