"""The sweeper goes on whatever a round meets: else conversations would be kept for good."""

from __future__ import annotations

import threading
from types import SimpleNamespace
from typing import Any, cast

import pytest

from bot.live import live
from bot.live.live import Live, Terms
from bot.live.rules import Rulebook
from bot.service import Service
from kb.errors import Busy


def test_a_hub_that_cannot_be_read_for_once_ends_no_sweeping(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "_SWEEP_S", 0.001)
    rounds, again, ready = [], threading.Event(), threading.Event()
    ready.set()

    def merchants() -> list[Any]:
        rounds.append(1)
        if len(rounds) == 1:
            raise Busy("数据文件 hub.db 正被另一个程序占用。")
        again.set()
        return []

    service = SimpleNamespace(ready=ready, folder=SimpleNamespace(hub=SimpleNamespace(merchants=merchants)))
    running = Live(cast(Service, service), Rulebook(), Terms(120, 30))
    try:
        assert again.wait(30)
    finally:
        running.close()
