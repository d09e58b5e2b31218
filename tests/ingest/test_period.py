"""From when until when, as people write it; what is not said is not filled in."""

from __future__ import annotations

import contextlib
import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.kinds.period import Year, read_side, read_sides, settle, year_of
from ingest.kinds.values import CHINA

NOW = int(dt.datetime(2026, 11, 22, tzinfo=CHINA).timestamp())


def shown(at: int | None) -> str:
    return dt.datetime.fromtimestamp(at, CHINA).strftime("%Y-%m-%d %H:%M:%S") if at is not None else ""


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("11月10日20:00:00—11月11日23:59:59", "2026-11-10 20:00:00", "2026-11-11 23:59:59"),
        ("11月10日20点至11月11日24点", "2026-11-10 20:00:00", "2026-11-12 00:00:00"),
        ("１１月１日２０：００～１１月１１日２４：００", "2026-11-01 20:00:00", "2026-11-12 00:00:00"),
        ("双11期间（11月1日20:00-11月11日）", "2026-11-01 20:00:00", "2026-11-12 00:00:00"),
        ("活动时间：2026年10月20日20点至11月11日24点", "2026-10-20 20:00:00", "2026-11-12 00:00:00"),
        ("11月1日—11日", "2026-11-01 00:00:00", "2026-11-12 00:00:00"),
        ("11月11日20:00—22:30", "2026-11-11 20:00:00", "2026-11-11 22:30:00"),
        ("11.1-11.11", "2026-11-01 00:00:00", "2026-11-12 00:00:00"),
        ("2026.11.1-11.11", "2026-11-01 00:00:00", "2026-11-12 00:00:00"),
        ("2026-11-01-2026-11-11", "2026-11-01 00:00:00", "2026-11-12 00:00:00"),
        ("12月30日至1月2日", "2026-12-30 00:00:00", "2027-01-03 00:00:00"),
        ("12月30日至2027年1月2日", "2026-12-30 00:00:00", "2027-01-03 00:00:00"),
        ("2025年12月30日-1月2日", "2025-12-30 00:00:00", "2026-01-03 00:00:00"),
        ("即日起至11月11日", "", "2026-11-12 00:00:00"),
        ("截止11月11日18:00", "", "2026-11-11 18:00:00"),
        ("11月11日止", "", "2026-11-12 00:00:00"),
        ("自11月1日起", "2026-11-01 00:00:00", ""),
        ("11月11日当天", "2026-11-11 00:00:00", "2026-11-12 00:00:00"),
        ("即日起", "", ""),
        ("长期有效", "", ""),
    ],
)
def test_spans(text: str, start: str, end: str) -> None:
    first, last, _ = settle(*read_sides(text), Year(2026))
    assert (shown(first), shown(last)) == (start, end)


@pytest.mark.parametrize(
    "text",
    [
        "双11期间",
        "11.11",
        "11/11",
        "11月11日前",
        "活动期间",
        "2月30日至3月1日",
        "11月1日、11月3日、11月5日",
        "看通知",
        "11日",
    ],
)
def test_what_names_no_span_is_not_understood(text: str) -> None:
    with pytest.raises(ValueError):
        settle(*read_sides(text), Year(2026))


def test_one_end_in_its_own_column() -> None:
    assert shown(settle(read_side("11月1日20点起", end=False), None, Year(2026))[0]) == "2026-11-01 20:00:00"
    assert shown(settle(None, read_side("至11月11日", end=True), Year(2026))[1]) == "2026-11-12 00:00:00"
    assert read_side("即日起", end=False) is None
    for text, end in (("至11月11日", False), ("11月1日起", True), ("11月1日-11月3日", True)):
        with pytest.raises(ValueError):
            read_side(text, end=end)


def test_a_slip_does_not_become_most_of_a_year() -> None:
    first, last, _ = settle(*read_sides("11月11日至11月1日"), Year(2026))
    assert first is not None and last is not None and first > last


def test_the_year_is_the_rows_then_the_sheets_then_todays() -> None:
    assert year_of(["2025-11-01", "11月3日", "2025年12月1日", "2024-01-01"], ["2026"], NOW) == Year(2025)
    assert year_of(["11月3日"], ["2026双11", "2025年双11安排"], NOW) == Year(2025)
    assert year_of(["11月3日"], ["双11 满300减50", "热线 400-2025-000"], NOW) == Year(2026, guessed=True)
    guessed = Year(2026, guessed=True)
    assert settle(*read_sides("11月1日-11月3日"), guessed)[2] is True
    assert settle(*read_sides("2026年11月1日-11月3日"), guessed)[2] is False
    assert settle(*read_sides("2026-11-01 至 2026-11-03"), guessed)[2] is False


DAYS = st.datetimes(dt.datetime(2026, 1, 1), dt.datetime(2026, 12, 31))


@given(DAYS, DAYS, st.sampled_from(["至", "—", "~", " - ", "到", "－"]))
def test_two_moments_written_out_are_those_moments(one: dt.datetime, other: dt.datetime, to: str) -> None:
    first, last = sorted((one.replace(microsecond=0), other.replace(microsecond=0)))
    text = to.join(f"{at.month}月{at.day}日{at:%H:%M:%S}" for at in (first, last))
    wanted = tuple(int(at.replace(tzinfo=CHINA).timestamp()) for at in (first, last))
    assert settle(*read_sides(text), Year(2026))[:2] == wanted


@given(st.text(alphabet="0123456789月日号年:：-—~至到起止.／/ 双即期间", max_size=20))
def test_any_text_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(ValueError):
        settle(*read_sides(text), Year(2026))
