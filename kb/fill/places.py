"""Where the variables of a script stand, in the ways that merchants and tools write them.

Brackets are decoration too (【发货时间】48小时, [微笑]), so between those only names that are known make a variable, and none at
the start of a line where it is a heading. A blank (___, XX天) is a place that only the agent can fill.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from kb.fill.vocabulary import variable

_LONGEST = 20  # characters of a name
_NAME = re.compile(rf"[\w·/\- 的]{{1,{_LONGEST}}}")
_UNITS = "个?工作日|小时|分钟|元|块|天|[号日](?!线)|[个]?月|点|折|件|快递|物流|%"
_INNER = rf"[^\n{{}}｛｝\[\]［］【】<>]{{0,{_LONGEST + 4}}}"
_PLACE = re.compile(
    rf"\$?\{{\{{(?P<double>{_INNER})\}}\}}"
    rf"|\$?\{{(?P<brace>{_INNER})\}}"
    rf"|｛(?P<wide>{_INNER})｝"
    rf"|[\[［](?P<square>{_INNER})[\]］]"
    rf"|【(?P<lens>{_INNER})】"
    rf"|<(?P<angle>{_INNER})>"
    rf"|#(?P<hash>\w{{1,{_LONGEST}}})#"
    rf"|(?<![A-Za-z0-9_%])%(?P<percent>[^\W\d]\w{{1,{_LONGEST}}})%"
    r"|(?<![A-Za-z0-9_%])(?P<printf>%(?:\d\$)?[sd])(?![A-Za-z0-9])"
    # Not the sizes XXL and XS, nor the end of a code.
    rf"|(?<![A-Za-z0-9＿_])(?P<cross>(?:[XxＸｘ]{{2,6}}|[×✕]{{2,6}})(?:{_UNITS})?|[XxＸｘ](?:{_UNITS}))(?![A-Za-z0-9])"
    # Not ^__^ and its like.
    r"|(?<![A-Za-z0-9_＿^>=<;'.*@/-])(?P<blank>_{2,}|＿{2,})(?:(?P<of>" + _UNITS + r"))?(?![A-Za-z0-9^<>=;'.*@_/-])"
)
_SURELY = ("double", "brace", "wide")  # nobody decorates with these
# What stands at the start of a line may be a heading. After one comes what it announces; after a variable the sentence goes
# on that it has begun: 【商品名】的面料.
_GOES_ON = {
    "square": re.compile(r"[^\s:：]"),
    "lens": re.compile(r"[的是有现已目前为在这还可支非不和与，,、~～！!哦呢]|发[货出]"),
}


@dataclass(frozen=True, slots=True)
class Place:
    """A variable in a text: where, what it is called (as written), and whether it may be filled or only told."""

    start: int
    end: int
    name: str
    named: bool


def places(text: str) -> Iterator[Place]:
    """The variables of a text from left to right; one pass, and nothing is filled."""
    for match in _PLACE.finditer(text):
        way = match.lastgroup or ""
        way = "blank" if way == "of" else way
        inner = match[way].strip()
        start, end = match.span()
        if way in ("printf", "cross"):
            yield Place(start, end, inner, named=False)
        elif way == "blank":
            yield Place(start, end, f"空格处{match['of'] or ''}", named=False)
        elif way in _SURELY:
            if not inner:
                yield Place(start, end, "空括号", named=False)
            elif _NAME.fullmatch(inner) and any(map(str.isalnum, inner)):
                yield Place(start, end, inner, named=True)
        elif variable(inner) and not _heads(way, text, start, end):
            yield Place(start, end, inner, named=True)


def _heads(way: str, text: str, start: int, end: int) -> bool:
    """Whether a bracket is a heading: nothing but signs before it on its line, and what follows does not go on with it."""
    if way not in _GOES_ON:
        return False
    line = text.rfind("\n", 0, start) + 1
    return not any(map(str.isalpha, text[line:start])) and not _GOES_ON[way].match(text[end:])
