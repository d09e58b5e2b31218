"""What was said that forbids an offer, from the lists of `words.toml`: declining, giving back, people a product is not for."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from kb.language.text import fold

_REMEMBERED = 4096


@dataclass(frozen=True, slots=True)
class Limit:
    """Goods that are not for everybody: `goods` are told from a product, `chat` from what the buyer said."""

    name: str
    goods: re.Pattern[str]
    chat: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class _Words:
    declined: re.Pattern[str]
    not_declined: re.Pattern[str]
    urgent: re.Pattern[str]
    not_urgent: re.Pattern[str]
    refund: re.Pattern[str]
    limits: tuple[Limit, ...]


@lru_cache(maxsize=_REMEMBERED)
def declines(text: str) -> bool:
    """Whether a buyer's message says no to something: 不要了, 不用了, 就要这个. A question (要不要) does not."""
    words = _load()
    return bool(words.declined.search(words.not_declined.sub(" ", said(text))))


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
    return tuple(limit for limit in _load().limits if limit.goods.search(goods))


def limited(limits: Iterable[Limit], refuse: Iterable[str], texts: Sequence[str]) -> bool:
    """Whether something was said by which a product with these limits, or these words of its merchant, is not to be offered."""
    spoken = [said(text) for text in texts]
    own = [word for text in refuse if (word := said(text))]
    return any(limit.chat.search(text) for limit in limits for text in spoken) or any(
        word in text for word in own for text in spoken
    )


def said(text: str) -> str:
    """A text as words are looked for in it: folded, without white space."""
    return "".join(fold(text).split())


@lru_cache(maxsize=1)
def _load() -> _Words:
    told = tomllib.loads(files("kb.upsell").joinpath("words.toml").read_text(encoding="utf-8"))
    limits = tuple(Limit(one["name"], _any(one["goods"]), _any(one["chat"])) for one in told["limit"])
    lists = {name: _any(told[name]) for name in ("declined", "not_declined", "urgent", "not_urgent", "refund")}
    return _Words(**lists, limits=limits)


def _any(words: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(re.escape(said(word)) for word in words))
