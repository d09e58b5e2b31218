"""Learning to listen: what is shown, what the loss says, and that what was learned loads into the engine."""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.tuning.heard import Heard, Lessons, draws
from eval.tuning.pairs import Pair
from kb.errors import BadFile
from making import TOPICS, write_lines, write_set

SESSIONS = [
    {
        "session": "s1",
        "turns": [
            {"role": "customer", "messages": ["我的快递到哪了", None]},
            {"role": "agent", "messages": ["亲，请提供订单号", "请稍等哦"]},
            {"role": "customer", "messages": ["就昨天那单"]},
            {"role": "agent", "messages": ["还在路上"]},
            {"role": "customer", "messages": ["能不能改地址"]},
        ],
    }
]
LABELS = [
    {"session": "s1", "turn": 0, "asks": ["物流到哪里了", "查一下包裹位置"], "leans": False},
    {"session": "s1", "turn": 2, "asks": ["物流到哪里了", "昨天买的寄到哪儿了"], "leans": True},
    {"session": "s1", "turn": 4, "asks": ["怎么修改收货地址"], "leans": False},
]


@pytest.fixture
def sessions(tmp_path: Path) -> Path:
    return write_lines(tmp_path / "sessions.jsonl", SESSIONS)


@pytest.fixture
def labels(tmp_path: Path) -> Path:
    return write_lines(tmp_path / "labels.jsonl", LABELS)


# -- what is shown


def test_a_message_is_told_in_its_conversation_and_by_itself_where_it_can_be(tmp_path: Path) -> None:
    lessons = Lessons()
    lessons.add_shops([write_set(tmp_path / "own")])
    assert [question[0] for question in lessons.questions] == [f"{topic}怎么办" for topic in TOPICS]
    for number, topic in enumerate(TOPICS):
        asked = frozenset([number])
        assert Heard(f"户:我想{topic} 服:可以的 户:怎么操作", asked) in lessons.talks
        assert {h.told for h in lessons.single if h.asks == asked} == {f"户:{topic}咋弄", f"户:我要{topic}"}
    assert len(lessons.talks) == len(TOPICS)


def test_a_folder_may_ask_what_another_knows_but_nothing_unknown(tmp_path: Path) -> None:
    one = write_set(tmp_path / "one", TOPICS[:1])
    (tmp_path / "other").mkdir()
    write_lines(tmp_path / "other" / "faq.jsonl", [{"id": "新", "question": "新的问题"}])
    asked = [{"qid": "1", "query": "咋办呢", "gold": [TOPICS[0]]}]
    write_lines(tmp_path / "other" / "queries.jsonl", asked)
    lessons = Lessons()
    lessons.add_shops([one, tmp_path / "other"])
    assert Heard("户:咋办呢", frozenset([0])) in lessons.single
    with pytest.raises(BadFile):
        Lessons().add_shops([tmp_path / "other"])


def test_real_conversations_are_heard_by_their_labels(sessions: Path, labels: Path) -> None:
    lessons = Lessons()
    assert lessons.add_sessions(sessions, labels, set()) == 0
    assert [heard.told for heard in lessons.real] == [
        "户:我的快递到哪了",
        "户:我的快递到哪了 服:请提供订单号 户:就昨天那单",
        "服:请提供订单号 户:就昨天那单 服:还在路上 户:能不能改地址",
    ]
    assert [heard.told for heard in lessons.single] == ["户:能不能改地址"]
    assert [lessons.questions[number] for heard in lessons.real for number in heard.asks] == [r["asks"] for r in LABELS]


def test_what_is_scored_is_no_lesson(sessions: Path, labels: Path) -> None:
    lessons = Lessons()
    assert lessons.add_sessions(sessions, labels, {"就昨天那单", "能不能改地址"}) == 2
    assert [heard.told for heard in (*lessons.real, *lessons.single)] == ["户:我的快递到哪了"]


@pytest.mark.parametrize(
    "label",
    [
        {"session": "s2", "turn": 0},
        {"session": "s1", "turn": 1},
        {"session": "s1", "turn": 9},
        {"session": "s1", "turn": "0"},
        {"session": "s1", "turn": -1},
        {"turn": 0},
    ],
)
def test_a_label_of_nothing_is_named(label: dict[str, object], sessions: Path, tmp_path: Path) -> None:
    wrong = write_lines(tmp_path / "wrong.jsonl", [LABELS[0], {**label, "asks": ["问题"]}])
    with pytest.raises(BadFile, match="第 2 行"):
        Lessons().add_sessions(sessions, wrong, set())


def test_of_a_pair_the_left_side_asks_the_right_one() -> None:
    lessons = Lessons()
    lessons.add_pairs([Pair("借款怎么还", "如何还借款", frozenset())])
    assert lessons.pairs == [Heard("户:借款怎么还", frozenset([0]))] and lessons.questions == [["如何还借款"]]


@given(st.integers(1, 9), st.integers(1, 4), st.integers(0, 99))
def test_every_round_draws_each_lesson_once(count: int, rounds: int, seed: int) -> None:
    heard = [Heard(str(number), frozenset([number])) for number in range(count)]
    drawn = [*itertools.islice(draws(heard, random.Random(seed)), count * rounds)]
    for start in range(0, len(drawn), count):
        assert sorted(one.told for one in drawn[start : start + count]) == sorted(one.told for one in heard)


# -- the lesson

pytest_models = pytest.mark.models
TOLD = ["户:发货咋弄", "户:我想退款 服:可以的 户:怎么操作", "户:能开发票不"]


@pytest_models
@pytest.mark.filterwarnings("default")  # torch warns about itself
def test_the_loss_is_what_its_formula_says() -> None:
    """Plain loops: every question is a rival but those that may be the asked one."""
    torch = pytest.importorskip("torch")
    from eval.tuning.listen import Questions

    chance = np.random.default_rng(3)
    vectors = chance.standard_normal((7, 8)).astype(np.float32)
    vectors[5] = vectors[0] + 0.01  # question 3 is question 0 again
    owner, centre = [0, 0, 1, 2, 2, 3, 4], chance.standard_normal(8).astype(np.float32) / 9
    vectors[1] = vectors[0]
    told = chance.standard_normal((2, 8)).astype(np.float32)
    heard = [Heard("", frozenset([0])), Heard("", frozenset([1, 2]))]
    found = Questions.of(vectors, owner, centre, 4)

    def unit(row: np.ndarray) -> np.ndarray:  # type: ignore[type-arg]
        return (row - centre) / np.linalg.norm(row - centre)

    wanted = 0.0
    for row, one in zip(told, heard, strict=True):
        scores = [max(float(unit(row) @ unit(vectors[i])) for i in range(7) if owner[i] == q) * 20 for q in range(5)]
        rivals = [q for q in range(5) if q in one.asks or not any(found.same[a, q] for a in one.asks)]
        total = sum(np.exp(scores[q]) for q in rivals)
        wanted -= np.log(sum(np.exp(scores[q]) for q in one.asks) / total) / 2
    assert bool(found.same[0, 3]) and not bool(found.same[0, 1])
    assert float(found.loss(torch.from_numpy(told), heard, torch.tensor(20.0))) == pytest.approx(wanted, abs=1e-4)


@pytest.fixture(scope="module")
def learned(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with what two lessons of four steps made of a small set and a real conversation."""
    pytest.importorskip("torch")
    from eval.tuning.listen import Listening
    from eval.tuning.tune import tune_listening

    root = tmp_path_factory.mktemp("listening")
    own, scored = write_set(root / "own", TOPICS[:3]), write_set(root / "scored", TOPICS[3:4])
    write_lines(scored / "queries.jsonl", [{"qid": "1", "query": "亲，就昨天那单", "gold": [TOPICS[3]]}])
    sessions = write_lines(root / "sessions.jsonl", SESSIONS)
    labels = write_lines(root / "labels.jsonl", LABELS)
    pairs = write_lines(root / "pairs.jsonl", [{"q1": "借款怎么还", "q2": "如何还借款", "label": 1}])
    for name in ("first", "second"):
        how = Listening(steps=4, batch=(3, 2, 3, 1), rate=0.01)
        tune_listening([own], sessions, labels, pairs, [scored], root / f"{name}.npz", how)
    yield root


@pytest_models
@pytest.mark.filterwarnings("default")
def test_the_same_lesson_gives_the_same_bytes_and_says_what_it_was_made_of(learned: Path) -> None:
    assert (learned / "first.npz").read_bytes() == (learned / "second.npz").read_bytes()
    text = (learned / "first.json").read_text(encoding="utf-8")
    about = json.loads(text)
    assert about["lessons"] == {"talks": 3, "real": 2, "single": 2 * 3 + 1, "pairs": 1}
    assert about["unseen"] == {"sets": ["scored"], "labels left out": 1}
    assert about["loss"] > 0 and not any(topic in text for topic in TOPICS) and str(learned) not in text


@pytest_models
@pytest.mark.filterwarnings("default")
def test_what_was_learned_loads_into_the_engine_and_gives_the_networks_vectors(learned: Path) -> None:
    from eval.tuning.listen import FIRST, RANK
    from eval.tuning.network import Network
    from kb.embed import model_file
    from kb.encoder.encoder import Encoder
    from kb.encoder.tokens import Tokenizer
    from kb.encoder.weights import Weights
    from kb.tuning import load_tuning, tuning_from

    tuning = tuning_from((learned / "first.npz").read_bytes())
    weights = Weights.open(model_file(), tuning.values)
    theirs = Encoder(weights, Tokenizer(weights)).encode(TOLD)
    taught = Network(weights, FIRST).embed(TOLD)  # the additions are in the matrices
    untaught = Network(Weights.open(model_file(), load_tuning().values), FIRST, RANK).embed(TOLD)
    assert (taught * theirs).sum(axis=1).min() > 0.98  # rounding to 7 and 8 bits, of four wild steps
    assert (taught * untaught).sum(axis=1).max() < 0.9999, "four steps at this rate changed every vector"
