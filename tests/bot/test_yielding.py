"""Long work leaves the interpreter as it found it, however it ends and however many do it at once."""

from __future__ import annotations

import gc
import os
import sys
import threading
from collections.abc import Callable, Sequence
from pkgutil import resolve_name
from typing import Any

import pytest
from running import Inside, until
from world import World

from bot import yielding
from bot.yielding import giving_way, stand_back, unhurried
from ingest import collector
from kb.embed import Vectors
from kb.errors import EngineFailed
from kb.precedence import Precedence
from making import BagEngine


@pytest.fixture(autouse=True)
def at_rest() -> None:
    """What a service of an earlier test began, which may have a moment to go, has ended."""
    until(lambda: not yielding._at_work and not collector._inside, "the work of earlier tests")


def usual() -> tuple[float, tuple[int, int, int]]:
    return sys.getswitchinterval(), gc.get_threshold()


def test_turns_are_short_and_the_oldest_objects_left_alone_while_work_goes_on() -> None:
    before = usual()
    with giving_way():
        assert sys.getswitchinterval() < before[0] / 5
        assert gc.get_threshold()[:2] == before[1][:2]
        full = gc.get_stats()[2]["collections"]
        heap = [[number] for number in range(300_000)]  # enough for several full collections
        assert gc.get_stats()[2]["collections"] == full and len(heap) == 300_000
    assert usual() == before


def test_work_that_fails_and_work_within_work_change_nothing_for_long() -> None:
    before = usual()
    with pytest.raises(ZeroDivisionError), giving_way(), giving_way():
        raise ZeroDivisionError
    assert usual() == before


def test_the_last_of_many_to_end_puts_things_back() -> None:
    before, gates = usual(), [threading.Event() for _ in range(6)]
    inside = threading.Barrier(len(gates) + 1)

    def work(gate: threading.Event) -> None:
        with giving_way():
            inside.wait(10)
            gate.wait(10)

    threads = [threading.Thread(target=work, args=(gate,)) for gate in gates]
    for thread in threads:
        thread.start()
    inside.wait(10)
    for thread, gate in zip(threads, gates, strict=True):
        assert usual() != before
        gate.set()
        thread.join(10)
    assert usual() == before


def priority() -> int:
    return os.getpriority(os.PRIO_PROCESS, threading.get_native_id()) if sys.platform == "linux" else 0


class Watched(BagEngine):
    """An engine that notes on whose thread it works, and how urgent that is."""

    seen: tuple[int, int] = (0, 0)

    def embed(self, texts: Sequence[str]) -> Vectors:
        self.seen = threading.get_ident(), priority()
        if "坏" in texts:
            raise EngineFailed("坏了")
        return super().embed(texts)


def test_long_work_has_the_same_vectors_from_a_thread_that_stands_back() -> None:
    inner, before = Watched(), priority()
    with unhurried(inner) as engine:
        assert engine is not None and (engine.fingerprint, engine.dim) == (inner.fingerprint, inner.dim)
        assert (engine.embed(["几天发货", "能退吗"]) == inner.embed(["几天发货", "能退吗"])).all()
        assert (engine.hear(["几天发货"]) == inner.hear(["几天发货"])).all()
        engine.embed(["几天发货"])
        assert inner.seen[0] != threading.get_ident()
        assert sys.platform != "linux" or inner.seen[1] >= min(before + 1, 10)
        with pytest.raises(EngineFailed):
            engine.embed(["坏"])
    assert priority() == before


def test_without_a_model_there_is_nothing_to_hurry() -> None:
    with unhurried(None) as engine:
        assert engine is None


@pytest.mark.skipif(sys.platform != "linux", reason="threads have priorities of their own on Linux only")
def test_a_thread_stands_back_alone() -> None:
    def on_a_thread(work: Callable[[], None]) -> None:
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()

    seen: list[int] = []
    before = priority()
    on_a_thread(lambda: (stand_back(), seen.append(priority()))[0])
    assert seen[0] >= min(before + 1, 10) and priority() == before


ANSWERS: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "suggest": ("bot.suggest.search", lambda http: http.post("/v1/suggest", json={"text": "什么时候发货"})),
    "search": ("bot.routes.assist.lookup", lambda http: http.get("/v1/search", params={"q": "发货"})),
    "check": ("kb.check.watch.Watch.check", lambda http: http.post("/v1/check", json={"text": "今天发货"})),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_what_is_done_ahead_of_need_stands_aside_while_an_answer_is_made(
    name: str, server: Inside, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    place, ask = ANSWERS[name]
    shelf = server.service.shelf
    monkeypatch.setattr(shelf, "_precedence", Precedence(patience_s=60))
    passed = threading.Event()

    def ahead() -> None:
        shelf.give_way("another")
        passed.set()

    made = resolve_name(place)

    def watched(*given: Any, **more: Any) -> Any:
        threading.Thread(target=ahead, daemon=True).start()
        assert not passed.wait(0.05)
        return made(*given, **more)

    monkeypatch.setattr(place, watched)
    with server.client(world.keys["agent-a"]) as http:
        assert ask(http).status_code == 200
    assert passed.wait(10)
