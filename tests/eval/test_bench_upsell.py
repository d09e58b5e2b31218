"""The benchmark of upselling: its metrics beside pytrec_eval, its baselines by hand, its reading."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import pytrec_eval

from eval.bench.upsell import (
    Scored,
    Trial,
    co_occurrence,
    cost,
    measure,
    missing_peers,
    ours,
    popularity,
    read_set,
    score,
    training,
)
from kb.errors import Invalid, NotFound

BASKETS = [("a", "b"), ("a", "b"), ("a", "c"), ("a",), ("d", "e")]


def write(folder: Path, baskets: list[tuple[str, ...]], trials: list[Trial]) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "train_baskets.jsonl").write_text("\n".join(json.dumps(one) for one in baskets), encoding="utf-8")
    lines = [json.dumps({"case": str(n), "context": one.context, "target": one.target}) for n, one in enumerate(trials)]
    (folder / "test_cases.jsonl").write_text("\n".join(lines), encoding="utf-8")
    return folder


def test_metrics_are_those_of_pytrec_eval() -> None:
    rng = np.random.default_rng(1)
    names = [f"i{number:02}" for number in range(30)]
    ranked = {str(n): list(rng.permutation(names)[:10]) for n in range(200)}
    targets = {str(n): str(rng.choice([*names, "gone"])) for n in range(200)}
    trials = [Trial((n,), targets[n]) for n in ranked]
    found = score(lambda held: ranked[held[0]], trials)
    runs = {n: {item: float(20 - place) for place, item in enumerate(items)} for n, items in ranked.items()}
    judge = pytrec_eval.RelevanceEvaluator({n: {targets[n]: 1} for n in ranked}, {"success_5,10", "recip_rank"})
    told = judge.evaluate(runs).values()
    assert found.hit(5) == sum(one["success_5"] for one in told)
    assert found.hit(10) == sum(one["success_10"] for one in judge.evaluate(runs).values())
    assert np.mean(found.gains) == pytest.approx(
        np.mean([one["recip_rank"] for one in judge.evaluate(runs).values()]), abs=1e-12
    )


def test_baselines_by_hand() -> None:
    assert popularity(BASKETS)(["b"]) == ["a", "c", "d", "e"]
    assert co_occurrence(BASKETS)(["a"])[:2] == ["b", "c"]
    assert ours(BASKETS)(["d"])[0] == "e"


def test_a_folder_is_read_and_measured(tmp_path: Path) -> None:
    folder = write(tmp_path / "set", BASKETS * 5, [Trial(("a",), "b"), Trial(("d",), "e"), Trial(("a",), "gone")])
    figures = {figure.what: figure for figure in measure(folder, lambda _: None)}
    assert figures["set · 话术（EASE） · hit@5"].value == pytest.approx(2 / 3)
    assert figures["set · 最畅销 · hit@5"].n == 3
    [wall, _, *_] = training(folder, 100)
    assert wall.n >= 100 and wall.met
    assert [figure.n for figure in cost(folder)] == [3, 3]
    assert set(missing_peers()) <= {"implicit", "efficient-apriori"}
    assert Scored((0, 1, 7), (0.0,) * 3).gains == [0.0, 1.0, 1 / 7]


def test_what_is_missing_or_broken_is_said(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="train_baskets"):
        read_set(tmp_path)
    folder = write(tmp_path / "set", BASKETS, [])
    (folder / "test_cases.jsonl").write_text("{}", encoding="utf-8")
    with pytest.raises(Invalid, match="看不懂"):
        read_set(folder)
