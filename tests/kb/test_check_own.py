"""A sentence against this shop's own facts: prices by any name, places, streets, hours, promises, and what the merchant forbids."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cost import cost
from kb.catalog import Catalog
from kb.check.banned import bans_of
from kb.check.finding import Concern, Finding, Severity
from kb.check.places import agree, places_in
from kb.check.premises import clock_times, sent_back, sent_from
from kb.check.told import Told
from kb.check.watch import Draft, Watch
from kb.language.text import Analyzer
from kb.language.words import dictionary
from kb.model import Entry, EntryKind, Fact, Product, Sku, Source, Window
from making import faq

NOW = 1_800_000_000


def item(name: str, value: str, row: int = 1) -> Fact:
    return Fact(name, value, "", Source("交接表.xlsx", "交接", row, "B"))


def goods(key: str, name: str, price: str, *variants: tuple[str, str], called: str = "") -> Product:
    facts = [Fact("价格", price, "元", Source("商品表.xlsx", "款", 2, "F"))] if price else []
    facts += [Fact("简称", called)] if called else []
    skus = tuple(
        Sku(f"{key}{i}", f"{key}-{i}", variant, (Fact("规格", variant), Fact("价格", cost, "元")))
        for i, (variant, cost) in enumerate(variants)
    )
    return Product(f"p{key}", key, name, facts=tuple(facts), skus=skus)


FORM = (
    item("发货地", "广东广州白云仓", 2),
    item("退货地址", "广东省广州市测试路88号 云仓 退货组", 3),
    item("服务时间", "人工 8:30-24:00，大促到次日2:00", 4),
    item("发货时效", "现货最晚48小时，预售10天", 5),
    item("禁用话术", "不说“最快、走量”；“真丝”描述LX201；不承诺具体送达时间；不许引导加微信", 6),
)
GOODS = (
    goods("LX101", "百搭软底透气板鞋 女款", "89", called="小白鞋"),
    goods("LX201", "双面绒羊毛大衣", "799"),
    goods("LX202", "学院牛角扣短款大衣", "599"),
    goods("LX301", "山茶花润手霜", "", ("30g", "19"), ("加量装", "46"), ("3支装", "52")),
)
NOTES = [faq("1", "尺码", "亲，按平时的码拍就可以")]


def shop(entries: Sequence[Entry] = NOTES, form: Sequence[Fact] = FORM, products: Sequence[Product] = GOODS) -> Watch:
    watch = Watch(b"salt of a test")
    watch.learn(Told("lx", "练习店", 1, tuple(entries), tuple(products), tuple(form)))
    return watch


def found(text: str, watch: Watch | None = None, product: str = "", now: int = NOW) -> list[Finding]:
    made = (watch or SHOP).check("lx", Draft(text, product, now=now))
    return [one for one in made if one.concern in {Concern.FACT, Concern.BANNED}]


def parts(text: str, watch: Watch | None = None, product: str = "") -> list[tuple[str, str]]:
    return [(one.rule, text[one.start : one.end]) for one in found(text, watch, product)]


SHOP = shop()


# -- prices


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("小白鞋 59元", "59元"),
        ("小白鞋现在只要59", "59"),
        ("板鞋59元", "59元"),
        ("亲，小白鞋有货的，59元一双", "59元"),
        ("大衣 399", "399"),
        ("大衣活动价是399元哦", "399元"),
        ("399元的大衣", "399元"),
        ("牛角扣大衣799元", "799元"),
        ("手霜30g 39元", "39元"),
        ("润手霜加量装468元", "468元"),
        ("润手霜加量装19元", "19元"),
        ("润手霜30g的46元", "46元"),
    ],
)
def test_a_wrong_price_is_told_by_whatever_name(text: str, part: str) -> None:
    assert parts(text) == [("fact.price", part)] * bool(part)


@pytest.mark.parametrize(
    "text",
    [
        "小白鞋89元",
        "大衣599元",
        "双面绒大衣799元",
        "大衣有799元和599元的",
        "大衣吊牌价1299元",
        "大衣没寄回防尘袋要扣10元",
        "大衣比板鞋贵510元",
        "大衣干洗一次大概30元",
        "大衣 170",
        "小白鞋 38",
        "大衣500元以内的",
        "小白鞋两双178元",
        "小白鞋和大衣加起来688元",
        "小白鞋凑单到120元",
        "润手霜加量装46元",
        "润手霜3支装52元",
        "润手霜两支38元",
        "小白鞋的运费12元",
        "小白鞋用10元券",
        "围巾59元",
        "大衣柜 399",
        "板鞋满300减20元",
        "小白鞋卖完了。59元的是鞋垫",
        "山茶花润手霜30g 19元、加量装46元、3支装52元",
        "19元是30g的、46元是加量装",
    ],
)
def test_what_is_right_a_sum_or_something_else_is_let_pass(text: str) -> None:
    assert parts(text) == []


def test_one_product_blocks_and_several_warn_with_the_price_of_each() -> None:
    (one,), (several,) = found("小白鞋59元"), found("大衣399元")
    assert (one.severity, several.severity) == (Severity.BLOCK, Severity.WARN)
    assert str(one.source) == "商品表.xlsx › 款 › F2" and "89元" in one.stated
    assert "799元" in several.stated and "599元" in several.stated


def test_the_product_in_focus_is_the_one_that_its_noun_calls() -> None:
    assert parts("这款大衣799元", product="LX202") == [("fact.price", "799元")]
    assert parts("小白鞋89元", product="LX202") == []


def test_a_price_that_an_offer_asks_is_let_pass_while_it_holds() -> None:
    offer = replace(faq("2", "活动", "双11小白鞋到手69元"), window=Window(NOW - 100, NOW))
    watch = shop([offer])
    assert found("小白鞋69元", watch, now=NOW - 1) == []
    assert [one.rule for one in found("小白鞋69元", watch, now=NOW)] == ["fact.price"]


def test_what_one_saves_from_a_sum_is_no_price_that_the_shop_asks() -> None:
    assert parts("小白鞋59元", shop([faq("2", "券", "满199减59")])) == [("fact.price", "59元")]


@given(st.integers(10, 3000))
def test_of_two_that_share_a_noun_a_sum_is_told_exactly_where_neither_costs_it(price: int) -> None:
    assert bool(found(f"大衣{price}元")) is (str(price) not in {"799", "599"})


@given(st.sampled_from(["30g", "加量装", "3支装"]), st.sampled_from(["19", "46", "52", "77"]))
def test_a_variant_costs_its_own_price_and_no_other(variant: str, price: str) -> None:
    right = {"30g": "19", "加量装": "46", "3支装": "52"}
    assert bool(found(f"山茶花润手霜{variant}的{price}元")) is (right[variant] != price)


@given(st.text(max_size=20), st.sampled_from(["小白鞋", "大衣", "润手霜"]), st.text(max_size=12), st.text(max_size=12))
def test_any_text_is_read_and_spans_lie_in_it(before: str, noun: str, between: str, after: str) -> None:
    text = f"{before}{noun}{between}59元{after}"
    assert all(0 <= one.start < one.end <= len(text) for one in found(text))


def test_a_catalogue_that_is_at_hand_says_the_same() -> None:
    catalog = Catalog(GOODS, Analyzer(dictionary(GOODS)))
    watch = Watch(b"salt of a test")
    watch.learn(Told("lx", "练习店", 1, tuple(NOTES), GOODS, FORM, "", catalog))
    for text in ("小白鞋 59元", "大衣 399", "大衣599元"):
        assert found(text, watch) == found(text)


# -- places, streets, hours, promises


@pytest.mark.parametrize(
    ("text", "rule", "part"),
    [
        ("我们从杭州发货", "origin", "杭州"),
        ("义乌仓直发的", "origin", "义乌"),
        ("发货地是浙江省杭州市", "origin", "杭州"),
        ("仓库在深圳", "origin", "深圳"),
        ("退货请寄到江苏南京", "return", "南京"),
        ("退货地址：广州市测试路98号", "return", "测试路98号"),
        ("寄回佛山仓库", "return", "佛山"),
        ("人工客服9:00-22:00在线", "hours", "9:00-22:00"),
        ("客服早9点到晚10点在线", "hours", "9点到晚10点"),
        ("24小时内发货", "dispatch", "24小时内发货"),
        ("现货一天内给您发走", "dispatch", "一天内给您发走"),
    ],
)
def test_another_place_or_time_is_told_with_the_cell(text: str, rule: str, part: str) -> None:
    (one,) = found(text)
    assert (one.rule, text[one.start : one.end], one.severity) == (f"fact.{rule}", part, Severity.WARN)
    assert str(one.source).startswith("交接表.xlsx › 交接 › B")


@pytest.mark.parametrize(
    "text",
    [
        "从广州发货",
        "广东仓发货",
        "白云区仓库发的",
        "您是从杭州来的吗",
        "不是从杭州发货的",
        "是从杭州发货吗",
        "新疆发货要补运费",
        "发往杭州",
        "可以发到杭州",
        "快件已从武汉转运中心发出",
        "包裹到杭州了",
        "寄到杭州要3天",
        "杭州的亲一般次日到",
        "如果从杭州发货会快些",
        "您从杭州寄回的件收到了",
        "退货地址：广东省广州市测试路88号",
        "给您寄到幸福路12号",
        "客服8:30-24:00在线",
        "人工8点半到晚上12点",
        "客服在线到次日2:00",
        "直播9:00-22:00开始领券",
        "48小时内发货",
        "两天内发货",
        "10天内发出",
        "24小时内发货吗",
        "不能保证24小时内发货",
        "漏发的核实后24小时内发出",
        "超过24小时发货",
        "24小时内发照片给我",
    ],
)
def test_what_agrees_is_asked_denied_or_of_something_else_is_let_pass(text: str) -> None:
    assert parts(text) == []


def test_a_form_that_is_silent_contradicts_nothing() -> None:
    silent = shop(form=())
    for text in ("我们从杭州发货", "退货请寄到江苏南京", "客服9:00-22:00在线", "24小时内发货", "走量手艺"):
        assert found(text, silent) == []


def test_a_second_store_that_the_shop_names_elsewhere_is_its_own() -> None:
    watch = shop([faq("2", "发货", "北方的订单从天津仓发货")])
    assert found("您这单从天津发货", watch) == [] and found("从杭州发货", watch)


def test_places_contain_one_another_by_the_map() -> None:
    read = {name: place for name in ("浙江", "杭州", "余杭", "宁波", "义乌", "金华") for _, _, place in places_in(name)}
    assert agree(read["余杭"], read["浙江"]) and agree(read["浙江"], read["余杭"]) and agree(read["义乌"], read["金华"])
    assert not agree(read["宁波"], read["余杭"]) and not agree(read["义乌"], read["杭州"])


CITIES = ["杭州", "武汉", "成都", "新疆", "义乌", "北京", "东莞"]


@given(st.sampled_from(CITIES), st.sampled_from(CITIES))
def test_two_places_are_told_apart_exactly_where_the_map_does(ours: str, theirs: str) -> None:
    told = shop(form=(item("发货地", ours),))
    assert bool(found(f"我们从{theirs}发货", told)) is (ours != theirs)


@given(st.text(max_size=60))
def test_reading_places_and_times_never_fails(text: str) -> None:
    for read in (sent_from, sent_back, places_in):
        assert all(0 <= start < end <= len(text) for start, end, _ in read(text))
    assert all(0 <= minute < 24 * 60 for minute in clock_times(text))


@given(st.integers(0, 23), st.sampled_from([0, 30]), st.integers(13, 24), st.booleans())
def test_hours_are_the_same_however_they_are_written(begin: int, half: int, end: int, spoken: bool) -> None:
    told = shop(form=(item("服务时间", f"{begin}:{half:02}-{end}:00"),))
    late = f"晚上{end - 12}点" if spoken and end >= 18 else f"{end}点"
    assert found(f"客服{begin}点{'半' if half else ''}到{late}在线", told) == []


# -- what the merchant forbids


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("这是走量的手艺", "走量"),
        ("走 量手艺", "走 量"),
        ("不是走量的", ""),
        ("您说的是走量的吗", ""),
        ("“走量”这个词不能说", ""),
        ("不仅走量，还好用", "走量"),
        ("最快明天到", ""),
        ("双面绒大衣是真丝的吗", ""),
        ("LX201是真丝混纺", "真丝"),
        ("LX202是真丝混纺", ""),
    ],
)
def test_a_word_that_the_form_forbids_is_told(text: str, part: str) -> None:
    assert [said for rule, said in parts(text) if rule == "banned.word"] == [part] * bool(part)


def test_a_ban_names_its_cell_and_only_warns() -> None:
    (one,) = found("走量手艺")
    assert (one.severity, str(one.source)) == (Severity.WARN, "交接表.xlsx › 交接 › B6") and "走量" in one.stated


def words(form: str = "", *notes: Entry) -> set[str]:
    profile = (item("禁用话术", form),) if form else ()
    return {ban.word for ban in bans_of(Told("lx", "练习店", 1, notes, (), profile))}


def test_lists_and_quotations_are_words_and_instructions_are_not() -> None:
    assert words("治疗、祛痘/走量；100%有效") == {"治疗", "祛痘", "走量", "100有效"}
    assert words("不说“最快、第一”；不承诺具体几点送达；要求好评返现") == {"最快", "第一"}
    assert words("禁止辱骂买家；不许引导加微信") == set()


def test_a_notice_forbids_while_it_holds_and_a_reply_forbids_nothing() -> None:
    note = replace(
        faq("3", "口径", "即日起不能说“清仓”“断货”，请说补货中"), kind=EntryKind.NOTICE, window=Window(None, NOW)
    )
    assert words("", note) == {"清仓", "断货"}
    assert words("", replace(note, kind=EntryKind.FAQ)) == set()
    watch = shop([note])
    assert found("要清仓啦", watch, now=NOW - 1) and not found("要清仓啦", watch, now=NOW)


def test_what_the_shop_itself_tells_buyers_in_these_words_is_let_pass() -> None:
    watch = shop([faq("4", "工艺", "亲，我们是走量工艺做的皮具")])
    assert found("亲，是走量工艺做的哦", watch) == [] and found("走量配方", watch)


def test_what_is_forbidden_elsewhere_in_the_form_is_not_the_shops_own_saying() -> None:
    assert not any("走量" in text for text in Told("lx", "练习店", 1, (), (), FORM).texts())


# -- cost


def test_a_hostile_text_costs_little() -> None:
    variants = tuple((f"{n}ml", str(100 + n)) for n in range(200))
    watch = shop(products=(goods("LX900", "山茶花润手霜", "", *variants, called="润润"), *GOODS))
    watch.check("lx", Draft("在吗", "LX900", now=NOW))  # what is read once
    for text in ("润润10ml 111元，" * 160, "从杭州广州" * 400, "客服9:00-22:00" * 150, "退货寄回" * 500, "走量" * 900):
        assert cost(lambda text=text: watch.check("lx", Draft(text, "LX900", now=NOW))) < 1.5
