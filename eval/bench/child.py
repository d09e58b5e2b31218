"""The service as a user starts it, in a process of its own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

from kb.errors import HuashuError

_ROOT = Path(__file__).resolve().parents[2]
_ADDRESS = re.compile(r"http://([\d.]+:\d+)")
_PATIENCE_S = 60.0
_CALM_S, _CALM = 3.0, 0.05  # seconds of watching, and the share of a core that is nothing


@dataclass(frozen=True, slots=True)
class Child:
    """A running service: where it listens, when it was started (on `time.perf_counter`), and how many seconds it took
    to accept requests."""

    process: subprocess.Popen[str]
    host: str
    began: float
    started_s: float

    def ready_s(self) -> float:
        """Wait until it says that it is ready; returns the seconds from its start."""
        while time.perf_counter() - self.began < _PATIENCE_S and self.process.poll() is None:
            try:
                with urlopen(f"http://{self.host}/readyz", timeout=10):
                    return time.perf_counter() - self.began
            except HTTPError as error:
                error.close()
                time.sleep(0.02)
        raise HuashuError("被测的服务没有就绪。")

    def cpu_s(self) -> float:
        """Processor time spent so far, of all threads, in seconds; 0 on systems without /proc."""
        try:
            fields = Path(f"/proc/{self.process.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        except OSError:
            return 0.0
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def settle(self, patience_s: float = 90.0) -> None:
        """Wait until it does nothing by itself: what it goes on preparing after a start is no part of a shift."""
        until, before = time.perf_counter() + patience_s, self.cpu_s()
        while time.perf_counter() < until:
            time.sleep(_CALM_S)
            spent, before = self.cpu_s() - before, self.cpu_s()
            if spent <= _CALM * _CALM_S:
                return

    def rss_mb(self) -> float | None:
        """Resident memory now in MB (10⁶ bytes), as Linux counts it; None on other systems."""
        try:
            status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        except OSError:
            return None
        found = re.search(r"VmRSS:\s+(\d+) kB", status)
        return int(found[1]) * 1024 / 1e6 if found else None


@contextmanager
def serving(data: Path, engine: str, log: Path) -> Iterator[Child]:
    """`huashu serve` on a free port, accepting requests; stopped at the end. Raises HuashuError when it does not start."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("HUASHU_")}
    # No limit: one key asks here for a whole office.
    environment |= {"PYTHONUNBUFFERED": "1", "NO_COLOR": "1", "HUASHU_REQUESTS_PER_MINUTE": "0"}
    command = [sys.executable, "-m", "huashu", "serve", "--data", str(data), "--port", "0", "--engine", engine]
    began = time.perf_counter()
    with log.open("w", encoding="utf-8") as sink:
        process = subprocess.Popen(  # noqa: S603 (our own command)
            command, cwd=_ROOT, env=environment, stdout=sink, stderr=subprocess.STDOUT, text=True
        )
    try:
        host = _wait_for_address(process, log, began + _PATIENCE_S)
        yield Child(process, host, began, time.perf_counter() - began)
    finally:
        process.terminate()
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_for_address(process: subprocess.Popen[str], log: Path, until: float) -> str:
    while time.perf_counter() < until and process.poll() is None:
        if found := _ADDRESS.search(log.read_text(encoding="utf-8")):
            return found[1]
        time.sleep(0.02)
    raise HuashuError("被测的服务没有启动。", remedy=f"它的输出在 {log}。")
