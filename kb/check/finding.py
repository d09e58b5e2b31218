"""What a check finds: where, how grave, which rule, and what to say instead."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from kb.model import Source


class Concern(StrEnum):
    """What kind of thing is wrong with a sentence."""

    WRONG_SHOP = "wrong_shop"  # 串店: it names what belongs to another shop of the vendor
    FACT = "fact"  # 与资料不符: it contradicts what this shop's files say
    CONTACT = "contact"  # 站外引流
    ABSOLUTE = "absolute"  # 绝对化用语
    PROMISE = "promise"  # 过度承诺
    MEDICAL = "medical"  # 医疗功效
    BANNED = "banned"  # 本店禁用: the merchant's own 禁用话术


class Severity(StrEnum):
    """What an agent is asked to do about it."""

    BLOCK = "block"  # not to be sent but by a second, deliberate decision
    WARN = "warn"  # shown beside the text
    NOTE = "note"  # worth knowing


_CONCERNS = list(Concern)
_SEVERITIES = list(Severity)
_MOST = 200


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong or doubtful. `start` and `end` are a half-open span in Unicode code points of the text as
    it was given. `advice` is the approved wording; `stated` and `source` are what this shop's files say, if they do."""

    start: int
    end: int
    rule: str
    concern: Concern
    severity: Severity
    why: str
    advice: str = ""
    stated: str = ""
    source: Source | None = None


def in_order(found: Iterable[Finding]) -> tuple[Finding, ...]:
    """Each finding once, from left to right; of those that begin together the gravest first, then the longest.

    One that lies within another of the same concern that is at least as grave says nothing new, and goes. Beyond `_MOST` the
    gravest are told: nobody reads more.
    """
    kept: list[Finding] = []
    gravest = sorted(set(found), key=lambda f: (_SEVERITIES.index(f.severity), f.start - f.end, _rank(f)))
    for one in gravest[:_MOST]:
        if not any(_covers(other, one) for other in kept):
            kept.append(one)
    return tuple(sorted(kept, key=_rank))


def _rank(one: Finding) -> tuple[int, int, int, int, str, str]:
    severity, concern = _SEVERITIES.index(one.severity), _CONCERNS.index(one.concern)
    return one.start, severity, -one.end, concern, one.rule, one.why


def _covers(outer: Finding, inner: Finding) -> bool:
    return outer.concern is inner.concern and outer.start <= inner.start and inner.end <= outer.end
