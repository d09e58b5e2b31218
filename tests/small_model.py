"""A model file small enough to be worked out by hand: written as the format says, read by nothing of kb.encoder."""

from __future__ import annotations

import itertools
import struct
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

WIDTH, HEADS, INNER, LAYERS, PLACES = 64, 4, 96, 2, 520
PIECES = [
    "<s>",
    "<pad>",
    "</s>",
    "<unk>",
    "▁",
    "query",
    ":",
    "包",
    "邮",
    "包邮",
    "吗",
    "退",
    "▁退",
    "货",
    "退货",
    "?",
    "7",
    "天",
]
PACKED = np.dtype([("scale", "<f2"), ("nibbles", "u1", 16)])


def packed(values: Floats) -> bytes:
    """Q4_0: blocks of 32 with one scale; of each byte the low half is value j, the high half value j + 16."""
    rows = values.reshape(-1, 32)
    scale = (np.abs(rows).max(axis=1) / 7).astype("<f2")
    steps = np.clip(np.round(rows / np.maximum(scale[:, None].astype(np.float32), 1e-8)) + 8, 0, 15).astype(np.uint8)
    blocks = np.zeros(len(rows), PACKED)
    blocks["scale"], blocks["nibbles"] = scale, steps[:, :16] | (steps[:, 16:] << 4)
    return blocks.tobytes()


def file_of(
    tensors: Mapping[str, Floats | bytes],
    pieces: Sequence[str] = tuple("abc"),
    scores: Sequence[float] | None = None,
    sizes: tuple[int, int, int] = (4, 4, 4),
    mapped: int = 5,
) -> bytes:
    """An E5S1 file with tensors of floats and of packed bytes, a gap before each; `sizes` are width, layers, heads."""
    texts = [piece.encode() for piece in pieces]
    edges = struct.pack(f"<{len(texts) + 1}I", 0, *itertools.accumulate(map(len, texts)))
    head = b"E5S1" + struct.pack("<I7if", 1, *sizes, 0, 0, 0, 0, 1e-5) + b"\0\0\0\0"
    head += struct.pack("<i4iQ", len(texts), 0, 0, 0, 0, sum(map(len, texts))) + edges
    head += struct.pack(f"<{len(texts)}f", *(scores or [0.0] * len(texts))) + b"".join(texts)
    head += struct.pack("<II", 0, mapped) + b"n" * mapped
    names = [name.encode() for name in tensors]
    begin = len(head) + 4 + sum(2 + len(name) + 21 for name in names)
    listed, data = struct.pack("<i", len(tensors)), b""
    for name, tensor in zip(names, tensors.values(), strict=True):
        raw = tensor if isinstance(tensor, bytes) else tensor.astype("<f4").tobytes()
        count = len(raw) // 18 * 32 if isinstance(tensor, bytes) else tensor.size
        data += b"\xee" * 3
        place = struct.pack("<BIQQ", isinstance(tensor, bytes), count, begin + len(data), len(raw))
        listed += struct.pack("<H", len(name)) + name + place
        data += raw
    return head + listed + data + b"\xee"


def tensors(seed: int = 7) -> dict[str, Floats]:
    """Every tensor of a small BERT, as floats; matrices have shape (outputs, inputs)."""
    chance = np.random.default_rng(seed)

    def some(*shape: int, around: float = 0.0, size: float = 0.3) -> Floats:
        return (around + size * chance.standard_normal(shape)).astype(np.float32)

    found = {
        "emb.word": some(len(PIECES), WIDTH),
        "emb.pos": some(PLACES, WIDTH, size=0.1),
        "emb.type": some(2, WIDTH, size=0.1),
        "emb.ln.w": some(WIDTH, around=1),
        "emb.ln.b": some(WIDTH),
    }
    for layer in range(LAYERS):
        for part in ("q", "k", "v", "ao"):
            found |= {f"l{layer}.{part}.w": some(WIDTH, WIDTH), f"l{layer}.{part}.b": some(WIDTH)}
        found |= {f"l{layer}.fi.w": some(INNER, WIDTH), f"l{layer}.fi.b": some(INNER)}
        found |= {f"l{layer}.fo.w": some(WIDTH, INNER), f"l{layer}.fo.b": some(WIDTH)}
        for norm in ("aln", "oln"):
            found |= {f"l{layer}.{norm}.w": some(WIDTH, around=1), f"l{layer}.{norm}.b": some(WIDTH)}
    return found


def model(values: Mapping[str, Floats]) -> bytes:
    """The file of such a model: matrices and words in blocks of 4 bits."""
    matrices = {
        n: packed(v) if n == "emb.word" or (n.endswith(".w") and "ln." not in n) else v for n, v in values.items()
    }
    scores = [0.0] * 4 + [-float(i) for i in range(4, len(PIECES))]
    return file_of(matrices, PIECES, scores, (WIDTH, LAYERS, HEADS))
