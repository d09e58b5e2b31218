"""The two commands of the README: whoever stops them sees what the command says, and no traceback of ours."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import go
from terminal import ROOT

# Up a moment after its start: by then whoever started it waits for it.
SERVING = """
import time
try:
    time.sleep(0.5)
    print("up", flush=True)
    time.sleep(60)
except KeyboardInterrupt:
    print("stopped")
"""
RUNNING = "import go, sys; go.STOP_S = 5; sys.exit(go.run(sys.executable, '-c', sys.argv[1], check=False))"


@pytest.mark.skipif(os.name == "nt", reason="process groups and signals of POSIX")
@pytest.mark.parametrize("everybody", [True, False])
def test_ctrl_c_stops_the_command_and_says_nothing_more(everybody: bool) -> None:
    command = [sys.executable, "-c", RUNNING, SERVING]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    ) as go:
        assert go.stdout is not None and go.stdout.readline() == b"up\n"
        (os.killpg if everybody else os.kill)(go.pid, signal.SIGINT)  # a terminal tells the whole group
        said, complained = go.communicate(timeout=30)
    assert b"Traceback" not in complained
    assert (said, go.returncode) == ((b"stopped\n", 0) if everybody else (b"", 256 - signal.SIGTERM))


@pytest.mark.parametrize(
    ("codes", "ends"),
    [((0, 0), 0), ((1, 0), 1), ((0, 1), 1), ((1, 3), 1), ((0, 2), 2), ((2,), 2), ((-signal.SIGTERM,), -signal.SIGTERM)],
    ids=str,
)
def test_red_tests_do_not_keep_the_next_part_back_but_whoever_stops_one_stops_all(
    codes: tuple[int, ...], ends: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = list(codes)
    monkeypatch.setattr(go, "run", lambda *_, **__: left.pop(0))
    assert go.tested(Path("python"), "", [(), ()]) == ends
    assert left == []
