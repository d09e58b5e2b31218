"""Learning to listen: a message, told in its conversation, shall lie near the lines of what it asks.

    loss = −ln Σ_{q asked} e^{s_q ÷ τ} ÷ Σ_q e^{s_q ÷ τ},   s_q = the highest cosine with a line of q

The lines stay where the reader (`tuning.npz`) puts them, so stored vectors stay true and all questions are rivals at once,
not only those of a batch; a question that lies too near the asked one is no rival, it may be the same. What learns: biases
and layer norms (BitFit, as in `learn`), and beside each matrix but `fo` two of low rank whose product is added to it (LoRA,
Hu et al. 2022). Seeded, on one fixed number of threads.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch.nn import functional

from eval.tuning.heard import Heard, Lessons, draws
from eval.tuning.learn import THREADS, Hidden, descend, vectors
from eval.tuning.network import SEED, Network
from kb.vectorise import Progress

FIRST = 6  # layers below it never change
RANK = 16
_HEAT = 0.06  # τ at the start; it is learned too
_WARM = 40  # steps until the full rate
_DROPPED = 0.1  # of a vector's parts, so that no single one decides
_SAME, _SAME_PAIR = 0.62, 0.8  # cosines from which two questions may be one; questions of labelled pairs lie nearer


@dataclass(frozen=True, slots=True)
class Listening:
    """How to learn: `batch` has so many talks, real talks, single messages and pairs; `rate` of AdamW."""

    steps: int = 400
    batch: tuple[int, int, int, int] = (20, 28, 16, 20)
    rate: float = 7e-4
    decay: float = 0.01


@dataclass(frozen=True, slots=True)
class Questions:
    """All questions: `lines` are unit vectors around `centre`, shape (lines, width); `owner` says whose each is."""

    lines: torch.Tensor
    owner: torch.Tensor
    centre: torch.Tensor
    same: torch.Tensor  # shape (questions, questions): too near to be rivals

    @classmethod
    def of(cls, vectors: np.ndarray, owner: Sequence[int], centre: np.ndarray, pairs_from: int) -> Questions:
        """`vectors` of all lines; questions from number `pairs_from` on are of labelled pairs."""
        middle, owners = torch.from_numpy(centre), torch.tensor(owner)
        lines = functional.normalize(torch.from_numpy(vectors) - middle, dim=-1)
        means = torch.zeros(max(owner) + 1, lines.shape[1]).index_add_(0, owners, lines)
        nearness = functional.normalize(means, dim=-1) @ functional.normalize(means, dim=-1).T
        same = nearness > _SAME
        same[pairs_from:, pairs_from:] = nearness[pairs_from:, pairs_from:] > _SAME_PAIR
        return cls(lines, owners, middle, same)

    def scores(self, told: torch.Tensor) -> torch.Tensor:
        """The highest cosine with a line of each question, shape (told, questions)."""
        near = functional.normalize(told - self.centre, dim=-1) @ self.lines.T
        lowest = torch.full((len(told), len(self.same)), -1.0)
        return lowest.scatter_reduce(1, self.owner.expand(len(told), -1), near, "amax")

    def loss(self, told: torch.Tensor, asked: Sequence[Heard], sharpness: torch.Tensor) -> torch.Tensor:
        """The mean over a batch of vectors, shape (batch, width)."""
        right = torch.zeros(len(asked), len(self.same), dtype=torch.bool)
        near = right.clone()
        for i, one in enumerate(asked):
            right[i, [*one.asks]] = True
            near[i] = self.same[[*one.asks]].any(0)
        scores = (self.scores(told) * sharpness).masked_fill(near & ~right, -math.inf)
        return (scores.logsumexp(1) - scores.masked_fill(~right, -math.inf).logsumexp(1)).mean()


def listen(
    network: Network,
    lessons: Lessons,
    questions: Questions,
    how: Listening,
    hiding: Progress | None,
    learning: Progress | None,
) -> float:
    """Teach the network; returns the mean loss of the last tenth of the steps."""
    torch.manual_seed(SEED)
    torch.set_num_threads(THREADS)
    chance = random.Random(SEED)  # noqa: S311  (repeatable, not secret)
    kinds = (lessons.talks, lessons.real, lessons.single, lessons.pairs)
    hidden = Hidden.of(network, [one.told for kind in kinds for one in kind], hiding)
    streams = [(draws(kind, chance), count) for kind, count in zip(kinds, how.batch, strict=True) if kind]
    sharpness = torch.nn.Parameter(torch.tensor(math.log(1 / _HEAT)))
    free = {"params": [*network.parameters()], "lr": how.rate, "weight_decay": how.decay}
    optimiser = torch.optim.AdamW([free, {"params": [sharpness], "lr": 3e-3, "weight_decay": 0.0}])

    def loss() -> torch.Tensor:
        batch = [next(stream) for stream, count in streams for _ in range(count)]
        told = functional.dropout(vectors(network, [hidden[one.told].values for one in batch]), _DROPPED)
        return questions.loss(told, batch, sharpness.exp())

    return descend(network, optimiser, loss, how.steps, _WARM, 0.03, learning)
