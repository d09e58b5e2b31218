"""Chinese numerals as digits where they count something: 七天 → 7天, 两件 → 2件, 一百九十九 → 199, 一米五 → 1.5米.

The library cn2an (0.5.24) was tried and is unfit for chat: it rewrites words that count nothing (一起 → 1起,
统一 → 统1, 十分满意 → 10分满意, 三星手机 → 3星手机), leaves 两件 and 半年 alone and makes 二三级 one number, 23.
So a numeral becomes digits only before a unit of the table, or where it can be nothing but a number (一百, 三十六).
"""

from __future__ import annotations

import re

DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
SCALES = {"十": 10, "百": 100, "千": 1000, "万": 10_000}

_UNITS = (
    "个小时|小时|个钟|钟头|分钟|秒|个星期|星期|个礼拜|礼拜|周|个月|月|天|日|年|岁|公斤|千克|斤|克|吨|元|块|毛|"
    "件|个|只|条|双|套|盒|瓶|包|袋|箱|支|片|粒|颗|张|把|台|根|本|份|桶|罐|单|人|位|次|回|遍|趟|批|步|"
    "倍|折|级|代|档|段|期|码|号|等|成|层|英寸|寸|厘米|公分|毫米|平方|平米|平|米|毫升|升|瓦|度"
)
# After 一 these are articles and adverbs more often than amounts: 一个, 一次性, 一块买, 一位, 一号链接 count nothing.
_ARTICLES = "个(?![小星礼月钟])|次|块(?!钱)|位|回|遍|号|单|人"
_DIGIT, _SMALL = "零〇一二两三四五六七八九", "一二三四五六七八九"
_BEFORE = r"(?<![一二两三四五六七八九十百千万零〇半几数0-9./])"  # a numeral is taken whole or not at all
_NOT_WEEKDAY = r"(?<!星期)(?<!礼拜)(?<!周)"

_METRES = re.compile(rf"{_BEFORE}([一二两三])米([{_SMALL}])(?!{_UNITS}|[{_SMALL}十百])")
_RANGE = re.compile(rf"{_BEFORE}([{_SMALL}])([{_SMALL}])(?={_UNITS})")
_COUNTING = re.compile(
    rf"{_BEFORE}{_NOT_WEEKDAY}(?:(?<!第)(?!一(?:{_ARTICLES}))|(?<=第))([{_DIGIT}十百千万]+)(?=(?:多|来)?(?:{_UNITS}))"
)
_PLAIN = re.compile(rf"{_BEFORE}[{_DIGIT}][百千万][{_DIGIT}十百千万]*|{_BEFORE}[{_SMALL}]十[{_SMALL}]?")
_SPELT = re.compile(rf"{_BEFORE}[零〇{_SMALL}]{{3,}}(?![十百千万])")
_HALF = re.compile(rf"{_BEFORE}半(?=年|个?小时|个月|斤|公斤)")
_SECTION = re.compile(
    r"(?:(D)千)?[零〇]?(?:(D)百)?[零〇]?(?:(D)?(十))?[零〇]?(D)?".replace("D", f"[{_SMALL}两]"),
)
_ANY = re.compile(rf"[{_DIGIT}十百千万半]")


def arabic(folded: str) -> str:
    """The text with its counting numerals as digits; everything else stays where it is. Idempotent.

    Two neighbouring digits are two numbers, as they are spoken: 二三级 → 2/3级. What does not read as a number
    (千万, 万一, 十二三岁) stays as it was written.
    """
    if not _ANY.search(folded):
        return folded
    text = _METRES.sub(lambda m: f"{DIGITS[m[1]]}.{DIGITS[m[2]]}米", folded)
    text = _RANGE.sub(_range, text)
    text = _COUNTING.sub(_number, text)
    text = _PLAIN.sub(_number, text)
    text = _SPELT.sub(lambda m: "".join(str(DIGITS[char]) for char in m[0]), text)
    return _HALF.sub("0.5", text)


def read(numeral: str) -> int | None:
    """The value of a Chinese numeral below 10⁸, None where it is none. 一百一 is 110 and 一万二 12,000, as spoken."""
    high, ten_thousands, low = numeral.rpartition("万")
    if not ten_thousands:
        return _section(numeral)
    many, rest = _section(high), _section(low) if low else 0
    if not many or rest is None:
        return None
    return many * SCALES["万"] + rest * (SCALES["千"] if low in DIGITS else 1)


def _section(numeral: str) -> int | None:
    """The value of a numeral below 10⁴; a row of digits such as 一二八 is none."""
    found = _SECTION.fullmatch(numeral)
    if found is None or not numeral:
        return None
    thousands, hundreds, tens, ten, ones = found.groups()
    last = DIGITS.get(ones, 0) * SCALES.get(numeral[-2:-1], 10) // 10 if ones else 0
    tenfold = DIGITS.get(tens, 1) * 10 if ten else 0
    return DIGITS.get(thousands, 0) * 1000 + DIGITS.get(hundreds, 0) * 100 + tenfold + last


def _number(match: re.Match[str]) -> str:
    value = read(match[0])
    return match[0] if value is None else str(value)


def _range(match: re.Match[str]) -> str:
    low, high = DIGITS[match[1]], DIGITS[match[2]]
    return f"{low}/{high}" if high == low + 1 else match[0]
