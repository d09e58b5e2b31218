"""Sample ratio: did the arms get the shares they were to get? If not, something loses rows of one arm, and no figure holds.

The fixed check is Pearson's chi-square (Fabijan et al., KDD 2019); the one for daily looking is the Dirichlet–multinomial
test of Lindon and Malek (2022), whose p value may be looked at as often as one likes.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy import special, stats  # type: ignore[import-untyped,unused-ignore]

from eval.rows.rows import Ints
from kb.errors import Invalid

REFUSED = 0.001  # p below which the split is called broken: one honest experiment in a thousand
DOUBTED = 0.01
STRENGTH = 1_000  # how closely the sequential test expects the planned shares, in units


@dataclass(frozen=True, slots=True)
class RatioCheck:
    """Units of each arm beside what was planned; p of the fixed and of the always-valid test."""

    counts: Mapping[str, int]
    shares: Mapping[str, float]
    p: float
    p_always: float

    @property
    def broken(self) -> bool:
        return self.p < REFUSED

    @property
    def doubted(self) -> bool:
        return self.p < DOUBTED


def check_ratio(counts: Mapping[str, int], shares: Mapping[str, float] | None = None) -> RatioCheck:
    """Units per arm against the planned shares; equal ones where none are told. Raises Invalid for shares of other arms."""
    if shares and shares.keys() != counts.keys():
        raise Invalid(
            f"计划的比例写的是：{'、'.join(shares)}；数据里的组是：{'、'.join(counts)}。",
            remedy="请用 --shares 写明每一组的比例，如 control=10,treatment=90。",
        )
    planned = shares or dict.fromkeys(counts, 1.0)
    whole = sum(planned[arm] for arm in counts)
    share = np.array([planned[arm] / whole for arm in counts])
    seen = np.array(list(counts.values()), float)
    p = float(stats.chisquare(seen, seen.sum() * share).pvalue) if len(counts) > 1 else 1.0
    told = dict(zip(counts, map(float, share), strict=True))
    return RatioCheck(dict(counts), told, p, _always(seen, share))


def steady(counts: Ints) -> float:
    """p of the same shares on all days; `counts[day, arm]` are units. Arms that got other shares on other days differ by
    date, and dates differ in what is bought (Simpson's paradox).
    """
    told = counts[counts.sum(axis=1) > 0][:, counts.sum(axis=0) > 0]
    return float(stats.chi2_contingency(told, correction=False).pvalue) if min(told.shape) > 1 else 1.0


def _always(seen: np.ndarray, share: np.ndarray) -> float:
    """1 / the Bayes factor of Dirichlet(STRENGTH·share) against exactly `share`, at most 1.

    It does not look at how the factor ran before, so it is what one may say at any one look, the last included.
    """
    prior = STRENGTH * share
    log_factor = _log_beta(prior + seen) - _log_beta(prior) - float(seen @ np.log(share))
    return math.exp(min(0.0, -log_factor))


def _log_beta(alpha: np.ndarray) -> float:
    return float(special.gammaln(alpha).sum() - special.gammaln(alpha.sum()))
