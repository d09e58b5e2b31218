"""For whom does it work? Effects by segment, and first of all whether they differ at all.

Of twenty segments one looks special by chance, so two things are told: an interaction test for each way of cutting
(Cochran's Q: are the effects of its parts equal?), and p values of single parts corrected over all that were looked at
(Holm; Benjamini–Hochberg beside it). Where shifts or shops were assigned, parts share units, and Q becomes Wald's test
with the units' joint covariance.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy import stats  # type: ignore[import-untyped,unused-ignore]

from eval.rows.rows import Flags, Floats
from eval.uplift.correct import benjamini_hochberg, holm
from eval.uplift.effect import Effect
from eval.uplift.metric import Metric
from eval.uplift.trial import Trial

CUTS = ("buyer", "platform", "scene", "shop")
LEAST = 100  # conversations of a part in each arm; a smaller one is left out
MOST = 20  # parts of a cut


@dataclass(frozen=True, slots=True)
class Part:
    """One part's effect; p corrected over all parts of all cuts."""

    name: str
    effect: Effect
    holm: float = 1.0
    fdr: float = 1.0


@dataclass(frozen=True, slots=True)
class Cut:
    """One way of cutting; `p`: are the effects of its parts equal? `holm`: the same, corrected over the cuts."""

    name: str
    parts: tuple[Part, ...]
    statistic: float
    p: float
    holm: float = 1.0

    @property
    def differs(self) -> bool:
        return self.holm < 0.05


def by_segment(trial: Trial, metric: Metric, arm: str) -> tuple[Cut, ...]:
    """Every cut with at least two parts that are large enough."""
    names = [name for name in (*CUTS, *trial.rows.segments()) if name in trial.rows.texts]
    cuts = [cut for name in dict.fromkeys(names) if (cut := _cut(trial, metric, arm, name))]
    return _corrected(cuts)


def _cut(trial: Trial, metric: Metric, arm: str, name: str) -> Cut | None:
    column = trial.rows.text(name)
    told = column.used()
    if not 2 <= len(told) <= MOST:
        return None
    masks = {part: column.is_(part) for part in told}
    effects = {part: trial.effect(metric, arm, mask) for part, mask in masks.items()}
    kept = [part for part, effect in effects.items() if _enough(effect)]
    if len(kept) < 2:
        return None
    covariance = _covariance(trial, metric, arm, [masks[part] for part in kept], [effects[part] for part in kept])
    df = min(effects[part].df for part in kept) if trial.clustered else np.inf
    statistic, p = equality(np.array([effects[part].value for part in kept]), covariance, df)
    return Cut(name, tuple(Part(part, effects[part]) for part in kept), statistic, p)


def _enough(effect: Effect) -> bool:
    return effect.p is not None and min(effect.treated.n, effect.control.n) >= LEAST


def equality(values: Floats, covariance: Floats, df: float = np.inf) -> tuple[float, float]:
    """Wald's test that all values are equal; with a diagonal covariance Cochran's Q. Few units: against F(k − 1, df)."""
    contrast = np.eye(len(values))[1:] - np.eye(len(values))[0]
    apart = contrast @ values
    statistic = float(apart @ np.linalg.pinv(contrast @ covariance @ contrast.T) @ apart)
    k = len(values) - 1
    p = stats.chi2.sf(statistic, k) if np.isinf(df) else stats.f.sf(statistic / k, k, df)
    return statistic, float(p)


def _covariance(trial: Trial, metric: Metric, arm: str, masks: list[Flags], effects: list[Effect]) -> Floats:
    """Of the parts' effects: diagonal over single conversations, else from what each unit brings to each part."""
    if not trial.clustered:
        return np.diag([effect.se**2 for effect in effects])
    y, x = metric.sums(trial.rows)
    known = np.isfinite(y)
    below = np.where(known, 1.0 if x is None else x, 0.0)
    total = np.zeros((len(masks), len(masks)))
    for side in (arm, trial.control):
        inside = trial.in_arm(side)
        _, codes = np.unique(trial.units[inside], return_inverse=True)
        brings = [
            _influence(np.where(known, y, 0.0)[inside], (below * mask)[inside], mask[inside], codes) for mask in masks
        ]
        pulls = np.column_stack(brings)
        total += pulls.T @ pulls * len(pulls) / max(len(pulls) - 1, 1)
    return total


def _influence(y: Floats, x: Floats, mask: Flags, codes: np.ndarray) -> Floats:
    """(y − R·x) / Σx of each unit within a part."""
    above, below = np.bincount(codes, y * mask), np.bincount(codes, x)
    return np.asarray((above - above.sum() / below.sum() * below) / below.sum())


def _corrected(cuts: list[Cut]) -> tuple[Cut, ...]:
    values = [part.effect.p or 1.0 for cut in cuts for part in cut.parts]
    corrected = iter(zip(holm(values), benjamini_hochberg(values), strict=True))
    of_cuts = holm([cut.p for cut in cuts])
    return tuple(
        replace(
            cut, holm=p, parts=tuple(replace(part, holm=h, fdr=q) for part in cut.parts for h, q in (next(corrected),))
        )
        for cut, p in zip(cuts, of_cuts, strict=True)
    )
