"""Limits, by a clock that the test holds: against a queue that drains, and what wrong passwords cost."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import attempts, rate
from bot.attempts import Attempts, Backoff
from bot.rate import Rate
from kb.errors import TooMany


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    for module in (rate, attempts):
        monkeypatch.setattr(module, "time", made)
    return made


@given(
    per_minute=st.sampled_from([1, 3, 60, 240]),
    steps=st.lists(st.integers(0, 64).map(lambda n: n / 4), max_size=80),
)
def test_it_lets_through_what_a_bucket_that_drains_has_room_for(per_minute: int, steps: list[float]) -> None:
    clock, level = Clock(), 0.0
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rate, "time", clock)
        limit = Rate(per_minute)
        for step in steps:
            clock.now += step
            level = max(0.0, level - step * per_minute / 60)
            room = level + 1 <= per_minute + 1e-6
            wait = limit.wait("k")
            assert (wait == 0) == room
            if room:
                level += 1
            else:  # and after that wait it would have been let through
                assert level - wait * per_minute / 60 + 1 == pytest.approx(per_minute)


def test_each_has_a_limit_of_their_own_and_zero_is_none(clock: Clock) -> None:
    limit = Rate(2)
    assert [limit.wait("a") == 0 for _ in range(3)] == [True, True, False]
    assert limit.wait("b") == 0
    limit.give_back("a")
    assert limit.wait("a") == 0 and limit.wait("a") > 0
    assert not any(Rate(0).wait("a") for _ in range(1000))


def test_who_has_been_quiet_is_forgotten(clock: Clock) -> None:
    limit = Rate(60)
    for number in range(30_000):
        clock.now += 1
        limit.wait(f"k{number}")
    assert len(limit._free) <= 10_001


def test_each_wrong_one_doubles_the_wait_up_to_a_bound(clock: Clock) -> None:
    backoff, waits = Backoff(5, 300.0), []
    for _ in range(16):
        backoff.count("x")
        waits.append(backoff.wait("x"))
        clock.now += backoff.wait("x")
    assert waits[:8] == [0, 0, 0, 0, 1, 2, 4, 8] and waits[-1] == 300 and waits == sorted(waits)
    for _ in range(1100):  # days later still, and past the largest power of two
        backoff.count("x")
        clock.now += 300
    assert backoff.wait("y") == 0 and backoff._tries["x"].count == 1116
    clock.now += 1000
    backoff.count("x")
    assert backoff.wait("x") == 0  # a quarter of an hour later it is somebody who mistypes


def refused(try_it: Callable[[], None]) -> bool:
    try:
        try_it()
    except TooMany as error:
        assert error.retry_s > 0 and "后再试" in error.advice
        return True
    return False


def test_many_guesses_at_once_are_no_way_around(clock: Clock) -> None:
    tries = Attempts(0)
    assert [refused(lambda: tries.enter("张三", "1.1.1.1")) for _ in range(10)] == [False] * 5 + [True] * 5
    assert refused(lambda: tries.enter(" 张三", "1.1.1.1"))  # the same name
    assert not refused(lambda: tries.enter("张三", "2.2.2.2"))  # who is at another address is not locked out
    clock.now += 1.5
    tries.enter("张三", "1.1.1.1")
    tries.right("张三", "1.1.1.1")
    assert [refused(lambda: tries.enter("张三", "1.1.1.1")) for _ in range(5)] == [False] * 5


def test_a_name_tried_from_everywhere_waits_a_little(clock: Clock) -> None:
    tries = Attempts(0)
    done = [refused(lambda n=number: tries.enter("张三", f"1.1.1.{n}")) for number in range(60)]
    assert done == [False] * 50 + [True] * 10
    clock.now += 31
    assert not refused(lambda: tries.enter("张三", "9.9.9.9"))


def test_an_address_that_is_mostly_wrong_waits_and_an_office_that_logs_in_does_not(clock: Clock) -> None:
    tries = Attempts(30)
    for number in range(200):  # nine o'clock behind one router
        tries.enter(f"客服{number}", "1.1.1.1")
        tries.right(f"客服{number}", "1.1.1.1")
    assert [refused(lambda n=n: tries.enter(f"x{n}", "1.1.1.1")) for n in range(31)] == [False] * 30 + [True]
    assert refused(lambda: tries.enter("", "1.1.1.1")) and not refused(lambda: tries.enter("", "2.2.2.2"))
