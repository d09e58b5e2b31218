"""The model's file: read as its format says, refused where it is another, and only the named floats tuned."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from kb.embed import model_file
from kb.encoder.weights import Weights
from kb.tuning import load_listening, load_tuning
from small_model import Floats, file_of, packed, tensors
from small_model import model as model_of

NAMES = st.text("abcdefl0123456789.", min_size=1, max_size=8)
BLOCK = packed(np.arange(32, dtype=np.float32))
FILE = file_of({"l1.b": np.zeros(4, np.float32), "l1.w": BLOCK, "l2.b": np.ones(3, np.float32)})


@given(
    st.dictionaries(NAMES, st.one_of(st.integers(1, 6), st.just(BLOCK)), max_size=5),
    st.lists(st.text(min_size=1, max_size=4), max_size=6),
    st.integers(0, 9),
    st.data(),
)
def test_what_was_written_is_read_and_exactly_the_named_floats_are_tuned(
    shapes: dict[str, int | bytes], pieces: list[str], mapped: int, data: st.DataObject
) -> None:
    written = {n: np.arange(s, dtype=np.float32) if isinstance(s, int) else s for n, s in shapes.items()}
    scores = [float(-i) for i in range(len(pieces))]
    floats = [name for name, tensor in written.items() if not isinstance(tensor, bytes)]
    named = data.draw(st.sets(st.sampled_from(floats))) if floats else set()
    tuned = {name: np.full(len(written[name]), -7.5, np.float32) for name in named}
    read = Weights.of(file_of(written, pieces, scores, (8, 3, 2), mapped), tuned)
    assert (read.width, read.layers, read.heads, read.epsilon) == (8, 3, 2, pytest.approx(1e-5))
    assert [*read.vocabulary()] == [*zip(pieces, scores, strict=True)]
    assert [*read.places] == [*written]
    for name in floats:
        assert np.array_equal(read.floats(name), tuned.get(name, written[name]))


@given(arrays.arrays(np.float32, (3, 64), elements=st.floats(-50, 50, width=16)))
def test_blocks_of_four_bits_come_back_within_half_a_step(matrix: Floats) -> None:
    read = Weights.of(file_of({"m.w": packed(matrix)})).matrix("m.w", 64)
    step = np.abs(matrix.reshape(3, 2, 32)).max(axis=2) / 7
    assert (np.abs(read - matrix).reshape(3, 2, 32) <= 0.51 * step[..., None] + 1e-3).all()


def test_words_places_and_the_segment_are_added() -> None:
    values = tensors()
    read = Weights.of(model_of(values))
    ids = np.array([0, 9, 10, 9, 2])
    table = read.matrix("emb.word", read.width)
    wanted = np.array([table[word] + values["emb.pos"][i] + values["emb.type"][0] for i, word in enumerate(ids)])
    assert np.allclose(read.embedded(ids), wanted, atol=1e-6)


@pytest.mark.parametrize("end", [0, 3, 4, 40, 60, len(FILE) - 60, len(FILE) - 20, len(FILE) - 3])
def test_a_file_cut_anywhere_is_refused(end: int) -> None:
    with pytest.raises(ValueError):
        Weights.of(FILE[:end])


@given(st.integers(0, len(FILE) - 1), st.integers(1, 255))
def test_a_damaged_file_is_read_or_refused_but_never_crashes(at: int, change: int) -> None:
    damaged = bytearray(FILE)
    damaged[at] ^= change
    try:
        read = Weights.of(bytes(damaged))
    except (ValueError, UnicodeDecodeError):
        return
    assert len(read.places) <= 3


@pytest.mark.parametrize(
    ("file", "tuned"),
    [
        (b"GGUF" + FILE[4:], {}),
        (b"E5S1" + b"\xff" * 400, {}),
        (FILE, {"l3.b": np.ones(1, np.float32)}),
        (FILE, {"l1.b": np.ones(5, np.float32)}),
        (FILE, {"l1.w": np.ones(32, np.float32)}),
    ],
    ids=["another format", "rubbish", "unknown name", "another size", "packed tensor"],
)
def test_what_does_not_fit_is_refused(file: bytes, tuned: dict[str, Floats]) -> None:
    with pytest.raises(ValueError):
        Weights.of(file, tuned)


def low(rank: int, outputs: int = 1, inputs: int = 32) -> dict[str, Floats]:
    chance = np.random.default_rng(rank)
    up, down = chance.standard_normal((outputs, rank)), chance.standard_normal((rank, inputs))
    return {"l1.up": up.astype(np.float32), "l1.down": down.astype(np.float32)}


@pytest.mark.parametrize("rank", [1, 3])
def test_a_product_of_low_rank_is_added_to_a_matrix(rank: int) -> None:
    added = low(rank)
    tuned, plain = Weights.of(FILE, added).matrix("l1.w", 32), Weights.of(FILE).matrix("l1.w", 32)
    assert np.allclose(tuned - plain, added["l1.up"] @ added["l1.down"], atol=1e-5)


@pytest.mark.parametrize(
    "added",
    [
        {"l1.up": low(2)["l1.up"]},
        {"l1.down": low(2)["l1.down"]},
        low(2) | {"l1.up": low(3)["l1.up"]},
        low(2, outputs=2),
        low(2, inputs=64),
        {"l1.up": np.ones(32, np.float32), "l1.down": np.ones(32, np.float32)},
        {"l2.up": np.ones((3, 1), np.float32), "l2.down": np.ones((1, 1), np.float32)},
        {name.replace("l1", "l9"): values for name, values in low(2).items()},
        {name.replace("l1", "l1.fo"): values for name, values in low(2).items()},
    ],
    ids=["up alone", "down alone", "two ranks", "outputs", "inputs", "flat", "no matrix", "unknown", "in blocks"],
)
def test_what_cannot_be_added_is_refused(added: dict[str, Floats]) -> None:
    file = file_of({"l1.b": np.zeros(4, np.float32), "l1.w": BLOCK, "l1.fo.w": BLOCK, "l2.b": np.ones(3, np.float32)})
    with pytest.raises(ValueError):
        Weights.of(file, added)


def test_what_was_given_back_is_read_again_from_the_file(tmp_path: Path) -> None:
    file = tmp_path / "model.bin"
    file.write_bytes(model_of(tensors()))
    read, ids = Weights.open(file), np.array([0, 9, 2])
    before = read.embedded(ids)
    read.release()
    assert (read.embedded(ids) == before).all()
    Weights.of(FILE).release()


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(OSError):
        Weights.open(tmp_path / "gone.bin")


def test_the_wheels_tensors_neither_overlap_nor_leave_the_file_and_the_shipped_tuning_fits() -> None:
    read = Weights.open(model_file(), load_tuning().values)
    assert Weights.open(model_file(), load_listening().values).width == read.width
    spans = sorted((place.offset, place.offset + place.size) for place in read.places.values())
    assert all(end <= start for (_, end), (start, _) in itertools.pairwise(spans)) and spans[-1][1] <= len(read.data)
    assert all(
        place.size == (18 * place.count // 32 if place.dtype else 4 * place.count) for place in read.places.values()
    )
    pieces = [piece for piece, _ in read.vocabulary()]
    assert pieces[:4] == ["<s>", "<pad>", "</s>", "<unk>"] and len(set(pieces)) == 250_002
