"""What the figures depend on: limits, hours, windows, targets, bands. All of it in `rules.toml`, and editable."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from kb.errors import Invalid

SHIPPED = Path(__file__).with_name("rules.toml")
BEIJING = timezone(timedelta(hours=8))  # no summer time since 1991; a fixed offset needs no database on Windows
DAY_MS = 86_400_000
_OFFSET_MS = 8 * 3_600_000
_SPANS = ("service", "taobao", "pdd")
_REMEDY = "请对照 docs/kpi.md 里的说明改正。"
_HOURS = re.compile(r"([01]\d|2[0-4]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)")


@dataclass(frozen=True, slots=True)
class Hours:
    """A span of every day in milliseconds after midnight, Beijing time; one that ends past 24:00 runs into the next day."""

    start_ms: int
    end_ms: int

    def served(self, start: int, end: int) -> int:
        """How many of the milliseconds between two moments lie within."""
        first = _day(start) - 1
        return sum(
            max(0, min(end, midnight + self.end_ms) - max(start, midnight + self.start_ms))
            for midnight in (_midnight(day) for day in range(first, _day(end) + 1))
        )

    def begun(self, at_ms: int) -> int | None:
        """The midnight of the day on which the span that holds this moment began; None where none does."""
        for day in (_day(at_ms), _day(at_ms) - 1):
            if _midnight(day) + self.start_ms <= at_ms < _midnight(day) + self.end_ms:
                return _midnight(day)
        return None


@dataclass(frozen=True, slots=True)
class Target:
    """What one measure should reach, and what share of the score it is."""

    measure: str
    target: float
    weight: float
    less_is_better: bool = False


@dataclass(frozen=True, slots=True)
class Band:
    """A grade, and the score it begins at: `above` means more than."""

    name: str
    least: float
    above: bool = False


@dataclass(frozen=True, slots=True)
class Rules:
    """Everything a figure depends on beside the log."""

    gap_ms: int
    skew_ms: int
    grace_ms: int
    first_reply_ms: int
    key_facts_ms: int
    help_ms: int
    platform_reply_ms: int
    script_ms: int
    attribution_ms: int
    after_sale_ms: int
    refund_ms: int
    recontact_ms: int
    service: tuple[Hours, ...]
    taobao: tuple[Hours, ...]
    pdd: tuple[Hours, ...]
    shifts: tuple[tuple[str, Hours], ...]
    targets: tuple[Target, ...]
    bands: tuple[Band, ...]

    def shift_of(self, at_ms: int) -> str:
        """`2026-11-03/晚班`, dated by the evening it began on; "" where no shift is on."""
        for name, hours in self.shifts:
            if (begun := hours.begun(at_ms)) is not None:
                return f"{day_of(begun)}/{name}"
        return ""


def day_of(at_ms: int) -> str:
    """The day in Beijing, YYYY-MM-DD."""
    return datetime.fromtimestamp(at_ms / 1000, BEIJING).date().isoformat()


def day_start_ms(day: str) -> int:
    """Midnight in Beijing at the beginning of a day. Raises Invalid."""
    try:
        return int(datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp()) * 1000 - _OFFSET_MS
    except ValueError:
        raise Invalid(f"日期“{day}”不对。", remedy="请写成 2026-11-01 这样。") from None


def within(spans: Sequence[Hours], at_ms: int) -> bool:
    return any(hours.begun(at_ms) is not None for hours in spans)


def served(spans: Sequence[Hours], start: int, end: int) -> int:
    """Milliseconds of service between two moments; what was done out of hours took none."""
    return sum(hours.served(start, end) for hours in spans)


def read_rules(own: Path | None = None) -> Rules:
    """The shipped rules, and over them those of a file. Raises Invalid on what cannot be read or understood."""
    told = _parsed(SHIPPED)
    over = _parsed(own) if own else {}
    if unknown := set(over) - set(told):
        raise Invalid(f"规则文件里有不认识的部分：{'、'.join(sorted(unknown))}。", remedy=_REMEDY)
    merged = {
        name: {**part, **over.get(name, {})} if isinstance(part, dict) else over.get(name, part)
        for name, part in told.items()
    }
    try:
        return _rules(merged)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise Invalid(f"规则文件里有一处不对：{error}。", remedy=_REMEDY) from error


def _parsed(path: Path) -> Mapping[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise Invalid(f"规则文件 {path.name} 读不出来：{error}", remedy=_REMEDY) from error


def _rules(told: Mapping[str, Any]) -> Rules:
    time, money = told["time"], told["money"]
    spans = {name: value for part in (time, money) for name, value in part.items() if name not in _SPANS}
    if wrong := [name for name, value in spans.items() if type(value) is not int or value < 0]:
        raise ValueError(f"{wrong[0]} 应是不小于 0 的整数")
    return Rules(
        gap_ms=time["gap_min"] * 60_000,
        skew_ms=time["skew_ms"],
        grace_ms=time["grace_s"] * 1000,
        first_reply_ms=time["first_reply_s"] * 1000,
        key_facts_ms=time["key_facts_s"] * 1000,
        help_ms=time["help_s"] * 1000,
        platform_reply_ms=time["platform_reply_s"] * 1000,
        script_ms=time["script_s"] * 1000,
        attribution_ms=money["attribution_h"] * 3_600_000,
        after_sale_ms=money["after_sale_days"] * DAY_MS,
        refund_ms=money["refund_days"] * DAY_MS,
        recontact_ms=money["recontact_h"] * 3_600_000,
        service=tuple(map(_hours, time["service"])),
        taobao=tuple(map(_hours, time["taobao"])),
        pdd=tuple(map(_hours, time["pdd"])),
        shifts=tuple((one["name"], _hours(one["hours"])) for one in told["shift"]),
        targets=tuple(Target(**one) for one in told["score"]),
        bands=tuple(
            Band(one["name"], float(one.get("above", one.get("from"))), "above" in one) for one in told["band"]
        ),
    )


def _hours(text: str) -> Hours:
    """08:00-24:00; an end that is not after its beginning is the next day's."""
    found = _HOURS.fullmatch(text)
    if found is None:
        raise ValueError(f"时间段“{text}”应写成 08:00-24:00")
    h1, m1, h2, m2 = map(int, found.groups())
    start, end = (h1 * 60 + m1) * 60_000, (h2 * 60 + m2) * 60_000
    return Hours(start, end if end > start else end + DAY_MS)


def _day(at_ms: int) -> int:
    return (at_ms + _OFFSET_MS) // DAY_MS


def _midnight(day: int) -> int:
    return day * DAY_MS - _OFFSET_MS
