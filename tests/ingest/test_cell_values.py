"""Single cells, the way merchants write them."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.kinds.values import (
    CHINA,
    is_measured,
    is_price_range,
    parse_flag,
    parse_moment,
    parse_price,
    parse_quantity,
    parse_span,
    split_phrasings,
)
from kb.language.units import unit_of


def at(*parts: int) -> int:
    return int(dt.datetime(*parts, tzinfo=CHINA).timestamp())  # type: ignore[arg-type, misc]


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("怎么退\n如何退货\n", ["怎么退", "如何退货"]),
        ("怎么退；如何退货;退货流程；", ["怎么退", "如何退货", "退货流程"]),
        ("怎么退|如何退货 | ", ["怎么退", "如何退货"]),
        ("衣长、胸围怎么量，准吗", ["衣长、胸围怎么量，准吗"]),
        ("1. 怎么退 2. 如何退货 3、退货流程", ["怎么退", "如何退货", "退货流程"]),
        ("1、怎么退\n2、如何退货", ["怎么退", "如何退货"]),
        ("（1）怎么退 （2）如何退货", ["怎么退", "如何退货"]),
        ("①怎么退\n②如何退货", ["怎么退", "如何退货"]),
        ("1.5米的线有吗", ["1.5米的线有吗"]),
        ("2、3天能到吗", ["2、3天能到吗"]),
        ("iPhone 15/16/17用哪根线", ["iPhone 15/16/17用哪根线"]),
        ("怎么退货／如何退款", ["怎么退货", "如何退款"]),
        ("支持退／换吗", ["支持退／换吗"]),
        (" ；|\n", []),
    ],
)
def test_phrasings_are_split_at_clear_separators_only(cell: str, expected: list[str]) -> None:
    assert split_phrasings(cell) == expected


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("¥129", "129"),
        ("￥129.00", "129"),
        ("129元", "129"),
        ("１２９", "129"),
        ("１２９元", "129"),
        ("1,299", "1299"),
        ("29.90", "29.9"),
        ("0", "0"),
        ("39-59元", None),
        ("面议", None),
        ("$5", None),
        ("-5", None),
        ("1.2万", None),
        ("", None),
    ],
)
def test_prices(cell: str, expected: str | None) -> None:
    assert parse_price(cell) == expected


def test_price_ranges_stay_text() -> None:
    assert all(map(is_price_range, ["39-59元", "¥39~59", "89元起", "39元至59元"]))
    assert not any(map(is_price_range, ["39", "面议", ""]))


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("50ml", ("50", "ml")),
        ("５０毫升", ("50", "ml")),
        ("150ML", ("150", "ml")),
        ("1.7oz", ("1.7", "oz")),
        ("68cm", ("68", "cm")),
        ("1160mm", ("1160", "mm")),
        ("65w", ("65", "W")),
        ("30瓦", ("30", "W")),
        ("10000毫安", ("10000", "mAh")),
        ("580g/m²", ("580", "g/㎡")),
        ("160克/平方米", ("160", "g/㎡")),
        ("12个月", ("12", "个月")),
        # Only a person knows whether G is grams or gigabytes, and M metres or months.
        ("64G", None),
        ("100G", None),
        ("1M", None),
        ("85-98斤", None),
        ("20片（10片×2盒）", None),
        ("仓400mAh", None),
        ("50", None),
        ("", None),
    ],
)
def test_quantities(cell: str, expected: tuple[str, str] | None) -> None:
    assert parse_quantity(cell) == expected


def test_units_have_one_form() -> None:
    assert (unit_of("毫升"), unit_of(" CM "), unit_of("件套")) == ("ml", "cm", "")
    assert is_measured("１２.５")
    assert not is_measured("12cm")


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("2026-11-01 00:00:00", at(2026, 11, 1)),
        ("2026-11-01 20:00", at(2026, 11, 1, 20)),
        ("2026-11-01T08:30:05", at(2026, 11, 1, 8, 30, 5)),
        ("2026/11/1", at(2026, 11, 1)),
        ("2026.11.1", at(2026, 11, 1)),
        ("20261101", at(2026, 11, 1)),
        ("２０２６年１１月１日", at(2026, 11, 1)),
        ("2026年11月1日 8点", at(2026, 11, 1, 8)),
        ("2026年11月1日8点30分", at(2026, 11, 1, 8, 30)),
        ("2026年11月1号晚上8点", at(2026, 11, 1, 20)),
        ("2026-11-11 24:00", at(2026, 11, 12)),
        ("长期有效", None),
        ("永久", None),
        ("", None),
    ],
)
def test_moments_are_china_time(cell: str, expected: int | None) -> None:
    assert parse_moment(cell) == expected


@pytest.mark.parametrize(
    "cell",
    ["11.11", "11月11日", "2026-13-01", "2026-02-30", "2026-11-01 25:00", "2026-11-01 24:01", "双十一", "1026-11-01",
     "2026-11-01 左右"],
)  # fmt: skip
def test_what_is_not_one_moment_is_an_error(cell: str) -> None:
    with pytest.raises(ValueError):
        parse_moment(cell)


def test_a_last_day_counts_whole() -> None:
    assert parse_moment("2026-11-11", end=True) == at(2026, 11, 12)
    assert parse_moment("2026-11-11 23:59:59", end=True) == at(2026, 11, 11, 23, 59, 59)


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("2026-11-01 至 2026-11-11", (at(2026, 11, 1), at(2026, 11, 12))),
        ("2026.11.1-2026.11.11", (at(2026, 11, 1), at(2026, 11, 12))),
        ("2026-11-01 20:00 - 2026-11-05 10:00", (at(2026, 11, 1, 20), at(2026, 11, 5, 10))),
        ("2026-11-11", (None, at(2026, 11, 12))),
        ("长期有效", (None, None)),
        ("", (None, None)),
    ],
)
def test_spans(cell: str, expected: tuple[int | None, int | None]) -> None:
    assert parse_span(cell) == expected


def test_flags() -> None:
    assert [parse_flag(cell) for cell in ("是", "必读", "Ｙ", "√", "否", "", "N", "看情况")] == [
        True, True, True, True, False, False, False, None,
    ]  # fmt: skip


@given(st.text(max_size=60))
def test_no_cell_breaks_a_reader(cell: str) -> None:
    assert all(part.strip() for part in split_phrasings(cell))
    parse_price(cell), is_price_range(cell), parse_quantity(cell), parse_flag(cell), is_measured(cell)
    for read in (parse_moment, parse_span):
        try:
            read(cell)
        except ValueError:
            continue


@given(st.datetimes(dt.datetime(1990, 1, 1), dt.datetime(2199, 12, 31)))
def test_a_written_moment_reads_back(moment: dt.datetime) -> None:
    moment = moment.replace(microsecond=0, tzinfo=CHINA)
    assert parse_moment(moment.strftime("%Y-%m-%d %H:%M:%S")) == int(moment.timestamp())
