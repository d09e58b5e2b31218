"""The measurement in a browser measures the real thing: a page, a message, the frame in which its answer stands there."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from browser.driving import CHROMIUM, ROOT
from kb.embed import Engine


@pytest.mark.slow
def test_it_runs_against_the_real_page(real_engine: Engine, tmp_path: Path) -> None:
    texts = tmp_path / "texts.txt"
    texts.write_text("\n".join(f"第{n}种面料的外套怎么选" for n in range(30)), "utf-8")
    options = ("--folder", tmp_path / "bench", "--texts", texts, "--messages", "5", "--chromium", CHROMIUM)
    command = [sys.executable, "-m", "huashu", "bench", "page", *options]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=110)
    assert done.returncode == 0, done.stderr
    report = json.loads((tmp_path / "bench" / "page.json").read_text("utf-8"))
    figures = {figure["what"]: figure for figure in report["figures"]}
    # Whatever the machine does: no answer stands there before its message was sent, and the clocks are of one computer.
    assert figures["消息发出 → 答案画在屏上 p50"]["value"] > 5
    assert figures["同上，别的会话每秒 5 条 p95"]["n"] == 5
    assert abs(figures["两个时钟的差（已扣除）"]["value"]) < 1_000
