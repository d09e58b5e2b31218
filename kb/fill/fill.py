"""A script as it would be copied: each variable replaced by the value that is known of it, everything else as stored.

What is not known stays as it is written and is named, so that nobody sends it unseen. Values go in as they stand: one that
looks like a variable is text, and is not filled again.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from kb.fill.known import Known, Unknown, Used
from kb.fill.places import places

_UNIT = re.compile(
    r"元|块|天|小时|分钟|个?工作日|个?月|件|kg|g|克|千克|公斤|斤|ml|毫升|升|cm|厘米|mm|米|mAh|毫安时?|W|瓦|V|伏|折|%|年"
)


@dataclass(frozen=True, slots=True)
class Filled:
    """A script with its values. `used` and `missing` name each variable once, in the order in which they stand."""

    text: str
    used: tuple[Used, ...] = ()
    missing: tuple[str, ...] = ()


def fill(text: str, known: Known) -> Filled:
    """Fill the variables of a text; a text without any is given back as it is."""
    parts: list[str] = []
    used: dict[str, Used] = {}
    missing: dict[str, None] = {}
    end = 0
    for place in places(text):
        value = known.value(place.name) if place.named else Unknown(place.name)
        parts.append(text[end : place.start])
        if isinstance(value, Unknown):
            missing[value.name] = None
            parts.append(text[place.start : place.end])
        else:
            used.setdefault(value.name, value)
            parts.append(_said(value, text[place.end :]))
        end = place.end
    parts.append(text[end:])
    return Filled("".join(parts), tuple(used.values()), tuple(missing))


def _said(used: Used, after: str) -> str:
    """The value with its unit, said once: the script may go on with it ({价格}元)."""
    unit = _UNIT.match(after)
    if unit is None:
        return used.value + used.unit
    if used.unit == unit[0]:
        return used.value
    return (used.value + used.unit).removesuffix(unit[0]) or used.value + used.unit
