"""Amounts, codes and sizes have one spelling each."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cost import cost
from kb.language.numerals import arabic
from kb.language.quantity import UNITS, Stated, shape_of, spans, stated, unit_of
from kb.language.text import fold


def said(text: str) -> Stated:
    return stated(arabic(fold(text)))


@pytest.mark.parametrize(
    ("texts", "amounts"),
    [
        (("256G", "256gb的", "256 g"), {"256g"}),
        (("七天", "7日内", "一周", "168小时"), {"7天"}),
        (("两斤", "1公斤", "1kg", "1000克"), {"1000g"}),
        (("一年", "12个月"), {"12月"}),
        (("一米五", "1.5米", "150cm", "150厘米"), {"150cm"}),
        (("15.6寸", "15.6吋", "15.6英寸"), {"15.6寸"}),
        (("两件", "2个", "２条"), {"2件"}),
        (("第二件", "第2个", "第二次"), {"2第"}),
        (("首次", "头一回", "第一件"), {"1第"}),
        (("第2批", "二批"), {"2批"}),
        (("二三级", "2/3级"), {"2级", "3级"}),
        (("满199减20", "199-20"), {"199", "20"}),
        (("8+256G",), {"8", "256g"}),
        (("13812345678", "单号2026112100012", "没有数字"), set()),
    ],
)
def test_one_amount_has_one_spelling(texts: tuple[str, ...], amounts: set[str]) -> None:
    assert all(said(text).amounts == amounts for text in texts)


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("XD-C65", {"xdc65", "c65"}),
        ("xdc65", {"xdc65"}),
        ("i7-13700", {"i713700", "i7"}),
        ("1v1", {"1v1"}),
        ("XXL", {"2xl"}),
        ("2XL", {"2xl"}),
        ("xl", {"xl"}),
        ("小码", {"s"}),
        ("大号L", {"l"}),
        ("均码", {"均码"}),
        ("iphone 6s", {"iphone", "6s"}),  # a model, no size
        ("A类", {"a", "a类"}),
        ("256g", set()),
    ],
)
def test_one_code_has_one_spelling(text: str, codes: set[str]) -> None:
    assert said(text).codes == codes


@given(st.integers(1, 999_999), st.sampled_from(sorted(UNITS)))
def test_every_unit_is_read_back(value: int, unit: str) -> None:
    scale, common = UNITS[unit]
    (amount,) = said(f"要{value}{unit}，").amounts
    assert unit_of(amount) == common
    assert float(amount.removesuffix(common)) == pytest.approx(value * scale, abs=1e-4)


@given(st.text(max_size=60))
def test_any_text_can_be_read(text: str) -> None:
    folded = fold(text)
    found = said(text)
    assert all(unit_of(amount) in {"", "第", *(common for _, common in UNITS.values())} for amount in found.amounts)
    edges = [edge for span in spans(folded) for edge in span]
    assert edges == sorted(edges) and all(folded[a:b] for a, b in spans(folded))


def test_codes_of_one_shape_exclude_each_other() -> None:
    assert shape_of("i5") == shape_of("i7") and shape_of("xdc45") == shape_of("xdc65")
    assert shape_of("s") == shape_of("2xl") == shape_of("均码")
    assert len({shape_of(code) for code in ("i5", "m20", "typec", "xl", "a类", "sf")}) == 6


@pytest.mark.parametrize(
    "text", ["a" * 20_000, "x" * 20_000 + "l", "1-1 " * 5_000, "第1" * 10_000, "没付了" * 7_000, "一二" * 10_000]
)
def test_long_hostile_texts_are_read_in_linear_time(text: str) -> None:
    """ "aaa…" once took a second per 10,000 characters: each position looked for a joint to the end of the text."""
    assert cost(lambda: (said(text), spans(text))) < 0.2
