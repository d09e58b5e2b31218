"""Of a law the first examples are counted; all of them run, and counting goes on after it."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from counted import FIRST, _first_examples


class Counting:
    def __init__(self) -> None:
        self.on = True

    def pause(self) -> None:
        self.on = False

    def resume(self) -> None:
        self.on = True


@pytest.mark.parametrize("examples", [0, FIRST - 1, FIRST, FIRST + 1, 3 * FIRST])
def test_every_example_runs_and_the_first_are_counted(examples: int) -> None:
    counting, counted = Counting(), list[bool]()
    law = SimpleNamespace(inner_test=lambda example: counted.append(counting.on))
    whole = law.inner_test
    with _first_examples(law, counting):
        for example in range(examples):
            law.inner_test(example)
    assert counted == [number < FIRST for number in range(examples)]
    assert counting.on and law.inner_test is whole


def test_a_late_example_that_fails_fails_the_law_and_counting_goes_on() -> None:
    counting = Counting()

    def holds(example: int) -> None:
        assert example < FIRST + 5

    law = SimpleNamespace(inner_test=holds)
    with pytest.raises(AssertionError), _first_examples(law, counting):
        for example in range(FIRST + 6):
            law.inner_test(example)
    assert counting.on and law.inner_test is holds
