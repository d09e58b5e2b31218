"""The fit: an independent optimum, no leakage between folds, and a head file that the service accepts."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from eval import fit as fitting
from eval.cases import Case
from kb.errors import EngineFailed
from kb.features import HYBRID_FEATURES, LEXICAL_FEATURES
from kb.head import CONFIDENCE_FEATURES, head_from, load_head
from kb.model import Band, Mode
from making import BagEngine


def planted(count: int = 4000) -> tuple[np.ndarray, np.ndarray]:  # type: ignore[type-arg]
    generator = np.random.default_rng(3)
    values = generator.standard_normal((count, 3))
    chance = 1 / (1 + np.exp(-(values @ [2.0, 0.5, -1.0] - 0.7)))
    return values, generator.random(count) < chance


def test_planted_weights_come_back_and_none_is_negative() -> None:
    values, right = planted()
    found = fitting.fit(values, right, np.ones(len(right)))
    assert found.weights[0] == pytest.approx(1.9, abs=0.25) and found.weights[1] == pytest.approx(0.45, abs=0.15)
    assert found.weights[2] == 0.0  # truly negative, and kept from being so


def test_no_weights_nearby_are_better() -> None:
    """The optimum against brute force: the fitted point has the lowest penalised loss among its neighbours."""
    values, right = planted(500)
    weight = np.ones(500) / 500 * 1000
    scale = values.std(axis=0)

    def loss(bias: float, weights: np.ndarray) -> float:  # type: ignore[type-arg]
        score = values @ weights + bias
        return float(weight @ (np.logaddexp(0, score) - right * score) + 0.5 * ((weights * scale) ** 2).sum())

    found = fitting.fit(values, right, np.ones(500))
    best = loss(found.bias, found.weights)
    generator = np.random.default_rng(1)
    for _ in range(200):
        step = generator.standard_normal(4) * 0.05
        assert loss(found.bias + step[0], np.maximum(found.weights + step[1:], 0)) >= best - 1e-3


def test_messages_with_the_same_answer_share_a_fold() -> None:
    cases = [Case(str(i), "问", gold=frozenset({f"G{i % 7}"})) for i in range(70)]
    folds = fitting._folds(cases)
    assert all(len(set(folds[i::7])) == 1 for i in range(7))
    assert len(set(folds)) > 2


def test_messages_linked_through_others_share_a_fold() -> None:
    """{a} and {b} have no entry in common, but {a, b} ties them: a greedy assignment once split them in one of four."""
    for shift in range(40):
        pad = [Case(f"p{i}", "问", gold=frozenset({f"P{i}"})) for i in range(shift)]
        linked = [Case(n, "问", gold=frozenset(n)) for n in ("a", "b", "ab", "bc", "c")]
        assert len(set(fitting._folds([*pad, *linked])[shift:])) == 1


def test_the_threshold_is_where_precision_holds() -> None:
    first = fitting.Firsts(
        origin="set",
        small=False,
        values=np.zeros((5, 3)),
        right=np.array([True, True, False, True, False]),
        fold=np.zeros(5, int),
        message=np.arange(5),
        rank=np.array([1, 1, 2, 1, 0]),
        answerable=np.array([True, True, True, True, False]),
    )
    chance = np.array([0.9, 0.8, 0.7, 0.6, 0.5])
    assert fitting.threshold([first], [chance], 1.0) == 0.8
    assert fitting.threshold([first], [chance], 0.75) == 0.6
    figures = first.figures(chance)
    assert (figures["hit@1"], figures["hit@3"], figures["refusal_auroc"]) == (0.75, 1.0, 1.0)


def write_set(folder: Path) -> Path:
    topics = ["发货", "退货", "换货", "发票", "包邮", "尺码", "洗涤", "赠品", "正品", "改地址"]
    folder.mkdir()
    faq = [{"id": t, "question": f"{t}怎么办", "phrasings": [f"想问一下{t}的事", f"{t}流程"]} for t in topics]
    queries = [
        {"qid": f"{t}{i}", "query": q, "gold": [t]} for t in topics for i, q in enumerate([f"{t}咋弄", f"我要{t}"])
    ]
    refuse = [{"query": q, "gold": []} for q in ("哈哈", "好的谢谢", "你是机器人吗", "天气不错")]
    for name, rows in (("faq", faq), ("queries", queries), ("refuse", refuse)):
        (folder / f"{name}.jsonl").write_text("\n".join(json.dumps(r) for r in rows), encoding="utf-8")
    return folder


def test_a_fit_is_reproducible_and_makes_a_head_the_service_takes(tmp_path: Path) -> None:
    folder = write_set(tmp_path / "set")
    first, second = (fitting.to_text(fitting.fit_head({"set": folder}, BagEngine())) for _ in range(2))
    assert first == second
    data = json.loads(first)
    for mode, names in (("hybrid", HYBRID_FEATURES), ("lexical", LEXICAL_FEATURES)):
        head = head_from(data[mode], names)
        assert head.reference <= head.direct
        assert data[mode]["cross_fitted"]["set"]["hit@1"] > 0.5


def test_the_shipped_head_says_where_it_comes_from() -> None:
    data = json.loads(Path("kb/head.json").read_text(encoding="utf-8"))
    assert {"engine", "sets", "seed", "folds", "fitted_by"} <= set(data["provenance"])


@pytest.mark.parametrize("mode", list(Mode))
def test_a_candidate_that_gets_better_never_gets_less_probable(mode: Mode) -> None:
    head = load_head(mode)
    generator = np.random.default_rng(5)
    for _ in range(200):
        before = generator.random((6, len(head.features)))
        after = before.copy()
        after[2] += generator.random(len(head.features))
        assert head.relevance(after)[2] >= head.relevance(before)[2]
        assert head.probability(after, 9)[2] >= head.probability(before, 9)[2]
    bands = [head.band(p) for p in (0.0, head.reference, head.direct, 1.0)]
    assert bands == [Band.UNSURE, Band.REFERENCE, Band.DIRECT, Band.DIRECT]


def test_many_rivals_make_a_likeness_worth_less() -> None:
    """The same candidate alone, and among nine that look like it: trust is shared."""
    head = load_head(Mode.HYBRID)
    one = np.full((1, len(head.features)), 0.9)
    assert head.probability(one, 9)[0] > head.probability(np.repeat(one, 10, axis=0), 9)[0]


def test_a_head_of_other_features_is_refused() -> None:
    trust = {"weights": dict.fromkeys(CONFIDENCE_FEATURES, 1.0), "bias": 0}
    data = {"weights": {"cosine": 1.0}, "bias": 0, "confidence": trust, "direct": 0.5, "reference": 0.2}
    assert head_from(data, ("cosine",)).features == ("cosine",)
    for wrong in ({"weights": {"cosine": -1.0}}, {"confidence": {**trust, "weights": {"near": 1.0}}}):
        with pytest.raises(EngineFailed):
            head_from({**data, **wrong}, ("cosine",))
    with pytest.raises(EngineFailed):
        head_from(data, HYBRID_FEATURES)
