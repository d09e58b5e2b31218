"""What every benchmark of the service has: how much of everything, the sentences, the engine, a town of shops made of them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, Protocol, TypeVar

from eval.bench.figures import Figure
from eval.bench.texts import Texts
from eval.bench.town import build_town, embed_pool
from kb.embed import Engine, Vectors
from kb.vectorise import Progress

Say = Callable[[str], Progress]  # the name of a step → what to call with (done, total)


class Plan(Protocol):
    """How much of everything: each benchmark has its own; where it keeps things and what it draws by, they all have."""

    @property
    def folder(self) -> Path: ...
    @property
    def seed(self) -> int: ...


P = TypeVar("P", bound=Plan)


@dataclass(slots=True)
class Bench(ABC, Generic[P]):
    """One run."""

    plan: P
    texts: Texts
    engine: Engine
    engine_name: str
    say: Say

    @abstractmethod
    def run(self) -> list[Figure]:
        """Everything, in order. The folder keeps vectors and shops, so that a second run starts at once."""

    def vectors(self, threads: int) -> Vectors:
        """One for each known sentence, float32, shape (n, dim)."""
        return embed_pool(self.texts.known, self.engine, self.plan.folder, threads, self.say("生成向量"))

    def town(self, root: Path, vectors: Vectors, shops: int, entries: int) -> str:
        """Shops of so many entries each; a key to all of them."""
        return build_town(
            root, self.texts, vectors, self.engine,
            merchants=shops, entries=entries, seed=self.plan.seed, progress=self.say("建立店铺"),
        )  # fmt: skip
