"""Once means once, however many threads ask at the same time; a failure is not kept."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from kb.once import once


def test_threads_that_ask_at_once_get_the_same_thing() -> None:
    made: list[int] = []
    all_here = Barrier(4)

    @once
    def slow() -> object:
        made.append(1)
        time.sleep(0.1)  # as long as it takes for the others to come in, were the door open
        return object()

    def ask(_: int) -> object:
        all_here.wait(10)
        return slow()

    with ThreadPoolExecutor(4) as threads:
        first, *more = threads.map(ask, range(4))
    assert len(made) == 1 and all(found is first for found in more)


def test_after_a_failure_the_next_one_tries_again() -> None:
    made: list[str] = []

    @once
    def read(name: str) -> str:
        made.append(name)
        if len(made) == 1:
            raise OSError("gone")
        return name

    with pytest.raises(OSError, match="gone"):
        read("a")
    assert (read("a"), read("a"), len(made)) == ("a", "a", 2)
    assert read("b") == "b"  # of what it is asked with, too
