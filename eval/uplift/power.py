"""How much can be seen with what there is, and how many conversations more it takes.

With V the variance that one unit brings (n·se²), an effect d is found with probability 80 % when d = (c + z₈₀)·√(V/n), c
being how many standard errors the interval reaches: 1.96 for a look that was planned, more for daily looking. Clusters
and CUPED are in V already.
"""

from __future__ import annotations

import math

from scipy import stats  # type: ignore[import-untyped,unused-ignore]

from eval.uplift.anytime import PLANNED, reach
from eval.uplift.effect import critical

POWER = 0.8
_MOST = 1e12


def detectable(se: float, power: float = POWER) -> float:
    """The smallest true effect that is found with this probability, in the units of the effect."""
    return (critical(math.inf) + float(stats.norm.ppf(power))) * se


def needed(se: float, n: float, effect: float, power: float = POWER) -> int:
    """Units in all, split as they are now, to find a true effect of this size at one planned look."""
    return math.ceil(n * (detectable(se, power) / abs(effect)) ** 2)


def needed_always(se: float, n: float, effect: float, power: float = POWER, planned: int = PLANNED) -> int:
    """The same for whoever looks every day: by bisection, since the reach grows slowly with n."""
    low, high = 1.0, _MOST
    beyond = float(stats.norm.ppf(power))
    while high / low > 1 + 1e-9:
        middle = math.sqrt(low * high)
        found = abs(effect) >= (float(reach(middle, planned)) + beyond) * se * math.sqrt(n / middle)
        low, high = (low, middle) if found else (middle, high)
    return math.ceil(high)
