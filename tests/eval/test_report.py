"""The report's JSON is a public contract; its table says the same to a person."""

from __future__ import annotations

import io
import json
import math
from typing import Any

import numpy as np
import pytest
from rich.console import Console

from eval.cases import Case
from eval.report import Asked, Figure, HitrateReport, build, slice_up, to_table

SEVEN = ["hit@1", "hit@3", "hit@5", "mrr@10", "refusal_auroc", "latency_ms_p50", "latency_ms_p99"]


def answered(rank: int | None, probability: float = 0.8, *, needs: bool | None = None, ms: float = 5.0) -> Asked:
    """An answerable case whose gold entry came at `rank` of ten (None: nowhere)."""
    ranked = ["miss"] * 10
    if rank is not None:
        ranked[rank - 1] = "gold"
    case = Case("q", "多久发货", gold=frozenset({"gold"}), needs_context=needs)
    return Asked(case, tuple(ranked), probability, ms, answerable=True)


def refused(probability: float = 0.2, *, needs: bool | None = None, found: bool = True) -> Asked:
    return Asked(Case("r", "哈哈", needs_context=needs), ("miss",) * found, probability, 9.0, answerable=False)


def shown(report: HitrateReport) -> str:
    screen = io.StringIO()
    Console(file=screen, width=200).print(to_table(report))
    return screen.getvalue()


def as_json(report: HitrateReport) -> dict[str, Any]:
    parsed: dict[str, Any] = json.loads(json.dumps(report.to_json(), allow_nan=False))
    return parsed


def test_the_seven_figures_are_what_a_pencil_says() -> None:
    asked = [answered(1), answered(3, 0.6), answered(5, 0.4), answered(None, 0.2), refused(0.2), refused(0.1)]
    report = as_json(build(asked))
    assert [report[key]["value"] for key in SEVEN] == [
        0.25,
        0.5,
        0.75,
        round((1 + 1 / 3 + 1 / 5) / 4, 6),
        0.9375,  # of 8 pairs 7 won and 1 tied
        5.0,
        9.0,
    ]
    assert [report[key]["n"] for key in SEVEN] == [4, 4, 4, 4, 6, 6, 6]


def test_the_json_has_the_contract_s_keys_and_is_rounded_to_six_digits() -> None:
    report = as_json(build([answered(3, needs=True), answered(7, 1 / 3), refused()], about={"mode": "hybrid"}))
    assert list(report) == [*SEVEN, "coverage", "ece", "ndcg@3", "ndcg@10", "slices", "about"]
    assert list(report["slices"]) == ["single-turn", "needs_context"]
    for figures in report["slices"].values():
        assert list(figures) == [*SEVEN, "coverage"]
    for figure in [report[key] for key in [*SEVEN, "ece"]]:
        assert set(figure) == {"value", "n", "ci95"}
        assert len(figure["ci95"]) == 2
    assert report["mrr@10"]["value"] == 0.238095
    assert report["about"] == {"answerable": 2, "refuse": 1, "seed": 0, "mode": "hybrid"}


def test_nothing_asked_is_null_not_nought() -> None:
    report = as_json(build([]))
    for key in [*SEVEN, "ece"]:
        assert report[key] == {"value": None, "n": 0, "ci95": [None, None]}
    assert report["slices"] == {}


def test_without_refuse_cases_there_is_no_auroc_but_all_else() -> None:
    report = as_json(build([answered(1), answered(2)]))
    assert report["refusal_auroc"] == {"value": None, "n": 0, "ci95": [None, None]}
    assert report["hit@1"]["value"] == 0.5


def test_with_refuse_cases_only_there_is_latency_but_no_hit_rate() -> None:
    report = as_json(build([refused(), refused()]))
    assert report["hit@1"] == report["mrr@10"] == {"value": None, "n": 0, "ci95": [None, None]}
    assert report["latency_ms_p50"] == {"value": 9.0, "n": 2, "ci95": [9.0, 9.0]}


def test_a_slice_holds_the_cases_of_its_flag_and_unflagged_ones_are_single_turn() -> None:
    asked = [answered(1, needs=True), answered(2, needs=False), refused(), refused(needs=True), answered(4)]
    parts = slice_up(asked)
    assert parts == {"single-turn": [asked[1], asked[2], asked[4]], "needs_context": [asked[0], asked[3]]}


def test_there_are_no_slices_when_the_set_has_no_flags() -> None:
    assert slice_up([answered(1), refused()]) == {}


def test_a_slice_without_cases_is_left_out() -> None:
    assert list(slice_up([answered(1, needs=False)])) == ["single-turn"]
    assert list(slice_up([answered(1, needs=True)])) == ["needs_context"]


def test_the_slices_figures_are_those_of_their_cases_alone() -> None:
    single = [answered(1, 0.9, needs=False), answered(2, 0.5, needs=False), refused(0.6, needs=False)]
    report = build([*single, answered(None, needs=True)], seed=5)
    alone = build(single, seed=5).figures
    assert report.slices["single-turn"] == {key: alone[key] for key in (*SEVEN, "coverage")}


def test_the_order_of_the_cases_changes_nothing() -> None:
    rng = np.random.default_rng(6)
    asked = [answered(int(rng.integers(1, 11)), rng.random(), ms=rng.random() * 9) for _ in range(120)]
    asked += [refused(rng.random()) for _ in range(50)]
    turned = [asked[place] for place in rng.permutation(len(asked))]
    assert build(turned).to_json() == build(asked).to_json()


def test_ece_counts_only_what_was_shown_and_a_hit_on_a_refuse_case_as_wrong() -> None:
    asked = [answered(1, 1.0), refused(0.5), refused(0.0, found=False)]
    assert build(asked).figures["ece"] == Figure(0.25, 2)


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_a_number_that_is_none_is_refused_at_the_door(bad: float) -> None:
    with pytest.raises(ValueError, match="finite"):
        refused(bad)
    with pytest.raises(ValueError, match="finite"):
        answered(1, ms=bad)


def test_the_table_shows_every_figure_of_every_slice() -> None:
    report = HitrateReport(
        {"hit@1": Figure(0.4678, 442, 0.4215, 0.5144), "ece": Figure(0.03125, 442)},
        {"single-turn": {"hit@1": Figure(None, 0)}},
    )
    text = shown(report)
    for words in ("指标 metric", "全部 all", "单轮 single-turn", "hit@1 首条命中", "ece 校准误差"):
        assert words in text
    assert "0.468 [0.42, 0.51] n=442" in text
    assert "0.031 n=442" in text
    assert "— n=0" in text


def test_the_whole_report_can_be_shown() -> None:
    text = shown(build([answered(1, needs=True), answered(2, needs=False), refused()]))
    for key in [*SEVEN, "ece"]:
        assert key in text
    assert "需上下文 needs_context" in text
