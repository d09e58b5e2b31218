"""One sentence written twice with a value exchanged: what a merchant's new sheet does to last year's answer.

Whatever the sentence is about, and however it says it, two answers that are letter for letter the same but for a number
or a denial cannot both be sent. Nothing has to be understood for that, so no list of words limits it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ingest.review.spelling import spelt

_LEAST = 6  # characters beside the values: 满300减30 and 满500减60 are two rules, no rule written twice
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_DECOR = re.compile(r"[\W_]|亲|您好|你好|请问|[哦呢呀啊哈啦嗯噢哟]")
_UNABLE = ((re.compile("无法|没法|不可以"), "不能"), (re.compile("可以|能够"), "能"), (re.compile("无需|不用|不必|不需要"), "不要"),
           (re.compile("需要"), "要"), (re.compile("没|未"), "不"))  # fmt: skip
_AROUND = 4  # characters shown on both sides of a denial


def altered_number(one: str, other: str) -> tuple[str, str] | None:
    """The first number that two answers give differently, where all else is the same; None where anything else differs,
    and where so many numbers do that they are about different cases (a table's two rows)."""
    ours, theirs = _bare(one), _bare(other)
    if _NUMBER.sub("#", ours) != _NUMBER.sub("#", theirs) or len(_NUMBER.sub("", ours)) < _LEAST:
        return None
    pairs = list(zip(_NUMBER.finditer(ours), _NUMBER.finditer(theirs), strict=True))
    differing = [(a, b) for a, b in pairs if float(a[0]) != float(b[0])]
    if not differing or len(differing) > max(1, len(pairs) // 2):
        return None
    a, b = differing[0]
    return _around(ours, a.start(), a.end()), _around(theirs, b.start(), b.end())


def altered_denial(one: str, other: str) -> tuple[str, str] | None:
    """What one answer denies and the other does not, where all else is the same."""
    ours, theirs = _denials_plain(_bare(one)), _denials_plain(_bare(other))
    if ours == theirs or ours.replace("不", "") != theirs.replace("不", "") or len(ours) < _LEAST:
        return None
    at = next(_differences(ours, theirs))
    return _around(ours, at, at + 1), _around(theirs, at, at + 1)


def _bare(answer: str) -> str:
    """Without greetings, particles and punctuation; what stands between the digits of one number (2.5) stays."""
    text = spelt(answer)
    kept = [match.span() for match in _NUMBER.finditer(text)]
    parts, last = [], 0
    for start, end in kept:
        parts += [_DECOR.sub("", text[last:start]), text[start:end], "" if text[end : end + 1].isalnum() else " "]
        last = end
    return "".join([*parts, _DECOR.sub("", text[last:])])


def _denials_plain(text: str) -> str:
    for pattern, plain in _UNABLE:
        text = pattern.sub(plain, text)
    return text


def _differences(one: str, other: str) -> Iterator[int]:
    for i, (a, b) in enumerate(zip(one, other, strict=False)):
        if a != b:
            yield i
    yield min(len(one), len(other)) - 1


def _around(text: str, start: int, end: int) -> str:
    return text[max(0, start - _AROUND) : end + _AROUND].strip()
