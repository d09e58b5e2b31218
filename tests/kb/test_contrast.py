"""Decisive marks: what is read off a text, and the laws of comparing two readings."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cost import cost
from kb.language.contrast import FEATURES, Marks, contrast, contrasts, marks
from kb.language.opposites import NEUTRAL, OPPOSITES, QUESTIONS, moments
from kb.language.text import fold

CLASHES = [i for i, name in enumerate(FEATURES) if name.endswith("_clash")]

PIECES = st.sampled_from(
    "256g 512G 七天 8天 两件 xd-c65 XL 36码 不 没 能 吗 怎么 多少钱 换货 退货 修改 收货地址 还没付款 发货后 男款 顺丰 一级 二三级 哪里 "
    "的 那个 a ， ？ 1.5 半年 第一件".split()
)
TEXT = st.one_of(st.lists(PIECES, max_size=8).map("".join), st.text(max_size=30))


def read(text: str) -> Marks:
    return marks(fold(text))


def feature(message: str, line: str) -> dict[str, float]:
    return dict(zip(FEATURES, contrast(read(message), read(line)), strict=True))


@given(TEXT)
def test_a_text_never_clashes_with_itself(text: str) -> None:
    same = contrast(read(text), read(text))
    assert all(same[i] == 0 for i in CLASHES)
    assert all(value in (0.0, 0.5, 1.0) for value in same), "wholly shared, or by the bare number inside a code"
    assert same[0] == 1 or not read(text).numbers


@given(TEXT, TEXT)
def test_contrast_is_symmetric_and_between_0_and_1(one: str, other: str) -> None:
    there, back = contrast(read(one), read(other)), contrast(read(other), read(one))
    assert there == back and len(there) == len(FEATURES)
    assert all(0 <= value <= 1 for value in there)


@given(TEXT, TEXT)
def test_nothing_is_both_shared_wholly_and_clashing(one: str, other: str) -> None:
    found = feature(one, other)
    for kind in ("number", "model", "negation", "asks", "side"):
        assert not (found[f"{kind}_shared"] == 1 and found[f"{kind}_clash"] == 1)


@given(TEXT, st.sampled_from(["嗯", "亲亲", "你好，", "客服"]))
def test_who_says_nothing_clashes_with_nobody(text: str, silence: str) -> None:
    assert read(silence).silent
    found = feature(silence, text)
    assert all(value == 0 for name, value in found.items() if name != "negation_clash")


@pytest.mark.parametrize(
    "text", ["256G的还有货不", "不能退货怎么办", "XL码换货要多久", "发货前能改地址么", "顺丰几天到"]
)
@pytest.mark.parametrize(
    ("before", "after"), [("亲，", ""), ("您好 请问", "呀"), ("在吗？", " 谢谢"), ("", "啊！！"), ("　", "～")]
)
def test_greetings_and_particles_change_nothing(text: str, before: str, after: str) -> None:
    assert read(before + text + after) == read(text)


@given(st.lists(TEXT, max_size=12), TEXT)
def test_many_at_once_are_each_alone(lines: list[str], message: str) -> None:
    together = contrasts(read(message), [read(line) for line in lines])
    assert together.shape == (len(lines), len(FEATURES)) and together.dtype == np.float32
    alone = [contrast(read(message), read(line)) for line in lines]
    assert np.allclose(together, np.array(alone, np.float32).reshape(together.shape))


@pytest.mark.parametrize(
    ("message", "meant", "rival", "kind"),
    [
        ("要512的那个", "512G报价", "256G报价", "number"),
        ("七天内可以么", "7天退货", "8天退货", "number"),
        ("一个礼拜之内", "7天退货", "8天退货", "number"),
        ("48h能不能出", "2天内发出", "24小时内发出", "number"),
        ("三公斤的", "6斤一袋", "5斤一袋", "number"),
        ("满两百九十九", "满299减30", "满199减20", "number"),
        ("要三级的", "三级能效", "二三级通用", "number"),
        ("二三级通用", "2/3级可以用", "3级可以用", "number"),
        ("第二件便宜吗", "第2件打折", "第1件打折", "number"),
        ("头一件", "第一件", "第二件", "number"),
        ("xdc65 那只", "XD-C65 参数", "XD-C45 参数", "model"),
        ("c65那只", "XD-C65 参数", "XD-C45 参数", "model"),
        ("i7的", "酷睿I7版", "酷睿I5版", "model"),
        ("两个叉 xxl", "2XL胸围", "XL胸围", "model"),
        ("大码的", "L码", "M码", "model"),
        ("A类布", "a类面料", "b类面料", "model"),
        ("想调换", "怎么换货", "怎么退货", "side"),
        ("还没寄呢", "发货前能改吗", "发货后能改吗", "side"),
        ("付完钱了", "已付款的单", "未付款的单", "side"),
        ("要专用发票", "专票资料", "普票资料", "side"),
        ("余款", "尾款怎么付", "定金怎么付", "side"),
        ("哪天能到", "什么时候到", "为什么还没到", "asks"),
        ("咋卖的", "多少钱", "有几件", "asks"),
    ],
)
def test_the_meant_twin_stands_out(message: str, meant: str, rival: str, kind: str) -> None:
    right, wrong = feature(message, meant), feature(message, rival)
    assert right[f"{kind}_clash"] == 0 and right[f"{kind}_shared"] > wrong[f"{kind}_shared"]


@pytest.mark.parametrize(
    ("message", "line", "kind"),
    [
        ("256G的", "512G版多少钱", "number"),
        ("8天可以吗", "七天无理由", "number"),
        ("i5的", "i7版本", "model"),
        ("xl有没有", "XXL码", "model"),
        ("男款", "女款", "side"),
        ("想换货", "怎么退货", "side"),
        ("想换货", "退款多久到账", "side"),
        ("为什么", "多少钱", "asks"),
        ("不能用", "能用", "negation"),
    ],
)
def test_who_says_the_opposite_clashes(message: str, line: str, kind: str) -> None:
    assert feature(message, line)[f"{kind}_clash"] == 1


@pytest.mark.parametrize(
    ("message", "line"),
    [
        ("退货可以吗", "不想要了，退款可以吗"),  # goods back and money back are asked in one breath
        ("512的", "两件包邮"),  # an amount of something else
        ("修改地址", "维护保养"),
        ("男女都能穿吗", "女款"),
        ("取消收货地址", "男款"),
        ("type-c的线", "i7版本"),
        ("13812345678", "7天"),  # phones and orders are no amounts
        ("一起买一个", "买3件"),
    ],
)
def test_a_clash_is_never_made_up(message: str, line: str) -> None:
    found = feature(message, line)
    assert found["number_clash"] == found["model_clash"] == found["side_clash"] == 0


@pytest.mark.parametrize("text", ["不能退怎么办", "退不了", "没收到赠品", "无法付款", "付款失败"])
def test_what_denies(text: str) -> None:
    assert read(text).negated


@pytest.mark.parametrize(
    "text",
    [
        "能不能退",
        "有没有货",
        "有货没有",
        "能退不",
        "七天无理由",
        "不锈钢的",
        "没问题吧",
        "不想要了",
        "行不行呀",
        "包邮不？",
    ],
)
def test_what_only_asks_denies_nothing(text: str) -> None:
    assert not read(text).negated


def test_the_tables_are_in_order() -> None:
    """A word of one axis takes one side, but for those that are meant to bridge; and nothing is both word and neutral."""
    words = {(axis, side): set(text.split()) for axis, sides in OPPOSITES.items() for side, text in sides.items()}
    assert all(found for found in words.values())
    for (axis, side), (other_axis, other) in itertools.combinations(words, 2):
        bridging = words[axis, side] & words[other_axis, other] if axis == other_axis else set()
        assert bridging <= {"退换", "宝宝"}, (axis, side, other, bridging)
    sided = set().union(*words.values()) | {word for word, _ in moments()}
    assert not sided & set(NEUTRAL.split())
    assert all(word == fold(word) for word in sided | {w for text in QUESTIONS.values() for w in text.split()})


def test_reading_and_comparing_are_cheap() -> None:
    """Fifty candidates of four lines are compared for every message."""
    texts = [fold(text) for text in ("亲 那个512g的什么价 包邮不", "我还没付款 能改地址吗", "XD-C65能换货吗 七天内")]
    lines = [marks(text) for text in texts] * 70

    reading = cost(lambda: [marks(text) for text in texts * 20]) / 60
    comparing = cost(lambda: contrasts(marks(texts[-1]), lines)) / len(lines)
    assert reading < 200e-6 and comparing < 20e-6  # five times what it takes
