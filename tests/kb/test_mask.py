"""Personal data is masked at the door, product text is left alone."""

from __future__ import annotations

import random
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum import luhn

from cost import cost
from kb.language import mask as masks
from kb.language.mask import mask
from kb.language.text import clean


def id_card(rng: random.Random) -> str:
    """A valid 18-digit number of the Beijing region: stdnum's own check digit."""
    from stdnum.cn import ric

    body = f"110105{rng.randint(1950, 2010)}{rng.randint(1, 12):02}{rng.randint(1, 28):02}{rng.randint(0, 999):03}"
    return body + ric.calc_check_digit(body + "0")  # it drops the last character itself


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("电话13812345678谢谢", "电话[手机号]谢谢"),
        ("打138-1234-5678", "打[手机号]"),
        ("+86 138 1234 5678", "[手机号]"),
        ("座机010-88886666", "座机[电话]"),
        ("发我邮箱 li.ming@example.com 吧", "发我邮箱 [邮箱] 吧"),
        ("我微信号abc_12345加我", "我微信号[账号]加我"),
        ("加QQ 123456789", "加QQ [账号]"),
        ("订单 1234567890123456789 到哪了", "订单 [订单号] 到哪了"),
        ("寄到浙江省杭州市余杭区五常街道文一西路969号3栋2单元501室 谢谢", "寄到[地址] 谢谢"),
        ("phone13812345678", "phone[手机号]"),
        ("Tel13812345678", "Tel[手机号]"),
        ("138 - 1234 - 5678", "[手机号]"),
        ("1 3 8 1 2 3 4 5 6 7 8", "[手机号]"),
        ("电话01088886666", "电话[电话]"),
        ("Tel:057188886666", "Tel:[电话]"),
        ("(010)88886666", "[电话]"),
        ("（0571）8888 6666", "[电话]"),
        ("加v abc12345", "加v [账号]"),
        ("加V：zhangsan88", "加V：[账号]"),
        ("+V zhangsan", "+V [账号]"),
        ("加我v13812345678", "加我v[账号]"),
        ("加微zhangsan888", "加微[账号]"),
        ("V：zhangsan88", "V：[账号]"),
        ("wechat: zhangsan88", "wechat: [账号]"),
        ("WeChat zhangsan88", "WeChat [账号]"),
        ("微信号 ： zhangsan", "微信号 ： [账号]"),
        ("寄到 杭州市 余杭区 文一西路 969号", "寄到 [地址]"),
        ("麻烦改成寄到 浙江省，杭州市，余杭区，文一西路 969 号 3 栋，谢谢", "麻烦改成寄到 [地址]，谢谢"),
        ("寄到區，杭州市余杭区文一西路969号", "寄到區，[地址]"),
        ("收貨地址：浙江省杭州市餘杭區文一西路969號3棟", "收貨地址：[地址]"),
        ("订单12345678901234", "订单[订单号]"),
    ],
)
def test_personal_data_is_masked(said: str, kept: str) -> None:
    assert mask(said) == kept


@pytest.mark.parametrize(
    "said",
    [
        "货号A18164178225有货吗",
        "10000mAh能上飞机吗",
        "价格139.00元，满399减20",
        "尺码 165/84A 和 170/88A 选哪个",
        "型号XD-C65和GaN65W有什么区别",
        "2026-11-21 20:00:00 开始吗",
        "90斤160cm穿S还是M",
        "条码6901234567892",
        "这个区别大不大",
        "你们家在哪个城市发货",
        "V领 修身连衣裙",
        "V: 电压 220V",
        "V：AC220V",
        "加V领显瘦",
        "加vitaminB12的面膜",
        "支持wechat payment",
        "vivo x100 手机壳",
        "SPF50+ PA+++ 50ml",
        "型号 TC-100 2米",
        "6901234567892",
        "UPC 049000006346",
        "2026年11月21日20点",
        "满399减20 第2件半价",
        "腰围 64 66 68 70 72 74 cm",
        "身高 155 160 165 90 斤",
        "1 2 3 4 5 6 7 8 9 10 11 12 码",
        "这个小区能送吗",
        "１０００ｍＡｈ\u3000Ｖ领\u200b ① ㎡",
    ],
)
def test_product_text_is_left_alone(said: str) -> None:
    assert mask(said) == said


def test_two_thousand_numbers_leave_nothing_behind() -> None:
    rng = random.Random(7)
    for _ in range(500):
        phone = f"1{rng.choice('3456789')}{rng.randint(0, 999_999_999):09}"
        card_body = "62" + "".join(rng.choices("0123456789", k=13))
        card = card_body + luhn.calc_check_digit(card_body)
        for secret in (phone, id_card(rng), card, f"{rng.randint(10**17, 10**18 - 1)}"):
            said = f"{rng.choice(['我的', '号码：', '亲 ', ''])}{secret}{rng.choice(['', '，谢谢', ' 快点'])}"
            assert secret not in mask(said), said


@pytest.mark.parametrize(
    "said",
    [
        "１３８１２３４５６７８",
        "138\u200b12345678",
        "138\u00ad1234\ufeff5678",
        "138\x001234\ue0005678",
        "1\ufe0f\u20e33\ufe0f\u20e38\ufe0f\u20e312345678",
        "①③⑧①②③④⑤⑥⑦⑧",
        "𝟏𝟑𝟖𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖",
        "138&#8203;12345678",
        "&amp;#49;3812345678",
        "138 \u3000 \u00a0  \t 12345678",
    ],
)
def test_a_number_in_disguise_is_masked(said: str) -> None:
    assert mask(said) == "[手机号]"


def test_what_else_was_typed_stays_unless_something_hides() -> None:
    assert mask("电话13812345678，快点！") == "电话[手机号]，快点！"
    assert mask("电话１３８\u200b12345678，快点！") == "电话[手机号],快点!"
    assert mask("编号12345678901234\u200b5678，快点！") == "编号[订单号],快点!"  # no remainder 5678


def test_what_hides_beyond_the_bound_is_final_all_the_same() -> None:
    for deep in range(20):
        once = mask("13812345678 &" + "amp;" * deep + "#49;3812345678")
        assert mask(once) == once


NOISE = st.sampled_from(["", "\u200b", "\u00ad", "\ufeff", "\x00", "\ue000", "&#8203;", "&shy;"])


@given(st.lists(NOISE, min_size=10, max_size=10), st.booleans())
def test_cleaning_uncovers_nothing(noise: list[str], wide: bool) -> None:
    number = "13812345678"
    shown = "".join(chr(ord(c) + 0xFEE0) for c in number) if wide else number
    said = "".join(a + b for a, b in zip(shown, [*noise, ""], strict=True))
    cleaned = clean(mask(f"电话{said}谢谢"))
    assert mask(cleaned) == cleaned
    assert number not in cleaned


@pytest.mark.parametrize(
    "piece",
    ["市区", "1-", "路1号", "a", "市区路", "市路1", "到区路1号", "市路1号,", "寄送发邮", "浙江省杭州市", "市 1 ", "1 3 ", "138 ",
     "1234 ", "0", "010-", "(010)", "a.", "a@", "a@b.cc.", "微信", "微信 号 是 :", "加v ", "v", "V:a-", "wechat id : ", "qq",
     "&amp;", "&", "&#38;", "\u200b", "１", "ﷺ", " ", "\n", "[手机号]", "13812345678 ", "110105199001010011"],
)  # fmt: skip
def test_a_hostile_text_costs_milliseconds(piece: str) -> None:
    text = (piece * 2000)[:2000]
    assert cost(lambda: mask(text)) < 0.05


@given(st.text(max_size=80))
def test_masking_twice_changes_nothing(text: str) -> None:
    once = mask(text)
    assert mask(once) == once


NEARLY = st.text(st.sampled_from("vVxXwW微信加我qQ:：@._-+ıſK18a0号區区路栋12 寄到扣"), max_size=24)
MANY_DIGITS = st.text(st.sampled_from("0123456789138- ·(（）)v微号"), min_size=8, max_size=30)
RULES = [rule for _, rules in masks._GROUPS for rule in rules]


@given(st.one_of(NEARLY, MANY_DIGITS, st.text(max_size=30)))
@settings(max_examples=500)
def test_no_rule_would_find_what_the_first_look_passes_over(text: str) -> None:
    expected = text
    for _ in range(4):
        for rule in RULES:
            expected = rule(expected)
    assert masks._masked(text) == expected


SENTENCE = st.lists(
    st.one_of(
        st.sampled_from(["亲，48小时内发货哦～", "区", "微信", "v", "@", "&#49;", "&", "1", "13812345678", "路9号", " ", "\n", "１"]),
        st.integers(0, 10**11).map(str),
        st.text(max_size=6),
    ),
    max_size=8,
).map("".join)  # fmt: skip


@given(st.one_of(SENTENCE, NEARLY, MANY_DIGITS))
@settings(max_examples=500)
def test_a_calm_text_is_passed_over_only_where_nothing_would_be_found(text: str) -> None:
    assert mask(text) == masks._mask(text)


def test_no_calm_character_shows_what_a_rule_needs() -> None:
    """Every character there is, not a sample: one that the view shows as a digit, or as half of an account, would hide it."""
    calm = [char for char in map(chr, range(0x110000)) if masks._NOTHING(char) and not char.isdigit()]
    assert 20_000 < len(calm) < 22_000
    shown = masks._view("x".join(calm)).replace("x", "")
    assert not any(char.isdigit() or needed(char) for char in shown for needed, _ in masks._GROUPS)
    assert all(masks._view(f"{char}{char}") == 2 * masks._view(char) for char in calm if not char.isspace())


def test_only_their_own_letters_announce_an_account_whatever_the_case() -> None:
    folded = re.compile("[vxqw]", re.IGNORECASE)
    assert set(filter(folded.fullmatch, map(chr, range(0x110000)))) == set("vVxXqQwW")
