"""What the garbage collector need not do while a file goes in."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_NEVER = 1_000_000_000


@contextmanager
def young_collected_only() -> Iterator[None]:
    """An import makes half a million small things and no rings; looking for rings among all of them took half of the time of
    a draft, and a quarter of a second while it was compared.

    The young are looked through as ever: put off, all would be young at the end, and agents stood still for 70 to 130 ms
    while the collector went through them at once.
    """
    thresholds = gc.get_threshold()
    gc.set_threshold(*thresholds[:2], _NEVER)
    try:
        yield
    finally:
        gc.set_threshold(*thresholds)
