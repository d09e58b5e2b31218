"""Personal data is masked at the door, product text is left alone."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import luhn

from kb.mask import holds_personal_data, mask


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


@given(st.text(max_size=80))
def test_masking_twice_changes_nothing(text: str) -> None:
    once = mask(text)
    assert mask(once) == once
    assert not holds_personal_data(once)
