"""The first step of the tone: a logistic function over n-grams learns how unhappy reviews sound, then forgets most of it.

Fitted on all n-grams that are not rare (L2, so the optimum is unique), cut down to those that matter most, fitted again
and rounded to whole steps: a small file that a person can read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.sparse import csr_matrix

from eval.fitting.logistic import Matrix
from eval.understanding.moods import Mood
from kb.head import sigmoid
from kb.language.tone import grams, listen

FOLDS = 5
SEED = 20261121
RIDGE = 10.0  # these three chosen by cross-validation, see docs/benchmarks.md
KEPT = 8000  # n-grams
CALM = 4000.0  # reviews that one source of calm texts weighs as much as
LOUDEST = 3.0  # reviews that one calm text weighs as much as at most
RAREST = 15  # texts that an n-gram must occur in
SORTS = 4  # sorts of goods whose reviews it must occur in, where they are known: 火龙果 says nothing about shoes
# Of companies: what reviews say of them is not for us to ship.
_NAMES = ("京", "蒙", "淘宝", "天猫", "苏宁", "国美", "亚马逊")
UNIT = 0.05  # weights are rounded to whole steps of this

Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Texts:
    """Texts as sets of n-grams, a row each; `source` is 0 for reviews, 1, 2, … for the sources of calm texts."""

    found: csr_matrix  # (texts, n-grams), 0 or 1
    unhappy: Flags
    source: NDArray[np.int64]

    def part(self, chosen: Flags) -> Texts:
        return Texts(self.found[chosen], self.unhappy[chosen], self.source[chosen])

    def weights(self, calm: float) -> Matrix:
        """A review counts 1, all texts of a calm source together `calm`, but none of them more than LOUDEST."""
        each = np.minimum(calm / np.maximum(np.bincount(self.source), 1), LOUDEST)
        each[0] = 1.0
        return np.asarray(each[self.source], np.float64)


@dataclass(frozen=True, slots=True)
class Grams:
    """Weights of the n-grams that were kept, by column, in whole steps of UNIT."""

    columns: NDArray[np.intp]
    steps: NDArray[np.int64]
    bias: float

    def score(self, found: csr_matrix) -> Matrix:
        """Log-odds per row that it is an unhappy review."""
        return np.asarray(found[:, self.columns] @ (self.steps * UNIT) + self.bias, np.float64)


def gather(reviews: Sequence[Mood], calm: Sequence[Sequence[str]]) -> tuple[list[str], Texts]:
    """The n-grams worth learning, in order, and all texts measured by them."""
    said = [*(mood.text for mood in reviews), *(text for some in calm for text in some)]
    bags = [grams(listen(text)) for text in said]
    vocabulary = _vocabulary(bags, [mood.about for mood in reviews])
    source = np.repeat(np.arange(len(calm) + 1), [len(reviews), *map(len, calm)])
    unhappy = np.zeros(len(bags), bool)
    unhappy[: len(reviews)] = [mood.complaint for mood in reviews]
    return vocabulary, Texts(measure(bags, vocabulary), unhappy, source)


def _vocabulary(bags: Sequence[set[str]], about: Sequence[str]) -> list[str]:
    """The n-grams that are neither rare nor of one sort of goods nor part of a company's name."""
    counts = Counter(gram for bag in bags for gram in bag)
    sorts: dict[str, set[str]] = {}
    for bag, sort in zip(bags, about, strict=False):
        for gram in bag:
            sorts.setdefault(gram, set()).add(sort)
    enough = min(SORTS, len(set(about)))
    common = (gram for gram, count in counts.items() if count >= RAREST and len(sorts.get(gram, ())) >= enough)
    return sorted(gram for gram in common if not any(name in gram for name in _NAMES))


def measure(bags: Sequence[set[str]], vocabulary: Sequence[str]) -> csr_matrix:
    """Which n-grams occur: shape (texts, n-grams), 0 or 1."""
    column = {gram: i for i, gram in enumerate(vocabulary)}
    rows = [sorted(column[gram] for gram in bag if gram in column) for bag in bags]
    ends = np.cumsum([0, *map(len, rows)])
    values = np.ones(ends[-1])
    return csr_matrix((values, [i for row in rows for i in row], ends), shape=(len(bags), len(vocabulary)))


def learn(texts: Texts, *, ridge: float = RIDGE, kept: int = KEPT, calm: float = CALM) -> Grams:
    """Fit, keep the n-grams that move most texts furthest (|weight| · √occurrences), fit again, round."""
    weight = texts.weights(calm)
    whole = logistic(texts.found, texts.unhappy, weight, ridge)
    matter = np.abs(whole[1:]) * np.sqrt(np.asarray(texts.found.sum(axis=0)).ravel())
    columns = np.sort(np.argsort(-matter, kind="stable")[:kept])
    small = logistic(texts.found[:, columns], texts.unhappy, weight, ridge)
    return Grams(columns, np.rint(small[1:] / UNIT).astype(np.int64), round(float(small[0]), 4))


def logistic(found: csr_matrix, right: Flags, weight: Matrix, ridge: float) -> Matrix:
    """Bias and weights with the least Σ weight · loss + ridge/2 · |weights|² (L-BFGS-B; convex, so unique)."""
    turned = found.T.tocsr()

    def loss(beta: Matrix) -> tuple[float, Matrix]:
        score = found @ beta[1:] + beta[0]
        wrong = weight * (sigmoid(score) - right)
        value = weight @ (np.logaddexp(0.0, score) - right * score) + 0.5 * ridge * (beta[1:] @ beta[1:])
        return float(value), np.r_[wrong.sum(), turned @ wrong + ridge * beta[1:]]

    best = minimize(loss, np.zeros(found.shape[1] + 1), jac=True, method="L-BFGS-B", options={"maxiter": 200})
    return np.asarray(best.x, np.float64)


def folds(count: int) -> Iterator[Flags]:
    """Five parts of `count` things, drawn at random; each is held out once."""
    fold = np.random.default_rng(SEED).permutation(count) % FOLDS
    yield from (fold == one for one in range(FOLDS))


def cross_score(texts: Texts, *, ridge: float = RIDGE, kept: int = KEPT, calm: float = CALM) -> Matrix:
    """Log-odds per text from weights that did not see it."""
    scores = np.zeros(len(texts.unhappy))
    for held in folds(len(scores)):
        scores[held] = learn(texts.part(~held), ridge=ridge, kept=kept, calm=calm).score(texts.found[held])
    return scores


def by_weight(vocabulary: Sequence[str], learned: Grams) -> dict[str, str]:
    """{steps: the n-grams of that weight, parted by blanks}, from the unhappiest down; those of no weight are left out."""
    groups: dict[int, list[str]] = {}
    for column, steps in zip(learned.columns, learned.steps, strict=True):
        if steps:
            groups.setdefault(int(steps), []).append(vocabulary[column])
    return {str(steps): " ".join(groups[steps]) for steps in sorted(groups, reverse=True)}
