"""From when until when, the way people write it: 即日起至11月11日, 11月10日20:00—11日24:00, 双11期间(11.1-11.11).

A day without a year gets that of the other end, else that of the sheet's other dates, else that of the import, which is said.
Nothing else is filled in: 双11期间 without a day, or 11月11日前 (with it or without?), is not understood.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

from ingest.kinds.values import CHINA, parse_moment, parse_span

_CLOCK = r"(?:上午|早上|凌晨|中午|下午|晚上|晚)?\s*\d{1,2}\s*[:点时](?:\s*\d{1,2}\s*[:分]?(?:\s*\d{1,2}(?:\.\d+)?\s*秒?)?)?\s*整?"
_MOMENT = re.compile(
    r"(?<![\d.:])(?:"
    r"(?:(?:(?P<year>\d{4})\s*[-/.年]\s*)?(?P<month>\d{1,2})\s*(?P<mark>[-/.月])\s*(?P<day>\d{1,2})\s*[日号]?"
    r"|(?P<lone>\d{1,2})\s*[日号]|(?P<compact>\d{8}))"
    rf"(?:[\sT,]*(?P<clock>{_CLOCK}))?|(?P<alone>{_CLOCK}))(?!\d)"
)
_YEAR = re.compile(r"(?<![\d-])(20\d\d)(?=\s*年|\s*[-/.]\s*\d{1,2}\s*[-/.]\s*\d|[01]\d[0-3]\d(?!\d))")
_GLUE = re.compile(r"[\s()\[\]【】《》,，。;；:：]+")
_TO = r"(?:起|开始)?(?:至|到|~|-+|—+|–+|―+|截至|截止到?|截止至)"
_SPAN = re.compile(rf"[^@]*@{_TO}@(?:止|截止|结束|为止)?(?:有效|期间)?")
_FROM = re.compile(r"(?:自|从)?@(?:起|开始|起生效|开始生效|起长期有效|起有效)")
_UNTIL = re.compile(rf"(?:(?:即日|现在|今日)?起?)?(?:有效期)?{_TO}@(?:止|截止|结束|为止|有效)?|@(?:止|截止|结束|为止)")
_OPEN = {"即日起", "即日起长期有效", "即日起生效", "即日起至长期", "长期有效"}
_WHOLE_DAY = re.compile(r"(?:仅|限)?@(?:当天|当日|全天|一天|仅一天)")
_LONGEST_WRAP_S = 180 * 86400  # 12月30日至1月2日 ends next year; 11月11日至11月1日 is a slip


@dataclass(frozen=True, slots=True)
class Year:
    """The year of days that have none; `guessed` where only the time of the import says so."""

    number: int
    guessed: bool = False


@dataclass(frozen=True, slots=True)
class Moment:
    """A day, perhaps without its year, and a time of it ("" for none)."""

    year: int | None
    month: int
    day: int
    clock: str = ""

    def at(self, year: int, *, end: bool) -> int:
        """Unix seconds; the whole of a last day counts. Raises ValueError for a day there is not."""
        return parse_moment(f"{self.year or year:04}-{self.month}-{self.day} {self.clock}", end=end) or 0


Side = Moment | int | None  # a day without its year, exact unix seconds, or unbounded


def year_of(texts: Iterable[str], others: Iterable[str], now: int) -> Year:
    """The year that most of a sheet's dates are in, else most of its other texts; else that of `now`, as a guess."""
    for group in (texts, others):
        counts = Counter(int(year) for text in group for year in _YEAR.findall(unicodedata.normalize("NFKC", text)))
        if counts:
            return Year(max(counts, key=lambda year: (counts[year], year)))
    return Year(dt.datetime.fromtimestamp(now, CHINA).year, guessed=True)


def read_side(text: str, *, end: bool) -> Side:
    """One end in a column of its own. Raises ValueError for what is not one moment."""
    try:
        return parse_moment(text, end=end)
    except ValueError:
        start, until = _sides(text, lone_end=end)
        if (start if end else until) is not None:
            raise
        return until if end else start


def read_sides(text: str) -> tuple[Side, Side]:
    """Both ends in one cell. Raises ValueError for what names no day, or more than two."""
    try:
        return parse_span(text)
    except ValueError:
        return _sides(text, lone_end=True)


def settle(start: Side, end: Side, year: Year) -> tuple[int | None, int | None, bool]:
    """Both ends in unix seconds, and whether the year of one is a guess. Raises ValueError for a day there is not."""
    stated = [found for side in (start, end) if (found := _stated_year(side))]
    number = stated[0] if stated else year.number
    open_start, open_end = _is_open(start), _is_open(end)
    first, last = _seconds(start, number, end=False), _seconds(end, number, end=True)
    if first is not None and last is not None and first >= last:
        if open_end and (later := _seconds(end, number + 1, end=True) or 0) - first < _LONGEST_WRAP_S:
            last = later
        elif (
            open_start
            and not open_end
            and last - (earlier := _seconds(start, number - 1, end=False) or 0) < _LONGEST_WRAP_S
        ):
            first = earlier
    return first, last, year.guessed and not stated and (open_start or open_end)


def _sides(text: str, *, lone_end: bool) -> tuple[Side, Side]:
    plain = unicodedata.normalize("NFKC", text).strip()
    found = list(_MOMENT.finditer(plain))
    glue = _GLUE.sub("", _MOMENT.sub("@", plain))
    if not found and glue in _OPEN:
        return None, None
    if len(found) == 2 and _SPAN.fullmatch(glue):
        first = _moment(found[0], None)
        return first, _moment(found[1], first)
    if len(found) != 1 or (found[0]["mark"] in {".", "-", "/"} and not found[0]["year"]):
        raise ValueError(text)  # 11.11 alone may be a price or a day
    only = _moment(found[0], None)
    if _WHOLE_DAY.fullmatch(glue) and not only.clock:
        return only, only
    if _FROM.fullmatch(glue):
        return only, None
    if _UNTIL.fullmatch(glue):
        return None, only
    if glue != "@":
        raise ValueError(text)
    return (None, only) if lone_end else (only, None)


def _moment(match: re.Match[str], before: Moment | None) -> Moment:
    """One moment; what a second one leaves out (its month, its day) is the first one's."""
    if match["compact"]:
        digits = match["compact"]
        return Moment(int(digits[:4]), int(digits[4:6]), int(digits[6:]), match["clock"] or "")
    if match["month"]:
        year = int(match["year"]) if match["year"] else None
        return Moment(year, int(match["month"]), int(match["day"]), match["clock"] or "")
    if before is None:
        raise ValueError(match.group())
    if match["lone"]:
        return replace(before, day=int(match["lone"]), clock=match["clock"] or "")
    return replace(before, clock=match["alone"])


def _seconds(side: Side, year: int, *, end: bool) -> int | None:
    return side.at(year, end=end) if isinstance(side, Moment) else side


def _is_open(side: Side) -> bool:
    return isinstance(side, Moment) and side.year is None


def _stated_year(side: Side) -> int | None:
    if isinstance(side, Moment):
        return side.year
    return dt.datetime.fromtimestamp(side, CHINA).year if side is not None else None
