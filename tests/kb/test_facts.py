"""Product questions: the sheet's own value in a sentence, for the product meant, of this shop, or silence."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cost import cost
from ingest.importer import read_file
from kb.facts import state
from kb.facts.attributes import ATTRIBUTES, Shape
from kb.facts.variants import sizes_in, wanted
from kb.language.conversation import prepared
from kb.language.units import amounts
from kb.model import Fact, Product, Sku, Source, Stated, StatedKind
from kb.shard import Shard
from kb.store.merchant import Snapshot
from making import product

DEMO = Path(__file__).parents[2] / "demo"
CASES = [json.loads(line) for line in Path(__file__).with_name("facts.jsonl").read_text("utf-8").splitlines()]


def shard_of(*products: Product) -> Shard:
    return Shard.build(Snapshot(generation=1, entries=(), products=products, vectors={}), "")


@cache
def demo_shard(shop: str) -> Shard:
    name = "商品表.xlsx"
    draft = read_file((DEMO / shop / name).read_bytes(), name)
    return shard_of(*(replace(p, id=p.key) for sheet in draft.sheets for p in sheet.products))


def answers(shard: Shard, message: str, focus: str = "") -> tuple[Stated, ...]:
    """As the search does it."""
    text = prepared(message)
    return state(shard, text, shard.catalog.find(text, focus=focus), focus)


def fact(name: str, value: str, unit: str = "", cell: str = "A1") -> Fact:
    return Fact(name, value, unit, Source("商品.xlsx", "表", int(cell[1:]), cell[0]))


def sku(key: str, **facts: str) -> Sku:
    """A variant called by its colour, size and specification."""
    variant = [facts[name] for name in ("颜色", "尺码", "规格") if name in facts]
    return Sku(key, key, " ".join(variant), tuple(fact(name, value) for name, value in facts.items()))


def quilt(**more: Any) -> Product:
    whole = (fact("填充物", "100%桑蚕丝"), fact("重量", "1.2", "kg"), fact("价格", "399", "元"))
    variants = tuple(
        sku(f"Q-{c}{z}", 颜色=c, 尺码=z, 库存=n)
        for c, z, n in (("雾蓝", "150", "3"), ("雾蓝", "200", "0"), ("米白", "200", "8"))
    )
    return replace(product("XL01", "云朵夏凉被"), facts=whole, skus=variants, **more)


# -- examples


def test_there_are_enough_examples() -> None:
    silent = sum("silent" in case for case in CASES)
    assert len(CASES) - silent >= 60 and silent >= 40


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['ask']} {case.get('focus', '')}")
def test_the_demo_shops_answer_or_stay_silent(case: dict[str, Any]) -> None:
    found = answers(demo_shard(case["shop"]), case["ask"], case.get("focus", ""))
    said = " ".join(answer.text for answer in found)
    if "silent" in case:
        assert found == ()
        return
    assert found and all(words in said for words in case["says"])
    assert not any(words in said for words in case.get("never", ()))
    assert case["kind"] in [answer.kind for answer in found]
    assert not case["product"] or {answer.product.key for answer in found} == {case["product"]}


def test_the_sentence_carries_the_cell_it_came_from() -> None:
    (answer,) = answers(shard_of(quilt()), "夏凉被多少钱")
    assert answer.text == "亲，云朵夏凉被的价格是399元哦～"
    assert (answer.kind, answer.attribute, str(answer.facts[0].source)) == (
        StatedKind.VALUE,
        "价格",
        "商品.xlsx › 表 › A1",
    )


def test_two_questions_get_two_answers() -> None:
    found = answers(shard_of(quilt()), "这个多重，里面填充物是什么", "XL01")
    assert [answer.attribute for answer in found] == ["重量", "填充物"]


def test_a_variant_without_stock_is_not_offered() -> None:
    shard = shard_of(quilt())
    (blue,) = answers(shard, "有没有雾蓝色的", "XL01")
    assert blue.kind is StatedKind.YES and [s.key for s in blue.skus] == ["Q-雾蓝150"]
    (gone,) = answers(shard, "雾蓝200的有货吗", "XL01")
    assert "库存是0" in gone.text


def test_no_is_said_only_when_every_variant_states_its_colour() -> None:
    (no,) = answers(shard_of(quilt()), "有没有绿色的", "XL01")
    assert no.kind is StatedKind.NO and no.text == "亲，云朵夏凉被没有绿色，现有雾蓝、米白哦～"
    (near,) = answers(shard_of(quilt()), "有没有白色的", "XL01")
    assert near.kind is StatedKind.LIST, "米白 may be what the buyer calls white"
    partly = quilt()
    partly = replace(partly, skus=(*partly.skus, sku("Q-x", 尺码="220")))
    assert all(answer.kind is not StatedKind.NO for answer in answers(shard_of(partly), "有没有绿色的", "XL01"))


def test_one_colour_written_once_for_all_sizes_is_a_complete_list() -> None:
    skirt = replace(
        product("N1", "牛仔长裙"), facts=(fact("颜色", "复古蓝"),), skus=(sku("N1-S", 尺码="S"), sku("N1-M", 尺码="M"))
    )
    (no,) = answers(shard_of(skirt), "有黑色吗", "N1")
    assert (no.kind, no.text) == (StatedKind.NO, "亲，牛仔长裙没有黑色，现有复古蓝哦～")
    plain = replace(skirt, facts=())
    assert answers(shard_of(plain), "有黑色吗", "N1") == (), "sizes are no answer to a question about colours"


def test_a_combination_that_does_not_exist_is_not_answered() -> None:
    assert answers(shard_of(quilt()), "米白色150的多少钱", "XL01") == ()


def test_a_qualified_name_answers_only_its_own_question() -> None:
    cup = replace(product("B1", "保温杯"), facts=(fact("外壳材质", "PP"), fact("内胆材质", "316不锈钢")))
    assert [a.attribute for a in answers(shard_of(cup), "内胆什么材质", "B1")] == ["内胆材质"]
    assert [a.attribute for a in answers(shard_of(cup), "什么材质", "B1")] == ["内胆材质", "外壳材质"]


def test_a_fact_of_the_shops_own_is_found_by_its_name_or_nearly() -> None:
    tea = replace(product("T1", "明前龙井"), facts=(fact("冲泡水温", "80", "℃"),))
    for ask in ("冲泡水温多少", "冲泡温度是多少", "冲泡水温？"):
        (answer,) = answers(shard_of(tea), ask, "T1")
        assert "80℃" in answer.text
    assert answers(shard_of(tea), "冲泡水温太高会不会苦", "T1") == ()


def test_a_word_of_the_products_name_is_no_question() -> None:
    case = replace(product("P1", "防水手机袋"), facts=(fact("防水", "是"), fact("价格", "19", "元")))
    assert [a.attribute for a in answers(shard_of(case), "防水手机袋多少钱")] == ["价格"]
    assert [a.attribute for a in answers(shard_of(case), "防水手机袋防水吗")] == ["防水"]


def test_another_product_beside_the_one_in_focus() -> None:
    pillow = replace(product("ZT02", "荞麦护颈枕头"), facts=(fact("价格", "89", "元"),))
    shard = shard_of(quilt(), pillow)
    assert [a.product.key for a in answers(shard, "荞麦护颈枕头多少钱", "XL01")] == ["ZT02"]
    assert answers(shard, "枕头多少钱", "XL01") == (), "perhaps one that goes with the quilt"
    assert [a.product.key for a in answers(shard, "夏凉被多少钱", "XL01")] == ["XL01"]


# -- laws

_NAMES = st.sampled_from("价格 重量 面料成分 产地 保质期 功率 容量 洗涤方式 自定义参数 弹性 外壳材质".split())
_VALUES = st.text("甲乙丙丁0123456789.%/-（）；{}<>", min_size=1, max_size=12).filter(lambda v: v.strip() == v)
_COLOURS = st.sampled_from("白色 黑色 豆绿 雾蓝 米白".split())
_SIZES = st.sampled_from("S M L XL XXL".split())
_ASKS = st.sampled_from(
    "多少钱 多重 什么材质 有没有L码 有没有白色的 有什么颜色 有哪些尺码 产地是哪里 保质期多久 多少瓦 容量多大 怎么洗"
    " 自定义参数是多少 豆绿M码的多少钱 有货吗 黑色XL还有吗 退货运费多少钱 什么时候发货 有弹力吗 白色的多重".split()
)


@st.composite
def things(draw: st.DrawFn, key: str, name: str) -> Product:
    whole = draw(st.dictionaries(_NAMES, _VALUES, max_size=4))
    pairs = draw(st.lists(st.tuples(_COLOURS, _SIZES), unique=True, max_size=5))
    skus = tuple(
        sku(f"{key}-{i}", 颜色=c, 尺码=z, **draw(st.dictionaries(st.sampled_from(["价格", "库存"]), _VALUES)))
        for i, (c, z) in enumerate(pairs)
    )
    return replace(product(key, name), facts=tuple(fact(n, v) for n, v in whole.items()), skus=skus)


@settings(max_examples=150)
@given(things("A001", "棉麻桌布"), things("B002", "折叠躺椅"), _ASKS, st.sampled_from(["A001", "B002", ""]))
def test_every_value_said_stands_in_a_fact_of_that_product(one: Product, other: Product, ask: str, focus: str) -> None:
    for answer in answers(shard_of(one, other), ask, focus):
        assert answer.product in (one, other) and (not focus or answer.product.key == focus)
        own = [*answer.product.facts, *(f for s in answer.product.skus for f in s.facts)]
        assert answer.facts and all(f in own for f in answer.facts)
        assert set(answer.skus) <= set(answer.product.skus)
        assert any(f.name == answer.attribute for f in answer.facts)
        assert answer.product.name in answer.text
        if answer.kind in (StatedKind.VALUE, StatedKind.LIST):
            assert all(f.value + f.unit in answer.text for f in answer.facts)
        # Nothing but the template is left when the product's own words are taken out.
        left = answer.text
        words = [
            answer.product.name,
            *(s.name for s in answer.product.skus),
            *(w for f in own for w in (f.value, f.name)),
        ]
        for word in sorted(filter(None, words), key=len, reverse=True):
            left = left.replace(word, "")
        assert not any(char.isdigit() for char in left)


@settings(max_examples=60)
@given(things("A001", "棉麻桌布"), _ASKS)
def test_a_product_without_facts_says_nothing(one: Product, ask: str) -> None:
    assert answers(shard_of(replace(one, facts=(), skus=())), ask, "A001") == ()


@settings(max_examples=60)
@given(things("A001", "棉麻桌布"), things("A001", "棉麻桌布"), _ASKS)
def test_no_other_shops_facts_appear(ours: Product, theirs: Product, ask: str) -> None:
    before = answers(shard_of(ours), ask, "A001")
    answers(shard_of(theirs), ask, "A001")
    assert answers(shard_of(ours), ask, "A001") == before
    assert all(answer.product is ours for answer in before)


@given(st.text(max_size=200), st.sampled_from(["XL01", "nobody", ""]))
def test_any_message_is_survived(text: str, focus: str) -> None:
    answers(shard_of(quilt()), text, focus)


def test_hostile_messages_are_survived_quickly() -> None:
    shard = shard_of(quilt())
    for text in (
        "多少钱" * 4000,
        "有" * 10_000,
        "\ud800" * 50,
        "👍🏽" * 300,
        "(" * 500 + "多少钱",
        "1" * 500 + "g多少钱",
    ):
        assert cost(lambda text=text: answers(shard, text, "XL01")) < 0.05


@pytest.mark.parametrize("attribute", [a for a in ATTRIBUTES if a.shape is Shape.VALUE], ids=lambda a: a.code)
def test_every_attribute_is_stated_only_where_a_fact_holds_it(attribute: Any) -> None:
    """A product that has every fact but this attribute's is silent when asked in this attribute's words alone."""
    others = {
        name for a in ATTRIBUTES if not a.names & attribute.names for name in a.names if not attribute.called(name)
    }
    bare = replace(product("N1", "样品"), facts=tuple(fact(name, f"值{i}") for i, name in enumerate(sorted(others))))
    for name in sorted(attribute.names):
        for answer in answers(shard_of(bare), f"{name}是多少", "N1"):
            # Other words of the question may mean another attribute (主要成分 → 成分); never this one.
            assert not attribute.called(answer.attribute)


def test_sizes_and_amounts_are_read_as_buyers_write_them() -> None:
    assert sizes_in("有xl和38码吗") == ["xl", "38"]
    assert sizes_in("2xl有吗") == ["xxl"]
    assert sizes_in("macbook和usb") == []
    assert set(amounts("100毫升和256gb还有两米")) == {"100ml", "256g", "2m"}
    assert amounts("iphone 17 pro, usb3.2, 型号c65w") == {}


def test_of_names_that_contain_each_other_the_plainer_variant_is_meant() -> None:
    case = replace(product("MC1", "手机壳"), skus=(sku("a", 规格="iPhone 17"), sku("b", 规格="iPhone 17 Pro")))
    assert [s.key for s in wanted(case, "iphone 17多少钱").skus] == ["a"]
    assert [s.key for s in wanted(case, "iphone 17 pro多少钱").skus] == ["b"]


def test_it_is_fast_in_a_large_catalogue() -> None:
    """Typically under a millisecond."""
    kinds = "连衣裙 大衣 衬衫 毛衣 枕头 充电器 数据线 桌布".split()
    many = [replace(quilt(), id=f"p{i}", key=f"K{i:04}", name=f"第{i}款{kinds[i % 8]}") for i in range(3000)]
    shard = shard_of(*many)
    text = prepared("这个什么材质")
    hits = shard.catalog.find(text, focus="K0007")
    assert cost(lambda: [state(shard, text, hits, "K0007") for _ in range(20)]) / 20 < 0.005
