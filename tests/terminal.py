"""A command as an operator types it: what it prints and how it ends, in this process or in one of its own."""

from __future__ import annotations

import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path

import pytest

import huashu

ROOT = Path(__file__).resolve().parent.parent
Done = subprocess.CompletedProcess[str]


def ended(*arguments: object) -> int:
    """How it ends in this process: a new one takes 2 to 4 s here to import what a command needs, and then does the same."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["huashu", *map(str, arguments)])
        patch.setenv("COLUMNS", "200")  # whole lines
        with pytest.raises(SystemExit) as end:
            huashu.main()
    assert isinstance(end.value.code, int), end.value.code  # a text would end a process with 1, and say it
    return end.value.code


def typed(*arguments: object) -> Done:
    """In this process, too, and what it prints."""
    out, err = StringIO(), StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.chdir(ROOT)
        code = ended(*arguments)
    return Done(["huashu", *map(str, arguments)], code, out.getvalue(), err.getvalue())


def started(*arguments: object) -> Done:
    """In a process of its own, as it really is."""
    command = [sys.executable, "-m", "huashu", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=90)
