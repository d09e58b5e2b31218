"""Contrastive learning of the upper layers' biases: a text is nearer to its partner than to the others of its batch.

    loss = −ln softmax(cos(left_i, right_j) ÷ τ)_{j=i}, both ways      InfoNCE (van den Oord et al. 2018)

Only biases and layer norms of the upper layers learn (BitFit). What lies below never changes, so its output is computed
once per text: on two cores an epoch takes a few minutes. Seeded, on one fixed number of threads; in bfloat16 where the
processor has it, else in float32: one that has not imitates it, five to eight times slower (docs/benchmarks.md).
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch.nn import functional

from eval.tuning.network import SEED, Network, padded
from eval.tuning.pairs import Pair
from kb.vectorise import Progress

THREADS = 2
_WARM = 30  # steps until the full rate
_PARTS = 6  # of a batch, by length
_HAS_HALF = any(yes for name, yes in torch.cpu.get_capabilities().items() if name.endswith("bf16"))
ARITHMETIC = "bfloat16" if _HAS_HALF else "float32"


@dataclass(frozen=True, slots=True)
class Lesson:
    """How to learn: steps of `batch` pairs; `rate` of AdamW; `heat` is τ."""

    steps: int = 400
    batch: int = 96
    rate: float = 1e-3
    heat: float = 0.05


@dataclass(frozen=True, slots=True)
class Hidden:
    """What the fixed layers make of one text: shape (tokens, width)."""

    values: torch.Tensor

    @classmethod
    def of(cls, network: Network, texts: Sequence[str], progress: Progress | None) -> dict[str, Hidden]:
        """By text; texts of like length together, so that little is padded."""
        found: dict[str, Hidden] = {}
        ordered = sorted(set(texts), key=lambda text: (len(text), text))
        for start in range(0, len(ordered), 128):
            chunk = ordered[start : start + 128]
            with torch.no_grad(), arithmetic():
                embedded, mask = network.embedded(chunk)
                hidden = network.lower(embedded, mask).to(torch.bfloat16)
            counts = mask.sum(1).int().tolist()
            found |= {text: cls(row[:n].clone()) for text, row, n in zip(chunk, hidden, counts, strict=True)}
            if progress:
                progress(len(found), len(ordered))
        return found


def arithmetic() -> torch.autocast:
    """Around what is learned with the processor's quickest numbers."""
    return torch.autocast("cpu", torch.bfloat16, enabled=_HAS_HALF)


def learn(
    network: Network, pairs: Sequence[Pair], lesson: Lesson, hiding: Progress | None, learning: Progress | None
) -> float:
    """Teach the network; returns the mean loss of the last tenth of the steps."""
    torch.manual_seed(SEED)
    torch.set_num_threads(THREADS)
    chance = random.Random(SEED)  # noqa: S311  (repeatable, not secret)
    hidden = Hidden.of(network, [text for pair in pairs for text in (pair.left, pair.right)], hiding)
    optimiser = torch.optim.AdamW(network.parameters(), lr=lesson.rate, weight_decay=0.0)
    waiting: list[Pair] = []

    def loss() -> torch.Tensor:
        while len(waiting) < lesson.batch:
            waiting.extend(chance.sample(pairs, len(pairs)))
        batch = waiting[: lesson.batch]
        del waiting[: lesson.batch]
        return _loss(network, batch, hidden, lesson.heat)

    return descend(network, optimiser, loss, lesson.steps, _WARM, 0.05, learning)


def descend(
    network: Network,
    optimiser: torch.optim.Optimizer,
    loss: Callable[[], torch.Tensor],
    steps: int,
    warm: int,
    least: float,
    progress: Progress | None,
) -> float:
    """Go down the loss of one batch after the other; returns the mean of the last tenth of the steps.

    The rate goes up over the first `warm` steps, then down in a line to `least` of itself.
    """
    rate = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda step: float(min(1.0, (step + 1) / warm) * max(least, 1 - step / steps))
    )
    losses: list[float] = []
    for step in range(steps):
        found = loss()
        optimiser.zero_grad()
        found.backward()  # type: ignore[no-untyped-call,unused-ignore]
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimiser.step()
        rate.step()
        losses.append(float(found.detach()))
        if progress:
            progress(step + 1, steps)
    last = losses[-max(1, len(losses) // 10) :]
    return sum(last) / len(last)


def _loss(network: Network, batch: Sequence[Pair], hidden: dict[str, Hidden], heat: float) -> torch.Tensor:
    found = vectors(network, [hidden[text].values for pair in batch for text in (pair.left, pair.right)])
    scores = found[::2] @ found[1::2].T / heat
    twins = torch.tensor(
        [[i != j and bool(a.about & b.about) for j, b in enumerate(batch)] for i, a in enumerate(batch)]
    )
    scores = scores.masked_fill(twins, -1e4)
    right = torch.arange(len(batch))
    return functional.cross_entropy(scores, right) + functional.cross_entropy(scores.T, right)


def vectors(network: Network, rows: Sequence[torch.Tensor]) -> torch.Tensor:
    """A unit vector per row, in order; rows of like length together, so that little is padded."""
    order = sorted(range(len(rows)), key=lambda i: len(rows[i]))
    size = -(-len(rows) // _PARTS)
    with arithmetic():
        parts = [
            network.upper(*padded([rows[i] for i in order[start : start + size]])).float()
            for start in range(0, len(order), size)
        ]
    return torch.cat(parts)[torch.tensor(order).argsort()]
