"""A day at the desk in ten minutes: quiet, a rush, quiet, and again."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Day:
    """How many buyers come a minute. Before it begins some have been waiting overnight."""

    length_s: float = 600.0
    quiet: float = 1.5
    rush: float = 8.0
    overnight: int = 3

    def rate(self, at_s: float) -> float:
        """Buyers a minute at a time of the day, highest in its middle; the next day is like this one."""
        wave = (1 - math.cos(2 * math.pi * at_s / self.length_s)) / 2
        return self.quiet + (self.rush - self.quiet) * wave**2  # squared: the rush is shorter than the quiet

    def arrivals(self, draw: random.Random) -> Iterator[float]:
        """Seconds at which buyers come, without end: a Poisson process of this rate, by thinning (Lewis & Shedler 1979)."""
        yield from (float(2 * number) for number in range(self.overnight))
        at = 2.0 * self.overnight
        while True:
            at += draw.expovariate(self.rush / 60)
            if draw.random() * self.rush < self.rate(at):
                yield at
