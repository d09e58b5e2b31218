"""What was said that forbids an offer, from the lists of `words.toml`: declining, giving back, people a product is not for."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

from kb.language.text import fold

_REMEMBERED = 4096
_GROWN = 18  # years
_FROM_AGE = re.compile(r"适用年龄[^,，;；。]{0,4}?(\d{1,2})(?:周?岁|(个?月))?(?:以上|及以上|\+|-|~|至|到)")
_DIGITS = "一二三四五六七八九"
_SMALLEST = (r"\d个月(?:大|的?[宝娃孩崽])", "婴儿", "新生儿", "岁半", "半岁", "刚满月")


@dataclass(frozen=True, slots=True)
class Limit:
    """Goods that are not for everybody: `goods` are told from a product, `chat` from what the buyer said."""

    name: str
    goods: re.Pattern[str]
    chat: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class _Words:
    declined: re.Pattern[str]
    declined_whole: frozenset[str]
    particles: str
    not_declined: re.Pattern[str]
    urgent: re.Pattern[str]
    not_urgent: re.Pattern[str]
    refund: re.Pattern[str]
    limits: tuple[Limit, ...]


@lru_cache(maxsize=_REMEMBERED)
def declines(text: str) -> bool:
    """Whether a buyer's message says no to something: 不要了, 不用了, 就要这个. A question (要不要) does not."""
    words, told = _load(), said(text)
    return told.strip(words.particles) in words.declined_whole or bool(
        words.declined.search(words.not_declined.sub(" ", told))
    )


@lru_cache(maxsize=_REMEMBERED)
def hurries(text: str) -> bool:
    """Whether somebody is in a hurry: 比较急. 不着急 is not."""
    words = _load()
    return bool(words.urgent.search(words.not_urgent.sub(" ", said(text))))


@lru_cache(maxsize=_REMEMBERED)
def gives_back(text: str) -> bool:
    """Whether a message is about giving back, or about an order that went wrong."""
    return bool(_load().refund.search(said(text)))


def limits_of(goods: str) -> tuple[Limit, ...]:
    """The limits of a product, told from its name, category and facts (name：value)."""
    kinds = tuple(limit for limit in _load().limits if limit.goods.search(goods))
    ages = [int(found[1]) // (12 if found[2] else 1) for found in _FROM_AGE.finditer(goods)]
    age = min(max(ages, default=0), _GROWN)
    return (*kinds, Limit("适用年龄", _FROM_AGE, younger(age))) if age else kinds


def limited(limits: Iterable[Limit], refuse: Iterable[str], texts: Sequence[str]) -> bool:
    """Whether something was said by which a product with these limits, or these words of its merchant, is not to be offered."""
    spoken = [said(text) for text in texts]
    own = [word for text in refuse if (word := said(text))]
    return any(limit.chat.search(text) for limit in limits for text in spoken) or any(
        word in text for word in own for text in spoken
    )


@lru_cache(maxsize=_GROWN)
def younger(age: int) -> re.Pattern[str]:
    """What a buyer says of somebody who is younger than `age` years: 8岁, 三周岁, 6个月大, 岁半, and words for the smallest."""
    spoken = "|".join(["两", *map(_spelt, range(1, age))])
    years = [rf"(?<!\d)(?:{'|'.join(map(str, range(age)))})(?=周?岁)", rf"(?<![\d{_DIGITS}十])(?:{spoken})(?=周?岁)"]
    return re.compile("|".join([*years, *_SMALLEST]))


def _spelt(age: int) -> str:
    """1 to 17 in Chinese: 七, 十, 十七."""
    return "十" * (age >= 10) + (_DIGITS[age % 10 - 1] if age % 10 else "")


def said(text: str) -> str:
    """A text as words are looked for in it: folded, without white space."""
    return "".join(fold(text).split())


@lru_cache(maxsize=1)
def _load() -> _Words:
    told = tomllib.loads(files("kb.upsell").joinpath("words.toml").read_text(encoding="utf-8"))
    limits = tuple(Limit(one["name"], _any(one["goods"]), _spoken(one)) for one in told["limit"])
    whole = frozenset(map(said, told["declined_whole"]))
    lists = {name: _any(told[name]) for name in ("declined", "not_declined", "urgent", "not_urgent", "refund")}
    return _Words(**lists, declined_whole=whole, particles=told["particles"], limits=limits)


def _spoken(limit: Mapping[str, Any]) -> re.Pattern[str]:
    """What a buyer says of people that the goods of a limit are not for."""
    words = _any(limit["chat"])
    return re.compile(f"{words.pattern}|{younger(limit['under']).pattern}") if "under" in limit else words


def _any(words: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(re.escape(said(word)) for word in words))
