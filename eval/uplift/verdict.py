"""What can honestly be said: one of seven states, and how many conversations more it would take.

GAIN and LOSS hold however often somebody has looked (the confidence sequence leaves 0 out), or at the one look that was
planned. EARLY_* would hold only for a planned look. ENOUGH: an effect worth having would have been seen. OPEN: not yet.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from eval.uplift import power
from eval.uplift.anytime import PLANNED, Look
from eval.uplift.effect import Effect


class State(StrEnum):
    """What may be said of an effect."""

    REFUSED = "refused"
    GAIN = "gain"
    LOSS = "loss"
    EARLY_GAIN = "early_gain"
    EARLY_LOSS = "early_loss"
    ENOUGH = "enough"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The state, and how many conversations more are needed (None: none, or it cannot be told)."""

    state: State
    more: int | None = None
    always: bool = False  # does it hold for daily looking?


def verdict(effect: Effect, look: Look | None, *, worth: float, once: bool, planned: int = PLANNED) -> Verdict:
    """`look`: the last one of the confidence sequence, None where there is none; `once`: this is the one planned look.

    `worth`: the smallest change worth knowing, as a difference of the measure.
    """
    if not effect.known or not effect.se > 0:
        return Verdict(State.OPEN)
    n = effect.treated.n + effect.control.n
    if look is not None and (look.low > 0 or look.high < 0):
        return Verdict(State.GAIN if look.low > 0 else State.LOSS, always=True)
    if effect.sign and once:
        return Verdict(State.GAIN if effect.sign > 0 else State.LOSS)
    if effect.sign:
        wanted = power.needed_always(effect.se, n, effect.value, power=0.5, planned=planned)
        state = State.EARLY_GAIN if effect.sign > 0 else State.EARLY_LOSS
        return Verdict(state, _more(wanted, n))
    wanted = power.needed(effect.se, n, worth)
    return Verdict(State.ENOUGH) if wanted <= n else Verdict(State.OPEN, _more(wanted, n))


def _more(wanted: int, n: float) -> int | None:
    missing = wanted - int(n)
    return rounded_up(missing) if missing > 0 else None


def rounded_up(missing: int) -> int:
    """Rounded up to two digits: nobody knows it better."""
    step = int(10 ** max(len(str(missing)) - 2, 0))
    return -(-missing // step) * step
