"""What the garbage collector need not do while a file goes in."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_NEVER = 1_000_000_000
_lock = threading.Lock()
_inside: list[tuple[int, int, int]] = []  # the thresholds that each of those inside found


@contextmanager
def young_collected_only() -> Iterator[None]:
    """An import makes half a million small things and no rings; looking for rings among all of them took half of the time of
    a draft, and a quarter of a second while it was compared.

    The young are looked through as ever: put off, all would be young at the end, and agents stood still for 70 to 130 ms
    while the collector went through them at once. Imports of several threads may overlap: the last one out puts back what the
    first one found.
    """
    with _lock:
        _inside.append(_inside[0] if _inside else gc.get_threshold())
        gc.set_threshold(*_inside[0][:2], _NEVER)
    try:
        yield
    finally:
        with _lock:
            found = _inside.pop()
            if not _inside:
                gc.set_threshold(*found)
