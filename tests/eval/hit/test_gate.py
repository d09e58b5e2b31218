"""Thresholds for CI: what holds, what fails by how much, and what is not a threshold at all."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eval.hit.gate import Threshold, judge, read_thresholds
from kb.errors import BadFile
from runs import run_of

RUN = run_of([1] * 30 + [2] * 10)


@settings(deadline=None)
@given(st.floats(0, 1), st.booleans(), st.sampled_from(["value", "low", "high"]))
def test_a_threshold_holds_where_the_figure_is_on_its_side(limit: float, at_least: bool, on: str) -> None:
    (one,) = judge(RUN, [Threshold("hit@1", limit, at_least, on)])
    told = {"value": 0.75, "low": one.figure.low, "high": one.figure.high}[on]
    assert told is not None and one.held == (told >= limit if at_least else told <= limit)
    assert one.by == (0.0 if one.held else pytest.approx(abs(told - limit)))


@pytest.mark.parametrize(
    ("threshold", "held", "said"),
    [
        (Threshold("hit@1", 0.7, True), True, "通过  hit@1 ≥ 0.7：0.750 [0.60, 0.86] n=40"),
        (Threshold("hit@1", 0.7, True, "low"), False, "差 0.1019，实测 0.750"),
        (Threshold("hit@1", 0.9, True, slice="scene=售前"), False, "hit@1[scene=售前] ≥ 0.9：差 0.1500，实测 0.750"),
        (Threshold("hit@1", 0.1, True, slice="scene=没有"), False, "没有可比的数字（n=0，至少要 1）"),
        (Threshold("hit@1", 0.1, True, least_n=41), False, "n=40，至少要 41"),
        (Threshold("direct_wrong", 0.3, False), True, "direct_wrong ≤ 0.3：0.250"),
        (Threshold("ndcg@10", 0.9, True), True, "ndcg@10 ≥ 0.9：0.908"),
        (Threshold("ece", 0.01, True, "low"), False, "没有可比的数字（n=40）"),
        (Threshold("latency_ms_p99", 1, False), False, "latency_ms_p99 ≤ 1：差 4.0000"),
    ],
)
def test_it_says_which_failed_by_how_much_over_how_many(threshold: Threshold, held: bool, said: str) -> None:
    (one,) = judge(RUN, [threshold])
    assert one.held is held and said in str(one)


def test_there_must_be_such_a_figure() -> None:
    with pytest.raises(BadFile, match="hit@2"):
        judge(RUN, [Threshold("hit@2", 0.1, True)])


def test_a_file_is_read(tmp_path: Path) -> None:
    file = tmp_path / "gate.toml"
    file.write_text(
        '\ufeff[[threshold]]\nfigure = "hit@1"\nat_least = 0.5\n[[threshold]]\nfigure = "ece"\nat_most = 0.2\non = "value"\n'
        'slice = "scene=售前"\nleast_n = 9\n',
        encoding="utf-8",
    )
    assert read_thresholds(file) == (
        Threshold("hit@1", 0.5, True),
        Threshold("ece", 0.2, False, "value", "scene=售前", 9),
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x = ",
        "threshold = 3",
        "other = 1",
        "[[threshold]]\nfigure = 'hit@1'",
        "[[threshold]]\nfigure = 'hit@1'\nat_least = 0.1\nat_most = 0.2",
        "[[threshold]]\nfigure = 'hit@1'\nat_least = '0.1'",
        "[[threshold]]\nfigure = 'hit@1'\nat_least = nan",
        "[[threshold]]\nfigure = 'hit@1'\nat_least = true",
        "[[threshold]]\nfigure = 1\nat_least = 0.1",
        "[[threshold]]\nfigure = 'hit@1'\nat_least = 0.1\non = 'middle'",
        "[[threshold]]\nfigure = 'hit@1'\nat_least = 0.1\nslice = '售前'",
        "[[threshold]]\nfigure = 'hit@1'\nat_least = 0.1\nleast_n = 1.5",
        "[[threshold]]\nfigure = 'hit@1'\nat_leats = 0.1",
    ],
)
def test_what_is_no_threshold_is_refused_and_never_passes(text: str, tmp_path: Path) -> None:
    (tmp_path / "gate.toml").write_text(text, encoding="utf-8")
    with pytest.raises(BadFile, match=r"gate\.toml"):
        read_thresholds(tmp_path / "gate.toml")
    with pytest.raises(BadFile, match="打不开"):
        read_thresholds(tmp_path / "none.toml")


@pytest.mark.parametrize(
    ("figure", "limit", "said"),
    [
        ("hit@1", "at_least = 45", "at_least = 45 不可能：应写在 0 和 1 之间，45% 写成 0.45"),
        ("hit@1", "at_least = 1.01", "不可能"),
        ("hit@1", "at_least = -0.1", "不可能"),
        ("direct_wrong", "at_most = 35", "at_most = 35 不可能"),
        ("direct_wrong", "at_most = -1", "不可能"),
        ("latency_ms_p99", "at_most = -1", "应不小于 0"),
        ("hit@1", "at_least = 0", "at_least = 0 永远通过"),
        ("hit@1", "at_least = -0.0", "永远通过"),
        ("direct_wrong", "at_most = 1", "at_most = 1 永远通过"),
        ("latency_ms_p99", "at_least = 0", "永远通过"),
    ],
)
def test_a_limit_that_holds_nothing_is_refused(figure: str, limit: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "gate.toml").write_text(f"[[threshold]]\nfigure = '{figure}'\n{limit}\n", encoding="utf-8")
    with pytest.raises(BadFile, match=re.escape(said)):
        read_thresholds(tmp_path / "gate.toml")


@pytest.mark.parametrize(
    ("figure", "limit"),
    [
        ("hit@1", "at_least = 1"),
        ("direct_wrong", "at_most = 0"),
        ("latency_ms_p99", "at_most = 30"),
        ("latency_ms_p50", "at_most = 1"),
    ],
)
def test_a_limit_at_the_hard_end_is_one(figure: str, limit: str, tmp_path: Path) -> None:
    (tmp_path / "gate.toml").write_text(f"[[threshold]]\nfigure = '{figure}'\n{limit}\n", encoding="utf-8")
    assert len(read_thresholds(tmp_path / "gate.toml")) == 1
