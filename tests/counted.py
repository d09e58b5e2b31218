"""Which lines are counted: those that the tests of the covered rooms run themselves, in the first examples of each law."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
COVERED = {"kb", "ingest"}  # the rooms of which lines are counted
FIRST = 5  # examples of a law


def counted(item: pytest.Item) -> AbstractContextManager[None]:
    """What of this test is counted: nothing in a test of another room, since what it happens to pass through on its way is
    not tested by it, nor where whole files or shops are gone through, whose parts have tests of their own (`uncounted`).
    Of a law, all of whose examples run, the first ones: later ones add hardly a line and take twice as long when counted."""
    counting = getattr(item.config.pluginmanager.getplugin("_cov"), "cov_controller", None)
    if counting is None:
        return nullcontext()
    if COVERED.isdisjoint(item.path.relative_to(HERE).parts) or item.get_closest_marker("uncounted"):
        return _paused(counting)
    law = getattr(getattr(item, "obj", None), "hypothesis", None)
    return nullcontext() if law is None else _first_examples(law, counting)


@contextmanager
def _paused(counting: Any) -> Iterator[None]:
    counting.pause()
    try:
        yield
    finally:
        counting.resume()


@contextmanager
def _first_examples(law: Any, counting: Any) -> Iterator[None]:
    """hypothesis calls `inner_test` for each example, and draws the same ones for whatever wraps it."""
    whole, seen = law.inner_test, itertools.count()

    @functools.wraps(whole)
    def one(*args: Any, **kwargs: Any) -> Any:
        if next(seen) == FIRST:
            counting.pause()
        return whole(*args, **kwargs)

    law.inner_test = one
    try:
        yield
    finally:
        law.inner_test = whole
        if next(seen) > FIRST:
            counting.resume()
