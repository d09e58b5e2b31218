"""Which answer is right on the platforms that a shop is, or may be, on."""

from __future__ import annotations

import pytest

from kb.fitting import fitting
from kb.language.platforms import platforms_of
from kb.model import Answer, Condition, Query

GENERAL = Answer("g", "一般")
_CONDITIONS = ("天猫", "JD", "淘宝/天猫", "全平台")
TMALL, JD, BOTH, ALL = (Answer(name, name, Condition(frozenset({name}))) for name in _CONDITIONS)
COAT = Answer("c", "大衣", Condition(products=frozenset({"P1"})))


def said(*answers: Answer, platform: str = "", product: str = "") -> str:
    found = fitting(answers, Query("怎么退", platform=platform, product=product))
    return found.text if found else ""


@pytest.mark.parametrize(
    ("text", "platforms"),
    [
        ("淘宝天猫京东", {"淘宝", "天猫", "京东"}), ("仅限天猫", {"天猫"}), ("天猫旗舰店（官方）", {"天猫"}), ("京东自营店", {"京东"}),
        ("淘宝、天猫通用", {"淘宝", "天猫"}), ("JD或PDD", {"京东", "拼多多"}), ("淘系店铺", {"淘宝", "天猫"}),
        ("Tmall + JD.", {"天猫", "jd."}), ("拼多多/京东", {"拼多多", "京东"}), ("全平台", set()), ("全平台通用", set()), ("通用", set()),
        ("除京东外", {"除京东外"}), ("非天猫", {"非天猫"}), ("官方店", {"官方店"}),
    ],
)  # fmt: skip
def test_platforms_as_they_are_written(text: str, platforms: set[str]) -> None:
    assert platforms_of(text) == platforms


@pytest.mark.parametrize("platform", ["天猫", "Tmall", "淘系", "淘宝/天猫", "天猫旗舰店", "京东、天猫", "全平台", ""])
def test_an_answer_for_a_platform_reaches_every_shop_that_may_be_on_it(platform: str) -> None:
    assert said(TMALL, platform=platform) == "天猫"
    assert said(BOTH, platform=platform) == "淘宝/天猫"
    assert said(ALL, platform=platform) == "全平台"


@pytest.mark.parametrize("platform", ["京东", "jd", "京东自营", "拼多多/京东"])
def test_however_the_platform_is_written_another_one_is_another(platform: str) -> None:
    assert said(TMALL, platform=platform) == said(BOTH, platform=platform) == ""
    assert said(TMALL, JD, GENERAL, platform=platform) == ("JD" if "/" not in platform else "一般")


def test_what_is_right_on_all_of_them_is_better_than_what_may_be_wrong() -> None:
    assert said(TMALL, BOTH, platform="淘系") == "淘宝/天猫"
    assert said(TMALL, GENERAL, platform="淘系") == "一般"
    assert said(GENERAL, TMALL, platform="天猫") == "天猫"
    assert said(JD, GENERAL) == "一般"
    assert said(JD, ALL) == "全平台"


def test_the_product_narrows_as_before() -> None:
    assert said(COAT, GENERAL) == "一般"
    assert said(GENERAL, COAT, product="P1") == "大衣"
    assert said(COAT, product="P2") == ""
    both = Answer("b", "天猫大衣", Condition(frozenset({"天猫"}), frozenset({"P1"})))
    assert said(COAT, TMALL, both, product="P1", platform="天猫") == "天猫大衣"
