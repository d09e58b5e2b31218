"""A burst is asked at once and once more at its end; nothing that was said is left unasked."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.live.burst import LONGEST_S, QUIET_S, Bursts, Key

A, B = ("a", "1"), ("b", "1")


def asked(heard: list[tuple[float, Key]]) -> list[tuple[float, Key]]:
    """When which conversation is asked about, if somebody looks whenever something is due."""
    bursts, done = Bursts(), []

    def drain(until: float) -> None:
        now = 0.0
        while (wait := bursts.next_s(now)) is not None and now + wait <= until:
            now += wait
            while (key := bursts.due(now)) is not None:
                done.append((now, key))

    for at, key in sorted(heard):
        drain(at)
        bursts.heard(key, at)
    drain(1e9)
    assert len(bursts) == 0  # nothing is remembered of what is over
    return done


def test_a_single_message_is_asked_once_and_at_once() -> None:
    assert asked([(1.0, A)]) == [(1.0, A)]


def test_a_burst_is_asked_at_its_first_piece_and_when_it_is_quiet() -> None:
    assert asked([(1.0, A), (1.05, A), (1.1, A)]) == [(1.0, A), (1.1 + QUIET_S, A)]


def test_who_never_stops_is_asked_about_nevertheless() -> None:
    pieces = [(1.0 + i * 0.05, A) for i in range(20)]
    times = [at for at, _ in asked(pieces)]
    assert times[:2] == [1.0, 1.0 + LONGEST_S] and len(times) < 7


def test_two_conversations_do_not_hold_each_other_up() -> None:
    assert asked([(1.0, A), (1.01, B)]) == [(1.0, A), (1.01, B)]


_heard = st.lists(st.tuples(st.integers(0, 3_000).map(lambda ms: ms / 1000), st.sampled_from([A, B])), max_size=40)


@given(_heard)
def test_every_message_is_asked_soon_after_it_came(heard: list[tuple[float, Key]]) -> None:
    done = asked(heard)
    for at, key in heard:
        assert any(who == key and at <= when <= at + QUIET_S + 1e-9 for when, who in done) or any(
            who == key and at <= when <= at + LONGEST_S for when, who in done
        )


@given(_heard)
def test_the_first_of_a_pause_is_asked_at_once_and_nothing_oftener_than_it_was_said(
    heard: list[tuple[float, Key]],
) -> None:
    done = asked(heard)
    for key in (A, B):
        mine = sorted(at for at, who in heard if who == key)
        times = [at for at, who in done if who == key]
        assert len(times) <= len(mine)
        for before, at in zip([-9.0, *mine], mine, strict=False):
            if at - before > LONGEST_S:
                assert at in times
