"""Rules and what was learned, weighed together: a rule that speaks where sentences like this one are harmless is let go, and
what sounds like a breach is told though no rule knows it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from kb.check.context import LONGEST, UNSURE, Context
from kb.check.finding import Concern, Finding, Severity
from kb.check.pack import Pack, breaches, let_pass, spared
from kb.check.scorer import CONCERNS, Scores, fragments, learned
from kb.check.view import Read, View

Known = Callable[[int, int], bool]  # whether a shop itself says what stands from there to there

LEAST = -3.0  # log-odds from which characters belong to what is told around them
GAP = 1
_CORE = 2.0  # below the highest: what is shown
_ADVICE = {
    Concern.CONTACT: "“您直接在这里（平台聊天窗口）留言就可以，这里有记录，售后也有保障哦。”",
    Concern.ABSOLUTE: "说看得见的事实：材质、参数、评价数，不比高下。",
    Concern.PROMISE: "按店里的规则说：几天内、什么条件、谁承担运费；不确定的用“一般”“预计”。",
    Concern.MEDICAL: "只说备案或页面写明的功效；身体不适请就医。",
}
_LIKE = {
    Concern.CONTACT: "像是把买家引到平台外",
    Concern.ABSOLUTE: "像是绝对化用语",
    Concern.PROMISE: "像是打包票或用好处换评价",
    Concern.MEDICAL: "像是在说治病、防病的功效",
}


def objections(
    view: View,
    packs: Sequence[Pack],
    platform: str,
    category: str,
    context: Context | None = None,
    known: Known = lambda *_: False,
) -> Iterator[Finding]:
    """What may not be said in such a shop. A finding that was learned has the rule `<concern>.learned`, says which characters
    made it, and never blocks. With a `context` the encoder is asked as well where the scorer is not sure, but for what is
    `known`: harmless as the shop itself says it."""
    said, scorer = list(breaches(view, packs, platform, category)), learned()
    scores, bars = scorer.scores(view.tight, said), scorer.bars
    if context and len(view.tight.text) <= LONGEST and (said or _unsure(view.tight, scores, known)):
        scores, bars = context.scores(view.tight, scores), context.bars
    meant = {pack.concern for pack in packs if pack.applies(platform, category)}
    yield from [one for one in said if weight(one, view.tight, scores) > bars[one.concern].beside_rule]
    for concern in (one for one in CONCERNS if one in meant and (scores[:, CONCERNS.index(one)] > LEAST).any()):
        found = guesses(view, scores, concern, said, list(spared(view, packs, concern)))
        told = [guess for guess in found if guess.weight > bars[concern].alone]
        reasons = scorer.reasons(view.tight, [guess.place for guess in told], concern)
        learnt = (_told(guess, concern, reasons.get(guess.place) or _at(view, guess)) for guess in told)
        yield from (one for one in learnt if not let_pass(one, view.typed, platform))


def _unsure(read: Read, scores: Scores, known: Known) -> bool:
    """Whether a stretch may be a breach for all that the scorer knows, and the shop does not say it itself."""
    return any(not known(*read.span(first, last)) for first, last in fragments(scores.max(axis=1), UNSURE, GAP))


def _at(view: View, guess: Guess) -> str:
    """The words that a guess shows, where none of them speaks by itself."""
    return view.typed[guess.start : guess.end]


@dataclass(frozen=True, slots=True)
class Guess:
    """What no rule says: the heaviest of its characters and their log-odds, and where in the text as typed it stands."""

    place: int
    weight: float
    start: int
    end: int


def weight(one: Finding, read: Read, scores: Scores) -> float:
    """How much speaks for a rule's finding; what lies outside the tight form (a link's dots) is the rule's alone to judge."""
    first, last = read.within(one.start, one.end)
    return float(scores[first:last, CONCERNS.index(one.concern)].max()) if first < last else np.inf


def guesses(
    view: View, scores: Scores, concern: Concern, said: Sequence[Finding], spans: Sequence[tuple[int, int]]
) -> Iterator[Guess]:
    """Stretches that weigh more than LEAST where no rule speaks; within `spans` an exemption, which somebody wrote down,
    lets a rule's match pass, and what was learned is silent as well."""
    read, told = view.tight, scores[:, CONCERNS.index(concern)].copy()
    ruled = np.zeros(len(told) + 1, np.int64)  # where rules begin (1) and end (-1)
    for start, end in spans:
        told[slice(*read.within(start, end))] = -np.inf
    for one in said:
        first, last = read.within(one.start, one.end)
        if one.concern is concern and first < last:
            ruled[first] += 1
            ruled[last] -= 1
    ruled = np.cumsum(ruled)
    for first, last in fragments(told, LEAST, GAP):
        if not ruled[first:last].any():
            place = first + int(np.argmax(told[first:last]))
            yield Guess(place, float(told[place]), *_core(read, told, first, last, place))


def _told(guess: Guess, concern: Concern, reason: str) -> Finding:
    """A guess as a finding that names the word for it."""
    why = f"这一段{_LIKE[concern]}（主要是“{reason}”），请再看一眼。"
    rule = f"{concern}.learned"
    return Finding(guess.start, guess.end, rule, concern, Severity.WARN, why, _ADVICE[concern])


def _core(read: Read, told: Scores, first: int, last: int, place: int) -> tuple[int, int]:
    """Where in the text as typed the characters stand that weigh nearly as much as the heaviest."""
    least = told[place] - _CORE
    while told[first] < least:
        first += 1
    while told[last - 1] < least:
        last -= 1
    return read.span(first, last)
