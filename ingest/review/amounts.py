"""The amounts, dates and clock times that a sentence states, each on its axis and in one unit.

7天, 七天 and 168小时 are one span; 8折 and 20% off one price; 99元, 99块 and 满99 one sum; 3-5天 is a range. What the
amount is said of is read from the characters beside it (满199 and 减30 never compare).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ingest.review.calendar import calendar
from kb.language.quantity import UNITS

_HOURS = {
    "秒": 1 / 3600, "分钟": 1 / 60, "min": 1 / 60, "小时": 1, "个小时": 1, "个钟": 1, "钟头": 1, "个钟头": 1, "h": 1,
    "天": 24, "日": 24, "个工作日": 24, "工作日": 24, "个自然日": 24, "自然日": 24, "周": 168, "星期": 168, "个星期": 168, "礼拜": 168,
    "个礼拜": 168,
    "个月": 720, "月": 720, "年": 8640, "个季度": 2160,
}  # fmt: skip
_MONEY = ("块钱", "元钱", "人民币", "元", "块", "rmb")
_NO_AXIS = {"号", "码", "批", "步", "次", "回", "遍", "趟", "个", "单", "位", "人", "把", "根", "月", "日"}

_SCALE: dict[str, tuple[float, str]] = {
    **{unit: found for unit, found in UNITS.items() if unit not in _HOURS},
    **{unit: (scale, "时间") for unit, scale in _HOURS.items()},
    **dict.fromkeys(_MONEY, (1, "元")),
    "次": (1, "次"), "回": (1, "次"), "遍": (1, "次"), "趟": (1, "次"), "码": (1, "码"), "分": (1, "分"), "积分": (1, "分"), "人": (1,
    "人"), "位": (1, "人"),
    "℃": (1, "度"), "°c": (1, "度"), "摄氏度": (1, "度"), "万": (10_000, ""), "斤重": (500, "g"), "mg": (0.001, "g"), "毫克": (0.001,
    "g"), "db": (1, "分贝"), "分贝": (1, "分贝"),
    "wh": (1, "wh"), "mpa": (1, "mpa"), "支": (1, "件"), "立方": (1, "立方"),
}  # fmt: skip
_NOT_AFTER = {"包": "邮装裹", "分": "期之", "个": "人", "单": "品", "本": "店", "份": "量", "号": "码", "段": "时"}
_UNIT = "|".join(
    re.escape(unit) + (f"(?![{_NOT_AFTER[unit]}])" if unit in _NOT_AFTER else "")
    for unit in sorted(_SCALE, key=len, reverse=True)
)
_NUMBER = r"\d++(?:\.\d++)?+"  # possessive: 2件9折 is not a bare 2
_AMOUNT = re.compile(
    rf"(?<![a-z0-9.])(?P<sign>[¥$])?(?P<low>{_NUMBER})(?:\s?(?P<mid>{_UNIT})?\s?[-~—–至到/]\s?(?P<high>{_NUMBER}))?"
    rf"\s?(?:多|来)?(?P<unit>{_UNIT})?(?![a-z]*\d+[a-z])"
)
_DISCOUNT = re.compile(r"([一二三四五六七八九])([一二三四五六七八九])折")
_DISCOUNT = re.compile(
    rf"(?<![\d.])(?P<paid>\d(?:\.\d)?|\d\d)折|(?:优惠|立减|便宜|减|省|直降)(?P<cut>{_NUMBER})%|(?P<off>{_NUMBER})%\s?off"
)
_DATE = re.compile(
    r"(?:(?P<year>20\d\d)[-/.年])?(?P<month>1[0-2]|0?[1-9])(?:月|(?<=\d)[-/.](?=\d))(?P<day>3[01]|[12]\d|0?[1-9])(?:[日号]|(?!\d|%|元|倍|折|[a-z]))"
)
_MONTH_DAY = re.compile(
    r"每个?月的?(?P<day>3[01]|[12]\d|0?[1-9])[日号]|(?<![\d.月])(?P<day_>3[01]|[12]\d|0?[1-9])号(?!码|线|店|仓|楼|链接|电池|色)"
)
_CLOCK = re.compile(
    r"(?P<part>凌晨|早上|早晨|上午|中午|下午|傍晚|晚上|晚间|夜里|晚|早)?(?P<hour>2[0-4]|1\d|0?\d)(?:[::](?P<minute>[0-5]\d)(?::[0-5]\d)?|点(?:(?P<half>半)|(?P<minutes>[0-5]?\d)分)?)"
)
_SOON = {
    "当天": (0, 24),
    "当日": (0, 24),
    "次日": (24.5, 48),
    "隔天": (24.5, 48),
    "第2天": (24.5, 48),
    "隔日": (24.5, 48),
    "立即": (0, 1),
    "马上": (0, 1),
}
_SOON_FORM = re.compile("(?:" + "|".join(_SOON) + ")(?=[^,]{0,6}(?:发|寄|到|出库|送|处理|退|回))")
_ROLE = re.compile(
    r".*(不满|未满|不足|满|立减|减|送|返|补偿|补|赔|扣|加|(?<!赔)付(?!款)|收(?!货|到)|超过|超|不超过|不低于|至少|第|买|库存|前)[^\d,]{0,3}$"
)
_MONEY_ROLES = {"满", "减", "给", "扣", "付"}
_SAME_ROLE = {
    "不满": "满",
    "未满": "满",
    "不足": "满",
    "立减": "减",
    "超": "超过",
    "补偿": "给",
    "补": "付",
    "加": "付",
    "收": "付",
    "赔": "给",
    "返": "给",
}
_ROLED = {"元", "数", "件", "折", "%"}  # a time or length is said of what its clause is about
_UNTIL = re.compile(r"^(?:24时)?[前止]|^(?:为止|截止|结束|之前|以前|下班|关)")
_UNTIL_BEFORE = re.compile(r"(?:到|至|截止|[-~—–]|结束|下班)[^\d,]{0,4}$")
_WORTH_READING = re.compile(r"\d|[初廿周天日年月正腊期拜]|立即|马上")
_VAGUE = {"时间", "日期", "钟点", "星期", "频率"}  # where a wide range may be the same said less exactly
_MONTH_SLACK = 0.03  # 30天 is a month, 365天 a year


@dataclass(frozen=True, slots=True)
class Amount:
    """A value or range on an axis ("时间" in hours, "元", "g", "日期" as month*100+day …); `role` is what stands before it."""

    axis: str
    low: float
    high: float
    role: str
    shown: str
    start: int
    end: int

    def agrees(self, other: Amount) -> bool:
        """Whether both can be true: equal, or one within the other's range. Two ranges of a size (9-14kg, 10-13kg) are
        two facts though one holds the other; of two spans of time the wider is the vaguer."""
        if (
            self._range
            and other._range
            and self.axis not in _VAGUE
            and self.low != other.low
            and self.high != other.high
        ):
            return False
        slack = (
            _MONTH_SLACK * max(self.high, other.high)
            if self.axis == "时间" and max(self.high, other.high) >= 672
            else 1e-6
        )
        inside = self.low >= other.low - slack and self.high <= other.high + slack
        return inside or (other.low >= self.low - slack and other.high <= self.high + slack)

    @property
    def _range(self) -> bool:
        return self.low < self.high


def amounts(text: str) -> list[Amount]:
    """What a folded text with arabic numerals states, from left to right."""
    found: list[Amount] = []
    if not _WORTH_READING.search(text):
        return found
    for states in (_dates, _recurring, _month_days, _clocks, _discounts, _soon, _plain):
        for amount in states(text):
            if all(amount.end <= other.start or amount.start >= other.end for other in found):
                found.append(amount)
    return sorted(found, key=lambda amount: amount.start)


def _dates(text: str) -> Iterator[Amount]:
    for match in _DATE.finditer(text):
        if "月" not in match[0] and not match["year"]:
            continue
        day = float(int(match["month"]) * 100 + int(match["day"]))
        yield _made("日期", day, day, _side(text, match), match)


def _month_days(text: str) -> Iterator[Amount]:
    for match in _MONTH_DAY.finditer(text):
        day = float(match["day"] or match["day_"])
        yield _made("日期", day, day, "", match)


def _clocks(text: str) -> Iterator[Amount]:
    for match in _CLOCK.finditer(text):
        hour = int(match["hour"])
        late = match["part"] in {"下午", "傍晚", "晚上", "晚间", "夜里", "晚"} and hour < 12
        minutes = 30 if match["half"] else int(match["minute"] or match["minutes"] or 0)
        at = float((hour + 12 * late) * 60 + minutes)
        yield _made("钟点", at, at, _side(text, match), match)


def _discounts(text: str) -> Iterator[Amount]:
    for match in _DISCOUNT.finditer(text):
        if match["paid"]:
            paid = float(match["paid"]) * (10 if float(match["paid"]) < 10 else 1)
        else:
            paid = 100 - float(match["cut"] or match["off"])
        yield _made("折", paid, paid, "", match)


def _recurring(text: str) -> Iterator[Amount]:
    for axis, low, high, match in calendar(text):
        yield _made(axis, low, high, "", match)


def _soon(text: str) -> Iterator[Amount]:
    for match in _SOON_FORM.finditer(text):
        low, high = _SOON[match[0]]
        yield _made("时间", low, high, "", match)


def _plain(text: str) -> Iterator[Amount]:
    for match in _AMOUNT.finditer(text):
        role = _role(text, match.start())
        unit = match["unit"] or match["mid"] or ""
        scale, axis = _SCALE.get(unit, (1.0, ""))
        if match["sign"] or (not unit and role in _MONEY_ROLES):
            scale, axis = 1.0, "元"
        if unit == "" and len(match["low"]) > 6:
            continue
        low_scale = _SCALE.get(match["mid"] or unit, (scale, axis))[0]
        low = float(match["low"]) * low_scale
        high = float(match["high"]) * scale if match["high"] else low
        axis = axis or "数"
        yield _made(axis, min(low, high), max(low, high), role if axis in _ROLED else "", match)


def _role(text: str, at: int) -> str:
    match = _ROLE.search(text[max(0, at - 8) : at])
    return _SAME_ROLE.get(match[1], match[1]) if match else ""


def _side(text: str, match: re.Match[str]) -> str:
    after, before = text[match.end() : match.end() + 6], text[max(0, match.start() - 6) : match.start()]
    return "止" if _UNTIL.search(after) or _UNTIL_BEFORE.search(before) else ""


def _made(axis: str, low: float, high: float, role: str, match: re.Match[str]) -> Amount:
    return Amount(axis, low, high, role, match[0].strip(), match.start(), match.end())
