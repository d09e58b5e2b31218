"""What a benchmark says: each figure with its rounds, its n and its goal; as a table and as JSON."""

from __future__ import annotations

import os
import platform
import re
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.table import Table

from eval.interval import Bounds


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured thing. `values` holds one number a round; their median is told, their range is the spread."""

    what: str
    values: tuple[float, ...]
    unit: str
    n: int
    most: float | None = None  # the goal, where it is an upper bound
    least: float | None = None  # the goal, where it is a lower bound
    between: Bounds | None = None  # a 95 % interval, where one run can give one

    @property
    def value(self) -> float:
        return statistics.median(self.values)

    @property
    def met(self) -> bool | None:
        """Whether the goal is reached; None without a goal."""
        if self.most is None and self.least is None:
            return None
        return (self.most is None or self.value <= self.most) and (self.least is None or self.value >= self.least)

    def to_json(self) -> dict[str, Any]:
        return asdict(self) | {"value": self.value, "met": self.met}


def one(what: str, value: float, unit: str, n: int, *, most: float | None = None, least: float | None = None) -> Figure:
    return Figure(what, (value,), unit, n, most, least)


def percentile(times: Sequence[float] | NDArray[np.float64], percent: float) -> float:
    """Between the two nearest times (type 7 of Hyndman and Fan, 1996), as other benchmarks tell theirs. The reports of
    evaluations tell a time that really happened (`eval.metrics.percentile`), with its interval (`eval.interval.percentile`).
    """
    return float(np.percentile(times, percent))


def three(
    what: str, times_ms: NDArray[np.float64], *, p95: float | None = None, p99: float | None = None
) -> list[Figure]:
    """The median and the late ones, milliseconds, with the goals of the latter; nothing where nothing was timed."""
    n = len(times_ms)
    bounds = ((50, None), (95, p95), (99, p99)) if n else ()
    return [one(f"{what} p{at}", percentile(times_ms, at), "毫秒", n, most=most) for at, most in bounds]


def machine() -> dict[str, str | int]:
    """On what it was measured: processor, cores that may be used, memory, Python."""
    return {
        "cpu": _first(r"model name\s*:\s*(.+)", "/proc/cpuinfo") or platform.processor(),
        "cores": cores(),
        "memory_gb": round(int(_first(r"MemTotal:\s+(\d+)", "/proc/meminfo") or 0) / 1e6),
        "system": platform.platform(),
        "python": platform.python_version(),
    }


def busy_s() -> float:
    """Processor seconds spent on this machine since it started, by whoever; 0 on systems without /proc."""
    try:
        user, nice, system, _, _, irq, softirq, *_ = (
            Path("/proc/stat").read_text(encoding="ascii").split("\n")[0].split()[1:]
        )
    except OSError:
        return 0.0
    return sum(map(int, (user, nice, system, irq, softirq))) / os.sysconf("SC_CLK_TCK")


def cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def to_table(title: str, figures: Sequence[Figure]) -> Table:
    table = Table(title=title, title_justify="left")
    for name, side in (("项目", "left"), ("结果", "right"), ("各轮", "right"), ("n", "right"), ("目标", "right")):
        table.add_column(name, justify=side)  # type: ignore[arg-type]
    for figure in figures:
        low, high = figure.between or (min(figure.values), max(figure.values))
        spread = f"{_short(low)}–{_short(high)}" if low is not None and high is not None and low < high else ""
        table.add_row(figure.what, f"{_short(figure.value)} {figure.unit}", spread, str(figure.n), _goal(figure))
    return table


def _goal(figure: Figure) -> str:
    if figure.met is None:
        return ""
    bound = f"≤ {_short(figure.most)}" if figure.most is not None else f"≥ {_short(figure.least or 0)}"
    return f"{bound} {'✓' if figure.met else '✗'}"


def _short(value: float) -> str:
    return (
        f"{value:.3f}".rstrip("0").rstrip(".")
        if abs(value) < 10
        else f"{value:,.1f}"
        if abs(value) < 1000
        else f"{value:,.0f}"
    )


def _first(pattern: str, file: str) -> str:
    try:
        found = re.search(pattern, Path(file).read_text(encoding="utf-8"))
    except OSError:
        return ""
    return found[1].strip() if found else ""
