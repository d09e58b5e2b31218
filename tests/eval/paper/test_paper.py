"""What a report is made of: it says what it rests on, its tables are even, its words are in two languages."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.paper import words
from eval.paper.number import bare, cell, plus, shown, signed, span, whole
from eval.paper.paper import FigureRow, Grid, Paper, Unit, about
from kb.errors import Invalid


@pytest.mark.parametrize("lang", words.LANGUAGES)
def test_a_report_says_what_it_rests_on_or_is_none(lang: str) -> None:
    told = about(lang, n="12", 店铺="青罗")
    assert list(told.values()) == ["—", "12", "—", "—", "—", "—", "青罗"]
    assert Paper("t", (), told, ()).about == told
    for key in list(told)[:-1]:
        with pytest.raises(ValueError, match="about lacks"):
            Paper("t", (), {name: value for name, value in told.items() if name != key}, ())


def test_a_row_is_as_long_as_the_header() -> None:
    with pytest.raises(ValueError, match="row 2 has 1 cells below 2"):
        Grid(("a", "b"), ((1, 2), (3,)))


def test_every_text_is_there_in_both_languages_with_the_same_blanks() -> None:
    def blanks(text: str) -> set[str | None]:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}

    for chinese, english in words._COMMON.values():
        assert blanks(chinese) == blanks(english)
    assert words.say("more_rows", "en", count=3) == "3 more rows are in the workbook."
    with pytest.raises(Invalid):
        words.language("fr")


@pytest.mark.parametrize(
    ("value", "unit", "said"),
    [
        (0.123, "%", "12.3%"),
        (-0.004, "pp", "−0.40 个百分点"),
        (0.031, "pp", "+3.10 个百分点"),
        (-0.0000004, "pp", "0.00 个百分点"),
        (1234.5, "元", "1,234.50 元"),
        (30, "秒", "30.0 秒"),
        (20000, "", "20,000"),
        (0.9124, "", "0.912"),
        (1.0, "", "1.000"),
        (None, "元", "—"),
        (float("nan"), "%", "—"),
    ],
)
def test_numbers_read_as_people_write_them(value: float | None, unit: str, said: str) -> None:
    assert shown(value, unit) == said  # type: ignore[arg-type]


def test_a_difference_has_a_sign_unless_it_reads_as_nothing() -> None:
    assert [signed(value, "元") for value in (0.5, -0.5, 0.004, -0.004, 0.0, None, float("nan"))] == [
        "+0.50 元", "−0.50 元", "0.00 元", "0.00 元", "0.00 元", "—", "—",
    ]  # fmt: skip
    assert [plus(value, "pp") for value in (0.0212, -0.0212, 0.00001, -0.00001)] == ["+2.12", "−2.12", "0.00", "0.00"]
    assert signed(0.031, "pp") == "+3.10 个百分点" and signed(0.0000004, "pp") == "0.00 个百分点"


def test_a_sum_is_told_without_decimals() -> None:
    assert [whole(value) for value in (1234.4, -1234.6, 0.3, -0.3)] == ["1,234", "−1,235", "0", "0"]


def test_an_interval_may_be_open_or_missing() -> None:
    assert span(FigureRow("a", 0.5, 0.4, 0.6, 3, "%")) == "[40.0, 60.0]"
    assert span(FigureRow("a", 0.5, 0.4, None, 3)) == "[0.400, ∞]"
    assert span(FigureRow("a", 0.5)) == "—"
    assert [cell(value) for value in (None, "甲", 40000, -3, 0.33333, 2.0, -0.00001)] == [
        "—", "甲", "40,000", "−3", "0.3333", "2", "0",
    ]  # fmt: skip


@given(st.floats(-1e12, 1e12), st.sampled_from(["", "%", "pp", "元", "秒", "毫秒"]))
def test_a_number_is_shown_within_half_of_its_last_digit(value: float, unit: str) -> None:
    told = float(bare(value, unit).replace(",", "").replace("−", "-"))  # type: ignore[arg-type]
    true = value * 100 if unit in ("%", "pp") else value
    assert told == pytest.approx(true, abs=0.0501, rel=1e-12)


@pytest.mark.parametrize("unit", ["%", "元", "", "秒"])
def test_what_is_no_number_is_a_dash(unit: Unit) -> None:
    assert shown(float("nan"), unit) == bare(float("nan"), unit) == cell(float("nan")) == "—"
