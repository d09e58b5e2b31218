"""What is learned from: folds that leak nothing, small shops that know a part, candidates measured as the service does."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.cases import Case, read_faq
from eval.fitting import samples as sampling
from eval.fitting.samples import FOLDS, Sample, folds_of, rows_of
from eval.shop import shop_from_lines
from eval.understanding.pairs import Pair
from kb.embed import Remembering
from kb.language.conversation import prepared, understand
from kb.model import Mode, Query
from kb.search import search
from making import TOPICS, BagEngine, plain_head, write_demo, write_lines, write_set

GOLDS = st.lists(st.frozensets(st.sampled_from("abcdefghij"), max_size=3), max_size=30)
PAIRS = (
    Pair("c1", "capacity", ("256G多少钱", "512G多少钱"), "256g的价格", 0),
    Pair("c2", "capacity", ("1T多少钱", "2T多少钱"), "2T卖多少", 1),
    Pair("s1", "service", ("怎么退货", "怎么换货"), "换货要怎么弄", 1),
)


def cases_of(golds: Sequence[frozenset[str]]) -> list[Case]:
    return [Case(str(i), "问", gold=gold) for i, gold in enumerate(golds)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_set(tmp_path_factory.mktemp("sets") / "set")


@pytest.fixture(scope="module")
def drawn(folder: Path) -> Iterator[list[Sample]]:
    """A set and three small shops of each size."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sampling, "DRAWS", 3)
        yield sampling.of_set("set", folder, BagEngine())


# -- folds


def components(golds: Sequence[frozenset[str]]) -> list[set[int]]:
    """Messages linked by shared entries, by walking from each to all it touches."""
    holders = defaultdict(set)
    for i, gold in enumerate(golds):
        for name in gold:
            holders[name].add(i)
    found: list[set[int]] = []
    left = set(range(len(golds)))
    while left:
        group, edge = set(), {min(left)}
        while edge:
            group |= edge
            edge = {j for i in edge for name in golds[i] for j in holders[name]} - group
        found.append(group)
        left -= group
    return found


@given(GOLDS)
def test_messages_linked_through_any_entries_share_a_fold(golds: list[frozenset[str]]) -> None:
    """{a} and {b} have no entry in common, but {a, b} ties them: a greedy assignment once split them in one of four."""
    folds = folds_of(cases_of(golds))
    assert folds.shape == (len(golds),) and ((folds >= 0) & (folds < FOLDS)).all()
    assert all(len({int(folds[i]) for i in group}) == 1 for group in components(golds))
    for fold in range(FOLDS):
        held = {name for gold, f in zip(golds, folds, strict=True) for name in gold if f == fold}
        learned = {name for gold, f in zip(golds, folds, strict=True) for name in gold if f != fold}
        assert not held & learned


def test_what_is_not_linked_is_spread_over_all_folds_and_drawn_the_same_again() -> None:
    golds = [frozenset({f"G{i}"}) if i % 2 else frozenset() for i in range(400)]  # must-refuse ones stand alone
    folds = folds_of(cases_of(golds))
    assert (folds == folds_of(cases_of(golds))).all()
    assert np.bincount(folds, minlength=FOLDS).min() > 50
    assert np.bincount(folds[::2], minlength=FOLDS).min() > 25


# -- whole sets and small shops


def test_a_set_is_asked_whole_and_in_shops_of_every_size(drawn: list[Sample]) -> None:
    whole, *small = drawn
    assert (whole.name, whole.origin, whole.size, whole.small) == ("set", "set", 10, False)
    assert len(whole.cases) == 3 * len(TOPICS) + 4
    assert [sample.size for sample in small] == [3] * 3 + [10] * 6  # 30 asked of ten are ten
    assert all(sample.small and sample.origin == "set" for sample in small)
    assert len({sample.name for sample in drawn}) == len(drawn)


def test_a_small_shop_gets_every_message_it_knows_and_as_many_strangers_as_a_whole_one(drawn: list[Sample]) -> None:
    golds = {case.qid: case.gold for case in drawn[0].cases}
    seen = set()
    for sample in (sample for sample in drawn if sample.size == 3):
        known = {name for case in sample.cases for name in case.gold}
        seen.add(frozenset(known))
        assert len(known) == 3
        assert {c.qid for c in sample.cases if c.answerable} == {qid for qid, gold in golds.items() if gold & known}
        assert all(case.gold == golds[case.qid] & known for case in sample.cases)
        answerable = sum(case.answerable for case in sample.cases)
        assert answerable == 9 and len(sample.cases) - answerable == round(9 * 4 / 30)
    assert len(seen) > 1


def test_a_message_keeps_its_fold_in_every_shop_drawn_from_its_set(drawn: list[Sample]) -> None:
    """Else weights would be scored on messages they learned from in another shop."""
    folds = {case.qid: fold for case, fold in zip(drawn[0].cases, drawn[0].fold, strict=True)}
    for sample in drawn:
        assert [folds[case.qid] for case in sample.cases] == sample.fold.tolist()
        assert [folds[sample.cases[one.position].qid] for one in sample.asked] == sample.folds.tolist()
    by_entry = defaultdict(set)
    for sample in drawn:
        for case, fold in zip(sample.cases, sample.fold, strict=True):
            for name in case.gold:
                by_entry[name].add(int(fold))
    assert all(len(folds) == 1 for folds in by_entry.values())


def test_the_same_set_is_drawn_the_same_again(folder: Path, drawn: list[Sample]) -> None:
    again = sampling.of_set("set", folder, BagEngine())
    assert [s.cases for s in again] == [s.cases for s in drawn]
    for one, other in zip(drawn, again, strict=True):
        for a, b in zip(one.asked, other.asked, strict=True):
            assert np.array_equal(np.sort(a.measured.values, axis=0), np.sort(b.measured.values, axis=0))


def test_only_a_bounded_number_of_messages_to_refuse_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sampling, "DRAWS", 0)
    folder = write_set(tmp_path / "set")
    write_lines(folder / "refuse.jsonl", [{"query": f"你好{n}", "gold": []} for n in range(500)])
    [whole] = sampling.of_set("set", folder, None)
    assert sum(not case.answerable for case in whole.cases) == 400


# -- candidates


@pytest.mark.parametrize("mode", list(Mode))
def test_candidates_are_measured_and_ranked_as_the_service_does(
    mode: Mode, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sampling, "DRAWS", 0)
    monkeypatch.setattr("kb.search.load_head", plain_head)
    engine = BagEngine() if mode is Mode.HYBRID else None
    [sample] = sampling.of_set("set", folder, engine)
    head = plain_head(mode)
    with shop_from_lines(read_faq(folder / "faq.jsonl"), engine) as shard:
        asked = {one.position: one for one in sample.asked}
        for position, case in enumerate(sample.cases):
            found = search(shard, Query(case.query, case.turns, now=1, limit=99), engine)
            assert found.mode is mode
            ranks = [i for i, hit in enumerate(found.hits) if hit.entry.key in case.gold]
            if position not in asked:
                assert not found.hits
                continue
            one = asked[position]
            assert one.said == understand(prepared(case.query), case.turns)
            relevance = head.relevance(one.measured.values)
            assert len(found.hits) == len(relevance)
            chances = np.minimum.accumulate(head.probability(one.measured, one.said)[np.argsort(-relevance)])
            assert [hit.probability for hit in found.hits] == pytest.approx(chances, abs=1e-4)
            assert found.answerable == pytest.approx(head.answers(one.measured, one.said), abs=1e-4)
            if len(set(relevance.round(9))) == len(relevance):
                assert np.flatnonzero(one.right[np.argsort(-relevance)]).tolist() == ranks


def test_a_message_without_candidates_is_among_the_cases_only(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sampling, "DRAWS", 0)
    [sample] = sampling.of_set("set", folder, None)
    positions = [one.position for one in sample.asked]
    assert positions == sorted(positions) and len(sample.asked) == len(sample.folds) < len(sample.cases) == len(
        sample.fold
    )
    assert "哈哈" in {case.query for i, case in enumerate(sample.cases) if i not in positions}


def test_what_the_conversation_says_is_read(drawn: list[Sample]) -> None:
    """怎么操作 is asked of every topic, each after another turn: only the conversation tells which."""
    whole = drawn[0]
    needing = [one for one in whole.asked if whole.cases[one.position].needs_context]
    assert len(needing) == len(TOPICS)
    assert all(TOPICS[i] in one.said.talk and TOPICS[i] not in one.said.own for i, one in enumerate(needing))
    head = plain_head(Mode.HYBRID)
    first = [one.right[np.argmax(head.relevance(one.measured.values))] for one in needing]
    assert sum(first) >= 4, "by itself every message is the same, and right for one topic in ten"


def test_a_demo_shop_is_asked_its_own_messages(tmp_path: Path) -> None:
    sample = sampling.of_demo(write_demo(tmp_path / "tiny"), BagEngine())
    assert (sample.name, sample.origin, sample.size, sample.small) == ("tiny", "tiny", 10, False)
    assert [case.answerable for case in sample.cases] == [True] * 10 + [False]
    assert all(one.right.sum() == sample.cases[one.position].answerable for one in sample.asked)


# -- minimal pairs


@pytest.fixture
def paired() -> Iterator[list[Sample]]:
    yield sampling.of_pairs(PAIRS, BagEngine())


def test_a_pair_is_measured_among_its_own_entries_in_the_shop_of_its_kind(paired: list[Sample]) -> None:
    assert [(s.name, s.origin, s.size, len(s.cases)) for s in paired] == [
        ("pairs/capacity", "pairs", 4, 2),
        ("pairs/service", "pairs", 2, 1),
    ]
    for sample in paired:
        assert sample.small, "pairs are no shop whose answers could be trusted"
        for one in sample.asked:
            assert len(one.right) <= 2 and one.right.sum() == 1


def test_pairs_of_one_kind_share_a_fold_and_kinds_differ(paired: list[Sample]) -> None:
    assert [set(sample.fold.tolist()) for sample in paired] == [{0}, {1}]
    many = [Pair(f"{k}", f"kind{k}", ("甲怎么洗", "乙怎么洗"), "甲怎么洗呀", 0) for k in range(7)]
    assert [int(sample.fold[0]) for sample in sampling.of_pairs(many, None)] == [0, 1, 2, 3, 4, 0, 1]


# -- helpers


def test_the_rows_of_all_messages_stand_one_after_the_other(drawn: list[Sample]) -> None:
    asked = drawn[0].asked
    values, right, message = rows_of(asked)
    at = 0
    for number, one in enumerate(asked):
        for row, yes in zip(one.measured.values, one.right, strict=True):
            assert (values[at] == row).all() and right[at] == yes and message[at] == number
            at += 1
    assert at == len(values) == len(right) == len(message)


@given(st.lists(st.lists(st.sampled_from("一二三四五"), min_size=1, max_size=4), max_size=6))
def test_a_text_is_embedded_once(calls: list[list[str]]) -> None:
    engine = BagEngine()
    remembering = Remembering(engine)
    for texts in calls:
        assert (remembering.embed(texts) == BagEngine().embed(texts)).all()
    assert len(engine.embedded) == len(set(engine.embedded)) == len({text for texts in calls for text in texts})
    assert (remembering.fingerprint, remembering.dim) == (engine.fingerprint, engine.dim)
