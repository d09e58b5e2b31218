"""Whose answer it is: an entry that asks about one product does not answer a message about another, nor another question
about the same one.

In a small shop 猫窝怎么清洗 lies nearer to 航空箱怎么清洗 than to anything else, and 航空箱可以开票吗 to 航空箱能上飞机吗, whose name is
all that they share. So where a message calls a product by name, an entry that speaks of another one is *foreign*, and one
that is like it in little but the name is *thin*. Likeness beyond the name is the partial correlation that is left when the
direction of the noun's own vector is taken out (`kb.dense`); without a model, whether words beside the noun are shared.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz

from kb.catalog import Naming
from kb.embed import Vectors
from kb.language.conversation import telling
from kb.language.nouns import QUALITIES
from kb.language.text import bare
from kb.model import Entry, Polarity
from kb.shard import Shard

_ALIKE = 0.57  # likeness beyond the name that a short message needs: right answers lay above .61, wrong ones below .52
_SHORT = 8  # characters up to which a message is short
_DILUTED = 0.015  # what each further character takes of it: who tells more is like any one question less
_LEAST = 0.35
_SHORTEST = 2  # characters of a word that says what it is about

_KIND = 2  # characters at the end of a noun that tell what kind of thing it is
_SEVERAL = 2  # products, from which a message that names none may be about another
_SAME = 75.0  # rapidfuzz ratio from which two questions are the same but for what they ask of

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Subject:
    """What a message is about: the keys of its products, the noun it calls them by ("": they come from the talk, or from
    other words), and the vectors of the message and of the noun; None where the model is not to measure it."""

    products: frozenset[str] = frozenset()
    noun: str = ""
    message: Vectors | None = None
    aside: Vectors | None = None


NOTHING = Subject()


def foreign(shard: Shard, entries: Sequence[int], about: Subject) -> Mask:
    """Which of the entries (positions) speak of products, and of none of the kind that the message is about; shape (entries,)."""
    return np.array([_apart(about, spoken_of(shard, shard.entries[position]), kin=False) for position in entries], bool)


def thin(shard: Shard, entries: Sequence[int], text: str, about: Subject) -> Mask:
    """Which of the entries are like the message in little but the product that it calls, or ask of another one of its kind;
    shape (entries,)."""
    kin = [_apart(about, spoken_of(shard, shard.entries[position]), kin=True) for position in entries]
    return np.array(kin, bool) | _like_in_name_only(shard, entries, text, about)


def of_something_else(shard: Shard, entry: Entry, text: str) -> bool:
    """Whether an entry asks of one of several products what a message that names none asks of something else: 鱼缸怎么清洗 of
    航空箱怎么清洗."""
    if len(shard.catalog.products) < _SEVERAL or not spoken_of(shard, entry).keys:
        return False
    said = bare(text)
    return any(_swapped(said, bare(line), shard.catalog.naming(line).noun) for line in entry.askable())


def spoken_of(shard: Shard, entry: Entry) -> Naming:
    """The products that an entry is about: those that all its answers are for, else those its question calls, else those
    that most of its phrasings call (羊毛针织衫怎么洗, also asked as 毛衣怎么洗 and Z401能机洗吗)."""
    for_products = [answer.condition.products for answer in entry.answers]
    if for_products and all(for_products):
        return Naming(frozenset().union(*for_products), "")
    called = shard.catalog.naming(entry.question)
    if called.keys:
        return called
    asked = [
        shard.catalog.naming(phrasing.text) for phrasing in entry.phrasings if phrasing.polarity is Polarity.POSITIVE
    ]
    naming = [each for each in asked if each.keys]
    if len(naming) < _SEVERAL or 2 * len(naming) <= len(asked):
        return called
    return Naming(frozenset().union(*(each.keys for each in naming)), naming[0].noun)


def _apart(about: Subject, theirs: Naming, *, kin: bool) -> bool:
    """Whether they are other products; of the same kind (呢大衣, 羊毛大衣: buyers mix up such names) or not, as is asked."""
    if not (about.products and theirs.keys) or not theirs.keys.isdisjoint(about.products):
        return False
    return kin is bool(about.noun and about.noun[-_KIND:] == theirs.noun[-_KIND:])


def _like_in_name_only(shard: Shard, entries: Sequence[int], text: str, about: Subject) -> Mask:
    if not about.noun or not len(entries):
        return np.zeros(len(entries), bool)
    lines = [[line for line in shard.lines_of_entry[position] if shard.positive[line]] for position in entries]
    if about.message is None or about.aside is None or shard.dense is None:
        return np.array([not _shares_words(shard, each, text, about.noun) for each in lines], bool)
    starts = np.cumsum([0, *map(len, lines[:-1])])
    beyond = shard.dense.beyond(about.message, about.aside, np.fromiter(chain.from_iterable(lines), np.int64))
    needed = max(_LEAST, _ALIKE - _DILUTED * max(len(text) - _SHORT, 0))
    return np.asarray(np.maximum.reduceat(beyond, starts) < needed, bool)


def _shares_words(shard: Shard, lines: Sequence[int], text: str, noun: str) -> bool:
    said = set(shard.analyzer.tokens(text.replace(noun, " ")))
    theirs = (token for line in lines for token in shard.analyzer.tokens(shard.lines[line].folded.replace(noun, " ")))
    return any(token in said for token in theirs if len(token.removeprefix("#")) >= _SHORTEST)


def _swapped(message: str, line: str, noun: str) -> bool:
    """Whether the message is the line with something else in the place of the noun that it begins with."""
    asked = line.removeprefix(noun)
    thing = message[: max(len(message) - len(asked), 0)]
    if not noun or asked == line or len(telling(thing)) < _SHORTEST or thing in QUALITIES or thing.endswith("色"):
        return False
    return fuzz.ratio(message[len(thing) :], asked) >= _SAME
