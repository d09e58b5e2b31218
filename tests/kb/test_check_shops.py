"""What belongs to another shop is found, what is this shop's own is not, and nobody's words are kept or told."""

from __future__ import annotations

import pickle
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cost import cost
from kb.check.finding import Concern, Finding, Severity
from kb.check.marks import marks_of, names_of
from kb.check.salted import Salted
from kb.check.told import Told
from kb.check.watch import Draft, Watch
from kb.model import Entry, Fact, Product, Sku, Source, Window
from making import faq

SALT = b"pepper and salt of a test"
NOW = 1_800_000_000
CELL = Source("交接表.xlsx", "交接", 4, "B")


def coat() -> Product:
    price = Fact("价格", "269", "元", Source("商品表.xlsx", "款", 2, "F"))
    skus = (Sku("s1", "LM26K8-01", "豆绿 S", (Fact("尺码", "S"), Fact("颜色", "豆绿"))),)
    return Product(
        "p1", "LM26K8", "云朵绒立领长外套", facts=(price, Fact("面料", "聚酯纤维100%")), skus=skus, brand="鹿鸣"
    )


def charger() -> Product:
    facts = (Fact("价格", "89", "元", Source("货品.xlsx", "表", 3, "D")), Fact("功率", "65", "W"), Fact("接口", "2C1A"))
    return Product("p2", "HZ-C65", "海舟氮化镓三口充电器", model="HZ-C65", facts=facts)


def shop(slug: str, name: str, product: Product, courier: str, street: str, entries: Sequence[Entry] = ()) -> Told:
    profile = (
        Fact("合作快递", f"默认{courier}", "", CELL),
        Fact("退货地址", f"某省某市某区{street}，客服 0571-8890{len(street):04d}", "", CELL),
    )
    return Told(slug, name, 1, tuple(entries), (product,), (*profile, Fact("店铺名称", f"{name}旗舰店")))


DEER = shop(
    "deer",
    "鹿鸣女装",
    coat(),
    "圆通",
    "白露街66号鹿鸣三号库",
    [faq("1", "退货", "亲，退回的大衣要带防尘袋，少了防尘袋会扣8元手工费哦")],
)
SHIP = shop(
    "ship",
    "海舟数码",
    charger(),
    "极兔",
    "观潮大道7号",
    [faq("2", "发票", "电子发票在确认收货后第二天自动开出，请到订单里下载")],
)


@pytest.fixture
def watch() -> Watch:
    made = Watch(SALT)
    for told in (DEER, SHIP):
        made.learn(told)
    return made


def wrong(watch: Watch, slug: str, text: str) -> list[Finding]:
    return [f for f in watch.check(slug, Draft(text, now=NOW)) if f.concern is Concern.WRONG_SHOP]


PASTES = {
    "name": ("欢迎光临鹿鸣女装", "鹿鸣女装"),
    "short name": ("我们鹿鸣的衣服", "鹿鸣"),
    "product": ("云朵绒立领长外套有货", "云朵绒立领长外套"),
    "part of a product": ("立领长外套", "立领长外套"),
    "code": ("拍lm26k8-01就行", "lm26k8-01"),
    "short code": ("K８ 那款 LM26K8", "LM26K8"),
    "courier": ("给您发圆通", "圆通"),
    "price": ("这款２６９元", "２６９元"),
    "price in signs": ("现在¥269.00", "¥269.00"),
    "telephone": ("打 0571 8890 0011", "0571 8890 0011"),
    "address": ("寄到白露街66号鹿鸣三号库", "白露街66号鹿鸣三号库"),
    "sentence": (
        "亲，退回的大衣要带防尘袋，少了防尘袋会扣8元手工费哦",
        "退回的大衣要带防尘袋，少了防尘袋会扣8元手工费",
    ),
    "sentence, edited": (
        "您退回的大衣要带着防尘袋，少了防尘袋会扣掉8元手工费",
        "退回的大衣要带着防尘袋，少了防尘袋会扣",
    ),
}


@pytest.mark.parametrize("paste", PASTES.values(), ids=PASTES)
def test_what_is_another_shops_is_found_where_it_stands(paste: tuple[str, str], watch: Watch) -> None:
    text, part = paste
    at = text.index(part)
    found = wrong(watch, "ship", text)
    assert any(one.start <= at + 1 and at + len(part) - 1 <= one.end for one in found), found
    assert wrong(watch, "deer", text) == []


OWN = (
    "给您发极兔 这款89元 海舟氮化镓三口充电器 不发圆通哦 补差价269元 两件一共269元 亲，您好，请问有什么可以帮您".split()
)


@pytest.mark.parametrize("text", [*OWN, "HZ-C65 有货"])
def test_what_is_its_own_or_only_denied_or_summed_up_is_let_pass(text: str, watch: Watch) -> None:
    assert wrong(watch, "ship", text) == []


def test_what_both_shops_have_is_nobodys(watch: Watch) -> None:
    assert wrong(watch, "ship", "给您发圆通")
    also = replace(SHIP, generation=2, profile=(Fact("合作快递", "极兔、圆通"), *SHIP.profile[1:]))
    watch.learn(also)
    assert wrong(watch, "ship", "给您发圆通") == []


def test_an_older_publication_that_arrives_later_changes_nothing(watch: Watch) -> None:
    newer = replace(DEER, generation=3, products=(replace(coat(), name="星河垂坠感阔腿裤"),))
    watch.learn(newer)
    watch.learn(replace(DEER, generation=2))
    assert watch.generation("deer") == 3 and wrong(watch, "ship", "星河垂坠感阔腿裤有货")


def test_a_shops_own_old_price_is_not_told_as_anothers(watch: Watch) -> None:
    cheaper = replace(coat(), facts=(Fact("价格", "199", "元"),))
    watch.learn(replace(DEER, generation=2, products=(cheaper,)))
    assert wrong(watch, "deer", "这款269元") == []
    assert wrong(watch, "ship", "这款199元") and not wrong(watch, "ship", "这款269元")


def test_what_is_counted_is_what_the_shops_are_whatever_came_before(watch: Watch) -> None:
    for generation in range(2, 6):
        watch.learn(replace(DEER, generation=generation, products=(coat(),) * (generation % 2)))
        watch.learn(replace(SHIP, generation=generation))
    fresh = Watch(SALT)
    for told in (DEER, SHIP):
        fresh.learn(told)
    assert watch._neighbours.values == fresh._neighbours.values
    assert watch._neighbours.names == fresh._neighbours.names
    watch.forget("deer")
    watch.forget("ship")
    assert not watch._neighbours.values and not any(watch._neighbours.names.values()) and not watch.shops


def test_a_shop_that_says_nothing_of_couriers_may_send_by_any(watch: Watch) -> None:
    silent = replace(SHIP, generation=2, profile=SHIP.profile[1:])
    watch.learn(silent)
    assert wrong(watch, "ship", "您的快递是圆通，明天到") == []


def test_a_courier_blocks_where_it_is_promised(watch: Watch) -> None:
    (sends,) = wrong(watch, "ship", "给您发圆通")
    (told,) = wrong(watch, "ship", "圆通在哪里查")
    assert (sends.severity, told.severity) == (Severity.BLOCK, Severity.WARN)


@pytest.mark.parametrize("brand", ["其他", "国产", "定制", "无品牌"])
def test_what_a_column_of_brands_says_of_none_is_no_name(brand: str, watch: Watch) -> None:
    watch.learn(replace(DEER, generation=2, products=(replace(coat(), brand=brand),)))
    assert wrong(watch, "ship", f"这款没有{brand}颜色了哦") == []


def test_many_measures_of_a_product_with_many_variants_cost_little(watch: Watch) -> None:
    skus = tuple(
        Sku(f"s{i}", f"K{i}", f"款{i}", (Fact("功率", str(i), "W"), Fact("容量", f"{i}ml"))) for i in range(300)
    )
    watch.learn(replace(SHIP, generation=2, products=(replace(charger(), skus=skus),)))
    watch.check("ship", Draft("在吗", "p2", now=NOW))  # what is read once
    text = Draft("9999w " * 1_500, "p2", now=NOW)
    assert cost(lambda: watch.check("ship", text)) < 1.5
    assert len(watch.check("ship", text)) <= 200


def test_a_change_of_the_other_shop_counts_when_it_is_learnt(watch: Watch) -> None:
    assert not wrong(watch, "ship", "星河垂坠感阔腿裤有货")
    watch.learn(replace(DEER, generation=2, products=(replace(coat(), name="星河垂坠感阔腿裤"),)))
    assert wrong(watch, "ship", "星河垂坠感阔腿裤有货")
    assert not wrong(watch, "ship", "云朵绒立领长外套")  # it sells that no more
    watch.forget("deer")
    assert not wrong(watch, "ship", "星河垂坠感阔腿裤有货")


def test_the_marks_hold_no_word_of_the_shop() -> None:
    kept = pickle.dumps(marks_of(DEER, Salted.by(SALT)))  # numbers only: whatever is in it, is in here
    for text in ("鹿鸣", "lm26k8", "269", "圆通", "云朵绒", "防尘袋", "05718890"):
        assert (
            text.encode() not in kept and text.encode("utf-16-le") not in kept and text.encode("utf-32-le") not in kept
        )


def test_two_vendors_digests_never_meet() -> None:
    ours, theirs = (marks_of(DEER, Salted.by(salt)) for salt in (SALT, b"another vendor's salt"))
    assert not ours.values & theirs.values
    assert not np.isin(ours.sentences, theirs.sentences).any() and not np.isin(ours.products, theirs.products).any()


@given(st.text(max_size=30), st.sampled_from([text for text, _ in PASTES.values()]), st.text(max_size=30))
def test_a_finding_tells_nothing_that_the_text_does_not(before: str, paste: str, after: str) -> None:
    watch = Watch(SALT)
    for told in (DEER, SHIP):
        watch.learn(told)
    text = before + paste + after
    for one in wrong(watch, "ship", text):
        said = text[one.start : one.end]
        told_more = (one.why + one.advice + one.stated + str(one.source)).replace(said, "")
        assert not any(secret in told_more for secret in ("鹿鸣", "deer", "LM26", "云朵", "269", "圆通", "白露街"))


def test_names_are_told_apart_from_their_trade() -> None:
    assert names_of(DEER) == {"鹿鸣女装", "鹿鸣女装旗舰店", "鹿鸣"}


# -- this shop's own files


def facts(watch: Watch, slug: str, text: str, product: str = "", now: int = NOW) -> list[Finding]:
    return [f for f in watch.check(slug, Draft(text, product, now=now)) if f.concern is Concern.FACT]


@pytest.mark.parametrize(
    ("text", "part", "stated"),
    [
        ("这款功率是45W的", "45w", "功率：65W"),
        ("这个要99元", "99元", "价格：89元"),
        ("给您发中通", "中通", "默认极兔"),
    ],
)
def test_what_contradicts_the_files_is_told_with_its_cell(text: str, part: str, stated: str, watch: Watch) -> None:
    found = facts(watch, "ship", text, "HZ-C65")
    assert [text[one.start : one.end].lower() for one in found] == [part]
    assert stated in found[0].stated


def test_a_wrong_price_of_a_product_blocks_and_names_the_cell(watch: Watch) -> None:
    (found,) = facts(watch, "ship", "海舟氮化镓三口充电器现在99元")
    assert found.severity is Severity.BLOCK and str(found.source) == "货品.xlsx › 表 › D3"


@pytest.mark.parametrize(
    "text", ["功率是65W", "这款89元", "补差价99元", "两个一共178元", "发极兔", "有S码", "没有XXL码哦", "是聚酯纤维的"]
)
def test_what_agrees_or_cannot_be_told_is_let_pass(text: str, watch: Watch) -> None:
    slug, product = ("deer", "LM26K8") if "码" in text or "纤维" in text else ("ship", "HZ-C65")
    assert facts(watch, slug, text, product) == []


@pytest.mark.parametrize(("text", "part"), [("有XXL码的", "XXL"), ("这件是真丝的哦", "真丝"), ("有红色的", "红色")])
def test_variants_and_materials_that_there_are_not(text: str, part: str, watch: Watch) -> None:
    assert [text[f.start : f.end] for f in facts(watch, "deer", text, "LM26K8")] == [part]


TERMS = [faq("3", "包邮", "亲，全店满59元包邮，现货48小时内发货，支持7天无理由退换，质保12个月，满199减20")]


@pytest.mark.parametrize(
    ("text", "wrong_part"),
    [
        ("满59元包邮", ""), ("满39元包邮哦", "满39元包邮"), ("48小时内发货", ""), ("两天内发货", ""), ("24小时内发货", "24小时内发货"),
        ("七天无理由", ""), ("15天无理由退换", "15天无理由"), ("质保一年", ""), ("质保2年", "质保2年"),
        ("满199减20", ""), ("满199减50", "满199减50"),
    ],
)  # fmt: skip
def test_terms_are_held_against_what_the_shop_says(text: str, wrong_part: str) -> None:
    watch = Watch(SALT)
    watch.learn(replace(SHIP, entries=tuple(TERMS)))
    assert [text[f.start : f.end] for f in facts(watch, "ship", text)] == [wrong_part] * bool(wrong_part)


def test_an_offer_that_is_over_is_no_longer_true() -> None:
    over = replace(faq("4", "活动", "双11期间海舟氮化镓三口充电器到手75元"), window=Window(NOW - 100, NOW))
    watch = Watch(SALT)
    watch.learn(replace(SHIP, entries=(over,)))
    text = "海舟氮化镓三口充电器到手75元"
    assert facts(watch, "ship", text, now=NOW - 1) == []
    assert [f.rule for f in facts(watch, "ship", text, now=NOW)] == ["fact.price"]
