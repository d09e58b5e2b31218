"""Reading single cells: phrasings, prices, quantities, moments and yes/no, the way merchants write them.

Moments are China time (UTC+8, no summer time) in the sheet and unix seconds here.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from functools import lru_cache

from kb.language.units import plain_number, unit_of

CHINA = dt.timezone(dt.timedelta(hours=8))

# -- phrasings

_SPLIT = re.compile(r"[\n\r；;|]+")
_NUMBER = re.compile(r"(?:^|(?<=[\s；;|，,。？?！!]))(?:(\d{1,2})[.．、)）]|[（(](\d{1,2})[)）])(?!\d)\s*")
_CIRCLED = re.compile(r"^[①-⑳]\s*")
_TRAILING = "；;|／、，, \t\u3000"
_SLASH = re.compile(r"\s*／\s*|\s+/\s+")
_HAN = re.compile(r"[\u3400-\u9fff]")
_SHORTEST_BESIDE_SLASH = 4  # "退／换" is one word, "怎么退货／如何退款" is two questions


def split_phrasings(text: str) -> list[str]:
    """The questions in one cell, in order, blanks dropped; never split at 、 or ，, which occur inside questions."""
    parts = [part for piece in _numbered(text) for part in _SPLIT.split(piece)]
    if len(parts) == 1:
        parts = _by_slash(parts[0])
    return [part for raw in parts if (part := _CIRCLED.sub("", raw.strip()).strip(_TRAILING))]


def _numbered(text: str) -> list[str]:
    """Cut at 1. 2. 3. when they really count from one; "1.5米" and "2、3天" do not."""
    marks = list(_NUMBER.finditer(text))
    if len(marks) < 2 or [int(m[1] or m[2]) for m in marks] != list(range(1, len(marks) + 1)):
        return [text]
    ends = [mark.start() for mark in marks[1:]] + [len(text)]
    return [text[: marks[0].start()], *(text[m.end() : end] for m, end in zip(marks, ends, strict=True))]


def _by_slash(text: str) -> list[str]:
    parts = _SLASH.split(text)
    clear = all(len(part) >= _SHORTEST_BESIDE_SLASH and _HAN.search(part) for part in parts)
    return parts if clear else [text]


# -- prices and quantities

_YUAN = r"(?:元|圆|块|rmb|cny)?"
_PRICE = re.compile(rf"(?:¥|rmb|cny)?\s*(\d{{1,3}}(?:,\d{{3}})+|\d{{1,9}})(\.\d{{1,4}})?\s*{_YUAN}", re.IGNORECASE)
_PRICE_RANGE = re.compile(
    rf"¥?\s*\d+(?:\.\d+)?\s*{_YUAN}\s*(?:[-~—–至到]+\s*¥?\s*\d+(?:\.\d+)?\s*{_YUAN}|\s*起)", re.IGNORECASE
)
_QUANTITY = re.compile(r"(\d{1,9}(?:\.\d{1,4})?)\s*([^\d\s.,，。、()（）+*×\-~][^\s,，。、()（）+*×~]{0,7})")

_BARE = re.compile(r"\d{1,9}(?:\.\d{1,4})?(?:\s*[-~—–]\s*\d{1,9}(?:\.\d{1,4})?)?")


def parse_price(text: str) -> str | None:
    """ "¥1,299.00", "１２９元" → "1299", "129"; None when it is not one plain amount."""
    match = _PRICE.fullmatch(unicodedata.normalize("NFKC", text).replace("￥", "¥").strip())
    return plain_number(match[1].replace(",", "") + (match[2] or "")) if match else None


def is_price_range(text: str) -> bool:
    """Whether a price is a span ("39-59元") or a floor ("89元起"), worth keeping as text."""
    return bool(_PRICE_RANGE.fullmatch(unicodedata.normalize("NFKC", text).replace("￥", "¥").strip()))


def parse_quantity(text: str) -> tuple[str, str] | None:
    """ "100毫升" → ("100", "ml"); None unless the cell is exactly one number and one known unit."""
    match = _QUANTITY.fullmatch(unicodedata.normalize("NFKC", text).strip())
    unit = unit_of(match[2]) if match else ""
    return (plain_number(match[1]), unit) if match and unit else None


def is_measured(text: str) -> bool:
    """Whether a cell is a bare number or a span of two ("88-92") that takes its unit from the header."""
    return bool(_BARE.fullmatch(unicodedata.normalize("NFKC", text).strip()))


# -- moments

_DATE = re.compile(
    r"(?P<year>\d{4})\s*[-/.年]\s*(?P<month>\d{1,2})\s*[-/.月]\s*(?P<day>\d{1,2})\s*[日号]?|(?P<compact>\d{8})(?!\d)"
)
_CLOCK = re.compile(
    r"(?P<half>上午|早上|凌晨|中午|下午|晚上|晚)?\s*(?P<hour>\d{1,2})\s*[:点时](?:\s*(?P<minute>\d{1,2})\s*[:分]?)?"
    r"(?:\s*(?P<second>\d{1,2})(?:\.\d+)?\s*秒?)?\s*整?"
)
_AFTERNOON = {"下午", "晚上", "晚"}
_UNBOUNDED = {"", "长期有效", "长期", "永久", "永久有效", "不限", "无", "无限期", "一直有效", "/", "-", "—", "--"}
_TO = re.compile(r"\s*(?:至|到|~|～|—+|–|\s-+\s|(?<=[日号\d])-(?=\d{4}\D))\s*")
_YEARS = range(1990, 2200)


@lru_cache(maxsize=65536)
def parse_moment(text: str, *, end: bool = False) -> int | None:
    """Unix seconds of a moment in China time; None for an unbounded one (长期有效, blank).

    A day alone begins at its midnight; as an `end` it is the following midnight, so that the last day counts.
    Raises ValueError for what is not one exact moment ("11.11" lacks its year).
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    if plain in _UNBOUNDED:
        return None
    date = _DATE.match(plain)
    if date is None:
        raise ValueError(text)
    midnight = dt.datetime(*_day(date), tzinfo=CHINA)
    rest = re.sub(r"^[\sT,]*", "", plain[date.end() :])
    if not rest:
        midnight += dt.timedelta(days=1 if end else 0)
        return int(midnight.timestamp())
    clock = _CLOCK.fullmatch(rest)
    if clock is None:
        raise ValueError(text)
    return int((midnight + _since_midnight(clock)).timestamp())


def parse_span(text: str) -> tuple[int | None, int | None]:
    """Both ends of a cell such as "2026-11-01 至 2026-11-11"; one moment alone is the end. Raises ValueError."""
    parts = [part for part in _TO.split(unicodedata.normalize("NFKC", text).strip()) if part]
    if len(parts) == 2:
        return parse_moment(parts[0]), parse_moment(parts[1], end=True)
    return None, parse_moment(text, end=True)


def _day(match: re.Match[str]) -> tuple[int, int, int]:
    compact = match["compact"]
    texts = (compact[:4], compact[4:6], compact[6:]) if compact else match.group("year", "month", "day")
    year, month, day = (int(text) for text in texts)
    if year not in _YEARS:
        raise ValueError(match.group())
    return year, month, day


def _since_midnight(match: re.Match[str]) -> dt.timedelta:
    hour, minute, second = (int(text or 0) for text in match.group("hour", "minute", "second"))
    if match["half"] in _AFTERNOON and hour < 12:
        hour += 12
    if hour > 24 or minute > 59 or second > 59 or (hour == 24 and minute + second):
        raise ValueError(match.group())
    return dt.timedelta(hours=hour, minutes=minute, seconds=second)


# -- yes and no

_YES = {"是", "必读", "需要", "要", "y", "yes", "true", "1", "√", "✓", "✔", "对"}
_NO = {"", "否", "不", "不是", "非必读", "不需要", "n", "no", "false", "0", "×", "x", "-", "/", "无"}


def parse_flag(text: str) -> bool | None:
    """Yes or no; None when it is neither."""
    plain = unicodedata.normalize("NFKC", text).strip().lower()
    return True if plain in _YES else False if plain in _NO else None
