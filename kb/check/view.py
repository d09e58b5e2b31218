"""A text as a reader sees it, whatever it is typed with, and the way back from each of its characters to what was typed.

plain    width, case, invisible characters, look-alike letters, ringed letters and traditional characters aside
tight    plain without what people put between the characters of a word they want to hide: blanks, dots, stars, pictures
digits   tight, with numerals of every kind as digits, character for character
solid    letters and digits alone: what two copies of one sentence have in common
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from functools import cached_property

from kb.language.numerals import DIGITS
from kb.language.text import clean

# Letters of other alphabets and ornaments that are read as Latin ones (a few of Unicode's confusables, UTS 39).
_LOOK_ALIKE = dict(zip("аеорсухіјѕԛԝνοραυкт", "aeopcyxijsqwvopaukt", strict=True)) | {
    "√": "v", "ν": "v", "∨": "v", "ѵ": "v", "ⅴ": "v", "ⅹ": "x", "×": "x", "✖": "x", "✕": "x", "✘": "x", "➕": "+", "﹢": "+", "￥": "¥",
}  # fmt: skip
# Pictures that stand for a word.
_PICTURES = dict.fromkeys("❤♥♡💗💓💕💖💙💚💛💜🧡🖤🤍🤎💝💘💞❣💟", "心") | {
    "🐧": "qq", "🛰": "卫星", "📞": "电话", "☎": "电话", "📱": "手机", "✉": "信", "💌": "信", "📩": "信", "🥇": "第一", "💰": "钱",
    "🧧": "红包", "🔝": "顶", "🈴": "信",
}  # fmt: skip
# Characters that are used for others because they look or sound like them.
_DISGUISES = {
    "蕞": "最",
    "朂": "最",
    "冣": "最",
    "樶": "最",
    "苐": "第",
    "徵": "微",
    "溦": "微",
    "巍": "微",
    "嶶": "微",
    "徾": "微",
}
_HALVES = {
    "亻言": "信",
    "扌口": "扣",
    "木几": "机",
    "弓虽": "强",
    "礻土": "社",
    "君羊": "群",
    "衤君": "裙",
    "彳散": "微",
    "彳攵": "微",
    "扌机": "手机",
}
_RINGED = {first + i: str(i + 1) for first in (0x2776, 0x2780, 0x278A, 0x24F5) for i in range(9)}
_LETTERS = {
    code: chr(97 + (code - first)) for first in (0x1F150, 0x1F170, 0x1F1E6) for code in range(first, first + 26)
}
_SPELT = zip("零壹贰叁肆伍陆柒捌玖幺妖弍弎洞拐勾", "01234567891123079", strict=True)
_NUMERALS = {char: str(value) for char, value in DIGITS.items()} | dict(_SPELT)
_PAUSES = dict(zip(",!?;", "，！？；", strict=True))
_MARKS = frozenset("，。！？；\n")  # where a sentence pauses: what stands on both sides is not one word
_BLANK = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\uffa0丨丶]")
_MOST_KEPT = 60_000  # characters remembered; a hostile text can hold them all


class _Seen(dict[int, str]):
    """What each character is read as, worked out when it is first met."""

    def __missing__(self, code: int) -> str:
        read = _read(chr(code))
        if len(self) < _MOST_KEPT:
            self[code] = read
        return read


def _read(char: str) -> str:
    if char in "\r\n\t" or char.isspace():
        return "\n" if char in "\r\n\u2028\u2029\x85" else " "
    code = ord(char)
    if (
        found := _RINGED.get(code)
        or _LETTERS.get(code)
        or _PICTURES.get(char)
        or _LOOK_ALIKE.get(char)
        or _DISGUISES.get(char)
    ):
        return found
    if _BLANK.match(char) or unicodedata.category(char) in {"Mn", "Me"}:
        return ""
    plain = clean(char).lower()
    if plain in _PAUSES:
        return _PAUSES[plain]
    if plain.isascii() or "\u3400" <= plain[:1] <= "\u9fff":
        return "".join(_LOOK_ALIKE.get(c, _DISGUISES.get(c, c)) for c in plain)
    # é and ṽ without their marks; Cyrillic and Greek letters that look like Latin ones
    bare = "".join(c for c in unicodedata.normalize("NFD", plain) if unicodedata.category(c) != "Mn")
    return "".join(_LOOK_ALIKE.get(c, c) for c in bare)


_SEEN = _Seen()


def as_read(text: str) -> str:
    """A text as it is read; `View.plain` without the way back, at a sixth of the cost."""
    return text.translate(_SEEN)


def solid(text: str) -> str:
    """Letters and digits of a text as they are compared; `View.solid` without the way back."""
    return "".join(filter(str.isalnum, as_read(text)))


@dataclass(frozen=True)
class Read:
    """A form of a text; `starts` and `ends` are where in the text, in code points, each of its characters was typed."""

    text: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where in the text as typed a half-open, non-empty span of this form stands."""
        return self.starts[start], self.ends[end - 1]

    def within(self, start: int, end: int) -> tuple[int, int]:
        """The half-open span of this form's characters that were typed, at least in part, at start to end; may be empty."""
        return bisect_right(self.ends, start), bisect_left(self.starts, end)


def _made(parts: list[tuple[str, int, int]]) -> Read:
    return Read("".join(p[0] for p in parts), tuple(p[1] for p in parts), tuple(p[2] for p in parts))


class View:
    """The forms of one text, each made when it is first asked for."""

    def __init__(self, typed: str) -> None:
        self.typed = typed

    @cached_property
    def plain(self) -> Read:
        return _made([(c, at, at + 1) for at, char in enumerate(self.typed) for c in _SEEN[ord(char)]])

    @cached_property
    def tight(self) -> Read:
        plain = self.plain
        kept = [
            (char, start, end)
            for char, start, end in zip(plain.text, plain.starts, plain.ends, strict=True)
            if char.isalnum() or char in _MARKS or char in "+%"
        ]
        return _made(_joined(kept))

    @cached_property
    def digits(self) -> Read:
        tight = self.tight
        return Read("".join(_NUMERALS.get(char, char) for char in tight.text), tight.starts, tight.ends)

    @cached_property
    def solid(self) -> Read:
        plain = self.plain
        rows = zip(plain.text, plain.starts, plain.ends, strict=True)
        return _made([row for row in rows if row[0].isalnum()])


def _joined(rows: list[tuple[str, int, int]]) -> list[tuple[str, int, int]]:
    """Characters that were taken apart (亻言) as the ones they make."""
    text = "".join(row[0] for row in rows)
    if not any(half in text for half in _HALVES):
        return rows
    found: list[tuple[str, int, int]] = []
    at = 0
    while at < len(rows):
        whole = _HALVES.get(text[at : at + 2])
        found += [(char, rows[at][1], rows[at + 1][2]) for char in whole] if whole else [rows[at]]
        at += 2 if whole else 1
    return found
