"""Bought together, as a linear model: what the items of a basket say of every other item, all of them at once.

EASE (Steck, "Embarrassingly Shallow Autoencoders for Sparse Data", WWW 2019): the item-to-item weights B that
reconstruct baskets best, ‖X − XB‖² + λ‖B‖² with a diagonal of zeros, in closed form:

    G = Xᵀ D X,   D = diag(size of the basket ^ −½)      a wholesale order of 200 items says little of any two of them
    P = (G + λI)⁻¹
    B_ij = −P_ij / P_jj                                   ridge regression of item j on all others

and an item's score for what is held is Σ_i B_ij + blend · (share of the baskets that hold j). Co-occurrence counts what is
popular with everything; the regression asks what an item adds once the others are known.

λ and the weighting were chosen on held-out parts of the *train* baskets of two public sets (docs/upsell.md); `blend` is chosen
for each shop in the same way (`fit`): how much popularity helps depends on the size of the assortment.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import lapack
from scipy.sparse import csr_array
from scipy.special import gammaincinv

RIDGE = 10.0  # λ
BLENDS = (0.0, 0.1, 0.3, 1.0)  # weights of popularity that are tried
KEPT = 500  # partners of each item that are remembered: the others say next to nothing (docs/upsell.md)
MOST_ITEMS = 6_000  # the inverse costs their cube; the ones bought least are left to other sources
HELD_OUT = 0.1  # the latest share of the baskets, on which `blend` is chosen
_MOST_TRIALS = 2_000
_DEPTH = 10
_SEED = 0

Weights = NDArray[np.float32]
_LEAST = 3  # baskets that must hold both, before anybody is told of it
_DOUBT = 0.05
_PRIOR = 0.5


@dataclass(frozen=True, slots=True)
class Evidence:
    """What baskets say of two items: `both` of the `of` baskets that hold the first hold the second as well, which is
    `at_least` times as often as chance would have it, with 95 % probability (`kb.baskets`)."""

    both: int
    of: int
    at_least: float


@dataclass(frozen=True, slots=True)
class Ease:
    """A fitted model. `weights` is (items, items): row i says what holding i says of each j; `popular` shares in [0, 1]."""

    items: tuple[str, ...]
    weights: csr_array
    popular: Weights
    blend: float
    baskets: int
    places: Mapping[str, int] = field(repr=False)
    both: csr_array = field(repr=False)  # (items, items): baskets that hold both, where there are enough of them
    bought: NDArray[np.int64] = field(repr=False)  # baskets that hold each

    def scores(self, held: Iterable[str]) -> Weights:
        """A score for each item, in the order of `items`; −inf for what is held. Items that were never bought say nothing."""
        scores = self.blend * self.popular
        rows = sorted({self.places[item] for item in held if item in self.places})
        starts, columns, values = self.weights.indptr, self.weights.indices, self.weights.data
        for row in rows:
            span = slice(starts[row], starts[row + 1])
            scores[columns[span]] += values[span]
        scores[rows] = -np.inf
        return scores

    def evidence(self, item: str, other: str) -> Evidence | None:
        """Why `other` goes with `item`, in numbers that can be told; None where too few baskets hold both."""
        if item not in self.places or other not in self.places:
            return None
        one, two = self.places[item], self.places[other]
        row = slice(self.both.indptr[one], self.both.indptr[one + 1])
        found = np.flatnonzero(self.both.indices[row] == two)
        if not found.size:
            return None
        count = int(self.both.data[row][found[0]])
        expected = float(self.bought[one]) * float(self.bought[two]) / self.baskets
        low = float(gammaincinv(count + _PRIOR, _DOUBT)) / (expected + _PRIOR)
        return Evidence(count, int(self.bought[one]), low)

    def best(self, held: Iterable[str], count: int) -> list[tuple[str, float]]:
        """The items that go best with what is held, and their scores; ties by name."""
        scores = self.scores(held)
        size = min(count, len(scores))
        floor = np.partition(scores, len(scores) - size)[len(scores) - size] if size else np.inf
        found = [(self.items[i], float(scores[i])) for i in np.flatnonzero(scores >= floor) if scores[i] > -np.inf]
        return sorted(found, key=lambda pair: (-pair[1], pair[0]))[:count]


def fit(baskets: Iterable[Iterable[str]]) -> Ease:
    """The model of a shop's baskets, oldest first. Deterministic; O(items³): 3,600 items take seconds, 200 nothing.

    `blend` is what ranks hidden items best (MRR@10) in the latest tenth, with weights that have not seen it.
    """
    held = [tuple(sorted(set(basket))) for basket in baskets]
    held = [basket for basket in held if basket]
    cut = len(held) - int(len(held) * HELD_OUT)
    trials = _hidden(held[cut:])
    blend = _best_blend(fit_with(held[:cut], RIDGE, 0.0), trials) if trials else 0.0
    return fit_with(held, RIDGE, blend)


def fit_with(baskets: Sequence[Sequence[str]], ridge: float, blend: float) -> Ease:
    """The model with parameters that are given. Each basket names each of its items once."""
    items = _items(baskets)
    places = {item: place for place, item in enumerate(items)}
    if not items:
        none = csr_array((0, 0), dtype=np.float32)
        return Ease((), none, np.zeros(0, np.float32), blend, 0, {}, none, np.zeros(0, np.int64))
    incidence = _incidence(baskets, places)
    bought = np.asarray(incidence.sum(axis=0)).astype(np.int64)
    popular = (bought / len(baskets)).astype(np.float32)
    weights = _weights(_gram(incidence), ridge)
    return Ease(items, weights, popular, blend, len(baskets), places, _both(incidence), bought)


def _items(baskets: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """Every item, or the most bought where there are too many; sorted."""
    counts = Counter(item for basket in baskets for item in basket)
    most = sorted(counts, key=lambda item: (-counts[item], item))[:MOST_ITEMS]
    return tuple(sorted(most))


def _incidence(baskets: Sequence[Sequence[str]], places: Mapping[str, int]) -> csr_array:
    rows = [[places[item] for item in basket if item in places] for basket in baskets]
    starts = np.cumsum([0, *map(len, rows)])
    columns = np.fromiter((place for row in rows for place in row), np.int32, int(starts[-1]))
    return csr_array((np.ones(len(columns)), columns, starts), shape=(len(baskets), len(places)))


def _gram(incidence: csr_array) -> NDArray[np.float64]:
    """XᵀDX, (items, items)."""
    sizes = np.maximum(np.diff(incidence.indptr), 1)
    scaled = incidence.copy()
    scaled.data = np.repeat(sizes**-0.25, np.diff(incidence.indptr))
    return np.asarray((scaled.T @ scaled).toarray())


def _both(incidence: csr_array) -> csr_array:
    """How many baskets hold both, (items, items) of int32; fewer than enough are left out."""
    counts = csr_array((incidence.T @ incidence).astype(np.int32))
    counts.data[counts.data < _LEAST] = 0
    counts.eliminate_zeros()
    return counts


def _weights(gram: NDArray[np.float64], ridge: float) -> csr_array:
    """B by Cholesky: G + λI is positive definite, so its inverse costs half of what one by pivots does."""
    count = len(gram)
    gram[np.diag_indices(count)] += ridge
    factor, failed = lapack.dpotrf(gram, lower=1, overwrite_a=1)
    inverse, singular = lapack.dpotri(factor, lower=1, overwrite_c=1)
    if failed or singular:
        raise ArithmeticError("the gram matrix of baskets is not positive definite")
    inverse = np.tril(inverse) + np.tril(inverse, -1).T
    weights = (-inverse / inverse.diagonal()[None, :]).astype(np.float32)
    np.fill_diagonal(weights, 0)
    return _sparse(weights)


def _sparse(weights: Weights) -> csr_array:
    """The KEPT largest of each row, by size whatever the sign: that two things replace each other is worth knowing, too."""
    count = weights.shape[1]
    if count > KEPT:
        floor = np.partition(np.abs(weights), count - KEPT, axis=1)[:, count - KEPT]
        weights[np.abs(weights) < floor[:, None]] = 0
    return csr_array(weights)


def _hidden(baskets: Sequence[Sequence[str]]) -> list[tuple[tuple[str, ...], str]]:
    """One item of each basket, drawn by a fixed seed, and the others."""
    whole = [basket for basket in baskets if len(basket) > 1][:_MOST_TRIALS]
    drawn = np.random.default_rng(_SEED).random(len(whole))
    found = []
    for basket, chance in zip(whole, drawn, strict=True):
        out = int(chance * len(basket))
        found.append(((*basket[:out], *basket[out + 1 :]), basket[out]))
    return found


def _best_blend(model: Ease, trials: Sequence[tuple[tuple[str, ...], str]]) -> float:
    """The blend that ranks the hidden items best; of equals the smallest."""
    gains = np.zeros(len(BLENDS))
    for held, target in trials:
        place = model.places.get(target)
        if place is None:
            continue
        scores = model.scores(held)
        for which, blend in enumerate(BLENDS):
            blended = scores + blend * model.popular
            rank = int((blended > blended[place]).sum()) + 1
            gains[which] += 1 / rank if rank <= _DEPTH else 0
    return BLENDS[int(gains.argmax())]
