"""A data folder of many shops, made through the store as an import would, with real vectors embedded once.

Shops draw their sentences from one pool, so that 200,000 entries need no more embeddings than the pool has sentences.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from eval.bench.texts import Texts
from kb.embed import Engine, Vectors
from kb.language.text import text_hash
from kb.model import Answer, Entry, EntryKind, Phrasing, Source
from kb.store.change import Change
from kb.store.folder import DataFolder
from kb.store.grant import Role
from kb.vectorise import Progress

KEY_FILE = "bench.key"
BIG = "big"
_BLOCK = 64
_AT_A_TIME = 5_000  # entries of one change: a shop of 100,000 in one would hold a gigabyte of rows


def slug_of(number: int) -> str:
    return f"shop-{number:03d}"


def embed_pool(texts: Sequence[str], engine: Engine, store: Path, threads: int, progress: Progress) -> Vectors:
    """A vector per text, float32, shape (n, dim); kept in `store` under the engine's name and the texts' digest."""
    digest = hashlib.blake2b("\n".join([engine.fingerprint, *texts]).encode(), digest_size=12).hexdigest()
    file = store / f"vectors-{digest}.npy"
    if file.exists():
        return np.asarray(np.load(file), np.float32)
    blocks = [texts[start : start + _BLOCK] for start in range(0, len(texts), _BLOCK)]
    rows: list[Vectors] = []
    with ThreadPoolExecutor(threads) as pool:
        for made in pool.map(engine.embed, blocks):
            rows.append(made)
            progress(min(len(rows) * _BLOCK, len(texts)), len(texts))
    found = np.concatenate(rows)
    np.save(file, found)
    return found


def build_town(
    root: Path, texts: Texts, vectors: Vectors, engine: Engine, *, merchants: int, entries: int, seed: int,
    progress: Progress,
) -> str:  # fmt: skip
    """Shops of `entries` entries, each with a question and a phrasing; returns a key to all of them.

    A folder that was finished by an earlier run (it holds the key) is used as it is.
    """

    def fill(folder: DataFolder) -> None:
        for number in range(merchants):
            slug = slug_of(number)
            folder.hub.add_merchant(slug, f"店铺{number:03d}")
            pairs = _pairs(texts, vectors, entries, random.Random(f"{seed}/{number}"))  # noqa: S311
            _write(folder, slug, engine, pairs)
            progress(number + 1, merchants)

    return _once(root, fill)


def build_big(
    root: Path, texts: Texts, vectors: Vectors, engine: Engine, *, entries: int, seed: int, progress: Progress
) -> str:
    """One shop of `entries` entries whose texts are two sentences in one, with the sum of their vectors; returns a key.

    200,000 real embeddings would take an hour; what is searched through is as large and as densely packed.
    """

    def fill(folder: DataFolder) -> None:
        folder.hub.add_merchant(BIG, "大店")
        draw = np.random.default_rng(seed)
        for start in range(0, entries, _AT_A_TIME):
            amount = min(_AT_A_TIME, entries - start)
            _write(folder, BIG, engine, _joined(texts, vectors, start, amount, draw), start)
            progress(start + amount, entries)

    return _once(root, fill)


Pair = tuple[tuple[str, Vectors], tuple[str, Vectors]]


def unserved(root: Path) -> None:
    """Forget what services before have kept of their work: the next start is the first one."""
    with DataFolder(root) as folder:
        for merchant in folder.hub.merchants():
            folder.tokens(merchant.slug).unlink(missing_ok=True)


def left_behind(root: Path) -> list[str]:
    """The shops of which a service has kept nothing for its next start."""
    with DataFolder(root) as folder:
        return [m.slug for m in folder.hub.merchants() if not folder.tokens(m.slug).exists()]


def _once(root: Path, fill: Callable[[DataFolder], None]) -> str:
    mark = root / KEY_FILE
    if not mark.exists():
        with DataFolder(root) as folder:
            fill(folder)
            slugs = [merchant.slug for merchant in folder.hub.merchants()]
            mark.write_text(folder.hub.issue_key("基准", Role.TRAINER, slugs), encoding="ascii")
    return mark.read_text(encoding="ascii")


def _pairs(texts: Texts, vectors: Vectors, entries: int, draw: random.Random) -> Iterator[Pair]:
    """Question and phrasing of each entry, no sentence twice in a shop while the pool lasts."""
    pool = len(texts.known)
    chosen = draw.sample(range(pool), min(2 * entries, pool))
    for i in range(entries):
        first, second = chosen[2 * i % len(chosen)], chosen[(2 * i + 1) % len(chosen)]
        again = f"（{2 * i // len(chosen) + 1}）" if 2 * i >= len(chosen) else ""
        yield (texts.known[first] + again, vectors[first]), (texts.known[second] + again, vectors[second])


def _joined(texts: Texts, vectors: Vectors, start: int, amount: int, draw: np.random.Generator) -> Iterator[Pair]:
    picks = draw.integers(0, len(texts.known), (amount, 2, 2))
    rows = vectors[picks[..., 0]] + vectors[picks[..., 1]]
    rows /= np.linalg.norm(rows, axis=-1, keepdims=True)
    for i, (one, two) in enumerate(picks.tolist()):
        question, phrasing = (f"{texts.known[a]}，{texts.known[b]}" for a, b in (one, two))
        yield (f"{question}{start + i}", rows[i, 0]), (f"{phrasing}{start + i}", rows[i, 1])


def _write(folder: DataFolder, slug: str, engine: Engine, pairs: Iterator[Pair], first: int = 0) -> None:
    entries: list[Entry] = []
    vectors: dict[str, Vectors] = {}
    for number, pair in enumerate(pairs, first):
        entries.append(_entry(number, *(text for text, _ in pair)))
        vectors |= {text_hash(text): row for text, row in pair}
    folder.merchant(slug).apply(Change(entries=entries, engine=engine.fingerprint, vectors=vectors))


def _entry(number: int, question: str, phrasing: str) -> Entry:
    answer = f"亲，关于“{question}”：我们会在48小时内为您处理，有问题随时联系客服哦～"
    return Entry(
        id=f"e_{number:016x}",
        key=f"Q{number:06d}",
        kind=EntryKind.FAQ,
        question=question,
        phrasings=(Phrasing(f"p_{number:016x}", phrasing),),
        answers=(Answer(f"a_{number:016x}", answer),),
        scene="售前",
        source=Source("常见问题.xlsx", "问答", number + 2, "A"),
        version=0,
    )
