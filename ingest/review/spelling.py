"""An answer in one spelling, before anything is read off it: 三五天 is 3-5天, 一刻钟 15分钟, 2米2 2.2米, 2万毫安 20000毫安.

What `kb.language.numerals.arabic` leaves alone because a question may mean something else by it, and an answer seldom does.
"""

from __future__ import annotations

import re
from functools import lru_cache

from kb.language.numerals import DIGITS, arabic, read
from kb.language.text import fold

_SMALL = "一二两三四五六七八九"
_NUMBER = r"\d+(?:\.\d+)?"
_CANNOT = re.compile(r"([\u4e00-\u9fff])不([了到上动成着]|掉(?![色毛屑漆粉绒渣]))(?!\d)")  # 送不到 is 不能送到
_SPELT_ONE = re.compile(r"(?<=[天日周月喂涂吃敷用晚])一(?=[次粒片顿回支勺])")  # 一次性 and 一片心意 count nothing
_SPELT_HOUR = re.compile(
    r"(?<![一二两三四五六七八九十百早晚差有])(?:[一二两三四五六七八九]|十[一二]?|2?十[一二三四])(?=点(?:钟|半|前|后|之|下|上|开|到|至|整|$|\W))"
    r"|(?<=[早晚])(?:[五六七八九]|十[一二]?)(?=点)"
    r"|(?<=上午|下午|晚上|早上|中午|凌晨)(?:[一二两三四五六七八九]|十[一二]?)(?=点)"
)
_SPELT_DISCOUNT = re.compile(r"([一二三四五六七八九])([一二三四五六七八九])折")
_ABOUT = re.compile(
    rf"(?<![{_SMALL}十百千万第初])(?P<low>[一二两三四五六七八])(?P<high>[二两三四五六七八九])(?=天|日|周|个|小时|分|年|点|斤|次|人|块|元)"
)
_OTHER = (
    (re.compile("刚好|恰好"), ""),
    (re.compile(r"\(\d{1,2}\)"), ""),  # a list's own numbers
    (re.compile("俩"), "2个"),
    (re.compile("1打(?!开)|一打(?!开)"), "12支"),
    (re.compile(r"双(?=人(?![位款份座沙]))"), "2"),
    (re.compile("单(?=人[帐床])"), "1"),
    (re.compile("[1一]刻钟"), "15分钟"),
    (re.compile("3刻钟|三刻钟"), "45分钟"),
    (re.compile("0?半个?钟头?"), "30分钟"),
    (re.compile(r"百分之(?=\d)"), "%%"),
    (re.compile(r"(?:[1一]个0\.5|[1一]个半|[1一]半个)(?=小时|月|钟)"), "1.5个"),
    (re.compile(r"(\d)个(?:0\.5|半)(?=小时|月)"), r"\1.5个"),
    (re.compile(r"(\d)年半"), r"\1.5年"),
    (re.compile(r"(\d)天半"), r"\1.5天"),
    (re.compile(r"(\d)斤半"), r"\1.5斤"),
    (re.compile("1半(?=的?价|$|[,。])|一半|半价"), "50%"),
    (re.compile("全额"), "100%"),
    (re.compile("半个月"), "15天"),
    (re.compile("m³|m3|立方米"), "立方"),
    (re.compile(r"/\s?(?:100|百)\s?(?:克|g|毫升|ml)|每?(?:100|百)(?:克|g|毫升|ml)(?=含|中|里|约)|每(?:100|百)(?:克|g|毫升|ml)"), ""),
)  # fmt: skip
_PERCENT = re.compile(rf"%%({_NUMBER})")
_METRES = re.compile(r"(\d)米(\d{1,2})(?![\d.个条斤块元%])(?!厘米|公分|cm|毫米|到|至|[-~])")
_MONEY = re.compile(r"(\d+)块([\d一二三四五六七八九])毛?(?!\d|[个条斤块元张件天小时])")
_SIDES = re.compile(
    rf"({_NUMBER})\s?[*x×]\s?({_NUMBER})(?:\s?[*x×]\s?({_NUMBER}))?\s?(cm|厘米|公分|mm|毫米|米|m)(?![a-z])"
)
_NAMED_SIDES = re.compile(rf"长({_NUMBER})宽({_NUMBER})(?:[高厚]({_NUMBER}))?(cm|厘米|公分|mm|毫米|米)")
_SPACE = re.compile(r"(?<=[\u4e00-\u9fff])\s+(?=\d)")
_SIZE_SPACE = re.compile(r"(?<![a-z0-9])(\d?x{0,4}[sml])\s+(?=\d)")
_MINUTES = re.compile(r"(?<!\d)(\d{1,2})点([0-5]\d)(?!\d|分)")
_SLASHED = re.compile(r"(?<![\d/.])(1[0-2]|[1-9])/(3[01]|[12]\d|[1-9])(?=起|前|开始|截止|发|号|日|到|至|止)号?")
_TEN_THOUSANDS = re.compile(rf"({_NUMBER})万(?!一|能|分|向)")
_SHIFT = re.compile(r"早([5-9]|1[0-2])[点]?(?:到|至|-)?晚([5-9]|1[0-2])(?:点|(?=都|$|\W))")


@lru_cache(maxsize=4096)
def spelt(answer: str) -> str:
    """The answer folded, its numerals digits."""
    text = _ABOUT.sub(_around, fold(answer))
    text = _SPELT_DISCOUNT.sub(lambda match: f"{DIGITS[match[1]]}{DIGITS[match[2]]}折", text)
    text = _SPELT_ONE.sub("1", text)
    text = arabic(_SPELT_HOUR.sub(lambda match: str(read(match[0]) or match[0]), text))
    text = re.sub("早([八九十])晚([五-十六七八九])", lambda m: f"早{read(m[1])}晚{read(m[2])}", text)
    for pattern, plain in _OTHER:
        text = pattern.sub(plain, text)
    text = _PERCENT.sub(r"\1%", text)
    text = _METRES.sub(lambda match: f"{match[1]}.{match[2]}米", text)
    text = _MONEY.sub(lambda match: f"{match[1]}.{DIGITS.get(match[2], match[2])}元", text)
    for sides in (_SIDES, _NAMED_SIDES):
        text = sides.sub(lambda match: "*".join(f"{side}{match[4]}" for side in match.groups()[:3] if side), text)
    text = _SIZE_SPACE.sub(r"\1码", _SPACE.sub("", text))
    text = _MINUTES.sub(r"\1:\2", text)
    text = _SLASHED.sub(r"\1月\2日", text)
    text = _TEN_THOUSANDS.sub(lambda match: f"{float(match[1]) * 10_000:.0f}", text)
    text = _SHIFT.sub(r"早上\1点到晚上\2点", text)
    return _CANNOT.sub(r"不能\1\2", text)


def _around(match: re.Match[str]) -> str:
    low, high = DIGITS[match["low"]], DIGITS[match["high"]]
    return f"{low}-{high}" if low < high else match[0]
