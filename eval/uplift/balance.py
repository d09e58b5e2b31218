"""Was the assignment random? Then nothing that was known before it can differ between the arms by more than chance.

One joint test of all covariates, so that many of them do not raise many false alarms: with x̄ₐ the covariate means of arm
a, x̄ those of all and S their covariance,

    T = Σₐ nₐ (x̄ₐ − x̄)ᵀ S⁻¹ (x̄ₐ − x̄)   ~   χ² with rank(S)·(arms − 1) degrees of freedom

which for two arms is the omnibus test of Hansen and Bowers (Statistical Science 23, 2008), here over assigned units.
With few units its distribution is found by assigning anew (a permutation test, exact). Refused at p < 0.001: one honest
experiment in a thousand, while a confounded one has p far below. Standardised differences (Austin, 2009) say where.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special, stats  # type: ignore[import-untyped,unused-ignore]

from eval.rows.rows import Floats, Ints
from eval.uplift.covariates import Column, Matrix, matrix
from eval.uplift.trial import Trial

REFUSED = 0.001
DOUBTED = 0.01
FEW = 2_000  # units; below, the test assigns anew instead of trusting χ²
PERMUTATIONS = 4_999
BATCH = 250  # assignments held at once
UNITS_PER_COLUMN = 4  # with fewer, S is mostly noise


@dataclass(frozen=True, slots=True)
class Difference:
    """A covariate's means, treated and control, and their difference in standard deviations."""

    name: str
    treated: float
    control: float
    standardised: float


@dataclass(frozen=True, slots=True)
class Balance:
    """The joint test; p None: nothing was known before the assignment, so nothing can be checked."""

    statistic: float
    df: int
    p: float | None
    units: int
    permuted: bool
    differences: tuple[Difference, ...]
    least: float = 0.0  # the smallest p that this many units can have

    @property
    def blind(self) -> bool:
        """Are the units so few that no assignment of them could be refused, however confounded?"""
        return self.least >= REFUSED

    @property
    def refused(self) -> bool:
        return self.p is not None and self.p < REFUSED

    @property
    def doubted(self) -> bool:
        return self.p is not None and self.p < DOUBTED


def check_balance(trial: Trial, seed: int) -> Balance:
    """All covariates of the rows against the assignment of their units."""
    units = int(np.count_nonzero(np.bincount(trial.units)))
    known = matrix(trial.rows, room=units // UNITS_PER_COLUMN)
    if not len(known):
        return Balance(0.0, 0, None, units, False, ())
    moments = by_unit(trial, known) if trial.clustered or units < FEW else by_row(trial, known)
    return joint_test(moments, known.columns, seed)


@dataclass(frozen=True, slots=True)
class Moments:
    """Sums over units: of each arm its size and covariates, of all the centred cross products; `x`: the units themselves."""

    sizes: Floats
    means: Floats
    variances: Floats
    cross: Floats
    x: Floats | None = None
    arms: Ints | None = None


def joint_test(moments: Moments, columns: tuple[Column, ...], seed: int) -> Balance:
    units = int(moments.sizes.sum())
    whiten = inverse_root(moments.cross / (units - 1))
    rank, arms = whiten.shape[1], len(moments.sizes)
    middle = moments.sizes @ moments.means / units
    statistic = float((moments.sizes * ((moments.means - middle) @ whiten).T ** 2).sum())
    permuted = moments.x is not None and moments.arms is not None and units < FEW
    if permuted and moments.x is not None and moments.arms is not None:
        p = _by_permutation(statistic, (moments.x - middle) @ whiten, moments.arms, moments.sizes, seed)
    else:
        p = tail(statistic, rank * (arms - 1))
    least = _least(moments.sizes) if permuted else 0.0
    return Balance(statistic, rank * (arms - 1), p, units, permuted, _differences(moments, columns), least)


def by_row(trial: Trial, known: Matrix) -> Moments:
    """Each row is a unit; the matrix is read in pieces."""
    arms = trial.order()
    count = len(trial.treatments) + 1
    sums, squares, cross = np.zeros((count, len(known))), np.zeros((count, len(known))), 0.0
    centre = next(known.pieces())[1].mean(axis=0)  # near the mean: squares of large numbers would cancel
    for part, x in known.pieces():
        x = x - centre
        cross = cross + x.T @ x
        for arm in range(count):
            of = x[arms[part] == arm]
            sums[arm] += of.sum(axis=0)
            squares[arm] += (of**2).sum(axis=0)
    sizes = np.bincount(arms, minlength=count).astype(float)
    means = sums / sizes[:, None]
    middle = sums.sum(axis=0) / sizes.sum()
    variances = (squares - sizes[:, None] * means**2) / (sizes[:, None] - 1)
    return Moments(sizes, means + centre, variances, cross - sizes.sum() * np.outer(middle, middle))


def by_unit(trial: Trial, known: Matrix) -> Moments:
    """A unit's covariates are the means over its rows."""
    _, first, codes = np.unique(trial.units, return_index=True, return_inverse=True)
    x = np.zeros((len(first), len(known)))
    for part, piece in known.pieces():
        np.add.at(x, codes[part], piece)
    x /= np.bincount(codes)[:, None]
    arms = trial.order()[first]
    sizes = np.bincount(arms, minlength=len(trial.treatments) + 1).astype(float)
    of = [x[arms == arm] for arm in range(len(sizes))]
    with np.errstate(invalid="ignore", divide="ignore"):
        variances = np.array([((one - one.mean(axis=0)) ** 2).sum(axis=0) / (len(one) - 1) for one in of])
    centred = x - x.mean(axis=0)
    return Moments(sizes, np.array([one.mean(axis=0) for one in of]), variances, centred.T @ centred, x, arms)


def tail(statistic: float, df: int) -> float:
    """How likely an honest assignment lies this far apart or farther."""
    return float(stats.chi2.sf(statistic, df))


def inverse_root(covariance: Floats) -> Floats:
    """W with W·Wᵀ = S⁺, a column for each direction in which anything varies; scales of the columns do not matter."""
    scale = np.sqrt(np.diag(covariance))
    scale = np.where(scale > 0, scale, 1.0)
    values, vectors = np.linalg.eigh(covariance / np.outer(scale, scale))
    kept = values > 1e-9 * values[-1]
    return np.asarray(vectors[:, kept] / np.sqrt(values[kept]) / scale[:, None])


def _by_permutation(statistic: float, x: Floats, arms: Ints, sizes: Floats, seed: int) -> float:
    """How often the units, assigned anew in the same numbers, lie as far apart: (hits + 1) / (tries + 1)."""
    rng, hits, left = np.random.default_rng(seed), 0, PERMUTATIONS
    while left:
        drawn = rng.permuted(np.broadcast_to(arms, (min(BATCH, left), len(arms))), axis=1)
        apart = sum(((drawn == arm) @ x) ** 2 @ np.ones(x.shape[1]) / size for arm, size in enumerate(sizes))
        hits += int(np.count_nonzero(apart >= statistic * (1 - 1e-12)))
        left -= len(drawn)
    return (hits + 1) / (PERMUTATIONS + 1)


def _least(sizes: Floats) -> float:
    """How likely the most extreme assignment in these numbers is; its mirror images are as extreme where arms are equal."""
    ways = special.gammaln(sizes.sum() + 1) - special.gammaln(sizes + 1).sum()
    return float(np.exp(special.gammaln(len(sizes) + 1) - ways))


def _differences(moments: Moments, columns: tuple[Column, ...]) -> tuple[Difference, ...]:
    """All treated together against the control group, the largest difference first."""
    sizes, means = moments.sizes[1:], moments.means
    treated = sizes @ means[1:] / sizes.sum()
    spread = (sizes - 1) @ moments.variances[1:] + sizes @ (means[1:] - treated) ** 2
    deviation = np.sqrt((spread / (sizes.sum() - 1) + moments.variances[0]) / 2)
    whole = np.sqrt(np.diag(np.atleast_2d(moments.cross)) / moments.sizes.sum())
    deviation = np.where(
        deviation > 0, deviation, whole
    )  # all alike within the arms, but not across: as far apart as can be
    with np.errstate(invalid="ignore", divide="ignore"):
        apart = np.where(deviation > 0, (treated - means[0]) / deviation, 0.0)
    found = [Difference(c.name, *map(float, row)) for c, *row in zip(columns, treated, means[0], apart, strict=True)]
    return tuple(sorted(found, key=lambda one: (-abs(one.standardised), one.name)))
