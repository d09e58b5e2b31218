"""Who goes first: what nobody waits for stands aside, and nothing stands still for ever."""

from __future__ import annotations

import threading
from contextlib import ExitStack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.precedence import Precedence

SLUGS = st.lists(st.sampled_from("abc"), max_size=5)


def passes(precedence: Precedence, slug: str, within: float = 10) -> bool:
    done = threading.Event()
    threading.Thread(target=lambda: (precedence.give_way(slug), done.set()), daemon=True).start()
    return done.wait(within)


@given(SLUGS, SLUGS)
def test_whoever_is_waited_for_counts_until_the_last_has_gone(come: list[str], gone: list[str]) -> None:
    """Against the plain list of those who wait."""
    precedence, waiting = Precedence(patience_s=60), [*come]
    with ExitStack() as rest:
        for slug in come:
            held = precedence.awaiting(slug)
            if slug in gone:
                gone.remove(slug)
                waiting.remove(slug)
                with held:
                    pass
            else:
                rest.enter_context(held)
        for slug in "ax":
            free = not waiting or slug in waiting
            assert passes(precedence, slug, 10 if free else 0.02) is free
    assert passes(precedence, "x")


def test_a_service_that_is_asked_without_a_pause_goes_on_all_the_same() -> None:
    precedence = Precedence(patience_s=0.05)
    with precedence.awaiting("b"):
        assert not passes(precedence, "a", 0.01)
        assert passes(precedence, "a")


def test_a_build_that_fails_holds_nobody_up() -> None:
    precedence = Precedence(patience_s=60)
    with pytest.raises(ValueError, match="damaged"), precedence.awaiting("a"):
        raise ValueError("damaged")
    assert passes(precedence, "b")
