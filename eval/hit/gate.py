"""Thresholds that a run must hold, for CI: which one failed, by how much, and over how many messages.

[[threshold]]
figure = "hit@1"             # as in `huashu eval hitrate --json`
slice = "needs_context=alone"  # sort=name; without it: all messages
at_least = 0.60              # or at_most
on = "value"                 # or "low" / "high": the bound of the 95 % interval
least_n = 100                # with fewer messages it fails: a gate that nothing passes through holds nothing
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval.hit.figures import figure_of
from eval.hit.outcome import Run
from eval.report import Figure
from kb.errors import BadFile

_KEYS = {"figure", "slice", "at_least", "at_most", "on", "least_n"}
_ON = ("value", "low", "high")
_NO_SHARE = "latency_ms"  # all other figures lie in [0, 1]
_REMEDY = "每个 [[threshold]] 应有 figure，和 at_least 或 at_most 之一；写法见 docs/evaluation.md。"


@dataclass(frozen=True, slots=True)
class Threshold:
    """What a figure, or a bound of its interval, must not fall below or exceed."""

    figure: str
    limit: float
    at_least: bool
    on: str = "value"
    slice: str = ""
    least_n: int = 1

    def __str__(self) -> str:
        where = f"[{self.slice}]" if self.slice else ""
        bound = "" if self.on == "value" else f" {self.on}"
        return f"{self.figure}{where}{bound} {'≥' if self.at_least else '≤'} {self.limit:g}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a threshold; `by` is how far the figure is on the wrong side (0 where it holds, None: not measured)."""

    threshold: Threshold
    figure: Figure
    held: bool
    by: float | None

    def __str__(self) -> str:
        if self.held:
            return f"通过  {self.threshold}：{self.figure}"
        if self.by is None:
            least = f"，至少要 {self.threshold.least_n}" if self.figure.n < self.threshold.least_n else ""
            return f"未通过  {self.threshold}：没有可比的数字（n={self.figure.n}{least}）"
        return f"未通过  {self.threshold}：差 {self.by:.4f}，实测 {self.figure}"


def read_thresholds(path: Path) -> tuple[Threshold, ...]:
    """Raises BadFile naming the threshold that is not as agreed, and where there is none."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise BadFile(f"{path.name}：打不开（{error.strerror}）", remedy="请检查路径和读取权限。") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadFile(f"{path.name}：不是合格的 TOML（{error}）", remedy=_REMEDY) from error
    found = data.get("threshold")
    if not isinstance(found, list) or not found or data.keys() != {"threshold"}:
        raise BadFile(f"{path.name}：没有 [[threshold]]，或有别的内容", remedy=_REMEDY)
    return tuple(_threshold(f"{path.name} 第 {number} 个 [[threshold]]", one) for number, one in enumerate(found, 1))


def judge(run: Run, thresholds: Sequence[Threshold]) -> tuple[Verdict, ...]:
    """Whether the run holds each. Raises BadFile for a figure or a slice's sort that there is not."""
    return tuple(_judge(run, one) for one in thresholds)


def _judge(run: Run, threshold: Threshold) -> Verdict:
    sort, _, name = threshold.slice.partition("=")
    outcomes = [one for one in run.outcomes if not sort or one.slices.get(sort) == name]
    figure = figure_of(outcomes, threshold.figure)
    if figure is None:
        raise BadFile(f"没有指标“{threshold.figure}”", remedy="指标名见 huashu eval hitrate --json 的输出。")
    told = {"value": figure.value, "low": figure.low, "high": figure.high}[threshold.on]
    if told is None or figure.n < threshold.least_n:
        return Verdict(threshold, figure, False, None)
    short = threshold.limit - told if threshold.at_least else told - threshold.limit
    return Verdict(threshold, figure, short <= 0, max(short, 0.0))


def _threshold(where: str, values: object) -> Threshold:
    def wrong(what: str) -> BadFile:
        return BadFile(f"{where}：{what}", remedy=_REMEDY)

    if not isinstance(values, Mapping):
        raise wrong("应是一张表")
    if unknown := sorted(values.keys() - _KEYS):
        raise wrong(f"不认识 {'、'.join(unknown)}")
    limits = [key for key in ("at_least", "at_most") if key in values]
    if not isinstance(values.get("figure"), str) or len(limits) != 1:
        raise wrong("应有 figure，和 at_least 或 at_most 之一")
    limit, on, least = values[limits[0]], values.get("on", "value"), values.get("least_n", 1)
    if not _number(limit) or on not in _ON or not isinstance(least, int) or isinstance(least, bool):
        raise wrong("at_least、at_most 应是数字，on 是 value、low 或 high，least_n 是整数")
    if refused := _pointless(values["figure"], float(limit), limits[0]):
        raise wrong(refused)
    part = values.get("slice", "")
    if not isinstance(part, str) or (part and "=" not in part):
        raise wrong("slice 应写成 类别=名称，如 needs_context=alone")
    return Threshold(values["figure"], float(limit), limits[0] == "at_least", on, part, max(least, 1))


def _pointless(figure: str, limit: float, key: str) -> str:
    """Why a limit can hold nothing: a share is written in [0, 1] and 45 is not 45 %; one that always passes is no gate."""
    share = not figure.startswith(_NO_SHARE)
    if limit < 0 or (share and limit > 1):
        bounds = "写在 0 和 1 之间，45% 写成 0.45" if share else "不小于 0"
        return f"{figure} 的 {key} = {limit:g} 不可能：应{bounds}"
    always = limit == 0 if key == "at_least" else share and limit == 1
    return f"{figure} 的 {key} = {limit:g} 永远通过，等于没有门槛；请写真正要守住的数" if always else ""


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
