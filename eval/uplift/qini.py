"""Does a score find those whom the treatment moves? Uplift and Qini curves, and the areas below them.

Rows are taken by falling score. After each distinct score, with n rows of which nₜ were treated:

    uplift curve  (Yₜ/nₜ − Y_c/n_c)·n        Qini curve  Yₜ − Y_c·nₜ/n_c

AUUC and Qini coefficient are the area between such a curve and the straight line of a random order, divided by that of
the best possible order. Radcliffe, 2007; Devriendt, Guns, Verbeke, 2020. Equal to scikit-uplift 0.5.1.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from eval.rows.rows import Floats

Curve: TypeAlias = tuple[Floats, Floats]
Gain: TypeAlias = Callable[[Floats, Floats, Floats, Floats], Floats]


def uplift_curve(y: Floats, score: Floats, treated: Floats) -> Curve:
    """Rows taken, and orders won among them if all had been treated; begins at (0, 0)."""
    return _curve(y, score, treated, lambda yt, yc, nt, nc: (_over(yt, nt) - _over(yc, nc)) * (nt + nc))


def qini_curve(y: Floats, score: Floats, treated: Floats) -> Curve:
    """Rows taken, and orders that the treated among them won over as many of the control group; begins at (0, 0)."""
    return _curve(y, score, treated, lambda yt, yc, nt, nc: yt - yc * _over(nt, nc))


def auuc(y: Floats, score: Floats, treated: Floats) -> float | None:
    """The normalised area of the uplift curve; None where no order could be better than a random one."""
    answered, shunned = np.sum((y == 1) & (treated == 0)), np.sum((y == 0) & (treated == 1))
    best = 2.0 * (y == treated) + (y if answered > shunned else treated)
    return _share(uplift_curve(y, score, treated), uplift_curve(y, best, treated))


def qini(y: Floats, score: Floats, treated: Floats) -> float | None:
    """The Qini coefficient, negative effects allowed; None where no order could be better than a random one."""
    return _share(qini_curve(y, score, treated), qini_curve(y, y * treated - y * (1 - treated), treated))


def _curve(y: Floats, score: Floats, treated: Floats, gain: Gain) -> Curve:
    order = np.argsort(score, kind="stable")[::-1]
    y, score, treated = y[order].astype(float), score[order], treated[order].astype(float)
    at = np.r_[np.flatnonzero(np.diff(score)), len(score) - 1]
    sums = [part.cumsum()[at] for part in (y * treated, y * (1 - treated), treated, 1 - treated)]
    return np.r_[0.0, at + 1.0], np.r_[0.0, gain(*sums)]


def _over(above: Floats, below: Floats) -> Floats:
    return np.divide(above, below, out=np.zeros_like(above), where=below != 0)


def _share(found: Curve, best: Curve) -> float | None:
    baseline = best[0][-1] * best[1][-1] / 2
    whole = float(np.trapezoid(best[1], best[0])) - baseline
    return (float(np.trapezoid(found[1], found[0])) - baseline) / whole if abs(whole) > 1e-12 else None
