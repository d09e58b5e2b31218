"""Would what was suggested have done? A reply of an agent beside a suggested text, by rules that anybody can check.

    same   the same numbers, and equal but for punctuation, blanks, emoji, terms of address and particles
    near   the same numbers, and a likeness of at least 80 of 100 (rapidfuzz `ratio`: 2·matches ÷ both lengths), from 6 characters
    part   the same numbers, and the reply lies almost whole (`partial_ratio` ≥ 90) in the suggestion, from 8 characters

Wording is compared, not meaning: a suggestion that says the same in other words does not count, so the share that matches
is a lower bound of how often the suggestion would have done.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from enum import StrEnum

from rapidfuzz import fuzz

from kb.language.text import bare, clean

NEAR, PART = 80.0, 90.0
_NEAR_LENGTH, _PART_LENGTH = 6, 8
_ADDRESS = re.compile(r"亲爱[的哒滴]|亲亲|亲|哦|呢|哈|呀|啊|噢|喔|～|~")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")


class Match(StrEnum):
    """How a reply is like a suggestion, best first."""

    SAME = "same"
    NEAR = "near"
    PART = "part"


def matched(reply: str, offered: Sequence[str]) -> tuple[int, Match] | None:
    """(place of the suggestion from 1, how) of the best match among those offered; None where none does."""
    found = [(match, place) for place, text in enumerate(offered, 1) if (match := like(reply, text))]
    best = min(found, key=lambda one: (list(Match).index(one[0]), one[1]), default=None)
    return None if best is None else (best[1], best[0])


def like(reply: str, text: str) -> Match | None:
    """How a reply is like one suggested text."""
    ours, theirs = core(reply), core(text)
    if not ours or not theirs:
        return None
    same_numbers = numbers(reply) == numbers(text)  # 1.5折 is not 15折, though their letters and digits are the same
    if ours == theirs:
        return Match.SAME if same_numbers else None
    if same_numbers and min(len(ours), len(theirs)) >= _NEAR_LENGTH and fuzz.ratio(ours, theirs) >= NEAR:
        return Match.NEAR
    within = _PART_LENGTH <= len(ours) <= len(theirs) and numbers(reply) <= numbers(text)
    return Match.PART if within and fuzz.partial_ratio(ours, theirs) >= PART else None


def core(text: str) -> str:
    """The letters and digits of a text, without terms of address and particles."""
    said = _ADDRESS.sub("", bare(text))
    return "".join(char for char in said if unicodedata.category(char)[0] in "LN")


def numbers(text: str) -> Counter[str]:
    """The numbers written in digits, and how often each."""
    return Counter(_NUMBER.findall(clean(text)))
