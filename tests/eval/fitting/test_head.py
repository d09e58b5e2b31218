"""The fit: no leakage between folds, thresholds that hold, and a head file that the service accepts."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.fitting import head as fitting
from eval.fitting import samples as sampling
from eval.fitting.head import HEARD, PAIRS, Firsts, cross_learn, cross_trust, fit_head, silence, threshold, to_text
from eval.fitting.logistic import Weights
from eval.fitting.samples import FOLDS, Asked, Sample
from eval.understanding.pairs import Pair
from kb.features import HYBRID_FEATURES, LEXICAL_FEATURES
from kb.head import (
    ANSWERABLE_FEATURES,
    CONFIDENCE_FEATURES,
    GROWING,
    answerable_features,
    confidence_features,
    head_from,
)
from kb.model import Mode, Query
from kb.search import search
from making import TOPICS, BagEngine, faq, plain_head, shard_of, write_demo, write_set

MINIMAL = (
    Pair("c1", "capacity", ("256G多少钱", "512G多少钱"), "256g的价格", 0),
    Pair("s1", "service", ("怎么退货", "怎么换货"), "换货要怎么弄", 1),
    Pair("s2", "service", ("怎么取消订单", "怎么恢复订单"), "取消订单如何操作", 0),
)


@pytest.fixture(scope="module")
def few() -> Iterator[None]:
    """One small shop of each size."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sampling, "DRAWS", 1)
        yield


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_set(tmp_path_factory.mktemp("sets") / "set")


@pytest.fixture(scope="module")
def samples(few: None, folder: Path) -> list[Sample]:
    return [*sampling.of_set("set", folder, BagEngine()), *sampling.of_pairs(MINIMAL, BagEngine())]


def firsts_of(told: Sequence[tuple[bool, bool]], origin: str = "set") -> Firsts:
    """First answers of which it is known whether each is right and whether its message has an answer."""
    count = len(told)
    answerable = np.array([a for _, a in told], bool)
    return Firsts(
        origin=origin,
        small=False,
        values=np.zeros((count, len(CONFIDENCE_FEATURES))),
        some=np.zeros((count, len(ANSWERABLE_FEATURES))),
        right=np.array([r for r, _ in told], bool),
        fold=np.arange(count) % FOLDS,
        message=np.arange(count),
        rank=np.where([r for r, _ in told], 1, np.where(answerable, 2, 0)),
        answerable=answerable,
        needs_context=np.zeros(count, bool),
    )


# -- no leakage


def test_who_is_scored_was_never_learned_from_nor_any_message_with_the_same_answer(
    samples: list[Sample], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every fit is watched: what it saw of the origin that it is used on, and what it is used on."""
    learned: list[set[tuple[str, str]]] = []
    real = fitting.learn_order

    def watched(among: Sequence[Sample], shares: dict[str, float], keep: Callable[[Sample], np.ndarray]) -> Weights:  # type: ignore[type-arg]
        seen = set()
        for sample in among:
            for one, yes in zip(sample.asked, keep(sample), strict=True):
                case = sample.cases[one.position]
                seen |= {(sample.origin, case.qid)} | {(sample.origin, name) for name in case.gold} if yes else set()
        learned.append(seen)
        return replace(real(among, shares, keep), bias=float(len(learned)))

    monkeypatch.setattr(fitting, "learn_order", watched)
    found = cross_learn(samples, {"set": 1.0, PAIRS: 0.5})
    assert len(learned) == 2 * FOLDS
    for sample, places in zip(samples, found, strict=True):
        for one, (relevance, number) in zip(sample.asked, places, strict=True):
            case = sample.cases[one.position]
            seen = learned[int(number) - 1]
            assert (sample.origin, case.qid) not in seen
            assert not {(sample.origin, name) for name in case.gold} & seen
            assert relevance.shape == (len(one.right),)
        if sample.origin == "set":
            assert all(any(origin == PAIRS for origin, _ in learned[int(n) - 1]) for _, n in places), "others stay"


def test_trust_is_judged_by_weights_that_never_saw_the_message(monkeypatch: pytest.MonkeyPatch) -> None:
    generator = np.random.default_rng(1)
    firsts = [
        replace(
            firsts_of([(bool(i % 2), bool(i % 3)) for i in range(40)], origin),
            values=generator.random((40, len(CONFIDENCE_FEATURES))),
            some=generator.random((40, len(ANSWERABLE_FEATURES))),
            small=small,
        )
        for origin, small in (("a", False), ("a", True), ("b", False))
    ]
    kept: list[list[np.ndarray]] = []  # type: ignore[type-arg]

    def watched(rows: list[Firsts], shares: object, keep: Callable[[Firsts], np.ndarray]) -> Weights:  # type: ignore[type-arg]
        kept.append([keep(first) for first in rows])
        return Weights(np.log(len(kept) / 100 / (1 - len(kept) / 100)), np.zeros(rows[0].values.shape[1]))

    monkeypatch.setattr(fitting, "learn_trust", watched)
    monkeypatch.setattr(fitting, "learn_silence", lambda *_: Weights(0.0, np.zeros(len(ANSWERABLE_FEATURES))))
    chances, answers = cross_trust(firsts, {"a": 1.0, "b": 1.0})
    assert len(kept) == 2 * FOLDS and all((answer == 0.5).all() for answer in answers)
    for place, (first, chance) in enumerate(zip(firsts, chances, strict=True)):
        for row, probability in enumerate(chance):
            fit = kept[round(probability * 100) - 1]
            assert not fit[place][row]
            held = [
                f.origin == first.origin and not k[f.fold == first.fold[row]].any()
                for f, k in zip(firsts, fit, strict=True)
            ]
            assert held == [f.origin == first.origin for f in firsts], "its fold is held out of every shop of its set"


def test_a_set_weighs_by_its_share_however_many_messages_it_has(
    samples: list[Sample], monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[np.ndarray] = []  # type: ignore[type-arg]
    monkeypatch.setattr(fitting, "choice", lambda values, right, message, weight: told.append(weight))
    fitting.learn_order(samples, {"set": 1.0, PAIRS: 0.5}, lambda sample: np.ones(len(sample.asked), bool))
    count = sum(len(sample.asked) for sample in samples if sample.origin == "set")
    assert told[0][:count].sum() == pytest.approx(1.0) and told[0][count:].sum() == pytest.approx(0.5)
    assert len(set(told[0][:count].round(12))) == 1


def test_small_shops_weigh_half_of_their_set_and_incomplete_sets_next_to_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told: list[np.ndarray] = []  # type: ignore[type-arg]
    monkeypatch.setattr(fitting, "logistic", lambda values, right, weight, growing: told.append((weight, growing)))
    whole, other = firsts_of([(True, True)] * 30), firsts_of([(True, True)] * 5, "other")
    drawn = [replace(firsts_of([(True, True)] * n), small=True) for n in (7, 2)]
    shares = {"set": 1.0, "other": 0.05}
    fitting.learn_trust([whole, other, *drawn], shares)
    fitting.learn_silence([whole, other, *drawn], shares)
    for (weight, growing), names in zip(told, (CONFIDENCE_FEATURES, ANSWERABLE_FEATURES), strict=True):
        parts = np.split(weight, np.cumsum([30, 5, 7, 2])[:-1])
        assert [part.sum() for part in parts] == pytest.approx([1.0, 0.05, 0.25, 0.25])
        assert growing == GROWING[names]


# -- first answers


def test_the_first_answer_of_each_message_is_told_with_its_features(samples: list[Sample]) -> None:
    """Against plain loops, with a head by hand."""
    sample, head = samples[0], plain_head(Mode.HYBRID)
    ordered = [(head.relevance(one.measured.values), head.none) for one in sample.asked]
    first = Firsts.of(sample, ordered)
    assert first.values.shape == (len(sample.asked), len(CONFIDENCE_FEATURES))
    assert first.message.tolist() == [one.position for one in sample.asked]
    assert first.fold.tolist() == [int(sample.fold[one.position]) for one in sample.asked]
    ranks = dict.fromkeys(range(len(sample.cases)), 0)
    for row, (one, (relevance, none)) in enumerate(zip(sample.asked, ordered, strict=True)):
        order = sorted(range(len(relevance)), key=lambda i: -relevance[i])
        best = order[0]
        assert first.right[row] == one.right[best]
        assert (first.values[row] == confidence_features(relevance, none, one.measured, one.said)[best]).all()
        assert (first.some[row] == answerable_features(relevance, none, one.measured, one.said)).all()
        ranks[one.position] = next((rank for rank, i in enumerate(order, 1) if one.right[i]), 0)
    assert first.rank.tolist() == [*ranks.values()]
    assert first.answerable.tolist() == [case.answerable for case in sample.cases]
    assert first.needs_context.sum() == len(TOPICS)


def test_a_shop_in_which_nothing_is_found_has_no_first_answers(samples: list[Sample]) -> None:
    empty = replace(samples[0], asked=())
    first = Firsts.of(empty, [])
    assert first.values.shape == (0, len(CONFIDENCE_FEATURES)) and first.some.shape == (0, len(ANSWERABLE_FEATURES))
    assert first.message.tolist() == [] and not first.rank.any()
    full = firsts_of([(True, True), (False, False)] * 10)
    assert np.isfinite(fitting.learn_trust([full, first], {"set": 1.0}).bias)
    weights = fitting.learn_order([samples[0], empty], {"set": 1.0}, lambda s: np.ones(len(s.asked), bool))
    assert np.isfinite(weights.weights).all()
    cross_learn([samples[0], *(s for s in samples if s.name == "pairs/service")], {"set": 1.0, PAIRS: 0.5})


def test_figures_are_counted_over_all_cases() -> None:
    """Five messages: three with an answer that is found, one with an answer that is not, one that none answers."""
    first = Firsts(
        origin="set",
        small=False,
        values=np.zeros((4, len(CONFIDENCE_FEATURES))),
        some=np.zeros((4, len(ANSWERABLE_FEATURES))),
        right=np.array([True, True, False, False]),
        fold=np.zeros(4, int),
        message=np.array([0, 1, 2, 4]),  # the fourth found no candidate
        rank=np.array([1, 1, 4, 0, 0]),
        answerable=np.array([True, True, True, True, False]),
        needs_context=np.array([False, True, True, True, False]),
    )
    figures = first.figures(np.array([0.9, 0.8, 0.3, 0.2]), np.array([0.9, 0.8, 0.7, 0.1]))
    assert (figures["hit@1"], figures["hit@3"], figures["hit@5"]) == (0.5, 0.5, 0.75)
    assert (figures["single_turn_hit@1"], figures["needs_context_hit@1"], figures["needs_context_hit@5"]) == (
        1,
        0.3333,
        0.6667,
    )
    assert figures["refusal_auroc"] == 0.75  # the one without candidates is as silent as can be
    assert figures["coverage"] == 0.4
    assert figures["ece"] == pytest.approx((0.1 + 0.2 + 0.3 + 0.2) / 4)
    lone = replace(first, needs_context=np.ones(5, bool), answerable=np.ones(5, bool))
    figures = lone.figures(np.array([0.9, 0.8, 0.3, 0.2]), np.array([0.9, 0.8, 0.7, 0.1]))
    assert "single_turn_hit@1" not in figures and "refusal_auroc" not in figures


# -- thresholds


def test_the_threshold_is_where_precision_holds() -> None:
    first = firsts_of([(True, True), (True, True), (False, True), (True, True), (False, False)])
    chance = np.array([0.9, 0.8, 0.7, 0.6, 0.5])
    assert threshold([first], [chance], 1.0) == 0.8
    assert threshold([first], [chance], 0.75) == 0.6
    assert threshold([replace(first, right=np.zeros(5, bool))], [chance], 0.75) == 1.0


TOLD = st.lists(st.tuples(st.sampled_from([0.1, 0.3, 0.5, 0.7, 0.9]), st.booleans()), min_size=1, max_size=25)


@given(st.lists(TOLD, min_size=1, max_size=3), st.sampled_from([0.503, 0.753, 0.997]))
def test_no_lower_threshold_would_do(sets: list[list[tuple[float, bool]]], precision: float) -> None:
    """Brute force over all edges; each set weighs the same however many answers it has."""
    firsts = [firsts_of([(right, True) for _, right in told], str(i)) for i, told in enumerate(sets)]
    found = threshold(firsts, [np.array([chance for chance, _ in told]) for told in sets], precision)

    def reached(edge: float) -> float:
        shown = [(right, 1 / len(told)) for told in sets for chance, right in told if chance >= edge]
        return sum(weight for right, weight in shown if right) / sum(weight for _, weight in shown)

    enough = [edge for edge in {chance for told in sets for chance, _ in told} if reached(edge) >= precision]
    assert found == (min(enough) if enough else 1.0)


@given(st.lists(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=60), min_size=1, max_size=3))
def test_silence_is_kept_from_most_of_those_that_have_an_answer(sets: list[list[tuple[float, bool]]]) -> None:
    sets = [[*told, (0.5, True)] for told in sets]
    firsts = [firsts_of([(False, answerable) for _, answerable in told]) for told in sets]
    edge = silence(firsts, [np.array([chance for chance, _ in told]) for told in sets])
    for told in sets:
        answered = [chance for chance, answerable in told if answerable]
        heard = sum(chance >= edge - 1e-4 for chance in answered)
        assert heard >= np.floor(HEARD * len(answered))
    assert edge <= max(chance for told in sets for chance, answerable in told if answerable) + 1e-4


# -- the whole fit


@pytest.fixture(scope="module")
def fitted(few: None, folder: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    demo = write_demo(tmp_path_factory.mktemp("demos") / "tiny")
    return to_text(fit_head({"set": folder}, [demo], MINIMAL, BagEngine(), ["set"]))


def test_a_fit_makes_a_head_the_service_takes(fitted: str, monkeypatch: pytest.MonkeyPatch) -> None:
    data = json.loads(fitted)
    heads = {
        mode: head_from(data[str(mode)], names)
        for mode, names in ((Mode.HYBRID, HYBRID_FEATURES), (Mode.LEXICAL, LEXICAL_FEATURES))
    }
    for mode, head in heads.items():
        part = data[str(mode)]
        assert 0 < head.direct <= 1 and 0 < head.reference < 1 and 0 <= head.silence < 1
        assert part["cross_fitted"].keys() == {"set", "tiny"} == part["messages"].keys()
        assert part["cross_fitted"]["set"]["single_turn_hit@1"] > 0.5 and part["cross_fitted"]["tiny"]["hit@1"] > 0.5
        assert 0 <= part["cross_fitted_pairs"] <= 1 and part["cross_fitted_small_shops"].keys() == {"3", "10"}
        assert part["messages"] == {"set": 3 * len(TOPICS) + 4, "tiny": len(TOPICS) + 1}
    monkeypatch.setattr("kb.search.load_head", heads.__getitem__)
    shop = shard_of([faq(topic, f"{topic}怎么办", "答", f"想问一下{topic}的事") for topic in TOPICS])
    for engine in (BagEngine(), None):
        found = search(shop, Query("我要发票"), engine)
        assert found.hits[0].entry.key == "发票" and 0 < found.answerable < 1


def test_the_file_says_where_it_comes_from(fitted: str) -> None:
    data = json.loads(fitted)
    assert data["provenance"] == {
        "fitted_by": "huashu eval fit",
        "engine": BagEngine.fingerprint,
        "sets": ["pairs", "set", "tiny"],
        "incomplete": ["set"],
        "seed": sampling.SEED,
        "folds": FOLDS,
        "ridge": {"order": fitting.RIDGE_CHOICE, "trust": fitting.RIDGE},
        "direct_precision": fitting.DIRECT_PRECISION,
    }
    assert fitted.endswith("}\n") and not any(topic in fitted for topic in TOPICS), "no text of any set"


def test_the_same_fit_gives_the_same_bytes(few: None, tmp_path: Path) -> None:
    folder = write_set(tmp_path / "set", TOPICS[:5])
    first, second = (to_text(fit_head({"set": folder}, [], MINIMAL[1:], BagEngine())) for _ in range(2))
    assert first == second
    assert json.loads(first)["provenance"]["sets"] == ["pairs", "set"]


def test_every_asked_message_is_measured_whole(samples: list[Sample]) -> None:
    """What the fit learns from is as wide as the head's features, and finite."""
    for sample in samples:
        for one in sample.asked:
            assert isinstance(one, Asked)
            assert one.measured.values.shape == (len(one.right), len(HYBRID_FEATURES))
            assert np.isfinite(one.measured.values).all()
