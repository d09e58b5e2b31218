"""Shifts (班次): which one a moment belongs to. The last of the day goes on over midnight and belongs to the day it began."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from kb.errors import Invalid

CHINA = dt.timezone(dt.timedelta(hours=8))  # the shops' local time; there is no summer time
_DAY_MIN = 24 * 60
_PART = re.compile(r"([^\s=,，/:：]{1,12})=(\d{1,2})[:：](\d{2})")
_HOW = "写法：白班=08:00,晚班=20:00（名称=开始的时刻，用逗号隔开）。"


@dataclass(frozen=True, slots=True)
class Shifts:
    """Each shift by the minute of the day at which it begins, in order; at least one."""

    starts: tuple[tuple[int, str], ...]

    def of(self, at: int) -> str:
        """The shift of a moment in unix seconds, as "2026-11-03/白班"."""
        local = dt.datetime.fromtimestamp(at, CHINA)
        minute = local.hour * 60 + local.minute
        begun = [name for start, name in self.starts if start <= minute]
        if begun:
            return f"{local.date()}/{begun[-1]}"
        return f"{local.date() - dt.timedelta(days=1)}/{self.starts[-1][1]}"

    def __str__(self) -> str:
        return ",".join(f"{name}={start // 60:02}:{start % 60:02}" for start, name in self.starts)


def read_shifts(text: str) -> Shifts:
    """Shifts from "白班=08:00,晚班=20:00". Raises Invalid."""
    parts = [part.strip() for part in re.split(r"[,，]", text) if part.strip()]
    found = [_PART.fullmatch(part) for part in parts]
    starts = sorted((int(one[2]) * 60 + int(one[3]), one[1]) for one in found if one and int(one[3]) < 60)
    if not starts or len(starts) < len(parts) or starts[-1][0] >= _DAY_MIN:
        raise Invalid(f"班次“{text[:60]}”看不懂。", remedy=_HOW)
    if len(dict(starts)) < len(starts) or len({name for _, name in starts}) < len(starts):
        raise Invalid(f"班次“{text[:60]}”里有重复的名称或时刻。", remedy=_HOW)
    return Shifts(tuple(starts))


def day_of(at: int) -> str:
    """The shops' local day of a moment, YYYY-MM-DD."""
    return str(dt.datetime.fromtimestamp(at, CHINA).date())


USUAL = Shifts(((8 * 60, "白班"), (20 * 60, "晚班")))
