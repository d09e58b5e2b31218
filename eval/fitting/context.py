"""Fit what the check makes of the encoder: context.npz, and context.json with its provenance.

    huashu eval fit-context --output kb/check/context.npz

From the same sentences as the scorer (`eval.fitting.check`) and nothing else. A row is a character with the encoder's hidden states
there. In each of five parts that hold no near copies of another's sentences, the head and the scorer were fitted on the other
four; how both are weighed, and the bars, come from what they say of sentences that they did not see. The head that ships has
seen all.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz, process
from scipy.sparse import csr_matrix

from eval.fitting.check import Lesson, bar_of, lessons_of, scorer_of
from eval.fitting.logistic import Matrix
from eval.fitting.mlp import Floats, Plan, learn
from eval.fitting.ngrams import FOLDS, SEED, Flags, logistic
from kb.check.context import AFTER, LONGEST, UNSURE, Head, States, states_of_the_wheel
from kb.check.scorer import CONCERNS

Parts = NDArray[np.int64]

ALIKE = 70.0  # of 100, by edit distance: near copies
PLAN = Plan()
_BLEND = 1.0  # ridge


def fit_context(
    seen: Path, taught: Path, calm: Sequence[Path] = (), states: Callable[[], States] = states_of_the_wheel
) -> tuple[bytes, dict[str, object]]:
    """The bytes of context.npz and what context.json says."""
    lessons = [one for one in lessons_of(seen, taught, calm) if 0 < len(one.read.text) <= LONGEST]
    encode = states()
    values = np.concatenate([encode(one.read) for one in lessons])
    mean, scale = values.mean(axis=0), 1 / (values.std(axis=0) + np.float32(1e-5))
    values = (values - mean) * scale
    right = np.concatenate([one.wrong for one in lessons]) > 0
    part = parts([one.read.text for one in lessons])
    lengths = [len(one.read.text) for one in lessons]
    of_row, ends = np.repeat(part, lengths), np.cumsum(lengths)[:-1]
    by_words, by_context = _crossed(lessons, values, right, part, of_row)
    blends = [
        [_blend(by_words, by_context, right, at, of_row != out) for at in range(len(CONCERNS))] for out in range(FOLDS)
    ]
    mixed = np.zeros_like(by_words)
    for out in range(FOLDS):
        rows, blend = of_row == out, np.array(blends[out])
        mixed[rows] = blend[:, 0] + blend[:, 1] * by_words[rows] + blend[:, 2] * by_context[rows]
    judged = list(zip(lessons, asked(lessons, np.split(by_words, ends), np.split(mixed, ends)), strict=True))
    bars = {concern: bar_of(judged, concern) for concern in CONCERNS}
    everywhere = np.ones(len(right), bool)
    about: dict[str, object] = {
        "provenance": {
            "fitted_by": "huashu eval fit-context",
            "sentences": len(lessons),
            "layers": list(AFTER),
            "seed": SEED,
            "parts": FOLDS,
            "alike": ALIKE,
            **asdict(PLAN),
        },
        "cross_fitted": {c: {"recall": round(s[1], 3), "precision": round(s[2], 3)} for c, (_, s) in bars.items()},
        "bars": {c: {"beside_rule": bar.beside_rule, "alone": bar.alone} for c, (bar, _) in bars.items()},
        "blend": {
            concern: [round(one, 4) for one in _blend(by_words, by_context, right, at, everywhere)]
            for at, concern in enumerate(CONCERNS)
        },
    }
    return to_bytes(Head(mean, scale, *learn(values, right, PLAN))), about


def to_text(about: dict[str, object]) -> str:
    return json.dumps(about, ensure_ascii=False, indent=1) + "\n"


def to_bytes(head: Head) -> bytes:
    """float16, in order; the same values give the same bytes."""
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **{name: getattr(head, name).astype("<f2") for name in Head.__slots__})
    return buffer.getvalue()


def parts(texts: Sequence[str]) -> Parts:
    """In which of the FOLDS parts each text is, near copies in the same; of about the same size; shape (len(texts),)."""
    first = list(range(len(texts)))  # the first text that each is alike to, by way of others

    def root(at: int) -> int:
        while first[at] != at:
            first[at] = at = first[first[at]]
        return at

    for begin in range(0, len(texts), 500):
        alike = process.cdist(texts[begin : begin + 500], texts, scorer=fuzz.ratio, score_cutoff=ALIKE, dtype=np.uint8)
        for row, column in zip(*np.nonzero(alike), strict=True):
            low, high = sorted((root(begin + int(row)), root(int(column))))
            first[high] = low
    groups: dict[int, list[int]] = {}
    for at in range(len(texts)):
        groups.setdefault(root(at), []).append(at)
    found, sizes = np.zeros(len(texts), np.int64), np.zeros(FOLDS)
    order = np.random.default_rng(SEED).permutation(list(groups))
    for one in sorted(order.tolist(), key=lambda one: -len(groups[one])):
        found[groups[one]] = smallest = int(np.argmin(sizes))
        sizes[smallest] += len(groups[one])
    return found


def asked(lessons: Sequence[Lesson], by_words: Sequence[Matrix], mixed: Sequence[Matrix]) -> list[Matrix]:
    """As the service scores: by both where a rule speaks or the scorer is not sure, else by words."""
    rows = zip(lessons, by_words, mixed, strict=True)
    return [both if lesson.said or (words > UNSURE).any() else words for lesson, words, both in rows]


def _crossed(
    lessons: Sequence[Lesson], values: Floats, right: Flags, part: Parts, of_row: Parts
) -> tuple[Matrix, Matrix]:
    """What the scorer and the head make of sentences that they have not seen, shape (characters, concerns) each."""
    by_words, by_context = np.zeros(right.shape), np.zeros(right.shape)
    for out in sorted(set(part.tolist())):
        chosen = of_row == out
        scorer = scorer_of([one for one, where in zip(lessons, part, strict=True) if where != out])
        held = [one for one, where in zip(lessons, part, strict=True) if where == out]
        by_words[chosen] = np.concatenate([scorer.scores(one.read, one.said) for one in held])
        unit = np.ones(values.shape[1], np.float32)
        by_context[chosen] = Head(0 * unit, unit, *learn(values[~chosen], right[~chosen], PLAN)).scores(values[chosen])
    return by_words, by_context


def _blend(by_words: Matrix, by_context: Matrix, right: Flags, column: int, rows: Flags) -> list[float]:
    both = csr_matrix(np.column_stack([by_words[rows, column], by_context[rows, column]]))
    return [float(one) for one in logistic(both, right[rows, column], np.ones(len(right))[rows], _BLEND)]
