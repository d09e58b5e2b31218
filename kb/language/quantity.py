"""The amounts, codes and sizes that a text states, each in one spelling: 两斤 and 1kg are "1000g", XXL is "2xl".

An amount is written value + unit ("7天", "256g"), a number without a unit alone ("512"). Units of one kind are one
unit, so that amounts compare: hours and weeks are 天, years are 月, weights are g, lengths cm. A code keeps its
letters and digits ("xdc65"), and a short form of it counts too ("c65").
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

# unit → (common unit, how many of it); measure words of things are all "件", for 买2件 and 买两个 ask the same.
_SAME = {
    "天": "天 日", "分": "分钟 min", "月": "个月 月", "岁": "岁", "g": "g gb 克 个g", "元": "元 块 rmb", "ml": "ml 毫升",
    "cm": "cm 厘米 公分", "寸": "寸 英寸 吋 inch", "w": "w 瓦", "v": "v 伏", "mah": "mah 毫安", "hz": "hz 赫兹", "度": "度",
    "平": "平 平方 平米 平方米 m2", "折": "折", "%": "%", "倍": "倍", "级": "级", "代": "代", "档": "档", "段": "段", "期": "期",
    "码": "码 号", "等": "等", "成": "成", "层": "层", "批": "批", "步": "步", "人": "人 位", "次": "次 回 遍 趟",
    "件": "件 个 只 条 双 套 盒 瓶 包 袋 箱 支 片 粒 颗 张 把 台 根 本 份 桶 罐 单 pcs",
}  # fmt: skip
_SCALED = {
    "小时": (1 / 24, "天"), "个小时": (1 / 24, "天"), "个钟": (1 / 24, "天"), "钟头": (1 / 24, "天"), "h": (1 / 24, "天"),
    "周": (7, "天"), "星期": (7, "天"), "个星期": (7, "天"), "礼拜": (7, "天"), "个礼拜": (7, "天"), "年": (12, "月"),
    "斤": (500, "g"), "公斤": (1000, "g"), "千克": (1000, "g"), "kg": (1000, "g"), "t": (1024, "g"), "tb": (1024, "g"),
    "l": (1000, "ml"), "升": (1000, "ml"), "m": (100, "cm"), "米": (100, "cm"), "mm": (0.1, "cm"), "毫米": (0.1, "cm"),
    "kw": (1000, "w"), "千瓦": (1000, "w"),
}  # fmt: skip
UNITS: dict[str, tuple[float, str]] = {w: (1, unit) for unit, words in _SAME.items() for w in words.split()} | _SCALED

_LONGEST_NUMBER = 6  # digits; longer ones are orders, phones and masks, not amounts
_LONGEST_FIRST = sorted(UNITS, key=len, reverse=True)
_LATIN_UNIT = "|".join(unit for unit in _LONGEST_FIRST if unit.isascii() and unit.isalnum())
_HAN_UNIT = "|".join(unit for unit in _LONGEST_FIRST if not (unit.isascii() and unit.isalnum()))

_PIECE = re.compile(
    r"(?:(?P<first>[首头](?=[1一]?[件次回单批个步]))[1一]?|(?P<nth>第)?(?P<run>[a-z0-9]+(?:[-.+/*~_][a-z0-9]+)*))"
    rf"(?:(?P<unit>\s?(?:多|来)?(?:{_HAN_UNIT}|(?:{_LATIN_UNIT})(?![a-z0-9])))|(?P<letter>[类口款版型罩]))?"
)
# What a cut must not break: a code or decimal with its joints, a number with its unit.
_WHOLE = re.compile(rf"(?<![a-z0-9])(?:[a-z0-9]++(?:[-.][a-z0-9]++)++(?:{_HAN_UNIT})?|\d++(?:{_HAN_UNIT}))")
_AMOUNT = re.compile(rf"(\d+(?:\.\d+)?)({_LATIN_UNIT})?")
_SIZE = re.compile(r"(?:(\d?)(x+))?([sml])")
_SIZE_WORD = re.compile(r"(?:(特大|加大|大|中|小)[码号]|(加大|均码|通码|一个码))")
_SIZE_NAMES = {"小": "s", "中": "m", "大": "l", "加大": "xl", "特大": "2xl"}
_SPLIT = re.compile(r"[+/*~]")
_JOINT = re.compile(r"[-._]")
_DIGITS = re.compile(r"\d+")
_WORTH_READING = re.compile(r"[a-z0-9首头码号]|加大")


@dataclass(frozen=True, slots=True)
class Stated:
    """What a text states. `loose` are the values without units: the 512 of 512g, the 200 of tc-200."""

    amounts: frozenset[str]
    loose: frozenset[str]
    codes: frozenset[str]


NOTHING = Stated(frozenset(), frozenset(), frozenset())


def stated(arabic: str) -> Stated:
    """Read a folded text whose numerals are digits already (`kb.language.numerals.arabic`)."""
    if not _WORTH_READING.search(arabic):
        return NOTHING
    amounts: set[str] = set()
    codes: set[str] = set()
    loose: set[str] = set()
    for match in _PIECE.finditer(arabic):
        run, unit = match["run"], (match["unit"] or "").strip().lstrip("多来")
        if match["first"]:
            amounts.add(_nth(1.0, unit))
        elif run:
            for piece in _SPLIT.split(run):
                _read(piece, unit, match, amounts, loose, codes)
    for match in _SIZE_WORD.finditer(arabic):
        codes.add(_SIZE_NAMES.get(match[1] or match[2], "均码"))
    return Stated(frozenset(amounts), frozenset(loose), frozenset(codes))


def spans(folded: str) -> list[tuple[int, int]]:
    """Where codes and amounts stand in a folded text, (start, end), from left to right."""
    return [match.span() for match in _WHOLE.finditer(folded)]


def _read(piece: str, unit: str, match: re.Match[str], amounts: set[str], loose: set[str], codes: set[str]) -> None:
    """One piece of a run: an amount, a size, a range of numbers or a code."""
    amount = _AMOUNT.fullmatch(piece)
    if amount:
        if len(amount[1]) <= _LONGEST_NUMBER:
            value = float(amount[1])
            found = _nth(value, unit) if match["nth"] else _in_common_unit(value, amount[2] or unit)
            amounts.add(found)
            loose |= {amount[1], found.removesuffix(unit_of(found))}
    elif size := _SIZE.fullmatch(piece):
        codes.add(_size(*size.groups()))
    elif piece.replace("-", "").isdigit():
        for part in piece.split("-"):
            _read(part, unit, match, amounts, loose, codes)
    else:
        parts = _JOINT.split(piece)
        codes.add("".join(parts))
        codes.update(part for part in parts if _mixed(part))
        loose.update(d for d in _DIGITS.findall(piece) if 3 <= len(d) <= _LONGEST_NUMBER)
        if match["letter"] or len(parts) > 1:
            codes.update(f"{part}类" for part in parts if len(part) == 1 and part.isalpha())


def _nth(value: float, unit: str) -> str:
    """第2批 is batch 2, but 第2件 is not two pieces."""
    common = UNITS.get(unit, (1, "件"))[1]
    return _written(value) + (common if common not in {"件", "次", "天"} else "第")


@lru_cache(maxsize=4096)
def _in_common_unit(value: float, unit: str) -> str:
    scale, common = UNITS.get(unit, (1, ""))
    return _written(value * scale) + common


def _written(value: float) -> str:
    return f"{value:.4f}".rstrip("0").rstrip(".")


def _size(times: str | None, crosses: str | None, letter: str) -> str:
    if not crosses:
        return letter
    count = int(times) if times else len(crosses)
    return f"{count if count > 1 else ''}x{letter}"


def _mixed(part: str) -> bool:
    return any(c.isdigit() for c in part) and any(c.isalpha() for c in part)


def unit_of(amount: str) -> str:
    """The axis an amount lies on: its unit, "" for a bare number."""
    return amount.lstrip("0123456789.")


@lru_cache(maxsize=4096)
def shape_of(code: str) -> str:
    """The axis a code lies on: codes of one shape exclude each other (i5 and i7, c45 and c65, s and xl)."""
    if code == "均码" or _SIZE.fullmatch(code):
        return "size"
    if code.endswith("类"):
        return "类"
    return _DIGITS.sub("#", code) if any(c.isdigit() for c in code) else code
