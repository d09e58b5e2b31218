"""`huashu events`: how complete the record is, on the terminal."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

import huashu
from kb.model import Event, EventKind
from kb.store.folder import DataFolder


@pytest.fixture
def data(tmp_path: Path) -> Path:
    now = int(time.time())
    with DataFolder(tmp_path) as folder:
        folder.hub.add_merchant("qingluo", "青萝女装")
        shown = [Event(f"shown-{i}", EventKind.SHOWN, f"sg_{i}", "e1", 1, at=now) for i in range(4)]
        used = Event("used-0", EventKind.EDITED, "sg_0", "e1", 1, at=now)
        passed = Event("passed-1", EventKind.IGNORED, "sg_1", "e1", 1, reason="closed", at=now)
        folder.merchant("qingluo").record_events([*shown, used, passed], actor="k")
    return tmp_path


def told(data: Path, *options: str) -> str:
    done = CliRunner().invoke(huashu.app, ["events", "qingluo", "--data", str(data), *options])
    assert done.exit_code == 0, done.output
    return done.stdout


def test_it_says_what_became_of_what_was_shown(data: Path) -> None:
    said = told(data)
    for part in ("展示 4", "4 条，看过 0 条，有结局 2 条（50.0%），还开着 2 条", "改后采用 1", "会话或页面关了 1"):
        assert part in said
    assert "timeout" not in said and "closed" not in said


def test_a_day_may_be_named_and_the_numbers_had_as_json(data: Path) -> None:
    found = json.loads(told(data, "--json"))
    assert (found["shown"], found["ended"], found["open"], found["complete"]) == (4, 2, 2, 0.5)
    assert json.loads(told(data, "--json", "--since", "2999-01-01"))["shown"] == 0
