"""The load: every question is asked once, waiting is counted from when it was due, failures are late."""

from __future__ import annotations

import threading
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

import huashu
from eval.latency.load import Load, arrivals, ask_all
from eval.latency.report import figures, to_paper, to_table
from eval.paper.html import to_html
from kb.errors import HuashuError, Invalid


class Slow:
    """Answers after a while, one connection at a time, and remembers what it was asked."""

    def __init__(self, takes_s: float, fails: frozenset[str] = frozenset()) -> None:
        self.takes_s, self.fails = takes_s, fails
        self.asked: list[str] = []
        self.lock = threading.Lock()

    def suggest(self, shop: str, text: str) -> bytes:
        with self.lock:
            self.asked.append(text)
            time.sleep(self.takes_s)
        if text in self.fails:
            raise HuashuError("no")
        return b""


def test_a_queue_is_seen() -> None:
    """Ten questions due at once at a service that takes 5 ms for each: the n-th waited for n of them, whoever asked it."""
    slow = Slow(0.005)
    load = ask_all(lambda: slow, [("s", str(n)) for n in range(10)], [0.0] * 10, 100, clients=10)
    assert load.errors == 0 and sorted(slow.asked) == sorted(map(str, range(10)))
    assert all(took >= 5 * place * 0.99 for place, took in enumerate(sorted(load.each_ms), 1))


def test_with_one_connection_the_queue_is_on_our_side_and_counts_too() -> None:
    load = ask_all(lambda: Slow(0.005), [("s", "x")], [0.0] * 8, 100, clients=1)
    assert max(load.each_ms) >= 8 * 5 * 0.99
    assert load.lag_ms >= 7 * 5 * 0.99


def test_failures_are_counted_and_asking_goes_on() -> None:
    slow = Slow(0.0, frozenset({"1", "3"}))
    load = ask_all(lambda: slow, [("s", str(n)) for n in range(6)], [0.0] * 6, 100, clients=2)
    assert (load.asked, load.errors, len(load.each_ms)) == (6, 2, 4)
    told = {row.name: row for row in figures(load)}
    assert told["30 秒内答出"].value == pytest.approx(4 / 6)


@given(st.floats(1, 50), st.floats(1, 20), st.integers(0, 99))
def test_arrivals_are_in_order_and_the_same_for_a_seed(rate: float, seconds: float, seed: int) -> None:
    due = arrivals(rate, seconds, seed)
    assert due == sorted(due) == arrivals(rate, seconds, seed)
    assert all(0 < at < seconds for at in due)


def test_arrivals_come_at_their_rate() -> None:
    """20,000 expected: within four standard deviations, with gaps as spread as they are long (exponential)."""
    due = arrivals(20, 1_000, 1)
    gaps = np.diff(due)
    assert abs(len(due) - 20_000) < 4 * 20_000**0.5
    assert gaps.std() == pytest.approx(gaps.mean(), rel=0.05)


def test_the_report_says_what_fell_behind() -> None:
    loads = [Load(2.0, (5.0, 6.0, 7.0), 0, 2.0, 3.0), Load(50.0, (900.0, 40_000.0), 1, 3.0, 5_000.0)]
    page = to_html(to_paper(loads, origin="demo", model="none", seed=1))
    assert page.count('class="warning"') == 1
    assert to_table(loads).row_count == 9
    assert {row.name: row.value for row in figures(loads[1])}["30 秒内答出"] == pytest.approx(1 / 3)


def test_a_load_without_answers_has_no_percentiles() -> None:
    told = figures(Load(1.0, (), 4, 1.0, 0.0))
    assert [row.value for row in told[:4]] == [None] * 4
    assert to_table([Load(1.0, (), 4, 1.0, 0.0)]).row_count == 9


def test_an_address_needs_a_key_and_questions() -> None:
    with pytest.raises(Invalid):
        CliRunner().invoke(huashu.app, ["eval", "latency", "--address", "127.0.0.1:1"], catch_exceptions=False)
