"""Fit what the check has learned beside its rules: learned.json, with its provenance.

    huashu eval fit-check --output kb/check/learned.json

Learned from two sets of the project, the half `seen` of the compliance sentences and the sentences that were written to teach
(eval/sets/compliance_taught.jsonl), and from ordinary answers of a service desk, as what is harmless. Rules were mended on
`seen`, so that what they say there proves nothing: only on sentences of the half `taught` is the scorer shown what rules found,
and learns how far to trust each. A rule must not be mended on those. Nothing else is read; `held` is not.

A row is a character of the tight form. First all signs that occur twice, L2, so the optimum is unique; then those that move most
characters furthest, fitted again and rounded to whole steps. The bars are where F1 is highest of what the service would tell,
exemptions applied, each sentence scored by weights that did not see it; of `seen` only what no rule finds counts.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix

from eval.cases import rows
from eval.check.compliance import Sentence, read_sentences
from eval.fitting.logistic import Matrix
from eval.fitting.ngrams import FOLDS, SEED, Flags, folds, logistic
from kb.check.finding import Concern, Finding
from kb.check.pack import breaches, shipped, spared
from kb.check.scorer import CONCERNS, Bar, Scorer, signs
from kb.check.view import Read, View
from kb.check.weigh import guesses, weight

RIDGE = 1.0
KEPT = 7000  # signs of each concern
RAREST = 2  # sentences that a sign must occur in
UNIT = 0.05  # weights are rounded to whole steps of this
# A rule was written with thought and is let go only where much speaks against it; without one, more is asked for.
_BESIDE, _ALONE = np.arange(-3.0, -0.49, 0.25).tolist(), np.arange(-0.75, 1.51, 0.25).tolist()


@dataclass(frozen=True, slots=True)
class Lesson:
    """One labelled sentence as the scorer sees it; `wrong` has a row a character and a column a concern."""

    sentence: Sentence
    read: Read
    said: tuple[Finding, ...]  # by rules
    hits: tuple[Finding, ...]  # of those, what may be learned from
    wrong: Matrix


def fit_check(seen: Path, taught: Path, calm: Sequence[Path] = ()) -> dict[str, object]:
    """The whole of learned.json. `calm` are knowledge files whose answers hold no breach."""
    lessons = lessons_of(seen, taught, calm)
    crossed: list[Matrix] = [np.empty(0)] * len(lessons)
    for held in folds(len(lessons)):
        scorer = scorer_of([lesson for lesson, out in zip(lessons, held, strict=True) if not out])
        for at in np.flatnonzero(held).tolist():
            crossed[at] = scorer.scores(lessons[at].read, lessons[at].said)
    bars = {concern: bar_of(list(zip(lessons, crossed, strict=True)), concern) for concern in CONCERNS}
    settings = {"seed": SEED, "folds": FOLDS, "ridge": RIDGE, "kept": KEPT, "rarest": RAREST}
    return {
        "provenance": {
            "fitted_by": "huashu eval fit-check",
            "sentences": {
                f"{seen.stem}, seen": len(read_sentences(seen, "seen")),
                taught.stem: len(read_sentences(taught)),
                "calm answers": sum(one.sentence.half == "calm" for one in lessons),
            },
            "rules": {pack.name: pack.date for pack in shipped()},
            **settings,
        },
        "cross_fitted": {c: {"recall": round(s[1], 3), "precision": round(s[2], 3)} for c, (_, s) in bars.items()},
        "bars": {c: {"beside_rule": bar.beside_rule, "alone": bar.alone} for c, (bar, _) in bars.items()},
        **_to_json(scorer_of(lessons)),
    }


def lessons_of(seen: Path, taught: Path, calm: Sequence[Path] = ()) -> list[Lesson]:
    """All that may be learned from."""
    quiet = (one for path in calm for one in _answers(path))
    known = (*read_sentences(seen, "seen"), *read_sentences(taught), *quiet)
    return [_lesson(one, hits=one.half == "taught") for one in known]


def to_text(data: dict[str, object]) -> str:
    """As it is kept: a line for each thing that a person may want to compare."""
    return json.dumps(data, ensure_ascii=False, indent=1) + "\n"


def _answers(path: Path) -> list[Sentence]:
    """What a knowledge file has agents say, {variables} aside."""
    said = [(row.name("id"), str(row.values["answer"])) for row in rows(path)]
    return [Sentence(name, re.sub(r"[{}]", "", text), "", "", (), "calm") for name, text in said]


def _lesson(one: Sentence, *, hits: bool) -> Lesson:
    view = View(one.text)
    read = view.tight
    wrong = np.zeros((len(read.text), len(CONCERNS)))
    for concern, start, end in one.breaches:
        for at in range(len(read.text)):
            wrong[at, CONCERNS.index(concern)] += read.starts[at] < end and start < read.ends[at]
    said = tuple(breaches(view, shipped(), one.platform, one.category))
    return Lesson(one, read, said, said if hits else (), np.minimum(wrong, 1))


def scorer_of(lessons: Sequence[Lesson]) -> Scorer:
    """What these lessons teach, without bars."""
    seen = [list(signs(lesson.read, lesson.hits)) for lesson in lessons]
    counts = Counter(sign for row in seen for sign in {sign for sign, _, _ in row})
    vocabulary = sorted(sign for sign, count in counts.items() if count >= RAREST)
    found = _measure(seen, [len(lesson.read.text) for lesson in lessons], vocabulary)
    wrong = np.vstack([lesson.wrong for lesson in lessons]) > 0
    bias, weights = np.zeros(len(CONCERNS)), dict[str, Matrix]()
    for column in range(len(CONCERNS)):
        bias[column], kept = _one(found, wrong[:, column])
        for at, step in kept:
            weights.setdefault(vocabulary[at], np.zeros(len(CONCERNS)))[column] = step
    return Scorer(bias, weights, {})


def _one(found: csr_matrix, wrong: Flags) -> tuple[float, Iterator[tuple[int, float]]]:
    """Bias and the weights of the signs that are kept, by column, in whole steps of UNIT."""
    even = np.ones(len(wrong))
    whole = logistic(found, wrong, even, RIDGE)
    matter = np.abs(whole[1:]) * np.sqrt(np.asarray(found.sum(axis=0)).ravel())
    columns = np.sort(np.argsort(-matter, kind="stable")[:KEPT])
    small = logistic(found[:, columns], wrong, even, RIDGE)
    steps = np.rint(small[1:] / UNIT) * UNIT
    kept = ((int(at), float(step)) for at, step in zip(columns, steps, strict=True) if step)
    return round(float(small[0]), 4), kept


def _measure(
    seen: Sequence[Sequence[tuple[str, int, int]]], lengths: Sequence[int], vocabulary: list[str]
) -> csr_matrix:
    """How often each sign counts for each character: shape (characters, signs)."""
    column = {sign: at for at, sign in enumerate(vocabulary)}
    places: list[int] = []
    columns: list[int] = []
    begin = 0
    for row, length in zip(seen, lengths, strict=True):
        for sign, first, last in row:
            if sign in column:
                places.extend(range(begin + first, begin + last))
                columns.extend([column[sign]] * (last - first))
        begin += length
    return csr_matrix((np.ones(len(places)), (places, columns)), shape=(begin, len(vocabulary)))


# -- bars


def bar_of(judged: Sequence[tuple[Lesson, Matrix]], concern: Concern) -> tuple[Bar, tuple[float, float, float]]:
    """The bars of a concern at which F1 is highest, and (F1, recall, precision) there."""
    whole = sum(len(_asked(lesson, concern)) for lesson, _ in judged)
    told = [list(_told(lesson, scores, concern)) for lesson, scores in judged]
    best = Bar(0.0, 0.0), (0.0, 0.0, 0.0)
    for beside, alone in product(_BESIDE, _ALONE):
        kept = [[one for one in row if one.weight > (beside if one.by_rule else alone)] for row in told]
        caught = sum(len(set().union(*(one.caught for one in row))) for row in kept if row)
        false = sum(not one.right for row in kept for one in row)
        f1 = 2 * caught / (whole + caught + false) if caught else 0.0
        if f1 > best[1][0]:
            best = Bar(round(beside, 2), round(alone, 2)), (f1, caught / whole, caught / (caught + false))
    return best


@dataclass(frozen=True, slots=True)
class _Told:
    """What the service may tell of a sentence; `caught` are the marked breaches that are asked for and that it meets."""

    by_rule: bool
    weight: float
    caught: frozenset[int]
    right: bool


def _asked(lesson: Lesson, concern: Concern) -> frozenset[int]:
    """The marked breaches that judge the bars. Rules were mended on `seen`: there only what they did not find."""
    spans = _marked(lesson, concern)
    known = [(hit.start, hit.end) for hit in lesson.said if hit.concern is concern and lesson.sentence.half == "seen"]
    return frozenset(at for at, span in enumerate(spans) if not _met(*span, known))


def _told(lesson: Lesson, scores: Matrix, concern: Concern) -> Iterator[_Told]:
    asked, marked = _asked(lesson, concern), _marked(lesson, concern)
    for hit in lesson.said:
        if hit.concern is concern and lesson.sentence.half != "seen":
            met = _met(hit.start, hit.end, marked)
            yield _Told(True, weight(hit, lesson.read, scores), met & asked, bool(met))
    view = View(lesson.sentence.text)
    for guess in guesses(view, scores, concern, lesson.said, list(spared(view, shipped(), concern))):
        met = _met(guess.start, guess.end, marked)
        yield _Told(False, guess.weight, met & asked, bool(met))


def _marked(lesson: Lesson, concern: Concern) -> list[tuple[int, int]]:
    return [(start, end) for kind, start, end in lesson.sentence.breaches if kind is concern]


def _met(start: int, end: int, spans: Sequence[tuple[int, int]]) -> frozenset[int]:
    return frozenset(at for at, (a, b) in enumerate(spans) if start < b and a < end)


def _to_json(scorer: Scorer) -> dict[str, object]:
    """Weights in whole steps by concern, the heaviest first: {concern: {steps: the signs of that weight}}."""
    weights: dict[str, dict[str, str]] = {}
    for column, concern in enumerate(CONCERNS):
        groups: dict[int, list[str]] = {}
        for sign in sorted(scorer.weights):
            if steps := round(float(scorer.weights[sign][column]) / UNIT):
                groups.setdefault(steps, []).append(sign)
        weights[concern] = {str(steps): " ".join(groups[steps]) for steps in sorted(groups, reverse=True)}
    return {"bias": dict(zip(CONCERNS, scorer.bias.tolist(), strict=True)), "unit": UNIT, "weights": weights}
