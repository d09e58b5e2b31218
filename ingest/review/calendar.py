"""How often and when: 每月一次, 天天, 周二, 正月初八, 3月 as amounts on axes of their own.

Weekdays are numbers (周一 1 … 周日 7), a rate is the hours from one time to the next, a lunar day month*100+day.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from kb.language.numerals import DIGITS, read

_HOURS = {
    "天": 24,
    "日": 24,
    "周": 168,
    "星期": 168,
    "礼拜": 168,
    "月": 720,
    "个月": 720,
    "年": 8760,
    "季度": 2160,
    "季": 2160,
    "晚": 24,
}
_UNIT = "|".join(sorted(_HOURS, key=len, reverse=True))
_RATE = re.compile(
    rf"每?(?P<many>\d[\d.]*)?个?(?P<unit>{_UNIT})(?:敷|喂|吃|用|做|换|洗|涂|喝|驱|清洗|彻底|清理)?(?P<low>\d+)(?:[-~到至/](?P<high>\d+))?[次回遍]"
)
_ONCE = re.compile(
    rf"(?:每(?P<each>[\d.]+)?个?|(?P<many>\d[\d.]*)个?)(?P<unit>{_UNIT})(?:做|洗|打|喂|驱|清理|清洗|更换|彻底)?(?:一|1)?(?:次|换|回|趟)(?!\w?日)"
)
_DAILY = re.compile("天天|每天都?(?![\\d早晚上下])|每日(?!\\d)")
_WEEKDAY = re.compile(
    "(?:周|星期|礼拜)(?P<day>[一二三四五六日天1-6])(?:(?:[至到\\-~](?:周|星期)?)(?P<last>[一二三四五六日天1-7]))?(?!\\d*[个次遍回])"
)
_WEEKEND = re.compile("周末|双休日|周6日|周六日|周6周日")
_WORKDAYS = re.compile("(?<![\\d个])工作日")
_LUNAR = re.compile(
    "(?P<month>正月|腊月|农历\\d+月)?(?P<day>初[一二三四五六七八九十]|廿[一二三四五六七八九]|(?<=[正腊]月)(?:二十[一-九]?|十[一-九]?|\\d\\d?))"
)
_MONTH = re.compile(
    "(?<![\\d个第])(?:(?P<year>20\\d\\d)年)?(?P<month>1[0-2]|0?[1-9])月(?:份|底|初|中旬|上旬|下旬)?(?!\\d|[前后])"
)

_YEAR = re.compile(r"(?P<year>20[0-4]\d)年(?!\d)")
_DAYS = re.compile(
    r"(?<![\d.月])(?P<low>[12]\d|3[01]|[1-9])[号日]?[-~到至](?P<high>[12]\d|3[01]|[1-9])(?:号(?![码线店仓])|日(?![内发到达左后]))"
)

Stated = tuple[str, float, float, re.Match[str]]


def calendar(text: str) -> Iterator[Stated]:
    """(axis, low, high, match) for what a spelt text says of rates and days."""
    for match in _RATE.finditer(text):
        period = _HOURS[match["unit"]] * float(match["many"] or 1)
        low, high = float(match["low"]), float(match["high"] or match["low"])
        if low and high:
            yield "频率", period / max(low, high), period / min(low, high), match
    for match in _ONCE.finditer(text):
        period = _HOURS[match["unit"]] * float(match["each"] or match["many"] or 1)
        yield "频率", period, period, match
    for match in _DAILY.finditer(text):
        yield "频率", 24.0, 24.0, match
    for pattern, low, high in ((_WEEKEND, 6.0, 7.0), (_WORKDAYS, 1.0, 5.0)):
        for match in pattern.finditer(text):
            yield "星期", low, high, match
    for match in _WEEKDAY.finditer(text):
        first = _weekday(match["day"])
        yield "星期", first, max(first, _weekday(match["last"] or match["day"])), match
    for match in _LUNAR.finditer(text):
        yield "农历", *_lunar(match), match
    for match in _YEAR.finditer(text):
        yield "年份", float(match["year"]), float(match["year"]), match
    for match in _DAYS.finditer(text):
        yield "日期", float(match["low"]), float(match["high"]), match
    for match in _MONTH.finditer(text):
        month = float(match["month"])
        yield "月份", month, month, match


def _weekday(char: str) -> float:
    return 7.0 if char in "日天" else float(DIGITS.get(char) or char)


def _lunar(match: re.Match[str]) -> tuple[float, float]:
    """The day alone where no month is named: 初八 agrees with 正月初八 and differs from 正月初六."""
    day = match["day"].lstrip("初").replace("廿", "2十")
    value = float(read(day.replace("2十", "二十")) or 0) if not day.isdigit() else float(day)
    return value, value
