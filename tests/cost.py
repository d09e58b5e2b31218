"""What work costs: seconds that mean the same on a slow machine, beside its neighbours, and where coverage counts lines."""

from __future__ import annotations

import re
import sys
import time
from collections import Counter
from collections.abc import Callable

YARD_S = 0.01  # what the yardstick takes on the machine on which the bounds were set
_TEXT = "亲，这款羽绒服48小时内发货，七天无理由退货，满199元包邮哦 " * 40
_WORDS = re.compile(r"\w+")


def cost(work: Callable[[], object]) -> float:
    """Processor seconds that `work` takes this thread, as on the machine on which the bounds were set.

    Seconds of a clock also count what else the machine does, and those of the process what other threads do; either way a
    bound says more of the machine than of the work. So the work is held against a yardstick, taken before and after it:
    whatever slows the one down slows down the other.
    """
    trace = sys.gettrace()
    sys.settrace(None)  # counting lines takes three times as long as running them
    try:
        before = _seconds(_yardstick)
        took = _seconds(work)
        return took * YARD_S / max(before, _seconds(_yardstick))
    finally:
        sys.settrace(trace)


def _seconds(work: Callable[[], object]) -> float:
    began = time.thread_time()
    work()
    return time.thread_time() - began


def _yardstick() -> None:
    """Of what our own work consists: patterns, strings, dicts, calls."""
    for _ in range(75):
        counts = Counter(char for word in _WORDS.findall(_TEXT) for char in word)
        sorted(counts.items(), key=lambda item: (-item[1], item[0]))
