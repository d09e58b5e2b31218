"""One arm as its units: what was assigned, with the sums of a measure's numerator and denominator over each.

Everything that is estimated is a ratio of sums Σy/Σx over independent units. Conversion: y = converted, x = 1. 客单价:
y = net money, x = orders. Where shifts or shops were assigned, a unit's many conversations are one sum, since they are
not independent of each other.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from eval.rows.rows import Floats, Ints


@dataclass(frozen=True, slots=True)
class Sample:
    """The units of one arm; `y[i]` and `x[i]` are the sums over unit i."""

    y: Floats
    x: Floats

    def __len__(self) -> int:
        return len(self.y)

    @property
    def n(self) -> float:
        """How many observations: the sum of the denominators."""
        return float(self.x.sum())

    @property
    def ratio(self) -> float:
        """Σy / Σx; NaN over nothing."""
        return float(self.y.sum() / self.n) if self.n else float("nan")

    def residuals(self) -> Floats:
        """y − R·x of each unit: what is left of it when the ratio is taken out."""
        return np.asarray(self.y - self.ratio * self.x)


def sample(y: Floats, x: Floats | None = None, units: Ints | None = None) -> Sample:
    """A sample of rows; `units` are the codes of what was assigned, None: each row by itself. NaN in y: not observed."""
    known = np.isfinite(y)
    below = np.where(known, 1.0 if x is None else x, 0.0)
    above = np.where(known, y, 0.0)
    if units is None:
        return Sample(above, below)
    _, codes = np.unique(units, return_inverse=True)
    return Sample(*(np.bincount(codes, part).astype(float) for part in (above, below)))
