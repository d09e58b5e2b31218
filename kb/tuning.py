"""What was learned on top of the built-in model.

`tuning.npz` holds new biases and layer norms of the upper layers (BitFit, Ben Zaken et al. 2022: the matrices stay as
they are): forty kilobytes that teach a general model how buyers ask. It was written by ``huashu eval tune`` from texts
of this project and labelled question pairs (`tuning.json` says which). `listening.npz` is the same for what buyers say, with
additions of low rank beside the biases (``huashu eval listen``, `listening.json`). `kb.encoder.weights` lays either over the
model's own values.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from io import BytesIO
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

_CENTRE = "centre"
_UNREADABLE = (OSError, EOFError, LookupError, TypeError, ValueError, BadZipFile, zlib.error)  # as numpy finds them


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
    """What reads lines and messages by themselves."""
    return tuning_from(files("kb").joinpath("tuning.npz").read_bytes())


@lru_cache(maxsize=1)
def load_listening() -> Tuning:
    """What reads messages in their conversation, near the lines that `load_tuning` gives."""
    return tuning_from(files("kb").joinpath("listening.npz").read_bytes())


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
