"""The built-in model in torch, from the same weights, so that it can learn.

multilingual-e5-small (Wang et al. 2024): BERT with 12 layers of 384, mean pooling, the prefix ``query: ``. The 4-bit
matrices are unpacked and stay fixed. `tests/eval/test_tuning.py` holds its vectors against the engine's (cosine ≥ 0.995).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from kb.encoder.tokens import Tokenizer
from kb.encoder.weights import Weights

SEED = 20261121
_LONGEST = 96  # tokens; a message has a dozen, with three turns before it sixty


class Network(nn.Module):
    """The model with its parameters from layer `first` on free to learn: biases and layer norms (BitFit), and with a `rank`
    also two matrices beside each of the model's but `fo`, whose product is added to it and begins at nothing (LoRA)."""

    def __init__(self, weights: Weights, first: int, rank: int = 0) -> None:
        super().__init__()
        self.width, self.depth, self.heads, self.epsilon = weights.width, weights.layers, weights.heads, weights.epsilon
        self.first = first
        self._weights, self._tokenizer = weights, Tokenizer(weights)
        self.matrices, self.fixed, self.free = {}, {}, nn.ParameterDict()
        chance = torch.Generator().manual_seed(SEED)
        for name, place in weights.places.items():
            layer = int(name[1 : name.index(".")]) if name.startswith("l") else -1
            if place.dtype and layer >= 0:
                inputs = place.count // self.width if name.endswith(".fo.w") else self.width
                self.matrices[name] = matrix = torch.from_numpy(weights.matrix(name, inputs))
                if rank and layer >= first and not name.endswith(".fo.w"):
                    self.free[_key(name, "down")] = nn.Parameter(
                        torch.randn(rank, inputs, generator=chance) / inputs**0.5
                    )
                    self.free[_key(name, "up")] = nn.Parameter(torch.zeros(len(matrix), rank))
            elif layer >= first:
                self.free[_key(name)] = nn.Parameter(torch.from_numpy(weights.floats(name).copy()))
            elif layer >= 0 or name.startswith("emb.ln"):
                self.fixed[name] = torch.from_numpy(weights.floats(name).copy())

    def learned(self) -> dict[str, np.ndarray]:
        """The free parameters by the names of the model's file."""
        return {name.replace("_", "."): value.detach().numpy() for name, value in self.free.items()}

    def embedded(self, texts: Sequence[str]) -> tuple[torch.Tensor, torch.Tensor]:
        """(what goes into the first layer, shape (texts, longest, width); 1 where there is a token)."""
        return padded([torch.from_numpy(self._weights.embedded(self._ids(text))) for text in texts])

    def lower(self, embedded: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """Hidden states below the first free layer, shape (texts, tokens, width): they never change."""
        return self._layers(self._norm(embedded, "emb.ln"), mask, range(self.first))

    def upper(self, hidden: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """Unit vectors, shape (texts, width), from what `lower` gave."""
        hidden = self._layers(hidden, mask, range(self.first, self.depth)).float()
        pooled = (hidden * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)
        return functional.normalize(pooled, dim=-1)

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        """float32, shape (len(texts), width)."""
        with torch.no_grad():
            embedded, mask = self.embedded(texts)
            return self.upper(self.lower(embedded, mask), mask).numpy()

    def _ids(self, text: str) -> np.ndarray:
        ids = self._tokenizer.windows(text)[0]
        # What a buyer says last stands last; the prefix has four tokens with the beginning.
        return np.concatenate([ids[:4], ids[4 - _LONGEST :]]) if len(ids) > _LONGEST else ids

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
        return self.fixed[name] if name in self.fixed else self.free[_key(name)]

    def _linear(self, values: torch.Tensor, name: str) -> torch.Tensor:
        matrix = f"{name}.w"
        made = functional.linear(values, self.matrices[matrix], self._value(f"{name}.b"))
        if _key(matrix, "up") in self.free:
            low = functional.linear(values, self.free[_key(matrix, "down")])
            made = made + functional.linear(low, self.free[_key(matrix, "up")])
        return made

    def _norm(self, values: torch.Tensor, name: str) -> torch.Tensor:
        weight, bias = self._value(f"{name}.w"), self._value(f"{name}.b")
        return functional.layer_norm(values, (self.width,), weight, bias, self.epsilon)


def _key(name: str, part: str = "") -> str:
    """A tensor's name as torch allows it; of a matrix, `part` of what is added to it."""
    return (name.removesuffix("w") + part if part else name).replace(".", "_")


def padded(rows: Sequence[torch.Tensor]) -> tuple[torch.Tensor, torch.Tensor]:
    """Rows of shape (tokens, width) side by side: (values, 1 where there is a token), float32."""
    mask = torch.zeros(len(rows), max(len(row) for row in rows))
    values = torch.zeros(*mask.shape, rows[0].shape[1])
    for i, row in enumerate(rows):
        values[i, : len(row)], mask[i, : len(row)] = row.float(), 1.0
    return values, mask
