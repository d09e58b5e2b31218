"""How much each character of a text is part of something that may not be said: learned from labelled sentences.

Rules know what they were written for; this has learned, beside them, from some five thousand sentences written for the project
(`huashu eval fit-check`, learned.json with its provenance): one logistic function a concern over what stands at a character,
shortly before and shortly after it. What stands there are runs of one to four characters of the tight form, the classes of
words of words.toml (加 a verb of contact, 薇 a 微, 湿疹 an illness) and the rules that speak there. All of it is in the file and
can be read: "=:medical_heal+medical_ill" weighs so much.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kb.check.finding import Concern, Finding
from kb.check.view import Read, View

CONCERNS = (Concern.CONTACT, Concern.ABSOLUTE, Concern.PROMISE, Concern.MEDICAL)
AT, BEFORE, AFTER, RULE = "=", "<", ">", "#"
_LONGEST = 4  # characters of a run at a place; beside it one fewer
_NEAR, _FAR = 6, 10  # characters that a run and a class of words reach to either side
_JOINED = 6  # characters between two words that are read together

Scores = NDArray[np.float64]
Sign = tuple[str, int, int]  # what is seen, and the half-open span of characters it counts for


@dataclass(frozen=True, slots=True)
class Bar:
    """Log-odds from which something is told: where a rule speaks as well, and where none does."""

    beside_rule: float
    alone: float


@dataclass(frozen=True, slots=True)
class Scorer:
    """What was learned: a row of weights by concern for every sign, and the bars by concern."""

    bias: Scores
    weights: Mapping[str, Scores]
    bars: Mapping[Concern, Bar]

    def scores(self, read: Read, hits: Iterable[Finding] = ()) -> Scores:
        """Log-odds per character of the tight form and concern: shape (len(read.text), len(CONCERNS)). `hits` are what
        rules found."""
        steps = np.zeros((len(read.text) + 1, len(CONCERNS)))
        steps[0] = self.bias
        for sign, first, last in signs(read, hits):
            weight = self.weights.get(sign)
            if weight is not None:
                steps[first] += weight
                steps[last] -= weight
        return np.asarray(np.cumsum(steps, axis=0)[:-1], np.float64)

    def reasons(self, read: Read, places: Collection[int], concern: Concern) -> dict[int, str]:
        """For each place the characters there, a run or a word of a class, that speak most for a concern; no place where
        none does. All places in one pass: a text of nothing but breaches costs no more than its length."""
        column, wanted = CONCERNS.index(concern), set(places)
        best: dict[int, tuple[float, str]] = {}
        for sign, first, last in signs(read) if wanted else ():
            if sign[0] != AT or sign not in self.weights:
                continue
            said = float(self.weights[sign][column]), read.text[first:last]
            for place in wanted.intersection(range(first, last)):
                best[place] = max(best.get(place, (0.0, "")), said)
        return {place: run for place, (weight, run) in best.items() if weight > 0}


def signs(read: Read, hits: Iterable[Finding] = ()) -> Iterator[Sign]:
    """All that is seen of a tight text, each with the characters it counts for; one may come several times."""
    text = read.text.replace("\n", "；")
    yield from _runs(text)
    yield from _classes(text)
    for hit in hits:
        first, last = read.within(hit.start, hit.end)
        if first < last:
            yield RULE + hit.rule, first, last
            yield RULE + hit.concern, first, last


def _runs(text: str) -> Iterator[Sign]:
    whole, count = f"^{text}$", len(text)  # where a text begins and ends says something as well
    for start in range(count + 2):
        for end in range(start + 1, min(start + _LONGEST, count + 2) + 1):
            yield from _around(whole[start:end], start - 1, end - 1, _NEAR, count, beside=end - start < _LONGEST)


def _classes(text: str) -> Iterator[Sign]:
    for family in _lexicon():
        before: tuple[int, int, str] | None = None
        for match in family.any.finditer(text):
            start, end, name = *match.span(), family.names[match[0]]
            yield from _around(f":{name}", start, end, _FAR, len(text), beside=True)
            if before is not None and start - before[1] <= _JOINED:
                yield f"{AT}:{before[2]}{'+' if start == before[1] else '~'}{name}", before[0], end
            before = start, end, name


def _around(what: str, start: int, end: int, reach: int, count: int, *, beside: bool) -> Iterator[Sign]:
    """A thing at start to end counts at its own characters, and beside them for those that it is before or after."""
    spans = [(AT, max(start, 0), min(end, count))]
    if beside:
        spans += [(BEFORE, end, min(start + reach + 1, count)), (AFTER, max(end - reach - 1, 0), start)]
    yield from ((kind + what, first, last) for kind, first, last in spans if first < last)


@dataclass(frozen=True, slots=True)
class _Family:
    """Classes of words that are told apart from each other; the longest word at a place counts."""

    any: re.Pattern[str]
    names: Mapping[str, str]


@lru_cache(maxsize=1)
def _lexicon() -> tuple[_Family, ...]:
    families: dict[str, dict[str, str]] = {}
    for name, words in tomllib.loads((files("kb.check") / "words.toml").read_text("utf-8")).items():
        for word in words.split():
            families.setdefault(name.split("_")[0], {}).setdefault(View(word).tight.text, name)
    return tuple(
        _Family(re.compile("|".join(map(re.escape, sorted(names, key=len, reverse=True)))), names)
        for names in families.values()
    )


@lru_cache(maxsize=1)
def learned() -> Scorer:
    """What is shipped, learned.json; read once."""
    return from_json(json.loads((files("kb.check") / "learned.json").read_text("utf-8")))


def from_json(data: Mapping[str, Any]) -> Scorer:
    """A scorer from the object that `huashu eval fit-check` writes: weights are in whole steps of `unit`, by concern."""
    unit, bias, bars, steps = (data[key] for key in ("unit", "bias", "bars", "weights"))
    weights: dict[str, Scores] = {}
    for column, concern in enumerate(CONCERNS):
        for step, found in steps[concern].items():
            for sign in found.split():
                weights.setdefault(sign, np.zeros(len(CONCERNS)))[column] = int(step) * unit
    return Scorer(np.array([bias[concern] for concern in CONCERNS]), weights, {c: Bar(**bars[c]) for c in CONCERNS})


def fragments(scores: Sequence[float] | Scores, least: float, gap: int) -> Iterator[tuple[int, int]]:
    """Half-open stretches of characters above `least`; gaps of so many characters are bridged."""
    places = np.flatnonzero(np.asarray(scores) > least)
    if len(places):
        for part in np.split(places, np.flatnonzero(np.diff(places) > gap + 1) + 1):
            yield int(part[0]), int(part[-1]) + 1
